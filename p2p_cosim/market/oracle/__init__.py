"""What the contract is held to: mechanisms and baselines in Python, welfare by definition.

Nothing of a run imports these; tests, benchmarks and studies do.
"""
