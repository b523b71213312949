"""Mesa, imported in one place."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    # In a notebook without ipywidgets tqdm, which Mesa imports for a progress bar that nobody
    # here draws, asks to update jupyter: it would look like the reader's fault.
    warnings.filterwarnings("ignore", message="IProgress not found")
    from mesa import Agent, Model

__all__ = ["Agent", "Model", "forget"]


def forget(model: Model) -> None:
    """Let go of a model that makes no more agents. Mesa numbers agents by a counter for each
    model that ever was, and would keep them all."""
    getattr(Agent, "_ids", {}).pop(model, None)
