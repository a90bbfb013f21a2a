"""Moderators look at their server's policy and change it."""
