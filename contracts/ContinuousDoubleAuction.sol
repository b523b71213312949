// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingRule} from "./IClearingRule.sol";
import {IMarketTypes} from "./IMarketTypes.sol";
import {Matching} from "./Matching.sol";
import {PackedOrder} from "./PackedOrder.sol";
import {PackedPair, PackedPairs} from "./PackedPair.sol";

/// @title Continuous double auction
/// @notice Orders are taken in order of arrival. Each trades with the best that rest on the other
/// side while their limits cross, at the limit of the order that rests; what is left rests.
/// @dev All orders are ranked first. A side's resting orders are then a set of ranks, one bit
/// each, and the best of them is the lowest bit set: no order of arrival costs more than the sort.
contract ContinuousDoubleAuction is IClearingRule {
    uint256 private constant WORDS = 4; // of 256 ranks: 1024 orders

    /// @param keys ranked orders, with what each has left as its energy
    /// @param resting bit r of word w stands for rank 256 w + r
    struct Side {
        uint256[] keys;
        uint256[WORDS] resting;
    }

    function clear(PackedOrder[] calldata book) external pure returns (PackedPair[] memory pairs) {
        Side memory bids;
        Side memory asks;
        (bids.keys, asks.keys) = Matching.ranked(book);
        uint256[] memory rankOf = new uint256[](book.length);
        _invert(bids.keys, rankOf);
        _invert(asks.keys, rankOf);
        pairs = new PackedPair[](book.length); // each fills an order
        uint256 count;
        for (uint256 i = 0; i < book.length; ++i) {
            IMarketTypes.Side side = book[i].side();
            if (side == IMarketTypes.Side.None) continue;
            count = side == IMarketTypes.Side.Bid
                ? _arrive(bids, asks, rankOf[i], true, pairs, count)
                : _arrive(asks, bids, rankOf[i], false, pairs, count);
        }
        Matching.shorten(pairs, count);
    }

    /// @dev Trades an order with the other side and rests what is left. Returns the new number
    /// of pairs.
    function _arrive(Side memory own, Side memory other, uint256 rank, bool buys, PackedPair[] memory pairs, uint256 count)
        private
        pure
        returns (uint256)
    {
        uint256 key = own.keys[rank];
        uint256 left = Matching.energyOf(key);
        while (left > 0) {
            uint256 best = _lowest(other.resting);
            if (best == type(uint256).max) break;
            uint256 match_ = other.keys[best];
            (uint256 bid, uint256 ask) = buys ? (key, match_) : (match_, key);
            if (Matching.bidPrice(bid) < Matching.askPrice(ask)) break;
            uint256 energy = Matching.energyOf(match_);
            if (energy > left) energy = left;
            else other.resting[best >> 8] ^= 1 << (best & 255);
            other.keys[best] = match_ - energy;
            left -= energy;
            uint256 price = buys ? Matching.askPrice(match_) : Matching.bidPrice(match_);
            pairs[count++] = PackedPairs.pack(Matching.id(bid), Matching.id(ask), energy, price, price);
        }
        if (left > 0) {
            own.keys[rank] = key - Matching.energyOf(key) + left;
            own.resting[rank >> 8] |= 1 << (rank & 255);
        }
        return count;
    }

    /// @dev Writes the rank of every key at its id.
    function _invert(uint256[] memory keys, uint256[] memory rankOf) private pure {
        for (uint256 rank = 0; rank < keys.length; ++rank) {
            rankOf[Matching.id(keys[rank])] = rank;
        }
    }

    /// @dev The lowest rank in the set, or the largest integer if it is empty.
    function _lowest(uint256[WORDS] memory resting) private pure returns (uint256) {
        for (uint256 word = 0; word < WORDS; ++word) {
            uint256 bits = resting[word];
            if (bits > 0) return word << 8 | _log2(bits & (~bits + 1));
        }
        return type(uint256).max;
    }

    /// @dev Of a power of two: the bits of the exponent one by one.
    function _log2(uint256 power) private pure returns (uint256 exponent) {
        if (power >= 1 << 128) (power, exponent) = (power >> 128, 128);
        if (power >= 1 << 64) (power, exponent) = (power >> 64, exponent | 64);
        if (power >= 1 << 32) (power, exponent) = (power >> 32, exponent | 32);
        if (power >= 1 << 16) (power, exponent) = (power >> 16, exponent | 16);
        if (power >= 1 << 8) (power, exponent) = (power >> 8, exponent | 8);
        if (power >= 1 << 4) (power, exponent) = (power >> 4, exponent | 4);
        if (power >= 1 << 2) (power, exponent) = (power >> 2, exponent | 2);
        if (power >= 1 << 1) exponent |= 1;
    }
}
