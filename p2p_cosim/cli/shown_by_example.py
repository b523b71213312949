"""An example of every command, shown at the end of its help."""

from __future__ import annotations

EXAMPLES = {
    "run": "run trading_day --seed 7 --set pv_share=0.8 --plot",
    "sweep": "sweep scenarios/sweeps/controllers_and_pv.yaml --dry-run",
    "serve": "serve outage --port 8000",
    "check": "check my_scenario.yaml",
    "show": "show trading_day --set pv_share=0.8",
    "examples": "examples --copy my_examples",
    "new": "new my_study",
    "doctor": "doctor --out results",
    "docs": "docs control",
    "plot": "plot latest --tick 48",
    "summary": "summary latest --json",
    "runs": "runs results",
    "compare": "compare results/trading_day/0123 latest",
    "reproduce": "reproduce stories --verify-only",
    "cite": "cite",
    "train-detector": "train-detector --out detector.json --quick",
    "evaluate-detector": "evaluate-detector --quick --out build/detection",
    "import": "import meters.csv --unit kwh --stamps ending --zone Europe/Berlin --out houses.csv",
    "hosting-capacity": "hosting-capacity trading_day --controller look_ahead --draws 5 --step 0.2",
    "alerts install": "alerts install",
    "alerts listen": "alerts listen --port 5678",
    "alerts flush": "alerts flush latest --url http://127.0.0.1:5678/webhook/p2p-alert",
    "alerts show": "alerts show latest",
    "export-page": "export-page latest page",
}
"""By the command's name, without `p2p-cosim`."""


def example(name: str) -> str:
    """The last line of a command's help."""
    return f"Example: p2p-cosim {EXAMPLES[name]}"
