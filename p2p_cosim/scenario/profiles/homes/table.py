"""The appliances of the houses, without heating and cooling.

Powers are means over a use, thermostats and motor pauses included, so that they are below the
nameplate; starts a day are set so that a house that owns all of them takes about 20 kWh a day.
Held against measured houses in docs/profiles.md.
"""

from __future__ import annotations

from p2p_cosim.scenario.profiles.household import ALL_DAY, EVENING, MEALS, WATER, Appliance

BASE_KW = 0.28  # refrigerator, freezer, standby, networking

LIGHTS = Appliance("lights and screens", 0.30, 3.0, 4.0, EVENING)
TABLE = (
    Appliance("small kitchen", 1.0, 0.15, 5.0, MEALS),
    Appliance("range", 1.8, 0.7, 1.0, MEALS),
    Appliance("dishwasher", 0.9, 1.2, 0.6, EVENING),
    Appliance("washer", 0.4, 0.9, 0.7, ALL_DAY),
    Appliance("dryer", 2.8, 0.9, 0.6, ALL_DAY),
    Appliance("water heater", 3.2, 0.35, 2.9, WATER),
    Appliance("other", 0.5, 1.5, 3.0, ALL_DAY),
    LIGHTS,
)

OWNED_SHARE = {"range": 0.65, "dishwasher": 0.70, "dryer": 0.75, "water heater": 0.45}
"""Share of houses that have the electric kind; everybody has the others. Rounded from the
Residential Energy Consumption Survey 2020 of the US Energy Information Administration."""
