"""Options of a DSS script: those that define the circuit, and those that the scenario decides."""

from __future__ import annotations

from collections.abc import Iterator

from p2p_cosim.grid.dss.script import Command, Script
from p2p_cosim.grid.dss.statements import Statement
from p2p_cosim.grid.dss.verbs import option_of
from p2p_cosim.grid.dss.vocabulary import BASE_FREQUENCIES, SCENARIO_SETTINGS, SETTINGS
from p2p_cosim.grid.dss.words import words


def take_settings(statement: Statement, script: Script) -> Iterator[str]:
    """Take what a `Set` says, and yield what it may not."""
    for word in words(statement.rest):
        option = option_of(word.name) if word.name else ""
        if option == "voltagebases":
            text = f"set voltagebases=[{word.value.rstrip(', ')}]"
            script.bases.append(Command(text, statement.where))
        elif option in SETTINGS:
            script.commands.append(Command(f"set {word.text}", statement.where))
            if option in BASE_FREQUENCIES:
                script.base_hz = word.value
            if option == "defaultbasefrequency":
                script.lasting.append(script.commands[-1])
        elif option == "frequency" and not _same_number(word.value, script.base_hz):
            yield (
                f"option 'frequency' of {word.value} is not the circuit's {script.base_hz}: write "
                f"'Set DefaultBaseFrequency={word.value}' before the circuit"
            )
        elif option in SCENARIO_SETTINGS:
            harmless, instead = SCENARIO_SETTINGS[option]
            if not _same_number(word.value.lower(), harmless):
                yield (
                    f"option {option!r} of {word.value} would change every load: leave it "
                    f"out, and change {instead}"
                )
        elif option:
            script.skipped[f"option {option}: the scenario decides"] += 1


def _same_number(value: str, other: str) -> bool:
    try:
        return float(value) == float(other)
    except ValueError:
        return other.startswith(value)
