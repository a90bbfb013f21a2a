"""SQLite and PostgreSQL behind one protocol: connections, transactions, errors and migrations."""
