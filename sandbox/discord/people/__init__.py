"""Members who use the bot as Discord's client lets them."""
