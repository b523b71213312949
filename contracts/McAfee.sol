// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingRule} from "./IClearingRule.sol";
import {Matching} from "./Matching.sol";
import {PackedOrder} from "./PackedOrder.sol";
import {PackedPair} from "./PackedPair.sol";

/// @title Trade reduction
/// @notice If the middle between the first limits left over suits the marginal pair, it is the
/// price for all. Otherwise the marginal bid and the marginal ask trade nothing and set the
/// prices of the orders before them: buyers pay the one, sellers get the other, and the
/// market pays the difference to its `surplusTo`.
/// @dev McAfee, J. Econ. Theory 56 (1992) 434. Truthful for one unit each; with unequal
/// quantities still individually rational and without a deficit, but not truthful.
contract McAfee is IClearingRule {
    function clear(PackedOrder[] calldata book) external pure returns (PackedPair[] memory) {
        Matching.Matched memory m = Matching.run(book);
        if (m.pairs.length == 0) return m.pairs;
        if (m.bidsDone < m.bids.length && m.asksDone < m.asks.length) {
            uint256 price =
                (Matching.bidPrice(m.bids[m.bidsDone]) + Matching.askPrice(m.asks[m.asksDone])) / 2;
            if (m.ask <= price && price <= m.bid) {
                Matching.price(m.pairs, price, price);
                return m.pairs;
            }
        }
        (uint256 buyPrice, uint256 sellPrice) = (m.bid, m.ask);
        PackedPair last = m.pairs[m.pairs.length - 1];
        _cutBefore(m.bids, last.bid(), m.bidsDone);
        _cutBefore(m.asks, last.ask(), m.asksDone);
        Matching.walk(m);
        Matching.price(m.pairs, buyPrice, sellPrice);
        return m.pairs;
    }

    /// @dev Leaves the keys ranked before the marginal order, which is the last one filled, or
    /// the one after it if that was filled in part.
    function _cutBefore(uint256[] memory keys, uint256 marginal, uint256 done) private pure {
        bool partly = done < keys.length && Matching.id(keys[done]) == marginal;
        Matching.shorten(keys, partly ? done : done - 1);
    }
}
