"""A class of scripted players: how many orders are lost, accounts wrong, and gates late.

python benchmarks/class_of_players.py --players 20 --rounds 50 --gate 2
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

import p2p_cosim as p2p

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))


def main() -> None:
    """Play, and print the figures."""
    from class_of import play

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--players", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--gate", type=float, default=2.0, help="seconds from gate to gate")
    given = parser.parse_args()
    scenario = p2p.load(ROOT / "scenarios/trading_day.yaml")
    found = play(given.players, given.rounds, given.gate, scenario)
    late = sorted(found.late_s)
    print(f"{found.orders} orders, {found.late} late, {len(found.lost)} lost; ", end="")
    print(f"{len(found.wrong)} accounts wrong")
    print(f"between gates {given.gate:g} s and: median {statistics.median(late):+.3f} s, ", end="")
    print(f"least {late[0]:+.3f} s, most {late[-1]:+.3f} s")
    for each in [*found.lost, *found.wrong, *found.problems][:20]:
        print(each)


if __name__ == "__main__":
    main()
