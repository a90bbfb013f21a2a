"""What the moderators' log and reports look like."""
