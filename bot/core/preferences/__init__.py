"""What members want of their pictures where they do not say otherwise."""
