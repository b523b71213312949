import json

import pytest

from p2p_cosim.core.errors import InputError
from p2p_cosim.notify import Outbox, Receipts, alerts_folder


def test_one_line_a_notice_and_the_same_bytes_when_run_again(tmp_path, notice):
    for _ in range(2):
        outbox = Outbox(tmp_path)
        outbox.append([notice(1), notice(2)])
        outbox.append([notice(3)])
        lines = (tmp_path / "outbox.jsonl").read_text().splitlines()
        assert [json.loads(line)["houses"][0]["house"] for line in lines] == [
            "house_1",
            "house_2",
            "house_3",
        ]
    assert Outbox(tmp_path).read() == [notice(1), notice(2), notice(3)]


def test_nothing_to_tell_leaves_no_file(tmp_path):
    Outbox(tmp_path / "x.alerts").append([])
    assert list(tmp_path.iterdir()) == []


def test_half_a_line_is_left_out_and_the_next_append_takes_its_place(tmp_path, notice):
    outbox = Outbox(tmp_path)
    outbox.append([notice(1)])
    with outbox.path.open("ab") as file:
        file.write(notice(2).to_json()[:-9].encode())
    assert Outbox(tmp_path).read() == [notice(1)]
    outbox.append([notice(3)])
    assert Outbox(tmp_path).read() == [notice(1), notice(3)]


def test_a_notice_that_stands_twice_is_read_once(tmp_path, notice):
    outbox = Outbox(tmp_path)
    outbox.append([notice(1), notice(1)])
    assert outbox.read() == [notice(1)]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"event_id": "7"}, "event_id"),
        ({"version": 1}, "version"),
        ({"messages": []}, "messages"),
        ({"kind": "party"}, "kind"),
        ({"secret": "x"}, "secret"),
    ],
)
def test_a_changed_line_is_refused_with_its_number_and_field(tmp_path, notice, change, found):
    Outbox(tmp_path).append([notice(1)])
    path = tmp_path / "outbox.jsonl"
    line = json.dumps(json.loads(path.read_text()) | change)
    path.write_text(f"{notice(2).to_json()}\n{line}\n")
    with pytest.raises(InputError, match=rf"outbox\.jsonl, line 2, .*{found}"):
        Outbox(tmp_path).read()


def test_no_outbox_is_explained(tmp_path):
    with pytest.raises(InputError, match=r"notify\.sink"):
        Outbox(tmp_path).read()


def test_receipts_survive_a_cut_and_name_what_arrived(tmp_path):
    receipts = Receipts(tmp_path)
    assert receipts.states().keys() == set()
    receipts.add("a" * 32, attempts=1)
    with receipts.path.open("ab") as file:
        file.write(b'{"event_id": "b')
    assert receipts.states().keys() == {"a" * 32}
    receipts.add("c" * 32, attempts=3)
    assert receipts.states().keys() == {"a" * 32, "c" * 32}


def test_one_sender_at_a_time(tmp_path):
    receipts = Receipts(tmp_path)
    with receipts.lock(), pytest.raises(InputError, match="another process"), receipts.lock():
        pass
    with receipts.lock():
        pass  # free again


def test_the_alerts_of_a_run_lie_beside_it_whole_or_partial(tmp_path):
    beside = tmp_path / "abc.alerts"
    for name in ("abc", "abc.partial", "abc.alerts"):
        assert alerts_folder(tmp_path / name) == beside
