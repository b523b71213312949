"""Every round of small worlds, on the contract and on the reference: does trading make a debt?

    python tests/support/small_rounds.py                        the short form, 20 seconds
    python tests/support/small_rounds.py --long                 the long form, 13 minutes of CPU
    python tests/support/small_rounds.py --long --world "two rounds"    one world of it

A world has two or three accounts, a retail of 3 wei/Wh, and feed-ins of 1, 0 and -1. In every
round each account pays in, orders or does not, the rule clears, and the meters tell: all that the
world's lists allow (tests/support/small_worlds.py), each in turn, and nothing by chance. Accounts
order in the order of their names, which are all alike. The utility has paid in nothing.

The contract is the market that ships, with each clearing rule that ships. Of every end is checked,
by the contract's figures and by the reference's:

    debts       an account owes at most what its reading alone would leave it owing, against the
                money that backed no order
    utility     it got at least what the net energy of all is worth at the tariffs
    ether       what the market holds is what was paid in, and what its accounts say
    ends        the contract ends as the reference does, orders that it refuses among them

`rounds` counts all; `cleared` and `settled` are the steps that were executed. Fewer are enough,
because what follows from a state of the market hangs on that state alone: where a choice leaves
every slot as another one did (an order that is refused, two rules with the same trades), the
steps after it are not made again.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from rich.progress import Progress
from small_walk import Tally, walks
from small_worlds import LONG, SHORT, SmallWorld


def play(world: SmallWorld) -> Tally:
    """All rounds of a world, with a bar."""
    tally = Tally()
    with Progress() as progress:
        bar = progress.add_task(world.name, total=len(world.tariffs) * len(world.rules))
        for walk in walks(world, tally):
            for _ in walk.play():
                progress.update(bar, description=f"{world.name}: {tally.rounds:,} rounds")
            progress.advance(bar)
    return tally


def main(arguments: Sequence[str] | None = None) -> int:
    """Play; the exit code is 1 if anything was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--long", action="store_true", help="larger worlds")
    names = sorted({world.name for world in (*SHORT, *LONG)})
    parser.add_argument("--world", choices=names, help="this world alone")
    options = parser.parse_args(arguments)
    worlds = LONG if options.long else SHORT
    faults, begun_s = 0, time.process_time()
    for world in worlds:
        if options.world in (None, world.name):
            tally = play(world)
            faults += tally.faults
            print("\n".join((_line(world, tally), *tally.told)), flush=True)  # noqa: T201
    minutes = (time.process_time() - begun_s) / 60
    print(f"{faults} debts, losses or other ends, {minutes:.1f} CPU minutes")  # noqa: T201
    return int(faults > 0)


def _line(world: SmallWorld, tally: Tally) -> str:
    where = "contract and reference" if world.contract else "reference alone"
    traded = ", ".join(f"{name} {count:,}" for name, count in tally.traded.items())
    after = f", second ones from {tally.states:,} states of money" if tally.states else ""
    return (
        f"{world.name}, {where}: {tally.rounds:,} rounds{after}, {tally.faults} found "
        f"({tally.cleared:,} cleared, {tally.settled:,} settled; with a trade: {traded})"
    )


if __name__ == "__main__":
    sys.exit(main())
