"""A member's pictures, and those of a server, found again."""
