# %% exercise 1
seller = chain.account("house_2")
sales = [e.args for e in told if e.name == "TradeCleared" and e.args["seller"] == seller]
house_2_wei = sum(sale["energy"] * sale["sellPrice"] for sale in sales)

# %% exercise 2
placing = gas.query("function == 'placeBid' or function == 'placeAsk'")
gas_of_hundred = 100 * placing["gas"].mean()
