"""Look-alikes of Discord and of the image API, on loopback."""
