"""The fast codec of single words against eth_abi: the same bytes, values and refusals."""

import pytest
from eth_abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError
from hypothesis import given, settings
from hypothesis import strategies as st

from p2p_cosim.chain.abi import Parameters
from p2p_cosim.chain.words import Words

ELEMENTARY = [
    "bool",
    "address",
    *(f"{sign}int{8 * n}" for sign in ("", "u") for n in (1, 5, 6, 32)),
]
ELEMENTARY += ["bytes1", "bytes4", "bytes32"]
EDGES = [0, 1, -1, 2, 127, 128, 255, 256, 2**39, 2**40 - 1, 2**40, 2**255 - 1, 2**255, 2**256 - 1]
VALUES = st.one_of(
    st.sampled_from([*EDGES, *(-edge for edge in EDGES), True, False, None, 1.0, "five"]),
    st.integers(-(2**256), 2**256),
    st.binary(max_size=33),
    st.binary(min_size=20, max_size=20).map(lambda b: "0x" + b.hex()),
)
WORDS = st.one_of(
    st.binary(min_size=32, max_size=32),
    st.sampled_from(EDGES[3:]).map(lambda n: n.to_bytes(32, "big")),
    st.binary(max_size=32).map(lambda b: b.rjust(32, b"\x00")),
    st.binary(max_size=32).map(lambda b: b.ljust(32, b"\x00")),
    st.binary(max_size=20).map(lambda b: b.rjust(32, b"\xff")),
)


def outcome(function, *args):
    """The result, or the kind of refusal."""
    try:
        return function(*args)
    except (EncodingError, DecodingError) as error:
        return type(error)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(abi_type=st.sampled_from(ELEMENTARY), value=VALUES)
def test_encoding_is_that_of_eth_abi(abi_type, value):
    parameters = Parameters([{"type": abi_type}])
    assert parameters._words is not None
    assert outcome(parameters.encode, [value]) == outcome(encode, [abi_type], [value])


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    types=st.lists(st.sampled_from(ELEMENTARY), max_size=3),
    words=st.lists(WORDS, max_size=4),
    cut=st.integers(0, 2),
)
def test_decoding_is_that_of_eth_abi(types, words, cut):
    data = b"".join(words)
    data = data[: len(data) - cut]
    ours = outcome(Parameters([{"type": t} for t in types]).decode, data)
    theirs = outcome(decode, types, data)
    if isinstance(theirs, tuple):
        ours = tuple(v.lower() if isinstance(v, str) else v for v in ours)
    assert ours == theirs


@pytest.mark.parametrize("abi_type", ["string", "bytes", "uint8[][]", "uint8[2]", "string[]"])
def test_other_types_are_left_to_eth_abi(abi_type):
    assert Words.of([{"type": "uint256"}, {"type": abi_type}], dict.get) is None


ADDRESS = "0x" + "ab" * 20
PAIR = {
    "type": "tuple",
    "internalType": "struct Pair",
    "components": [{"name": "wh", "type": "int40"}, {"name": "of", "type": "address"}],
}
LAYOUTS = [
    [PAIR],
    [{**PAIR, "type": "tuple[]"}],
    [{"type": "uint64"}, {**PAIR, "type": "tuple[]"}, {"type": "bool[]"}, PAIR],
    [{"type": "address[]"}, {"type": "int8[]"}],
]
PAIRS = st.tuples(st.integers(-(2**39) - 1, 2**39), st.just(ADDRESS))
BY_TYPE = {
    "tuple": PAIRS,
    "tuple[]": st.lists(PAIRS, max_size=3),
    "uint64": st.integers(0, 2**64),
    "bool[]": st.lists(st.sampled_from([True, False, 1]), max_size=3),
    "address[]": st.lists(st.just(ADDRESS), max_size=3),
    "int8[]": st.lists(st.integers(-129, 128), max_size=3),
}


def plain(value):
    """Without the names of structs, addresses in small letters, as eth_abi gives them."""
    if isinstance(value, (tuple, list)):
        return tuple(plain(item) for item in value)
    return value.lower() if isinstance(value, str) else value


@settings(max_examples=200, deadline=None, derandomize=True)
@given(layout=st.sampled_from(LAYOUTS), drawn=st.data())
def test_structs_and_arrays_are_laid_out_as_eth_abi_does(layout, drawn):
    values = [drawn.draw(BY_TYPE[parameter["type"]]) for parameter in layout]
    parameters = Parameters(layout)
    assert parameters._words is not None
    data = outcome(parameters.encode, values)
    assert data == outcome(encode, parameters.types, values)
    if isinstance(data, bytes):
        assert plain(parameters._words.decode(data)) == plain(decode(parameters.types, data))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(layout=st.sampled_from(LAYOUTS), words=st.lists(WORDS, max_size=9), cut=st.integers(0, 2))
def test_other_data_of_structs_and_arrays_is_read_as_eth_abi_does(layout, words, cut):
    data = b"".join(words)
    data = data[: len(data) - cut]
    parameters = Parameters(layout)
    theirs = outcome(decode, parameters.types, data)
    assert plain(outcome(parameters.decode, data)) == plain(theirs)


def test_a_struct_may_be_given_by_name_within_an_array():
    parameters = Parameters([{**PAIR, "type": "tuple[]"}])
    assert parameters.encode([[{"wh": 5, "of": ADDRESS}]]) == parameters.encode([[(5, ADDRESS)]])
