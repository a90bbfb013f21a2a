"""What `/privacy` shows."""
