"""One function a figure: each takes `Results`, or a sweep's table, and returns matplotlib Axes."""

from p2p_cosim.plots.control import controller_comparison, overvoltage, prediction_error
from p2p_cosim.plots.faults import fault_map, fault_timeline
from p2p_cosim.plots.feeder import loadings, losses, unbalance
from p2p_cosim.plots.grid import feeder_map, taps, voltage_band
from p2p_cosim.plots.hosting import hosting_capacity
from p2p_cosim.plots.market import household_costs, price_and_volume, supply_and_demand
from p2p_cosim.plots.outage import outage_steps, outage_timeline
from p2p_cosim.plots.overview import overview
from p2p_cosim.plots.save import save_all
from p2p_cosim.plots.sweeps import sweep_box, sweep_differences, sweep_heat, sweep_line
from p2p_cosim.plots.voltages import voltage_by_site

__all__ = [
    "controller_comparison",
    "fault_map",
    "fault_timeline",
    "feeder_map",
    "hosting_capacity",
    "household_costs",
    "loadings",
    "losses",
    "outage_steps",
    "outage_timeline",
    "overview",
    "overvoltage",
    "prediction_error",
    "price_and_volume",
    "save_all",
    "supply_and_demand",
    "sweep_box",
    "sweep_differences",
    "sweep_heat",
    "sweep_line",
    "taps",
    "unbalance",
    "voltage_band",
    "voltage_by_site",
]
