"""How houses are spread over the nodes of a feeder, and behind which transformers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def spread_evenly(count: int, sites: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Sites with the number of houses there: blocks of ceil(count / sites), in order."""
    block = -(-count // max(len(sites), 1))
    for index, site in enumerate(sites):
        yield site, max(0, min(block, count - index * block))


def service_transformers(sizes: Iterable[int], per_transformer: int) -> tuple[str, ...]:
    """Names of the service transformers, numbered over the whole feeder.

    sizes: houses at each site; a transformer serves houses of one site only.
    """
    count = sum(-(-size // per_transformer) for size in sizes)
    return tuple(service_transformer(number) for number in range(1, count + 1))


def service_transformer(number: int) -> str:
    """Name of the transformer of this number, from 1 on."""
    return f"service_{number}"
