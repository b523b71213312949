"""What people look for in `Results` by names that it does not have."""

_PRICES = "prices are in .market, money by house in .costs()"
ELSEWHERE = {
    **dict.fromkeys(("price", "prices", "rounds", "clearing"), _PRICES),
    **dict.fromkeys(("ledger", "bills", "balances", "money"), _PRICES),
    **dict.fromkeys(("plot", "figure", "figures"), "figures are drawn by p2p_cosim.plots"),
    **dict.fromkeys(("gas", "blocks", "receipts"), "gas is in .transactions"),
    **dict.fromkeys(("houses", "loads", "pv", "energy"), "it is in .households"),
    **dict.fromkeys(("tables", "columns", "data"), ".market, .trades, .voltages: docs/results.md"),
}
"""A sentence by name."""
