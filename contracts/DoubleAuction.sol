// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnergyMarket} from "./IEnergyMarket.sol";
import {MergeSort} from "./MergeSort.sol";
import {PackedOrder} from "./PackedOrder.sol";

/// @title Uniform-price k-double auction
/// @notice Matches the best bid with the best ask while they cross. The last pair that trades
/// sets one price for all: price = (k * bid + (10000 - k) * ask) / 10000.
/// @dev Chatterjee and Samuelson, Operations Research 31 (1983) 835, for one buyer and one
/// seller; Rustichini, Satterthwaite and Williams, Econometrica 62 (1994) 1041, for many.
library DoubleAuction {
    uint256 internal constant BASIS_POINTS = 10_000;
    uint256 private constant ID_BITS = 16;

    /// @param price clearing price in wei per Wh; 0 when nothing traded
    /// @param energy total traded, in Wh
    /// @param welfare sum over pairs of energy times (bid limit minus ask limit), in wei
    /// @param bids number of bids in the book
    /// @param asks number of asks in the book
    /// @param filled energy traded by order, in Wh
    /// @param pairs number of entries used in `pair`
    /// @param pair bid id, ask id and energy, in matching order: see `unpackPair`
    struct Result {
        uint256 price;
        uint256 energy;
        uint256 welfare;
        uint256 bids;
        uint256 asks;
        uint256[] filled;
        uint256 pairs;
        uint256[] pair;
    }

    /// @param book orders in order of arrival, at most 2^16; cancelled ones trade nothing
    /// @param kBasisPoints weight of the marginal bid, at most 10000
    function clear(PackedOrder[] memory book, uint256 kBasisPoints) internal pure returns (Result memory result) {
        uint256[] memory bids = _sorted(book, IEnergyMarket.Side.Bid);
        uint256[] memory asks = _sorted(book, IEnergyMarket.Side.Ask);
        result.bids = bids.length;
        result.asks = asks.length;
        result.filled = new uint256[](book.length);
        result.pair = new uint256[](book.length); // each pair completes an order
        uint256 b;
        uint256 a;
        while (b < bids.length && a < asks.length) {
            (bool crossed, bool bidDone, bool askDone) =
                _match(book, result, _id(bids[b]), _id(asks[a]), kBasisPoints);
            if (!crossed) break;
            if (bidDone) ++b;
            if (askDone) ++a;
        }
    }

    /// @notice Parts of an entry of `Result.pair`.
    function unpackPair(uint256 packed) internal pure returns (uint256 bid, uint256 ask, uint256 energy) {
        return (packed >> 56, uint16(packed >> 40), uint40(packed));
    }

    /// @dev Trades what both orders have left, unless their limits do not cross. `bidDone` and
    /// `askDone` tell which order is filled; at least one is.
    function _match(PackedOrder[] memory book, Result memory result, uint256 bid, uint256 ask, uint256 kBasisPoints)
        private
        pure
        returns (bool crossed, bool bidDone, bool askDone)
    {
        uint256 bidPrice = book[bid].price();
        uint256 askPrice = book[ask].price();
        if (bidPrice < askPrice) return (false, false, false);
        uint256 bidLeft = book[bid].energy() - result.filled[bid];
        uint256 askLeft = book[ask].energy() - result.filled[ask];
        uint256 energy = bidLeft < askLeft ? bidLeft : askLeft;
        result.filled[bid] += energy;
        result.filled[ask] += energy;
        result.energy += energy;
        result.welfare += energy * (bidPrice - askPrice);
        // The last pair overwrites the price. Rounding down keeps it at or above the ask,
        // because that is an integer, and hence also at or below the bid.
        result.price = (kBasisPoints * bidPrice + (BASIS_POINTS - kBasisPoints) * askPrice) / BASIS_POINTS;
        result.pair[result.pairs++] = bid << 56 | ask << 40 | energy;
        return (true, energy == bidLeft, energy == askLeft);
    }

    /// @dev Keys of one side, best order first: price (bids: its complement), then arrival.
    function _sorted(PackedOrder[] memory book, IEnergyMarket.Side side) private pure returns (uint256[] memory keys) {
        keys = new uint256[](book.length);
        uint256 count;
        for (uint256 id = 0; id < book.length; ++id) {
            if (book[id].side() != side) continue;
            uint256 price = book[id].price();
            uint256 rank = side == IEnergyMarket.Side.Bid ? type(uint48).max - price : price;
            keys[count++] = rank << ID_BITS | id;
        }
        // Shortens the array to what was used; `count` is at most the length it has.
        assembly ("memory-safe") {
            mstore(keys, count)
        }
        return MergeSort.sort(keys);
    }

    function _id(uint256 key) private pure returns (uint256) {
        return uint16(key);
    }
}
