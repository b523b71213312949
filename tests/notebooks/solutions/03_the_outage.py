# %% exercise 1
without = p2p.Simulation(scenario.replace({"faults.schedule": []}), out=None)
while not without.done:
    without.step()


def cost_wei(results):
    own = results.households.query("house == 'house_1'")
    return own["market_wei"].astype(float).sum() + own["imbalance_wei"].astype(float).sum()


cost_eur = (cost_wei(run) - cost_wei(without.so_far)) / (unit * 1000)
