"""The entries of the moderators' log channel, and the reports that wait for moderators."""
