"""What of the DSS language the model takes, what it skips, and what it cannot.

Skipped is what does not touch the power flow of an interval here: measuring, protection in the
engine's own event simulation, shapes over time (the scenario has profiles of its own).
"""

from __future__ import annotations

CIRCUIT_CLASSES = (
    *("circuit", "vsource", "line", "linecode", "linegeometry", "linespacing", "wiredata"),
    *("cndata", "tsdata", "transformer", "xfmrcode", "load", "capacitor", "reactor"),
    *("generator", "pvsystem", "storage", "fault", "isource", "indmach012"),
    *("xycurve", "dynamicexp"),
)
"""What the engine gets."""

POWER_CLASSES = ("load", "generator", "pvsystem", "storage", "isource", "indmach012")
"""What draws or gives power."""

INVERTER_CONTROLS = ("invcontrol", "expcontrol")
CONTROL_CLASSES = ("regcontrol", "capcontrol", *INVERTER_CONTROLS)
"""What it gets where the feeder's own controls act."""

SKIPPED_CLASSES = {
    **dict.fromkeys(("energymeter", "monitor", "sensor"), "measures"),
    **dict.fromkeys(("spectrum",), "is of harmonics"),
    **dict.fromkeys(
        ("loadshape", "growthshape", "priceshape", "tshape", "tempshape"),
        "is a series over time; the scenario's profiles take its place",
    ),
    **dict.fromkeys(("tcc_curve",), "is a curve of what is skipped"),
    **dict.fromkeys(
        ("fuse", "relay", "recloser"),
        "is protection; what it holds open is open, and a fault lasts as the scenario says",
    ),
    "swtcontrol": "acts on a switch; what it holds open is open",
    **dict.fromkeys(
        ("storagecontroller", "storagecontroller2"),
        "steers elements that keep what the file gives them",
    ),
}
"""By class, what it does that does not matter here."""

_AS_GENERATOR = "write a Generator of its kW and kvar"
UNMODELLED_CLASSES = {
    "autotrans": "write a Transformer of its voltages, or a wye-wye regulator",
    **dict.fromkeys(
        ("gictransformer", "gicline", "gicsource"), "it is of direct current, remove it"
    ),
    **dict.fromkeys(("vccs", "vsconverter", "windgen", "generic5"), _AS_GENERATOR),
    "upfc": "write a Reactor in series, or a RegControl's Transformer",
    **dict.fromkeys(("upfccontrol", "esplcontrol", "gendispatcher", "fmonitor"), "remove it"),
    "linedata": "write a LineCode",
}
"""Classes of OpenDSS that the model does not know: what may take their place."""

SKIPPED_PROPERTIES = (
    *("spectrum", "daily", "yearly", "duty", "growth", "cvrcurve", "tdaily", "tyearly", "tduty"),
    *("debugtrace", "eventlog", "dynadll", "dynadata"),
    *("usermodel", "userdata", "shaftmodel", "shaftdata"),
)
"""Properties that refer to what is skipped, act in dynamics alone, have the engine write, or have
it load a program."""

_OWN_PROGRAM = "is a program of its own: write model=1 with what it gives"
_FORMS_A_GRID = "makes it a source of voltage: write a Vsource, or leave it out"
UNMODELLED_VALUES = {
    ("generator", "model", "6"): _OWN_PROGRAM,
    **dict.fromkeys((("pvsystem", "model", "3"), ("storage", "model", "3")), _OWN_PROGRAM),
    ("pvsystem", "controlmode", "gfm"): _FORMS_A_GRID,
    ("storage", "controlmode", "gfm"): _FORMS_A_GRID,
}
"""By class, property and value: why not, and what to write."""

ELEMENT_VERBS = (*("new", "edit", "batchedit", "select", "open", "close", "enable", "disable"),)
"""Commands that name an element, which a continuation then goes on with."""

SKIPPED_VERBS = (
    *("solve", "makebuslist", "calcvoltagebases", "buildy", "reset", "sample"),
    *("interpolate", "relcalc", "init", "//", "?", "_initsnap", "_solvenocontrol"),
    *("_samplecontrols", "_docontrolactions", "_solvedirect", "_solvepflow", "closedi"),
    *(
        "zscrefresh",
        "finishtimestep",
        "updatestorage",
        "solveall",
        "abort",
        "panel",
        "next",
        "quit",
    ),
)

REPORTING_VERBS = (
    *("show", "export", "plot", "visualize", "dump", "save", "fileedit", "formedit", "help"),
    *("about", "uuids", "addbusmarker", "clearbusmarkers", "setbusxy", "giscoords", "wait"),
    *("cvrtloadshapes", "get", "summary", "currents", "voltages", "powers", "seqvoltages"),
    *("seqcurrents", "seqpowers", "losses", "phaselosses", "cktlosses", "totals", "totalpowers"),
    *("capacity", "classes", "userclasses", "zsc", "zsc10", "zsc012", "ysc", "puvoltages"),
    *("varvalues", "varnames", "vdiff", "nodediff", "nodelist", "comparecases", "yearlycurves"),
    *("di_plot", "pstcalc", "_showcontrolqueue", "exportoverloads", "exportvviolations"),
    *("allpceatbus", "allpdeatbus", "calcincmatrix", "calcincmatrix_o", "refine_buslevels"),
    *("calclaplacian", "comhelp", "top"),
)
"""Commands that read, draw or write what was solved; the program does that itself."""

CHANGING_VERBS = (
    *("allocateloads", "makeposseq", "reduce", "rotate", "distribute", "estimate", "reconductor"),
    *("setloadandgenkv", "rephase", "reprocessbuses", "remove", "connect", "disconnect", "clone"),
)
"""Commands that make another circuit of the one defined."""

BASE_FREQUENCIES = ("defaultbasefrequency", "basefrequency")
SETTINGS = (*BASE_FREQUENCIES, "earthmodel", "neglectloady", "longlinecorrection")
"""Options that change what the circuit is."""

SCENARIO_SETTINGS = {
    "loadmult": ("1", "feeder.spot_loads.scale"),
    "genmult": ("1", "kW of the generators"),
    "allocationfactors": ("1", "kW of the loads"),
    "loadmodel": ("powerflow", "model= of the loads"),
    "year": ("0", "kW of the loads"),
}
"""Options that change results, by name: the value without effect, and where to say it instead."""
