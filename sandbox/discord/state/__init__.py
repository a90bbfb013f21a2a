"""What exists: servers, channels, users, messages, commands, and the changes to them."""
