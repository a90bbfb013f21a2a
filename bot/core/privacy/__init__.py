"""What is kept about a member, for how long, and its end."""
