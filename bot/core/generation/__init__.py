"""One `/imagine` from its request to its settled row, and what becomes of it when a process dies."""
