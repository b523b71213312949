"""Types, units, protocols, errors and the clock that every other layer shares."""
