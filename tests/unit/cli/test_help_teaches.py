"""Help teaches: every command shows an example that it takes, and names pages that are there."""

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from p2p_cosim.cli.app import COMMANDS, app
from p2p_cosim.cli.shown_by_example import EXAMPLES

ROOT = Path(__file__).parents[3]


def commands(group, before=()):
    """Every command that does something, by its name."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*before, name))
        else:
            yield " ".join((*before, name)), command


ALL = dict(commands(typer.main.get_command(app)))


def test_every_command_has_an_example():
    assert set(EXAMPLES) == set(ALL)
    assert set(COMMANDS) <= set(ALL)


@pytest.mark.parametrize("name", ALL)
def test_help_ends_with_an_example_that_the_command_takes(name):
    text = " ".join(CliRunner().invoke(app, [*name.split(), "--help"]).output.split())
    assert text.endswith(f"Example: p2p-cosim {EXAMPLES[name]}")
    words = shlex.split(EXAMPLES[name])[len(name.split()) :]
    command = ALL[name]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known
    for page in re.findall(r"docs/\S+\.md", text):
        assert (ROOT / page).is_file()


def test_files_of_examples_are_there():
    for line in EXAMPLES.values():
        for file in re.findall(r"scenarios/\S+", line):
            assert (ROOT / file).is_file()
