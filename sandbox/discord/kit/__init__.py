"""What every other package of the look-alike is made of: errors, ids, the clock, components, request bodies."""
