// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What a difference between contract and meter costs
/// @notice The market refuses a charge above retail for what is short and above the cost of a
/// negative feed-in for what is long, which is what covers of orders are made for.
interface ISettlementRule {
    /// @param retail tariff of the round in wei/Wh
    /// @param feedIn tariff of the round in wei/Wh; may be negative
    /// @param price of the round in wei/Wh; 0 if nothing traded
    /// @param contractedWh bought minus sold in the auction, by trader
    /// @param meteredWh consumption minus production, by trader
    /// @return chargeWei positive is due to the utility, negative is due to the trader
    function charges(
        uint256 retail,
        int256 feedIn,
        uint256 price,
        int64[] calldata contractedWh,
        int64[] calldata meteredWh
    ) external view returns (int256[] memory chargeWei);
}
