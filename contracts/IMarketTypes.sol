// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAdmission} from "./IAdmission.sol";
import {IClearingRule} from "./IClearingRule.sol";
import {ISettlementRule} from "./ISettlementRule.sol";

/// @dev Energy in whole watt-hours. 32 bits hold 4.29 GWh, so that an order fits one slot.
type EnergyWh is uint32;

/// @dev Price in wei per watt-hour. 56 bits hold 7.2e16 wei/Wh (72 coins/kWh).
type PriceWeiPerWh is uint56;

/// @title What a market keeps and is told: rules, rounds, orders, accounts, readings
interface IMarketTypes {
    /// @notice Of a round: `Open` takes orders; `Clearing` has trades and pays them out in parts;
    /// `Cleared` waits for delivery and readings; `Settled` has ended, and takes late readings.
    enum Phase {
        None,
        Open,
        Clearing,
        Cleared,
        Settled
    }

    /// @notice What an order is. `None` was cancelled.
    enum Side {
        None,
        Bid,
        Ask
    }

    /// @notice Fixed at deployment.
    /// @param operator may clear a round at its gate
    /// @param meterOracle registers meters and reports readings
    /// @param utility counterparty of every imbalance
    /// @param surplusTo is paid what a rule leaves over, charges of admission and forfeited bonds;
    /// no role, and cannot trade
    /// @param tariffSetter may set tariffs of rounds to come, within the bounds below; zero for none
    /// @param clearingRule who trades with whom, and at which prices
    /// @param settlementRule what a difference from the contract costs
    /// @param admission asked before each order is taken; zero for none
    /// @param retail price of energy a trader is short of, unless set for a round
    /// @param maxRetail most that it may be set to
    /// @param feedIn price of energy a trader has left over, unless set for a round; may be negative
    /// @param minFeedIn least that it may be set to
    /// @param maxPrice highest limit price of an order
    /// @param minEnergy least energy of an order (dust limit)
    /// @param maxEnergy most energy of an order and of a reading, either sign
    /// @param maxOrders places of a round
    /// @param maxOrdersPerTrader most orders of one account in a round; where it is `maxOrders`,
    /// it limits nothing
    /// @param openPlaces places of a round that accounts without a meter may take
    /// @param firstGate when round 1 closes (Unix seconds)
    /// @param interval from one gate to the next, in seconds
    /// @param openSeconds a round that would be open for less is skipped
    /// @param cancelSeconds before the gate in which no order can be cancelled
    /// @param graceSeconds after which anybody may do what the operator or the oracle has not done
    /// @param finisherReward wei that the operator pays, from its balance, to whoever does its
    /// work after the grace period, by order paid out and by round ended
    struct Config {
        address operator;
        address meterOracle;
        address utility;
        address surplusTo;
        address tariffSetter;
        IClearingRule clearingRule;
        ISettlementRule settlementRule;
        IAdmission admission;
        PriceWeiPerWh retail;
        PriceWeiPerWh maxRetail;
        int56 feedIn;
        int56 minFeedIn;
        PriceWeiPerWh maxPrice;
        EnergyWh minEnergy;
        EnergyWh maxEnergy;
        uint16 maxOrders;
        uint16 maxOrdersPerTrader;
        uint16 openPlaces;
        uint40 firstGate;
        uint32 interval;
        uint32 openSeconds;
        uint32 cancelSeconds;
        uint32 graceSeconds;
        uint64 finisherReward;
    }

    /// @notice The book of the round that takes orders.
    /// @param round its number
    /// @param orders places in use, those of cancelled orders included
    /// @param open orders of accounts without a meter
    /// @param free the place of a cancelled order that is taken next, plus one; 0 for none
    /// @param retail tariff of the round
    /// @param escrowWei what covers its orders
    struct Book {
        uint32 round;
        uint16 orders;
        uint16 open;
        uint16 free;
        uint56 retail;
        uint96 escrowWei;
    }

    /// @notice A round, for good.
    /// @param retail price of energy a trader is short of, in wei/Wh
    /// @param feedIn price of energy a trader has left over, in wei/Wh
    /// @param price what buyers paid by what they bought, rounded down; 0 if nothing traded
    /// @param since when it opened, or when orders of it were last paid out (Unix seconds)
    /// @param phase where it stands
    /// @param openPositions traders with energy contracted and no reading yet
    /// @param paidOut orders paid out so far, while `Clearing`
    struct Round {
        uint56 retail;
        int56 feedIn;
        uint56 price;
        uint40 since;
        Phase phase;
        uint16 openPositions;
        uint16 paidOut;
    }

    /// @notice An order of the book.
    struct Order {
        address trader;
        EnergyWh energy;
        PriceWeiPerWh price;
        Side side;
    }

    /// @notice A trader's money and what it has in the book.
    /// @param balance free balance in wei
    /// @param position with the utility in wei: negative is a debt, positive a claim
    /// @param nonce least nonce that a signed order may have
    /// @param ordersRound last round with an order
    /// @param orders number of orders in it
    /// @param flags bit 0: bids in it, 1: asks in it, 2: has cancelled signed orders one by one
    struct Account {
        uint88 balance;
        int88 position;
        uint32 nonce;
        uint24 ordersRound;
        uint16 orders;
        uint8 flags;
    }

    /// @notice What a trader contracted in a round, and the money that waits for its reading.
    /// @param round number of the round; older ones are overwritten
    /// @param contractedWh bought minus sold
    /// @param lockedWei margins of asks, proceeds, and cover of a negative feed-in
    /// @param settled whether the reading was settled, or the window for it is over
    struct Position {
        uint32 round;
        int64 contractedWh;
        uint88 lockedWei;
        bool settled;
    }

    /// @notice Of an account's meter.
    /// @param limitWh most that a reading may be, either sign; 0 for no meter
    /// @param consentWh most that the account's owner agreed to
    struct Meter {
        uint32 limitWh;
        uint32 consentWh;
    }

    /// @notice Net energy measured in the interval; positive is consumption.
    struct Reading {
        address trader;
        int64 meteredWh;
    }

    /// @notice Sums over all accounts, in wei.
    /// @param heldWei deposits minus withdrawals
    /// @param lockedWei what waits for readings
    /// @param claimsWei what the utility owes traders
    /// @param paidWei of claims, and not moved to the traders' balances yet
    /// @param sealedWei bonds and covers of sealed orders
    struct Totals {
        uint96 heldWei;
        uint96 lockedWei;
        uint96 claimsWei;
        uint96 paidWei;
        uint96 sealedWei;
    }
}
