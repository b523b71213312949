// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Matching} from "./Matching.sol";
import {PackedOrder} from "./PackedOrder.sol";
import {PackedPair} from "./PackedPair.sol";
import {Weighted} from "./Weighted.sol";

/// @title Pay as bid
/// @notice Each pair has a price of its own: (k * bid limit + (10000 - k) * ask limit) / 10000.
contract PayAsBid is Weighted {
    constructor(uint16 kBasisPoints) Weighted(kBasisPoints) {}

    function clear(PackedOrder[] calldata book) external view returns (PackedPair[] memory pairs) {
        pairs = Matching.run(book).pairs;
        for (uint256 i = 0; i < pairs.length; ++i) {
            PackedPair pair = pairs[i];
            uint256 price = Matching.mix(K_BASIS_POINTS, book[pair.bid()].price(), book[pair.ask()].price());
            pairs[i] = pair.withPrices(price, price);
        }
    }
}
