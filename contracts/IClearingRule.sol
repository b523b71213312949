// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PackedOrder} from "./PackedOrder.sol";
import {PackedPair} from "./PackedPair.sol";

/// @title Who trades with whom, and at which prices
/// @notice A function of the book alone. The market checks every pair against its own rules, so
/// that a wrong rule can stop a round, which ends in full refunds, and can never steal.
interface IClearingRule {
    /// @notice The weight of the bid in a price is at most `limit` basis points.
    error WeightAboveMaximum(uint16 kBasisPoints, uint16 limit);

    /// @param book orders in order of arrival, at most 1024; those without a side trade nothing
    /// @return pairs in matching order. Within a pair the buyer pays at least what the seller
    /// gets, both within their limits; no order is filled beyond its energy.
    function clear(PackedOrder[] calldata book) external view returns (PackedPair[] memory pairs);
}
