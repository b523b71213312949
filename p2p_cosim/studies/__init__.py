"""Whole studies: detectors on held-out days, and how much PV a feeder can host."""
