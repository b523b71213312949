// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnergyMarket} from "./IEnergyMarket.sol";
import {EnergyWh, PriceWeiPerWh} from "./IMarketTypes.sol";

/// @title Money, meters, tariffs, and the settlement of what was delivered
/// @notice A market has these functions too: it runs them in its own name.
interface ISettlement is IEnergyMarket {
    // ------------------------------------------------------------------------------- money

    /// @notice Put ether into the caller's balance. Pays the caller's debt first.
    function deposit() external payable;

    /// @notice Put ether into somebody's balance. Pays the debt first.
    function depositFor(address trader) external payable;

    /// @notice Ask to withdraw up to `amountWei`: possible when the round that takes orders now is
    /// settled. Until it is taken out the money may back orders, and pays what meters say. Replaces
    /// what was requested before; what is not taken out stays requested.
    function requestWithdrawal(uint88 amountWei) external;

    /// @notice Take out ether that was requested.
    function withdraw(uint256 amountWei) external;

    /// @notice Take out ether that was requested, to another address.
    function withdrawTo(address to, uint256 amountWei) external;

    /// @notice Pay what the utility can of all claims, to each the same part. Anybody may.
    function payClaims() external;

    // ------------------------------------------------------------------------------ meters

    /// @notice Agree to a meter of at most this range, which the oracle may then register.
    function consentToMeter(EnergyWh most) external;

    /// @notice Register meters, at most `maxEnergy` wide, or take them away with a limit of 0. For
    /// the oracle.
    function registerMeters(address[] calldata traders, EnergyWh limit) external;

    // -------------------------------------------------------------------------- settlement

    /// @notice Set the tariff of a round whose book is not open yet. For `tariffSetter`.
    function setTariff(uint32 round, PriceWeiPerWh retail, int56 feedIn) external;

    /// @notice Settle imbalances of a round with the utility, in as many calls as it takes.
    /// `last` ends the round. A bad reading is left out, with the reason in an event.
    /// For the oracle, from the last second of the interval until the round `RING` later, or one
    /// after it, is cleared: `RING - 1` intervals at least, unless the oracle has ended the round.
    function settle(uint32 roundId, Reading[] calldata readings, bool last) external;

    /// @notice End a round without more readings: claims are paid, withdrawals can go on.
    /// For the oracle; for anybody, a grace period after delivery, or the later of that and `RING - 1`
    /// intervals after a payout that was not made before.
    function endRound(uint32 roundId) external;

    /// @notice Free what is locked of a trader whose reading never came, when its window is over:
    /// who has a meter has delivered what it contracted, and who has none nothing. Anybody may.
    function release(address trader, uint32 roundId) external;

    // --------------------------------------------------------------------------------- view

    /// @notice The rules fixed at deployment.
    function config() external view returns (Config memory);

    /// @notice A round of the past, or the one that takes orders.
    function round(uint32 roundId) external view returns (Round memory);

    /// @notice When the round closes (Unix seconds).
    function gateOf(uint32 roundId) external view returns (uint256);

    /// @notice Sums over all accounts.
    function totals() external view returns (Totals memory);

    /// @notice Money of several traders, with what the utility paid of their claims, and energy:
    /// bought minus sold since the start, from traders and the utility, in Wh.
    function accounts(address[] calldata traders) external view returns (Account[] memory, int256[] memory energyWh);

    /// @notice What the trader contracted in the round and what is locked for it; zeros if nothing.
    function position(address trader, uint32 roundId) external view returns (Position memory);

    /// @notice The trader's meter.
    function meter(address trader) external view returns (Meter memory);

    /// @notice The withdrawal that the trader may make, and the round that must be settled first.
    function withdrawal(address trader) external view returns (uint88 amountWei, uint32 afterRound);
}
