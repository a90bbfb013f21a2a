"""Finds the words that a server's moderators block, however a prompt disguises them."""
