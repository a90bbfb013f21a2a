"""One SQL text for two engines: the ledger, its schema, and the adapters that run them."""
