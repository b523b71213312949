import pytest

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import OutsideInput, outside_digest, outside_text, read_outside

DEPOSIT = OutsideInput(3, "transaction", {"to": "0xab", "value_wei": 10**21, "data": ""})
BID = OutsideInput(4, "transaction", {"to": "0xab", "value_wei": 0, "data": "0x01"})


def test_what_is_written_is_read_back():
    assert read_outside(outside_text([DEPOSIT, BID]), "f") == (DEPOSIT, BID)


def test_the_digest_tells_inputs_and_their_order_apart():
    digests = {outside_digest(inputs) for inputs in ([], [DEPOSIT], [BID], [DEPOSIT, BID])}
    assert len(digests) == 4
    assert outside_digest([]) == ""
    assert outside_digest([BID, DEPOSIT]) not in digests


def test_the_order_of_a_payloads_keys_is_no_difference():
    turned = OutsideInput(3, "transaction", dict(reversed(DEPOSIT.payload.items())))
    assert turned.line() == DEPOSIT.line()


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, b"raw"])
def test_a_payload_that_is_no_json_is_refused(value):
    with pytest.raises((TypeError, ValueError)):
        OutsideInput(0, "reading", {"value": value}).line()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "f, line 2: no JSON"),
        ("[]", "f, line 2: an input has the fields"),
        ('{"tick":5,"kind":"a"}', "has the fields tick, kind and payload"),
        ('{"tick":-1,"kind":"a","payload":{}}', "tick is a whole number from 0"),
        ('{"tick":true,"kind":"a","payload":{}}', "tick is a whole number from 0"),
        ('{"tick":5,"kind":"a","payload":[]}', "payload an object"),
        ('{"tick":2,"kind":"a","payload":{}}', "line 2: tick 2 follows 3"),
    ],
)
def test_a_line_that_is_no_input_is_named(line, message):
    with pytest.raises(InputError, match=message):
        read_outside(f"{DEPOSIT.line()}\n{line}\n", "f")
