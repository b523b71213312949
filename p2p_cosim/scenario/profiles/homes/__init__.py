"""Households in a weather: who owns what, when they use it, heating and cooling.

park.py       what each house owns and how its people live
use.py        appliances that start at random, by hour and kind of day
climate.py    heating and cooling of an equivalent thermal house
load.py       the sum, with the mean that the scenario asks for
"""

from p2p_cosim.scenario.profiles.homes.load import Homes, house_load_kw

__all__ = ["Homes", "house_load_kw"]
