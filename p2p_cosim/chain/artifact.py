"""Compiled contracts that ship with the package. Users need no Solidity compiler."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources

from p2p_cosim.core.errors import ChainError

Abi = Sequence[Mapping[str, object]]

_parsed: dict[int, set[str]] = {}
"""SHA-256 of the init code of every artifact that this process has read, by its length."""


@dataclass(frozen=True, slots=True)
class Compiler:
    """The compiler version and the settings object of its standard JSON input."""

    version: str
    settings: Mapping[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class Artifact:
    """A compiled contract. Each is read once, so one is equal to itself alone.

    bytecode: init code, without constructor arguments. deployed_bytecode: the code that
    the init code leaves on the chain (immutables still zero). source_sha256: hex digest
    of the sources, as the compile script defines it.
    """

    name: str
    abi_json: str
    bytecode: bytes
    deployed_bytecode: bytes
    compiler: Compiler
    source_sha256: str

    @property
    def abi(self) -> Abi:
        """The ABI, read anew: who changes it changes no other's."""
        abi: Abi = json.loads(self.abi_json)
        return abi

    @property
    def bytecode_hash(self) -> str:
        """SHA-256 of the init code as hex: identifies what ran in a results manifest."""
        return sha256(self.bytecode).hexdigest()


@cache
def load_artifact(name: str = "OpenMarket") -> Artifact:
    """The artifact of a contract that ships with the package.

    Raises ChainError if there is no such artifact or it is damaged.
    """
    folder = resources.files("p2p_cosim.chain") / "artifacts"
    path = folder / f"{name}.json"
    if not path.is_file():
        names = sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".json"))
        raise ChainError(f"no artifact {name!r}: the package ships {', '.join(names) or 'none'}")
    return parse_artifact(path.read_text(encoding="utf-8"), str(path))


def parse_artifact(text: str, source: str) -> Artifact:
    """An artifact from its JSON text; `source` names it in error messages.

    Keys: contractName, abi, bytecode, deployedBytecode (hex with 0x),
    compiler {version, settings}, sourceSha256. Raises ChainError for anything else.
    """
    try:
        raw = json.loads(text)
        artifact = Artifact(
            name=raw["contractName"],
            abi_json=json.dumps(raw["abi"]),
            bytecode=_bytes(raw["bytecode"]),
            deployed_bytecode=_bytes(raw["deployedBytecode"]),
            compiler=Compiler(raw["compiler"]["version"], raw["compiler"]["settings"]),
            source_sha256=raw["sourceSha256"],
        )
    except (ValueError, KeyError, TypeError) as exc:
        raise ChainError(f"artifact {source} is damaged ({exc!r}): compile it again") from exc
    _parsed.setdefault(len(artifact.bytecode), set()).add(artifact.bytecode_hash)
    return artifact


def begins_with_artifact(init_code: bytes) -> bool:
    """Whether init code is that of an artifact of this process, with any arguments after it."""
    return any(
        length <= len(init_code) and sha256(init_code[:length]).hexdigest() in hashes
        for length, hashes in _parsed.items()
        if length
    )


def _bytes(hex_string: str) -> bytes:
    return bytes.fromhex(hex_string.removeprefix("0x"))
