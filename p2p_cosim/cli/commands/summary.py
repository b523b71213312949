"""`summary`."""

from __future__ import annotations

from p2p_cosim.cli.options import Json, RunFolder


def summary(
    run: RunFolder,
    json: Json = False,
) -> None:
    """Print the closing summary of a run again."""
    from p2p_cosim.cli.report import print_summary
    from p2p_cosim.record import Results

    print_summary(Results.load(run), as_json=json)
