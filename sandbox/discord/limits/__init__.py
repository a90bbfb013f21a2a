"""Discord's limits on what a bot sends, as pure checks that raise the 50035 Discord would answer."""
