"""A look-alike of the image API: what it serves, what it refuses, and every fault that can be injected."""

from sandbox.images.server import ImageApi, RecordedRequest

__all__ = ["ImageApi", "RecordedRequest"]
