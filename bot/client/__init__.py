"""The connection to Discord: discord.py's client, its gateway, and the registered commands."""
