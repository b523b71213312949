"""`cite` tells what stands in CITATION.cff."""

import pytest

from p2p_cosim import __version__
from p2p_cosim.cli import cite
from p2p_cosim.cli.commands.cite import cite as command
from p2p_cosim.core.errors import InputError

PEOPLE = {
    "title": "50 % of & $_{x}$",
    "authors": [
        {"family-names": "Curie", "given-names": "Marie"},
        {"name": "The R & D group"},
    ],
    "version": "2.0",
    "date-released": "2031-05-06",
    "doi": "10.1/x",
    "license": "MIT",
}


def test_the_file_is_of_this_version_and_the_command_prints_it(capsys):
    cff = cite.citation()
    assert cff["cff-version"] == "1.2.0"
    assert cff["version"] == __version__
    command()
    told = capsys.readouterr().out
    assert told.startswith("The p2p_cosim maintainers. p2p_cosim: peer-to-peer energy markets")
    assert "author = {{The p2p\\_cosim maintainers}}," in told
    assert f"version = {{{__version__}}}," in told
    assert "year" not in told  # not released: no date is made up


def test_people_dates_and_special_characters():
    assert cite.text(PEOPLE) == (
        "Curie, Marie, The R & D group (2031). 50 % of & $_{x}$ (version 2.0) [software]. "
        "https://doi.org/10.1/x"
    )
    assert cite.bibtex(PEOPLE).splitlines() == [
        "@software{p2p_cosim,",
        r"  title = {{50 \% of \& \$\_\{x\}\$}},",
        r"  author = {Curie, Marie and {The R \& D group}},",
        "  version = {2.0},",
        "  date = {2031-05-06},",
        "  year = {2031},",
        "  doi = {10.1/x},",
        "  note = {Licence: MIT},",
        "}",
    ]


def test_a_copy_without_the_file_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(cite, "_FILES", (tmp_path / "CITATION.cff",))
    with pytest.raises(InputError, match=r"CITATION\.cff is not there"):
        cite.citation()
