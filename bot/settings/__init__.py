"""What the operator decides, read from the environment once."""
