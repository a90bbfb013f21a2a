"""`python -m bot check`: whether what the bot depends on works, before a member finds out."""
