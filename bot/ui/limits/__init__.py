"""What limits and a server's policy look like."""
