"""What pictures look like."""
