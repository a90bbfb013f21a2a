"""The image API, on httpx: what is sent, what an answer means, and fetching what was paid for."""
