// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingRule} from "./IClearingRule.sol";
import {Matching} from "./Matching.sol";

/// @title A rule whose price lies between two limits
abstract contract Weighted is IClearingRule {
    /// @notice Weight of the higher limit in a price, in basis points.
    uint16 public immutable K_BASIS_POINTS;

    constructor(uint16 kBasisPoints) {
        if (kBasisPoints > Matching.BASIS_POINTS) {
            revert WeightAboveMaximum(kBasisPoints, uint16(Matching.BASIS_POINTS));
        }
        K_BASIS_POINTS = kBasisPoints;
    }
}
