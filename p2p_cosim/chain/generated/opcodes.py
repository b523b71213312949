"""The instructions of Prague, and the gas that each costs whatever its operands are.

Names and numbers: Yellow Paper, appendix H, and the EIPs since. `tests/unit/chain` compares
the table with py-evm's.
"""

from __future__ import annotations

STOP, ADD, MUL, SUB, DIV, SDIV, MOD, SMOD, ADDMOD, MULMOD, EXP, SIGNEXTEND = range(0x0C)
LT, GT, SLT, SGT, EQ, ISZERO, AND, OR, XOR, NOT, BYTE, SHL, SHR, SAR = range(0x10, 0x1E)
KECCAK256 = 0x20
ADDRESS, BALANCE, ORIGIN, CALLER, CALLVALUE = range(0x30, 0x35)
CALLDATALOAD, CALLDATASIZE, CALLDATACOPY, CODESIZE, CODECOPY, GASPRICE = range(0x35, 0x3B)
EXTCODESIZE, EXTCODECOPY, RETURNDATASIZE, RETURNDATACOPY, EXTCODEHASH = range(0x3B, 0x40)
BLOCKHASH, COINBASE, TIMESTAMP, NUMBER, PREVRANDAO, GASLIMIT, CHAINID = range(0x40, 0x47)
SELFBALANCE, BASEFEE, BLOBHASH, BLOBBASEFEE = range(0x47, 0x4B)
POP, MLOAD, MSTORE, MSTORE8, SLOAD, SSTORE, JUMP, JUMPI = range(0x50, 0x58)
PC, MSIZE, GAS, JUMPDEST, TLOAD, TSTORE, MCOPY, PUSH0 = range(0x58, 0x60)
PUSH32, DUP1, DUP16, SWAP1, SWAP16, LOG0, LOG4 = 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xA4
CREATE, CALL, CALLCODE, RETURN, DELEGATECALL, CREATE2 = range(0xF0, 0xF6)
STATICCALL, REVERT, SELFDESTRUCT = 0xFA, 0xFD, 0xFF

_BASE = (
    *(ADDRESS, ORIGIN, CALLER, CALLVALUE, CALLDATASIZE, CODESIZE, GASPRICE, RETURNDATASIZE),
    *(COINBASE, TIMESTAMP, NUMBER, PREVRANDAO, GASLIMIT, CHAINID, BASEFEE, BLOBBASEFEE),
    *(POP, PC, MSIZE, GAS, PUSH0),
)
_VERY_LOW = (
    *(ADD, SUB, LT, GT, SLT, SGT, EQ, ISZERO, AND, OR, XOR, NOT, BYTE, SHL, SHR, SAR),
    *(CALLDATALOAD, CALLDATACOPY, CODECOPY, RETURNDATACOPY, MCOPY, MLOAD, MSTORE, MSTORE8),
    *(BLOBHASH, *range(PUSH0 + 1, PUSH32 + 1), *range(DUP1, SWAP16 + 1)),
)
# What touches accounts, storage or other code is charged where it is executed.
_ELSEWHERE = (
    *(STOP, RETURN, REVERT, SELFDESTRUCT, SLOAD, SSTORE, CREATE, CREATE2),
    *(BALANCE, EXTCODESIZE, EXTCODECOPY, EXTCODEHASH, CALL, CALLCODE, DELEGATECALL, STATICCALL),
)

STATIC_GAS: dict[int, int] = {
    **dict.fromkeys(_ELSEWHERE, 0),
    **dict.fromkeys(_BASE, 2),
    **dict.fromkeys(_VERY_LOW, 3),
    **dict.fromkeys((MUL, DIV, SDIV, MOD, SMOD, SIGNEXTEND, SELFBALANCE), 5),
    **dict.fromkeys((ADDMOD, MULMOD, JUMP), 8),
    **dict.fromkeys((EXP, JUMPI), 10),
    **dict.fromkeys((TLOAD, TSTORE), 100),
    **{LOG0 + topics: 375 * (topics + 1) for topics in range(5)},
    JUMPDEST: 1,
    BLOCKHASH: 20,
    KECCAK256: 30,
}
"""Gas by instruction; a number that is not in it is no instruction."""


def push_bytes(opcode: int) -> int:
    """Bytes of data that follow an instruction in the code: PUSH1 has one."""
    return opcode - PUSH0 if PUSH0 < opcode <= PUSH32 else 0
