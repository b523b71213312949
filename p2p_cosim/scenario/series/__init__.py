"""Measured series as people have them, brought into the form that a scenario reads."""
