"""A look-alike of the image API: what it serves, what it refuses, and every way in which it misbehaves."""

from sandbox.images.server import ImageApi, RecordedRequest

__all__ = ["ImageApi", "RecordedRequest"]
