"""Results of auction theory, looked for in the institution that each is about.

Every book is cleared by the references that the contracts are tested against
(`market.oracle`), one unit of one Wh an order, so that it is this market that is measured.
docs/theory.md says how near each comes.
"""
