# %% exercise 1
net_kwh = (meters["load_kw"] - meters["pv_kw"]).sum() * 0.5

# %% exercise 2
longer = (
    (folder / "street.dss")
    .read_text()
    .replace(
        "Set VoltageBases",
        "New Line.third bus1=far bus2=end linecode=cable length=0.4 units=km\nSet VoltageBases",
    )
)
