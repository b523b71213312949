"""Many runs of one scenario: planned, run on all cores or a cluster, and looked at as one table."""

from p2p_cosim.sweeps.designs import DESIGNS
from p2p_cosim.sweeps.engine import Finding, Settings, cores, run_here
from p2p_cosim.sweeps.estimate import Estimate, estimate
from p2p_cosim.sweeps.file import SweepFile, load_sweep
from p2p_cosim.sweeps.plan import Plan, PlannedRun, make_plan
from p2p_cosim.sweeps.swept import Sweep, SweptRun, finish, gather, run_sweep, sweep

__all__ = [
    "DESIGNS",
    "Estimate",
    "Finding",
    "Plan",
    "PlannedRun",
    "Settings",
    "Sweep",
    "SweepFile",
    "SweptRun",
    "cores",
    "estimate",
    "finish",
    "gather",
    "load_sweep",
    "make_plan",
    "run_here",
    "run_sweep",
    "sweep",
]
