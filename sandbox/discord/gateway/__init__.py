"""The gateway: websocket connections, sessions, opcodes."""
