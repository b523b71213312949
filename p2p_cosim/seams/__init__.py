"""What a plug-in returns is checked where it enters, and made of plain numbers.

A plug-in is any object that somebody else wrote: a strategy, a controller, a detector. Whoever
calls one passes what it returns through one of these functions. They give back records that hold
Python's own numbers (whole NumPy numbers are whole numbers), or raise one PluginError that names
the plug-in's class, the house, the tick, every wrong field, its value and what is expected. So no
engine behind the seam ever meets a value of a wrong kind, and the error is the same on every
backend.
"""

from p2p_cosim.seams.alarms import checked_alarms
from p2p_cosim.seams.decisions import checked_decision
from p2p_cosim.seams.devices import checked_kw, checked_power, checked_range
from p2p_cosim.seams.forecasts import checked_expected
from p2p_cosim.seams.orders import checked_orders
from p2p_cosim.seams.report import Report, Source, class_name
from p2p_cosim.seams.roles import instance_of, require_role

__all__ = [
    "Report",
    "Source",
    "checked_alarms",
    "checked_decision",
    "checked_expected",
    "checked_kw",
    "checked_orders",
    "checked_power",
    "checked_range",
    "class_name",
    "instance_of",
    "require_role",
]
