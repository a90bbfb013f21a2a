"""How long a test waits for what has to happen: a bound for failures, which a busy machine must not meet."""

PATIENCE = 60.0
"""Seconds. Whatever is waited for is a condition, so a test that passes takes no longer for it."""
