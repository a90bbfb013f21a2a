"""Watches the image API and the database, and alerts the operator."""
