"""A page on loopback that looks and behaves like a Discord channel with the bot in it."""
