// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMarketTypes} from "./IMarketTypes.sol";

/// @title Structures of one slot, as a word
/// @dev In the order of their fields, from the lowest bit up. The compiler would write a slot once
/// for each field.
library Packed {
    /// @dev Reads into `a`, which may be used again: a new structure costs as much as this does.
    function read(uint256 word_, IMarketTypes.Account memory a) internal pure {
        a.balance = uint88(word_);
        a.position = int88(uint88(word_ >> 88));
        a.nonce = uint32(word_ >> 176);
        a.ordersRound = uint24(word_ >> 208);
        a.orders = uint16(word_ >> 232);
        a.flags = uint8(word_ >> 248);
    }

    /// @dev A field fills a word of memory, and is no wider there than its type: the compiler cuts
    /// what it writes. The position alone can be negative.
    function word(IMarketTypes.Account memory a) internal pure returns (uint256 word_) {
        assembly ("memory-safe") {
            word_ := or(mload(a), shl(88, and(mload(add(a, 0x20)), 0xffffffffffffffffffffff)))
            word_ := or(word_, or(shl(176, mload(add(a, 0x40))), shl(208, mload(add(a, 0x60)))))
            word_ := or(word_, or(shl(232, mload(add(a, 0x80))), shl(248, mload(add(a, 0xa0)))))
        }
    }

    function position(uint256 word_) internal pure returns (IMarketTypes.Position memory p) {
        p.round = uint32(word_);
        p.contractedWh = int64(uint64(word_ >> 32));
        p.lockedWei = uint88(word_ >> 96);
        p.settled = word_ >> 184 & 1 != 0;
    }

    function word(IMarketTypes.Position memory p) internal pure returns (uint256) {
        return uint256(p.round) | uint256(uint64(p.contractedWh)) << 32 | uint256(p.lockedWei) << 96
            | (p.settled ? 1 << 184 : 0);
    }

    function book(uint256 word_) internal pure returns (IMarketTypes.Book memory b) {
        b.round = uint32(word_);
        b.orders = uint16(word_ >> 32);
        b.open = uint16(word_ >> 48);
        b.free = uint16(word_ >> 64);
        b.retail = uint56(word_ >> 80);
        b.escrowWei = uint96(word_ >> 136);
    }

    function word(IMarketTypes.Book memory b) internal pure returns (uint256) {
        return uint256(b.round) | uint256(b.orders) << 32 | uint256(b.open) << 48 | uint256(b.free) << 64
            | uint256(b.retail) << 80 | uint256(b.escrowWei) << 136;
    }

    function round(uint256 word_) internal pure returns (IMarketTypes.Round memory r) {
        r.retail = uint56(word_);
        r.feedIn = int56(uint56(word_ >> 56));
        r.price = uint56(word_ >> 112);
        r.since = uint40(word_ >> 168);
        r.phase = IMarketTypes.Phase(uint8(word_ >> 208));
        r.openPositions = uint16(word_ >> 216);
        r.paidOut = uint16(word_ >> 232);
    }

    function word(IMarketTypes.Round memory r) internal pure returns (uint256) {
        return uint256(r.retail) | uint256(uint56(r.feedIn)) << 56 | uint256(r.price) << 112
            | uint256(r.since) << 168 | uint256(r.phase) << 208 | uint256(r.openPositions) << 216
            | uint256(r.paidOut) << 232;
    }
}
