"""What `/preferences` shows."""
