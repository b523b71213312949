// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PackedOrder} from "./PackedOrder.sol";

/// @dev What a signature binds an order to, in one word: round (32 bits), nonce (32), expiry in
/// Unix seconds (40), from bit 103 down.
type Terms is uint256;

using TermsOf for Terms global;

/// @param order trader, energy, price and side, as in `PackedOrder`
/// @param terms the round it is for; a nonce of at least the trader's floor, of which storing the
/// order makes the next one the floor; the last second at which it may be placed
/// @param r of the signature
/// @param vs s of the signature, with its parity in the top bit (EIP-2098)
struct SignedOrder {
    PackedOrder order;
    Terms terms;
    bytes32 r;
    bytes32 vs;
}

/// @title Parts of `Terms`
library TermsOf {
    function round(Terms self) internal pure returns (uint32) {
        return uint32(Terms.unwrap(self) >> 72);
    }

    function nonce(Terms self) internal pure returns (uint32) {
        return uint32(Terms.unwrap(self) >> 40);
    }

    function expiry(Terms self) internal pure returns (uint40) {
        return uint40(Terms.unwrap(self));
    }
}

/// @title Who signed an order
library Signatures {
    bytes32 private constant ORDER_TYPEHASH = keccak256(
        "Order(address trader,uint8 side,uint32 energy,uint56 price,uint32 round,uint32 nonce,uint40 expiry)"
    );
    /// @dev Half of the order of secp256k1: greater s are the malleable twins (EIP-2).
    uint256 private constant MAX_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;
    uint256 private constant S_BITS = type(uint256).max >> 1;

    bytes4 private constant EIP_1271 = 0x1626ba7e;
    /// @dev What a contract may use to say whether it signed, so that it cannot stop a batch.
    uint256 private constant EIP_1271_GAS = 100_000;

    /// @notice Whether the order's trader signed this digest: with its key, or as a contract.
    function isSigned(SignedOrder calldata signed, bytes32 hash) internal view returns (bool) {
        uint256 s = uint256(signed.vs) & S_BITS;
        if (s > MAX_S) return false;
        (bytes32 r, uint256 v) = (signed.r, 27 + (uint256(signed.vs) >> 255));
        address trader = signed.order.trader();
        address signer;
        // The precompile at 1 takes hash, v, r and s; it answers 32 bytes, or none for what is
        // no signature, which leaves the zero that was written first.
        assembly ("memory-safe") {
            let m := mload(0x40)
            mstore(m, hash)
            mstore(add(m, 0x20), v)
            mstore(add(m, 0x40), r)
            mstore(add(m, 0x60), s)
            mstore(0, 0)
            pop(staticcall(gas(), 1, m, 0x80, 0, 0x20))
            signer := mload(0)
        }
        if (signer != address(0) && signer == trader) return true;
        return trader.code.length > 0 && _isSignedByContract(trader, hash, abi.encodePacked(r, s, uint8(v)));
    }

    /// @dev Reads one word of the answer, however long it is.
    function _isSignedByContract(address trader, bytes32 hash, bytes memory signature) private view returns (bool) {
        bytes memory call_ = abi.encodeWithSelector(EIP_1271, hash, signature);
        bool answered;
        bytes32 answer;
        assembly ("memory-safe") {
            answered := staticcall(EIP_1271_GAS, trader, add(call_, 0x20), mload(call_), 0, 0x20)
            answered := and(answered, gt(returndatasize(), 0x1f))
            answer := mload(0)
        }
        return answered && bytes4(answer) == EIP_1271;
    }

    /// @notice What the trader signs: abi.encode of the type's hash and the fields in their order,
    /// hashed, behind 0x1901 and the domain, hashed (EIP-712).
    /// @dev In memory behind the free pointer, which stays where it is.
    function digest(PackedOrder order, Terms terms, bytes32 separator) internal pure returns (bytes32 hash) {
        bytes32 typehash = ORDER_TYPEHASH;
        assembly ("memory-safe") {
            let m := mload(0x40)
            mstore(m, typehash)
            mstore(add(m, 0x20), and(order, 0xffffffffffffffffffffffffffffffffffffffff))
            mstore(add(m, 0x40), shr(248, order))
            mstore(add(m, 0x60), and(shr(160, order), 0xffffffff))
            mstore(add(m, 0x80), and(shr(192, order), 0xffffffffffffff))
            mstore(add(m, 0xa0), and(shr(72, terms), 0xffffffff))
            mstore(add(m, 0xc0), and(shr(40, terms), 0xffffffff))
            mstore(add(m, 0xe0), and(terms, 0xffffffffff))
            let content := keccak256(m, 0x100)
            mstore(m, shl(240, 0x1901))
            mstore(add(m, 0x02), separator)
            mstore(add(m, 0x22), content)
            hash := keccak256(m, 0x42)
        }
    }
}
