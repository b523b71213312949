// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Clearing} from "./Clearing.sol";
import {ISignedOrders} from "./ISignedOrders.sol";
import {PackedOrder} from "./PackedOrder.sol";
import {Signatures, SignedOrder, Terms} from "./SignedOrder.sol";

/// @title Batches of signed orders, stored or cleared at once
abstract contract SignedOrders is Clearing, ISignedOrders {
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    uint256 private immutable DEPLOYED_CHAIN;
    bytes32 private immutable DEPLOYED_SEPARATOR;

    constructor() {
        DEPLOYED_CHAIN = block.chainid;
        DEPLOYED_SEPARATOR = _separator();
    }

    function placeSigned(uint32 roundId, SignedOrder[] calldata batch) external virtual inRound(roundId, Phase.Open) {
        _requireGraceIsOver(OPERATOR);
        _append(_admitAll(roundId, batch, true));
    }

    function clearSigned(uint32 roundId, SignedOrder[] calldata batch, uint16 payouts)
        external
        virtual
        inRound(roundId, Phase.Open)
    {
        _requireGraceIsOver(OPERATOR);
        PackedOrder[] memory admitted = _admitAll(roundId, batch, false);
        uint256 stored = _round.orders;
        PackedOrder[] memory book = _book(admitted.length);
        for (uint256 i = 0; i < admitted.length; ++i) {
            book[stored + i] = admitted[i];
        }
        _match(book, payouts);
    }

    function raiseNonce(uint32 least) external {
        uint32 present = _accounts[msg.sender].nonce;
        if (least <= present) revert NonceTooLow(least, present);
        _accounts[msg.sender].nonce = least;
        emit NonceRaised(msg.sender, least);
    }

    function domainSeparator() public view returns (bytes32) {
        return block.chainid == DEPLOYED_CHAIN ? DEPLOYED_SEPARATOR : _separator();
    }

    /// @dev Takes what the good orders of the batch cost, and tells which they are.
    function _admitAll(uint32 roundId, SignedOrder[] calldata batch, bool stored)
        private
        returns (PackedOrder[] memory admitted)
    {
        admitted = new PackedOrder[](batch.length);
        uint256 before = _round.orders;
        uint256 count;
        uint256 escrow;
        bytes32 separator = domainSeparator();
        for (uint256 i = 0; i < batch.length; ++i) {
            SignedOrder calldata signed = batch[i];
            bytes4 reason = _admitSigned(roundId, signed, separator, before + count, stored);
            if (reason != 0) {
                emit SignedOrderRefused(roundId, signed.order.trader(), signed.terms.nonce(), reason);
                continue;
            }
            escrow += signed.order.escrow();
            admitted[count++] = signed.order;
        }
        // Shortens the array to what was used; `count` is at most the length it has.
        assembly ("memory-safe") {
            mstore(admitted, count)
        }
        _round.escrow += uint128(escrow);
        emit SignedOrdersPlaced(roundId, uint16(before), admitted);
    }

    /// @dev Checks and admits one order, or returns the selector of the error that tells why not.
    /// `orders` are in the round already, and `stored` tells whether this one will be.
    function _admitSigned(uint32 roundId, SignedOrder calldata signed, bytes32 separator, uint256 orders, bool stored)
        private
        returns (bytes4 reason)
    {
        (PackedOrder placed, Terms terms) = (signed.order, signed.terms);
        uint256 side = PackedOrder.unwrap(placed) >> 248;
        if (side != uint256(Side.Bid) && side != uint256(Side.Ask)) return UnknownSide.selector;
        if (terms.round() != roundId) return WrongRound.selector;
        if (block.timestamp > terms.expiry()) return OrderExpired.selector;
        reason = _beyondLimits(placed, orders);
        if (reason != 0) return reason;
        address trader = placed.trader();
        Account memory account = _accounts[trader];
        uint32 nonce = terms.nonce();
        // The largest nonce has no successor, and is never free.
        if (nonce < account.nonce || nonce == type(uint32).max) return NonceTooLow.selector;
        if (!stored && nonce < _nextInBatch(roundId, trader)) return NonceTooLow.selector;
        if (!Signatures.isSigned(signed, separator)) return BadSignature.selector;
        reason = _debit(account, placed);
        if (reason != 0) return reason;
        // An order that is not stored cannot come again after its batch, with which its round
        // ends: a slot that lasts as long as the transaction is enough, and saves 2,900 gas.
        if (stored) account.nonce = nonce + 1;
        else _setNextInBatch(roundId, trader, nonce + 1);
        if (stored || side == uint256(Side.Bid) || TRADER_LIMIT < ORDER_LIMIT) _accounts[trader] = account;
    }

    /// @dev The least nonce of a trader in the rest of the batch. It is kept in transient storage
    /// (EIP-1153) at the trader's own address, where nothing else is, with the round: a
    /// transaction that comes back for another round finds nothing of this one.
    function _nextInBatch(uint32 roundId, address trader) private view returns (uint256) {
        uint256 kept;
        assembly ("memory-safe") {
            kept := tload(trader)
        }
        return kept >> 32 == roundId ? uint32(kept) : 0;
    }

    function _setNextInBatch(uint32 roundId, address trader, uint32 nonce) private {
        uint256 kept = uint256(roundId) << 32 | nonce;
        assembly ("memory-safe") {
            tstore(trader, kept)
        }
    }

    function _separator() private view returns (bytes32) {
        return keccak256(
            abi.encode(DOMAIN_TYPEHASH, keccak256("EnergyMarket"), keccak256("1"), block.chainid, address(this))
        );
    }
}
