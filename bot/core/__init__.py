"""The rules and the use case: standard library only."""
