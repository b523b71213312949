"""A house is made of devices behind one net meter.

A device is an immutable record in one state that says what it expects, what it draws and what
state follows; `House` holds the present ones. `Delivery` asks houses and moves them.
"""

from p2p_cosim.houses.appliance import Appliance
from p2p_cosim.houses.battery import BackupBattery, Battery
from p2p_cosim.houses.device import LOAD, PV, Device
from p2p_cosim.houses.electric_vehicle import ElectricVehicle
from p2p_cosim.houses.heat_pump import HeatPump
from p2p_cosim.houses.house import House
from p2p_cosim.houses.load import Load
from p2p_cosim.houses.means import mean_flows
from p2p_cosim.houses.pv import Inverter, PVArray
from p2p_cosim.houses.series import Course
from p2p_cosim.houses.tie import Tie

__all__ = [
    "LOAD",
    "PV",
    "Appliance",
    "BackupBattery",
    "Battery",
    "Course",
    "Device",
    "ElectricVehicle",
    "HeatPump",
    "House",
    "Inverter",
    "Load",
    "PVArray",
    "Tie",
    "mean_flows",
]
