"""Training and measuring detectors on simulated feeder days, without a market."""
