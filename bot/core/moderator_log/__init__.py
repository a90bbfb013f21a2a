"""What moderators are told in their log channel, and the reports that wait for them."""
