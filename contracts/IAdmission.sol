// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What stands in front of the book: a registry of meters, operating envelopes, network prices
/// @notice The market asks before it takes an order, however it was submitted.
interface IAdmission {
    /// @param trader whose order it is
    /// @param side 1 for a bid, 2 for an ask
    /// @param energyWh of the order
    /// @param price its limit in wei/Wh
    /// @param round that it is for
    /// @return admittedWh energy that may enter; the market never takes more than `energyWh`
    /// @return chargePerWh what the trader pays for each Wh that trades, to the market's `surplusTo`;
    /// escrowed with the order
    /// @return reason of a refusal, for people and programs to look up; 0 admits
    function admit(address trader, uint8 side, uint32 energyWh, uint56 price, uint32 round)
        external
        view
        returns (uint32 admittedWh, uint56 chargePerWh, bytes4 reason);
}
