"""Whatever reacts to a person: parse, call the use case, show."""
