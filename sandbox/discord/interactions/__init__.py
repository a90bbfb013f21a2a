"""Interactions: what the bot is sent, Discord's deadlines, and what each callback does."""
