"""The bot measured against the least that a discord.py bot can do."""
