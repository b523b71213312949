"""Arguments of calls, read strictly."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from p2p_cosim.chain.accounts import checksum_address
from p2p_cosim.chain.blocks import Topics
from p2p_cosim.core.types import Transaction
from p2p_cosim.dapp.rpc.errors import INVALID_PARAMS, RpcError, invalid_argument

_QUANTITY = re.compile(r"0x(0|[1-9a-fA-F][0-9a-fA-F]{0,63})\Z")
_DATA = re.compile(r"0x([0-9a-fA-F]{2})*\Z")
_HASH = re.compile(r"0x[0-9a-fA-F]{64}\Z")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}\Z")
NOBODY = "0x" + "00" * 20
CALL_GAS = 2**24
MOST_TOPICS, MOST_CHOICES = 4, 1000


class Arguments:
    """The `params` of a call."""

    def __init__(self, params: object) -> None:
        if params is None:
            params = []
        if not isinstance(params, list):
            raise RpcError(INVALID_PARAMS, "non-array args")
        self._params: list[object] = params

    def __len__(self) -> int:
        return len(self._params)

    def get(self, place: int, default: object = None) -> object:
        """The argument, or the default where it is absent or null."""
        value = self._params[place] if place < len(self._params) else None
        return default if value is None else value

    def needed(self, place: int) -> object:
        """The argument. Raises RpcError if it is absent."""
        value = self.get(place)
        if value is None:
            raise RpcError(INVALID_PARAMS, f"missing value for required argument {place}")
        return value

    def address(self, place: int) -> str:
        """An address, in the mixed case of EIP-55."""
        return as_address(self.needed(place), place)

    def hash(self, place: int) -> bytes:
        """32 bytes."""
        return as_hash(self.needed(place), place)

    def data(self, place: int) -> bytes:
        """Any bytes."""
        return as_data(self.needed(place), place)

    def quantity(self, place: int) -> int:
        """A number in hex."""
        return as_quantity(self.needed(place), place)

    def flag(self, place: int) -> bool:
        """True or false; false if absent."""
        value = self.get(place, default=False)
        if not isinstance(value, bool):
            raise invalid_argument(place, "a boolean is expected")
        return value


def as_quantity(value: object, place: int) -> int:
    """A number in hex, without leading zeros; small JSON numbers are taken too."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if not isinstance(value, str) or not _QUANTITY.match(value):
        raise invalid_argument(place, "a hex number without leading zeros is expected, as 0x1a")
    return int(value, 16)


def as_data(value: object, place: int) -> bytes:
    """Bytes in hex."""
    if not isinstance(value, str) or not _DATA.match(value):
        raise invalid_argument(place, "bytes in hex are expected, as 0x00ff")
    return bytes.fromhex(value[2:])


def as_hash(value: object, place: int) -> bytes:
    """32 bytes in hex."""
    if not isinstance(value, str) or not _HASH.match(value):
        raise invalid_argument(place, "32 bytes in hex are expected")
    return bytes.fromhex(value[2:])


def as_address(value: object, place: int) -> str:
    """An address in hex."""
    if not isinstance(value, str) or not _ADDRESS.match(value):
        raise invalid_argument(place, "an address of 20 bytes in hex is expected")
    return checksum_address(value.lower())


def as_object(value: object, place: int) -> Mapping[str, object]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise invalid_argument(place, "an object is expected")
    return value


def as_call(value: object, place: int) -> tuple[Transaction, bool]:
    """The transaction that `eth_call` or `eth_estimateGas` is about, and whether a gas limit
    was given. Fees do not matter here; access lists are left out."""
    fields = as_object(value, place)

    def number(name: str, default: int) -> int:
        given = fields.get(name)
        return default if given is None else as_quantity(given, place)

    data = [as_data(fields[n], place) for n in ("input", "data") if fields.get(n) is not None]
    if len(data) == 2 and data[0] != data[1]:
        raise invalid_argument(place, 'both "data" and "input" are set and not equal')
    to, sender = fields.get("to"), fields.get("from")
    transaction = Transaction(
        sender=NOBODY if sender is None else as_address(sender, place),
        to=None if to is None else as_address(to, place),
        data=data[0] if data else b"",
        value_wei=number("value", 0),
        gas_limit=min(number("gas", CALL_GAS), CALL_GAS),
    )
    return transaction, fields.get("gas") is not None


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What `eth_getLogs` and filters ask for. first, last: block tags, or a hash alone."""

    first: object
    last: object
    block_hash: bytes | None
    addresses: Sequence[str]
    topics: Topics


def as_log_query(value: object, place: int) -> LogQuery:
    """A filter object."""
    fields = as_object(value, place)
    block_hash = fields.get("blockHash")
    if block_hash is not None and not {"fromBlock", "toBlock"}.isdisjoint(
        name for name, given in fields.items() if given is not None
    ):
        raise invalid_argument(place, "cannot specify both BlockHash and FromBlock/ToBlock")
    address = fields.get("address")
    addresses = [] if address is None else address if isinstance(address, list) else [address]
    topics = fields.get("topics") or []
    if not isinstance(topics, list) or len(topics) > MOST_TOPICS:
        raise invalid_argument(place, f"topics are an array of at most {MOST_TOPICS}")
    return LogQuery(
        fields.get("fromBlock"),
        fields.get("toBlock"),
        None if block_hash is None else as_hash(block_hash, place),
        [as_address(each, place) for each in addresses[:MOST_CHOICES]],
        [_topic(each, place) for each in topics],
    )


def _topic(value: object, place: int) -> set[bytes] | None:
    if value is None or value == []:
        return None
    choices = value if isinstance(value, list) else [value]
    if None in choices:
        return None
    return {as_hash(each, place) for each in choices[:MOST_CHOICES]}
