"""The commands and options of the DSS language, and what may stand for them."""

from __future__ import annotations

from functools import cache

from p2p_cosim.grid.dss.words import words

COMMANDS = (
    *("new", "edit", "more", "m", "~", "select", "save", "show", "solve", "enable", "disable"),
    *("plot", "reset", "compile", "set", "dump", "open", "close", "//", "redirect", "help"),
    *("quit", "?", "next", "panel", "sample", "clear", "about", "calcvoltagebases", "setkvbase"),
    *("buildy", "get", "init", "export", "fileedit", "voltages", "currents", "powers"),
    *("seqvoltages", "seqcurrents", "seqpowers", "losses", "phaselosses", "cktlosses"),
    *("allocateloads", "formedit", "totals", "capacity", "classes", "userclasses", "zsc"),
    *("zsc10", "zscrefresh", "ysc", "puvoltages", "varvalues", "varnames", "buscoords"),
    *("makebuslist", "makeposseq", "reduce", "interpolate", "alignfile", "top", "rotate"),
    *("vdiff", "summary", "distribute", "di_plot", "comparecases", "yearlycurves", "cd"),
    *("visualize", "closedi", "doscmd", "estimate", "reconductor", "_initsnap"),
    *("_solvenocontrol", "_samplecontrols", "_docontrolactions", "_showcontrolqueue"),
    *("_solvedirect", "_solvepflow", "addbusmarker", "uuids", "setloadandgenkv"),
    *("cvrtloadshapes", "nodediff", "rephase", "setbusxy", "updatestorage", "obfuscate"),
    *("latlongcoords", "batchedit", "pstcalc", "variable", "reprocessbuses"),
    *("clearbusmarkers", "relcalc", "var", "cleanup", "finishtimestep", "nodelist", "connect"),
    *("disconnect", "remove", "calcincmatrix", "calcincmatrix_o", "refine_buslevels"),
    *("calclaplacian", "exportoverloads", "exportvviolations", "zsc012", "allpceatbus"),
    *("allpdeatbus", "totalpowers", "giscoords", "clearall", "comhelp", "newactor", "wait"),
    *("solveall", "abort", "clone"),
)
"""In the engine's order, which decides what an abbreviation stands for."""
OPTIONS = (
    *(
        "type",
        "element",
        "hour",
        "sec",
        "year",
        "frequency",
        "stepsize",
        "mode",
        "random",
        "number",
    ),
    *("time", "class", "object", "circuit", "editor", "tolerance", "maxiterations", "h"),
    *("loadmodel", "loadmult", "normvminpu", "normvmaxpu", "emergvminpu", "emergvmaxpu", "%mean"),
    *("%stddev", "ldcurve", "%growth", "genkw", "genpf", "capkvar", "addtype"),
    *("allowduplicates", "zonelock", "ueweight", "lossweight", "ueregs", "lossregs"),
    *("voltagebases", "algorithm", "trapezoidal", "autobuslist", "controlmode", "tracecontrol"),
    *("genmult", "defaultdaily", "defaultyearly", "allocationfactors", "cktmodel"),
    *("pricesignal", "pricecurve", "terminal", "basefrequency", "harmonics", "maxcontroliter"),
    *("bus", "datapath", "keeplist", "reduceoption", "demandinterval", "%normal"),
    *("defaultbasefrequency", "earthmodel", "neglectloady", "seasonrating", "longlinecorrection"),
)
"""Those that matter or that others are cut short for, in the engine's order."""
_SAME = {"m": "more", "~": "more", "clearall": "clear", "variable": "var"}


def verb_of(text: str) -> str:
    """The command of a statement, written out; "" for `property=value`, which has none.

    A first word that is no command is given back in lower case.
    """
    found = words(text)
    return "" if not found or found[0].name else _written_out(found[0].value.lower())


def option_of(name: str) -> str:
    """An option written out; one that is not known is given back."""
    return _longest(name.lower(), OPTIONS)


@cache
def _written_out(word: str) -> str:
    word = _longest(word, COMMANDS)
    return _SAME.get(word, word)


def _longest(word: str, known: tuple[str, ...]) -> str:
    return word if word in known else next((k for k in known if k.startswith(word)), word)
