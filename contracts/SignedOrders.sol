// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Clearing} from "./Clearing.sol";
import {ISignedOrders} from "./ISignedOrders.sol";
import {PackedOrder} from "./PackedOrder.sol";

/// @title Batches of signed orders, stored or cleared at once
abstract contract SignedOrders is Clearing, ISignedOrders {
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant ORDER_TYPEHASH = keccak256(
        "Order(address trader,uint8 side,uint40 energy,uint48 price,uint32 round,uint32 nonce,uint40 expiry)"
    );
    /// @dev Half of the order of secp256k1: greater s are the malleable twins (EIP-2).
    uint256 private constant MAX_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    uint256 private immutable DEPLOYED_CHAIN;
    bytes32 private immutable DEPLOYED_SEPARATOR;

    constructor() {
        DEPLOYED_CHAIN = block.chainid;
        DEPLOYED_SEPARATOR = _separator();
    }

    function placeSigned(uint32 roundId, SignedOrder[] calldata batch) external inRound(roundId, Phase.Open) {
        _requireGraceIsOver(OPERATOR);
        _append(_admitAll(roundId, batch));
    }

    function clearSigned(uint32 roundId, SignedOrder[] calldata batch, uint16 payouts)
        external
        inRound(roundId, Phase.Open)
    {
        _requireGraceIsOver(OPERATOR);
        PackedOrder[] memory admitted = _admitAll(roundId, batch);
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
    function _admitAll(uint32 roundId, SignedOrder[] calldata batch) private returns (PackedOrder[] memory admitted) {
        admitted = new PackedOrder[](batch.length);
        uint256 stored = _round.orders;
        uint256 count;
        uint256 escrow;
        bytes32 separator = domainSeparator();
        for (uint256 i = 0; i < batch.length; ++i) {
            SignedOrder calldata signed = batch[i];
            bytes4 reason = _admitSigned(roundId, signed, separator, stored + count);
            if (reason != 0) {
                emit SignedOrderRefused(roundId, signed.order.trader(), signed.nonce, reason);
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
        emit SignedOrdersPlaced(roundId, uint16(stored), admitted);
    }

    /// @dev Checks and admits one order, or returns the selector of the error that tells why not.
    function _admitSigned(uint32 roundId, SignedOrder calldata signed, bytes32 separator, uint256 orders)
        private
        returns (bytes4 reason)
    {
        PackedOrder placed = signed.order;
        uint256 side = PackedOrder.unwrap(placed) >> 248;
        if (side != uint256(Side.Bid) && side != uint256(Side.Ask)) return UnknownSide.selector;
        if (signed.round != roundId) return WrongRound.selector;
        if (block.timestamp > signed.expiry) return OrderExpired.selector;
        reason = _beyondLimits(placed, orders);
        if (reason != 0) return reason;
        address trader = placed.trader();
        Account memory account = _accounts[trader];
        // The largest nonce has no successor, and is never free.
        if (signed.nonce < account.nonce || signed.nonce == type(uint32).max) return NonceTooLow.selector;
        if (!_isSigned(signed, side, separator)) return BadSignature.selector;
        account.nonce = signed.nonce + 1;
        reason = _debit(account, placed);
        if (reason == 0) _accounts[trader] = account;
    }

    function _isSigned(SignedOrder calldata signed, uint256 side, bytes32 separator) private pure returns (bool) {
        PackedOrder placed = signed.order;
        bytes32 content = keccak256(
            abi.encode(
                ORDER_TYPEHASH,
                placed.trader(),
                side,
                placed.energy(),
                placed.price(),
                signed.round,
                signed.nonce,
                signed.expiry
            )
        );
        uint256 s = uint256(signed.vs) & (type(uint256).max >> 1);
        if (s > MAX_S) return false;
        uint8 v = uint8(27 + (uint256(signed.vs) >> 255));
        address signer = ecrecover(keccak256(abi.encodePacked(hex"1901", separator, content)), v, signed.r, bytes32(s));
        return signer != address(0) && signer == placed.trader();
    }

    function _separator() private view returns (bytes32) {
        return keccak256(
            abi.encode(DOMAIN_TYPEHASH, keccak256("EnergyMarket"), keccak256("1"), block.chainid, address(this))
        );
    }
}
