# %% exercise 1
traded = run.market[run.market["energy_wh"] > 0]
energy_wh = traded["energy_wh"].astype(float)
paid_wei = (traded["price_wei_per_wh"].astype(float) * energy_wh).sum()
my_price = paid_wei / wei_per_eur / (energy_wh.sum() / 1000)
