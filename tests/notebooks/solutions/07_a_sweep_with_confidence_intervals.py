# %% exercise 1
own = table[table["market.strategy"] == "zic"].dropna()
prices = own.pivot_table(
    index="seed", columns="pv_share", values="mean_price_eur_per_kwh", aggfunc="first"
)
price_change = (prices[0.8] - prices[0.2]).astype(float).dropna().mean()
