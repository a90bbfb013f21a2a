"""Domain values in, Discord values out."""
