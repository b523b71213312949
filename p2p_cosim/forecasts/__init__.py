"""What traders expect of their own load and PV.

A forecaster of your own is any object with `expect(view)`. The ones here are `NoisyTruth`, which
knows the future and errs by a given spread, or not at all; and `Persistence` and `SeasonalNaive`,
which know the past alone; and `Boosted`, which learns from it.
"""

from p2p_cosim.forecasts.boosted import Boosted
from p2p_cosim.forecasts.from_past import Persistence, SeasonalNaive
from p2p_cosim.forecasts.history import History
from p2p_cosim.forecasts.noisy_truth import NoisyTruth

__all__ = ["Boosted", "History", "NoisyTruth", "Persistence", "SeasonalNaive"]
