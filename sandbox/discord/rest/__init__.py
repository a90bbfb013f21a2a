"""The REST API: routes, request log, and faults on demand."""
