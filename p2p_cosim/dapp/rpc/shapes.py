"""Blocks, transactions, receipts and logs as JSON-RPC gives them."""

from __future__ import annotations

from functools import lru_cache

from eth_hash.auto import keccak

from p2p_cosim.chain.accounts import canonical_address
from p2p_cosim.chain.rules import BLOCK_GAS_LIMIT
from p2p_cosim.chain.signed import ACCESS_LIST, DYNAMIC_FEE, SignedTransaction, decode_signed
from p2p_cosim.core.types import Block, FoundLog, Log, Mined

Json = dict[str, object]
ZERO_HASH = "0x" + "00" * 32
ZERO_ADDRESS = "0x" + "00" * 20
EMPTY_UNCLES = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"
EMPTY_TRIE = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
EMPTY_REQUESTS = "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
HEADER_BYTES = 600
_BLOOM_BYTES = 256


def text(data: bytes) -> str:
    """Bytes in hex."""
    return "0x" + data.hex()


def block(found: Block, *, full: bool) -> Json:
    """A block. full: whole transactions, and not their hashes alone."""
    logs = [log for mined in found.transactions for log in mined.receipt.logs]
    place = (found.hash, found.number)
    return {
        **header(found.number, found.timestamp),
        "hash": text(found.hash),
        "parentHash": text(found.parent_hash),
        "gasUsed": hex(found.gas_used),
        "logsBloom": bloom(logs),
        "size": hex(HEADER_BYTES + sum(len(m.transaction.data) for m in found.transactions)),
        "transactions": [
            transaction(mined, place[0]) if full else text(mined.hash)
            for mined in found.transactions
        ],
    }


def header(number: int, timestamp: int) -> Json:
    """What all blocks have alike. There is no state root: it would cost a walk of the state."""
    return {
        "number": hex(number),
        "timestamp": hex(timestamp),
        "nonce": "0x0000000000000000",
        "sha3Uncles": EMPTY_UNCLES,
        "transactionsRoot": ZERO_HASH,
        "stateRoot": ZERO_HASH,
        "receiptsRoot": ZERO_HASH,
        "miner": ZERO_ADDRESS,
        "difficulty": "0x0",
        "extraData": "0x",
        "gasLimit": hex(BLOCK_GAS_LIMIT),
        "mixHash": ZERO_HASH,
        "baseFeePerGas": "0x0",
        "uncles": [],
        "withdrawals": [],
        "withdrawalsRoot": EMPTY_TRIE,
        "blobGasUsed": "0x0",
        "excessBlobGas": "0x0",
        "parentBeaconBlockRoot": ZERO_HASH,
        "requestsHash": EMPTY_REQUESTS,
    }


def transaction(mined: Mined, block_hash: bytes) -> Json:
    """A transaction in a block. Agents do not sign: their v, r and s are 0."""
    done = mined.transaction
    place: Json = {
        "blockHash": text(block_hash),
        "blockNumber": hex(mined.block_number),
        "transactionIndex": hex(mined.index),
    }
    if done.signed:
        return {**signed(decode_signed(done.signed)), **place, "gasPrice": hex(done.gas_price_wei)}
    return {
        "hash": text(mined.hash),
        "type": "0x0",
        "nonce": hex(mined.nonce),
        "from": done.sender.lower(),
        "to": done.to.lower() if done.to else None,
        "value": hex(done.value_wei),
        "gas": hex(done.gas_limit),
        "gasPrice": "0x0",
        "input": text(done.data),
        "v": "0x0",
        "r": "0x0",
        "s": "0x0",
        **place,
    }


def signed(sent: SignedTransaction) -> Json:
    """A transaction that a wallet signed, and that is in no block yet."""
    content: Json = {
        "hash": text(sent.hash),
        "type": hex(sent.kind),
        "nonce": hex(sent.nonce),
        "from": sent.sender.lower(),
        "to": sent.to.lower() if sent.to else None,
        "value": hex(sent.value_wei),
        "gas": hex(sent.gas_limit),
        "gasPrice": hex(sent.max_fee_wei),
        "input": text(sent.data),
        "v": hex(sent.y_parity),
        "r": hex(sent.r),
        "s": hex(sent.s),
        "blockHash": None,
        "blockNumber": None,
        "transactionIndex": None,
    }
    if sent.chain_id is not None:
        content["chainId"] = hex(sent.chain_id)
    if sent.kind in (ACCESS_LIST, DYNAMIC_FEE):
        content["yParity"] = hex(sent.y_parity)
        content["accessList"] = [
            {
                "address": address.lower(),
                "storageKeys": [text(slot.to_bytes(32, "big")) for slot in slots],
            }
            for address, slots in sent.access_list
        ]
    elif sent.chain_id is None:
        content["v"] = hex(27 + sent.y_parity)
    else:
        content["v"] = hex(35 + 2 * sent.chain_id + sent.y_parity)
    if sent.kind == DYNAMIC_FEE:
        content["maxFeePerGas"] = hex(sent.max_fee_wei)
        content["maxPriorityFeePerGas"] = hex(sent.max_tip_wei)
    return content


def receipt(mined: Mined, found: Block) -> Json:
    """A receipt."""
    done, result = mined.transaction, mined.receipt
    before = sum(m.receipt.gas_used for m in found.transactions[: mined.index])
    kind = decode_signed(done.signed).kind if done.signed else 0
    logs = [FoundLog(log, mined, mined.first_log + i) for i, log in enumerate(result.logs)]
    return {
        "transactionHash": text(mined.hash),
        "transactionIndex": hex(mined.index),
        "blockHash": text(found.hash),
        "blockNumber": hex(mined.block_number),
        "from": done.sender.lower(),
        "to": done.to.lower() if done.to else None,
        "cumulativeGasUsed": hex(before + result.gas_used),
        "gasUsed": hex(result.gas_used),
        "contractAddress": result.contract_address.lower() if result.contract_address else None,
        "logs": [log(each, found) for each in logs],
        "logsBloom": bloom(result.logs),
        "status": hex(result.status),
        "effectiveGasPrice": hex(done.gas_price_wei),
        "type": hex(kind),
    }


def log(found: FoundLog, within: Block) -> Json:
    """A log entry."""
    return {
        "address": found.log.address.lower(),
        "topics": [text(topic) for topic in found.log.topics],
        "data": text(found.log.data),
        "blockNumber": hex(within.number),
        "blockHash": text(within.hash),
        "blockTimestamp": hex(within.timestamp),
        "transactionHash": text(found.mined.hash),
        "transactionIndex": hex(found.mined.index),
        "logIndex": hex(found.index),
        "removed": False,
    }


def bloom(logs: list[Log] | tuple[Log, ...]) -> str:
    """The filter of addresses and topics in logs (Yellow Paper, 4.3.1)."""
    bits = 0
    for entry in logs:
        for item in (canonical_address(entry.address), *entry.topics):
            bits |= _bloom_bits(item)
    return text(bits.to_bytes(_BLOOM_BYTES, "big"))


@lru_cache(maxsize=4096)
def _bloom_bits(item: bytes) -> int:
    digest = keccak(item)
    bits = 0
    for i in (0, 2, 4):
        bits |= 1 << (int.from_bytes(digest[i : i + 2], "big") & 2047)
    return bits
