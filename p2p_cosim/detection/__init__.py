"""Detectors: meters in, alarms out."""
