from collections.abc import Sequence
from pathlib import Path

import pytest
from eth_abi import encode

from p2p_cosim.chain.artifact import parse_artifact
from p2p_cosim.chain.contract import Contract
from p2p_cosim.core.errors import ChainError
from p2p_cosim.core.types import Event, Log, Receipt, Transaction

HERE = "0x" + "0a" * 20
ALICE = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"  # EIP-55 form of key 1's address
SOURCE = Path(__file__).parents[2] / "fixtures" / "Probe.json"
PROBE = parse_artifact(SOURCE.read_text(), "Probe.json")
SELECTOR_OF_ERROR = bytes.fromhex("08c379a0")
SELECTOR_OF_PANIC = bytes.fromhex("4e487b71")


class ScriptedChain:
    """Records what is sent and answers with what it was given."""

    def __init__(self, output: bytes = b"", success: bool = True) -> None:
        self.output, self.success = output, success
        self.sent: list[Transaction] = []

    def call(self, transaction: Transaction) -> tuple[bool, bytes]:
        self.sent.append(transaction)
        return self.success, self.output

    def transact_many(self, transactions: Sequence[Transaction]) -> list[Receipt]:
        self.sent += transactions
        return [Receipt(self.success, 0, output=self.output) for _ in transactions]


def contract(output: bytes = b"", success: bool = True) -> Contract:
    return Contract(ScriptedChain(output, success), HERE, PROBE.abi, "Probe")  # type: ignore[arg-type]


def test_a_transaction_is_selector_and_arguments() -> None:
    made = contract().transaction("store", 5, 50, sender=ALICE, value_wei=3, gas_limit=9)
    # keccak256("store(uint256,uint40)")[:4], from solc's method identifiers
    selector = bytes.fromhex("f3a10dd0")
    assert made == Transaction(ALICE, contract().address, made.data, 3, 9)
    assert made.data[4:] == encode(["uint256", "uint40"], [5, 50])
    assert made.data[:4] == selector


def test_structs_are_given_by_position_or_by_name() -> None:
    by_position = contract().transaction("total", [(ALICE, 1, 2)], sender=ALICE)
    by_name = contract().transaction(
        "total", [{"kind": 2, "amount": 1, "owner": ALICE}], sender=ALICE
    )
    assert by_position == by_name


def test_struct_results_have_names_and_checksum_addresses() -> None:
    item = "(address,uint40,uint8)"
    best = (ALICE.lower(), 4, 1)
    output = encode([f"({item},{item}[],string)"], [(best, [best, best], "hi")])
    basket = contract(output).read.basket()
    assert basket.best.owner == ALICE
    assert basket.best._fields == ("owner", "amount", "kind")
    assert (basket.note, len(basket.items), basket.items[1].amount) == ("hi", 2, 4)


def test_results_with_several_values_have_names_too() -> None:
    time = contract(encode(["uint256"] * 3, [1, 2, 3])).read.time()
    assert (time.timestamp, time.number, time.chain) == (1, 2, 3)
    assert contract(encode(["uint256"], [9])).read.limit() == 9
    assert contract().call("wipe", 0, 1) is None


def test_an_unknown_function_names_the_nearest() -> None:
    with pytest.raises(ChainError, match="Probe has no function 'stroe': did you mean 'store'"):
        contract().transaction("stroe", 1, sender=ALICE)
    with pytest.raises(ChainError, match=r"has no function 'zzz': it has .*basket, burn"):
        contract().read.zzz()


def test_a_wrong_number_of_arguments_tells_what_is_expected() -> None:
    with pytest.raises(ChainError, match=r"takes 2 arguments \(uint256 key, uint40 amount\), 1"):
        contract().transaction("store", 1, sender=ALICE)


@pytest.mark.parametrize("amount", [2**40, -1, "five", 1.5])
def test_a_value_that_does_not_fit_is_refused(amount: object) -> None:
    with pytest.raises(ChainError, match=r"do not fit store\(uint256,uint40\)"):
        contract().transaction("store", 1, amount, sender=ALICE)


def test_a_struct_without_a_field_is_refused() -> None:
    with pytest.raises(ChainError, match="do not fit total"):
        contract().transaction("total", [{"owner": ALICE, "amount": 1}], sender=ALICE)


def test_overloads_are_found_by_count_or_signature() -> None:
    two = contract().transaction("pick", 1, 2, sender=ALICE)
    assert two == contract().transaction("pick(uint256,uint256)", 1, 2, sender=ALICE)
    with pytest.raises(ChainError, match=r"pick does not name one of .*pick\(address\)"):
        contract().transaction("pick", 1, sender=ALICE)
    assert contract(encode(["address"], [ALICE])).call("pick(address)", ALICE) == ALICE


def test_output_of_the_wrong_shape_is_an_error() -> None:
    with pytest.raises(ChainError, match=r"limit\(\) returned 0 bytes .* is the contract deployed"):
        contract(b"").read.limit()


def test_reads_and_dir_are_for_abi_functions_only() -> None:
    assert "basket" in dir(contract().read)
    assert not hasattr(contract().read, "_repr_html_")


@pytest.mark.parametrize(
    ("output", "name", "values"),
    [
        (b"", "", {}),
        (SELECTOR_OF_ERROR + encode(["string"], ["no"]), "Error", {"reason": "no"}),
        (
            SELECTOR_OF_PANIC + encode(["uint256"], [0x11]),
            "Panic",
            {"code": 0x11, "meaning": "arithmetic overflow or underflow"},
        ),
        (
            # keccak256("TooLarge(uint256,uint256,address)")[:4]
            bytes.fromhex("c179ff35") + encode(["uint256", "uint256", "address"], [7, 5, ALICE]),
            "TooLarge",
            {"given": 7, "limit": 5, "caller": ALICE},
        ),
        (b"\x01\x02\x03\x04\x05", "0x01020304", {"data": "0x0102030405"}),
        (SELECTOR_OF_ERROR + b"\x01", "0x08c379a0", {"data": "0x08c379a001"}),
    ],
)
def test_revert_data_becomes_a_named_error(
    output: bytes, name: str, values: dict[str, object]
) -> None:
    error = contract().revert_error("store", output)
    assert (error.function, error.name, error.args_by_name) == ("store", name, values)


def test_an_indexed_string_decodes_to_its_hash() -> None:
    topic_of_tagged = contract_event_topic("Tagged(string,bytes)")
    log = Log(contract().address, (topic_of_tagged, b"\x07" * 32), encode(["bytes"], [b"data"]))
    foreign = Log(ALICE, log.topics, log.data)
    unknown = Log(contract().address, (b"\x00" * 32,), b"")
    receipt = Receipt(True, 0, (foreign, log, unknown, Log(contract().address, (), b"")))
    assert contract().decode_events(receipt) == (
        Event("Tagged", {"tag": b"\x07" * 32, "data": b"data"}),
    )


def contract_event_topic(signature: str) -> bytes:
    from eth_hash.auto import keccak

    return keccak(signature.encode())
