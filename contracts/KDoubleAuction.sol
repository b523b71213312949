// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Matching} from "./Matching.sol";
import {PackedOrder} from "./PackedOrder.sol";
import {PackedPair} from "./PackedPair.sol";
import {Weighted} from "./Weighted.sol";

/// @title Uniform-price k-double auction
/// @notice The last pair that trades sets one price for all:
/// price = (k * bid + (10000 - k) * ask) / 10000, rounded down.
/// @dev Chatterjee and Samuelson, Operations Research 31 (1983) 835, for one buyer and one
/// seller; Rustichini, Satterthwaite and Williams, Econometrica 62 (1994) 1041, for many.
contract KDoubleAuction is Weighted {
    constructor(uint16 kBasisPoints) Weighted(kBasisPoints) {}

    function clear(PackedOrder[] calldata book) external view returns (PackedPair[] memory) {
        Matching.Matched memory m = Matching.run(book);
        uint256 price = Matching.mix(K_BASIS_POINTS, m.bid, m.ask);
        Matching.price(m.pairs, price, price);
        return m.pairs;
    }
}
