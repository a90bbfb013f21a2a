"""What a server's members used."""
