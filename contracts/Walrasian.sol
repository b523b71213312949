// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Matching} from "./Matching.sol";
import {PackedOrder} from "./PackedOrder.sol";
import {PackedPair} from "./PackedPair.sol";
import {Weighted} from "./Weighted.sol";

/// @title Competitive-equilibrium price
/// @notice One price for all that no unit left over would improve on: between
/// max(marginal ask, next bid) and min(marginal bid, next ask), weighted with k. If a marginal
/// order is filled in part, its own limit is the next one of its side, and the price.
contract Walrasian is Weighted {
    constructor(uint16 kBasisPoints) Weighted(kBasisPoints) {}

    function clear(PackedOrder[] calldata book) external view returns (PackedPair[] memory) {
        Matching.Matched memory m = Matching.run(book);
        (uint256 upper, uint256 lower) = (m.bid, m.ask);
        // What comes next does not cross: a bid is below the marginal ask or below the next
        // ask, so that `lower` stays at most `upper`.
        if (m.bidsDone < m.bids.length) {
            uint256 next = Matching.bidPrice(m.bids[m.bidsDone]);
            if (next > lower) lower = next;
        }
        if (m.asksDone < m.asks.length) {
            uint256 next = Matching.askPrice(m.asks[m.asksDone]);
            if (next < upper) upper = next;
        }
        uint256 price = Matching.mix(K_BASIS_POINTS, upper, lower);
        Matching.price(m.pairs, price, price);
        return m.pairs;
    }
}
