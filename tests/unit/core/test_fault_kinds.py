"""What a kind of fault is stands in one file."""

import re
from pathlib import Path

from p2p_cosim.core import fault_kinds
from p2p_cosim.core.fault_kinds import FAULT_KINDS

PACKAGE = Path(fault_kinds.__file__).parents[1]


def test_a_fault_kind_is_named_in_one_file():
    names = re.compile(rf"\b({'|'.join([*FAULT_KINDS, fault_kinds.HOUSE_RESTORED])})\b")
    naming = {
        str(file.relative_to(PACKAGE)): names.findall(file.read_text(encoding="utf-8"))
        for file in PACKAGE.rglob("*.py")
    }
    assert [file for file, found in naming.items() if found] == ["core/fault_kinds.py"]


def test_every_kind_acts_on_one_thing_and_is_one_sort_of_fault():
    groups = (fault_kinds.GRID_KINDS, fault_kinds.METER_KINDS, fault_kinds.HOUSE_KINDS)
    assert sorted(name for group in groups for name in group) == sorted(FAULT_KINDS)
    assert not set(fault_kinds.OPENS) & set(fault_kinds.SHORTS)
    for kind in FAULT_KINDS.values():
        assert kind.phases == 0 or kind.place in ("bus", "branch")
        assert kind.is_short or kind.place != "bus"
