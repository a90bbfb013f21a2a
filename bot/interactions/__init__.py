"""Everything that talks to Discord about an interaction."""
