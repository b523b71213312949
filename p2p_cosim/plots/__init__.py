"""One function a figure: each takes `Results` and returns matplotlib Axes."""

from p2p_cosim.plots.control import controller_comparison, overvoltage, prediction_error
from p2p_cosim.plots.faults import fault_map, fault_timeline
from p2p_cosim.plots.grid import feeder_map, taps, voltage_band
from p2p_cosim.plots.market import household_costs, price_and_volume, supply_and_demand
from p2p_cosim.plots.outage import outage_steps, outage_timeline
from p2p_cosim.plots.overview import overview
from p2p_cosim.plots.save import save_all

__all__ = [
    "controller_comparison",
    "fault_map",
    "fault_timeline",
    "feeder_map",
    "household_costs",
    "outage_steps",
    "outage_timeline",
    "overview",
    "overvoltage",
    "prediction_error",
    "price_and_volume",
    "save_all",
    "supply_and_demand",
    "taps",
    "voltage_band",
]
