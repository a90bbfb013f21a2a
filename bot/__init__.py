"""A Discord bot that paints what a member describes, within limits that nobody can overspend."""
