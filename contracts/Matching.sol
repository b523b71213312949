// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MergeSort} from "./MergeSort.sol";
import {PackedOrder} from "./PackedOrder.sol";
import {PackedPair, PackedPairs} from "./PackedPair.sol";

/// @title Ranking of a book, and the walk that most rules share
/// @notice Bids rank by price descending, asks ascending, ties by arrival. The walk matches the
/// best bid with the best ask while their limits cross.
/// @dev A ranked order is a key: rank (56 bits), id (16), energy (32), from bit 103 down. The
/// rank is the price, of a bid its complement; ids differ, so that energy never decides.
library Matching {
    uint256 internal constant BASIS_POINTS = 10_000;

    /// @notice What the walk found.
    /// @param bids ranked bids
    /// @param asks ranked asks
    /// @param pairs matches in order, without prices
    /// @param bid limit of the marginal bid, the last that was matched
    /// @param ask limit of the marginal ask
    /// @param bidsDone number of bids that are filled; the next one, if any, has energy left
    /// @param asksDone number of asks that are filled
    struct Matched {
        uint256[] bids;
        uint256[] asks;
        PackedPair[] pairs;
        uint256 bid;
        uint256 ask;
        uint256 bidsDone;
        uint256 asksDone;
    }

    /// @notice Ranks the book and walks it.
    function run(PackedOrder[] calldata book) internal pure returns (Matched memory m) {
        (m.bids, m.asks) = ranked(book);
        walk(m);
    }

    /// @notice Keys of both sides, best order first.
    function ranked(PackedOrder[] calldata book) internal pure returns (uint256[] memory bids, uint256[] memory asks) {
        bids = new uint256[](book.length);
        asks = new uint256[](book.length);
        (uint256 bidCount, uint256 askCount) = (0, 0);
        for (uint256 i = 0; i < book.length; ++i) {
            PackedOrder o = book[i];
            uint256 key = o.price() << 48 | i << 32 | o.energy();
            if (o.isAsk()) asks[askCount++] = key;
            // Turns the price into its complement, and leaves the rest.
            else if (o.isBid()) bids[bidCount++] = key ^ uint256(type(uint56).max) << 48;
        }
        shorten(bids, bidCount);
        shorten(asks, askCount);
        return (MergeSort.sort(bids), MergeSort.sort(asks));
    }

    /// @notice Matches `m.bids` with `m.asks`, and fills in the rest of `m`.
    function walk(Matched memory m) internal pure {
        uint256 most = m.bids.length + m.asks.length; // each pair fills an order
        m.pairs = new PackedPair[](most);
        (m.bidsDone, m.asksDone) = (0, 0);
        (uint256 pairs, uint256 bidDone, uint256 askDone) = (0, 0, 0);
        while (m.bidsDone < m.bids.length && m.asksDone < m.asks.length) {
            (uint256 bid, uint256 ask) = (m.bids[m.bidsDone], m.asks[m.asksDone]);
            if (bidPrice(bid) < askPrice(ask)) break;
            (m.bid, m.ask) = (bidPrice(bid), askPrice(ask));
            // What is done of an order is less than its energy.
            unchecked {
                uint256 bidLeft = energyOf(bid) - bidDone;
                uint256 askLeft = energyOf(ask) - askDone;
                uint256 energy = bidLeft < askLeft ? bidLeft : askLeft;
                m.pairs[pairs++] = PackedPairs.pack(id(bid), id(ask), energy, 0, 0);
                (bidDone, askDone) = (bidDone + energy, askDone + energy);
                if (energy == bidLeft) (m.bidsDone, bidDone) = (m.bidsDone + 1, 0);
                if (energy == askLeft) (m.asksDone, askDone) = (m.asksDone + 1, 0);
            }
        }
        shorten(m.pairs, pairs);
    }

    /// @notice Gives all pairs the same two prices.
    function price(PackedPair[] memory pairs, uint256 buyPrice, uint256 sellPrice) internal pure {
        for (uint256 i = 0; i < pairs.length; ++i) {
            pairs[i] = pairs[i].withPrices(buyPrice, sellPrice);
        }
    }

    /// @notice Between `low` and `high`, rounded down: never below `low`, which is an integer.
    function mix(uint256 kBasisPoints, uint256 high, uint256 low) internal pure returns (uint256) {
        return (kBasisPoints * high + (BASIS_POINTS - kBasisPoints) * low) / BASIS_POINTS;
    }

    /// @notice Number of ranked keys whose rank is at most this.
    function count(uint256[] memory keys, uint256 rank) internal pure returns (uint256 n) {
        while (n < keys.length && keys[n] >> 48 <= rank) ++n;
    }

    function id(uint256 key) internal pure returns (uint256) {
        return uint16(key >> 32);
    }

    function energyOf(uint256 key) internal pure returns (uint256) {
        return uint32(key);
    }

    function bidPrice(uint256 key) internal pure returns (uint256) {
        return type(uint56).max - (key >> 48);
    }

    function askPrice(uint256 key) internal pure returns (uint256) {
        return key >> 48;
    }

    /// @dev Cuts an array to its first `length` entries; it must not be longer than it is.
    function shorten(uint256[] memory array, uint256 length) internal pure {
        assembly ("memory-safe") {
            mstore(array, length)
        }
    }

    function shorten(PackedPair[] memory array, uint256 length) internal pure {
        assembly ("memory-safe") {
            mstore(array, length)
        }
    }
}
