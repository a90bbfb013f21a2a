"""Databases as earlier versions left them, to be opened by this one."""
