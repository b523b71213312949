// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAdmission} from "./IAdmission.sol";
import {IClearingRule} from "./IClearingRule.sol";
import {ISettlementRule} from "./ISettlementRule.sol";
import {PackedOrder} from "./PackedOrder.sol";
import {PackedPair} from "./PackedPair.sol";

/// @dev Energy in whole watt-hours. 32 bits hold 4.29 GWh, so that an order fits one slot.
type EnergyWh is uint32;

/// @dev Price in wei per watt-hour. 56 bits hold 7.2e16 wei/Wh (72 coins/kWh).
type PriceWeiPerWh is uint56;

/// @title Call auctions for energy with settlement of imbalances
/// @notice A round for every market interval, counted from 1. Round r takes orders until its gate,
/// `firstGate + (r - 1) * interval`, which nobody can advance. Then a clearing rule pairs bids with
/// asks, and round r + 1 takes orders while the energy of round r is delivered. When delivery is
/// over, the meter oracle reports readings, and what a meter differs from its contract is settled
/// with the utility.
///
/// Money: every account has a free balance, and a position with the utility: negative is a debt,
/// positive is a claim. Orders are covered when they are placed: a bid by its cost, an ask by what
/// it costs to deliver nothing, `energy * (retail - limit)`. What backs a trade, and what a sale
/// earned, stays locked until the trader's reading is settled. So no trade leaves a debt. All
/// payments are internal; ether enters by `deposit` and leaves by `withdraw`, so that nobody's
/// receiver can block anybody else.
///
/// Invariants:
/// - ether held = balances + escrow of the book + locked + claims paid and not collected yet +
///   sealed covers (forced ether, which no contract can refuse, apart);
/// - the sum of all energy balances is zero;
/// - an account with a debt has a zero balance: credits pay the debt first;
/// - what the utility can withdraw does not include what it owes.
interface IEnergyMarket {
    // ------------------------------------------------------------------------------- types

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
    /// @param since when the present phase began (Unix seconds)
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

    // ------------------------------------------------------------------------------ events

    /// @notice The market was deployed with these rules.
    event Configured(Config config);

    /// @notice Round `round` will close with this tariff instead of that of the configuration.
    event TariffSet(uint32 indexed round, uint56 retail, int56 feedIn);

    /// @notice From now on orders are for this round, until `gate` (Unix seconds).
    event RoundOpened(uint32 indexed round, uint256 gate, uint56 retail, int56 feedIn);

    /// @notice Ether came in for `trader`.
    event Deposited(address indexed trader, address indexed from, uint256 amountWei);

    /// @notice `trader` may withdraw `amountWei` when `afterRound` is settled. Replaces what was
    /// requested before.
    event WithdrawalRequested(address indexed trader, uint256 amountWei, uint32 afterRound);

    /// @notice Ether of `trader` left.
    event Withdrawn(address indexed trader, address indexed to, uint256 amountWei);

    /// @notice The owner agrees to a meter of at most this range.
    event MeterConsented(address indexed trader, EnergyWh most);

    /// @notice The account has a meter of this range; 0 takes it away.
    event MeterRegistered(address indexed trader, EnergyWh limit);

    /// @notice A limit order entered the book. `coverWei` moved from the balance into escrow.
    event OrderPlaced(
        uint32 indexed round,
        uint16 indexed orderId,
        address indexed trader,
        Side side,
        EnergyWh energy,
        PriceWeiPerWh price,
        uint32 nonce,
        uint256 coverWei
    );

    /// @notice The order pays this for each Wh that trades, to `surplusTo`: set by `admission`.
    event OrderCharged(uint32 indexed round, uint16 indexed orderId, PriceWeiPerWh chargePerWh);

    /// @notice An order left the book before the gate; `refundWei` came back from escrow.
    event OrderCancelled(uint32 indexed round, uint16 indexed orderId, address indexed trader, uint256 refundWei);

    /// @notice Energy changed hands. The buyer pays `energy * buyPrice` from escrow, the seller
    /// is owed `energy * sellPrice`, and `surplusTo` gets the difference.
    event TradeCleared(
        uint32 indexed round,
        address indexed buyer,
        address indexed seller,
        uint16 bidId,
        uint16 askId,
        EnergyWh energy,
        PriceWeiPerWh buyPrice,
        PriceWeiPerWh sellPrice
    );

    /// @notice The auction ended with the trades told before.
    /// @param price what buyers paid by what they bought, rounded down: the clearing price where
    /// there is one; 0 when nothing traded
    /// @param energy total energy traded
    /// @param welfareWei sum over trades of energy times (bid limit minus ask limit)
    /// @param surplusWei what buyers paid and sellers did not get
    event RoundCleared(
        uint32 indexed round,
        PriceWeiPerWh price,
        uint256 energy,
        uint256 welfareWei,
        uint256 surplusWei,
        uint16 bids,
        uint16 asks
    );

    /// @notice The round is paid out in parts: `clearNext` takes these two arrays.
    event ClearingBegun(uint32 indexed round, PackedOrder[] book, PackedPair[] pairs);

    /// @notice Of a round that is paid out in parts, orders below `orderId` have got their fills
    /// and refunds.
    event PaidOut(uint32 indexed round, uint16 orderId);

    /// @notice Nobody cleared the round in time: nothing trades, and all escrow goes back.
    event RoundAborted(uint32 indexed round);

    /// @notice A meter's difference from the contract was settled, and what was locked is free.
    /// @param imbalanceWh metered minus contracted; positive is short
    /// @param chargeWei positive is due to the utility, negative is due to the trader
    /// @param releasedWei came from what was locked
    /// @param paidWei went to the utility from it and from the balance
    /// @param position what is open with the utility afterwards
    event ImbalanceSettled(
        uint32 indexed round,
        address indexed trader,
        int64 meteredWh,
        int64 imbalanceWh,
        int256 chargeWei,
        uint256 releasedWei,
        uint256 paidWei,
        int88 position
    );

    /// @notice A reading was not settled; `reason` is the selector of an error of this interface.
    event ReadingRefused(uint32 indexed round, address indexed trader, int64 meteredWh, bytes4 reason);

    /// @notice A credit paid a debt.
    event DebtPaid(address indexed trader, uint256 paidWei, uint256 debtWei);

    /// @notice The utility paid this much of all claims, to each the same part.
    event ClaimsPaid(uint256 paidWei, uint256 leftWei);

    /// @notice The trader's part of what the utility paid came into its balance.
    event ClaimCollected(address indexed trader, uint256 paidWei, uint256 leftWei);

    /// @notice The round ended. Readings of the `missing` traders may still come until the round
    /// `RING` later is cleared.
    event RoundSettled(uint32 indexed round, uint256 missing);

    /// @notice The operator paid somebody who did its work.
    event FinisherPaid(address indexed finisher, uint256 amountWei);

    // ------------------------------------------------------------------------------ errors

    /// @notice Only `allowed` may do this now; anybody may from Unix time `opensToAllAt` on
    /// (the largest integer means never).
    error NotAuthorized(address caller, address allowed, uint256 opensToAllAt);

    /// @notice The call is for another round than `present`.
    error WrongRound(uint32 given, uint32 present);

    /// @notice The round is in `present`, and this needs `needed`.
    error WrongPhase(Phase present, Phase needed);

    /// @notice This can be done from `opensAt` (Unix seconds) on.
    error TooEarly(uint256 opensAt);

    /// @notice This could be done until `closedAt` (Unix seconds).
    error TooLate(uint256 closedAt);

    /// @notice An order's energy is below the dust limit.
    error EnergyBelowMinimum(EnergyWh energy, EnergyWh minimum);

    /// @notice An order's energy is above the limit.
    error EnergyAboveMaximum(EnergyWh energy, EnergyWh maximum);

    /// @notice An order's limit price is above the limit.
    error PriceAboveMaximum(PriceWeiPerWh price, PriceWeiPerWh maximum);

    /// @notice The round has taken all the orders it can, or all of accounts without a meter.
    error RoundFull(uint16 limit);

    /// @notice The trader has placed all the orders that one account may in a round.
    error TooManyOrders(address trader, uint16 limit);

    /// @notice The order would trade with another of its own trader.
    error CrossesOwnOrder(address trader);

    /// @notice The admission contract refused the order with this reason.
    error AdmissionRefused(bytes4 reason);

    /// @notice The rule paired orders that are not a bid and an ask of the book, or at prices
    /// beyond their limits, or pays the seller more than the buyer.
    error PairRefused(uint256 index, PackedPair pair);

    /// @notice The rule filled an order beyond its energy.
    error Overfilled(uint256 orderId, uint256 filledWh, uint256 energyWh);

    /// @notice The settlement rule charges more than the tariff allows.
    error ChargeRefused(address trader, int256 chargeWei, int256 limitWei);

    /// @notice These are not the book and the pairs that the clearing began with.
    error WrongClearing(bytes32 given, bytes32 begun);

    /// @notice The contract holds all the ether that its balances are made for.
    error TooMuchEther(uint256 heldWei, uint256 limitWei);

    /// @notice The free balance does not cover an order or a withdrawal.
    error BalanceTooLow(address trader, uint256 neededWei, uint256 availableWei);

    /// @notice The withdrawal was not requested, or the round at the request is not settled yet.
    error WithdrawalPending(address trader, uint256 requestedWei, uint32 afterRound);

    /// @notice A trader with a debt cannot trade; a deposit pays it.
    error DebtOutstanding(address trader, uint256 debtWei);

    /// @notice There is no such order in the round.
    error UnknownOrder(uint16 orderId, uint16 orders);

    /// @notice The order belongs to somebody else, or was cancelled.
    error NotYourOrder(uint16 orderId, address trader, address caller);

    /// @notice A meter reading is beyond the range of the account's meter.
    error ReadingOutOfRange(address trader, int64 meteredWh, EnergyWh limit);

    /// @notice The trader's reading of this round has been settled already.
    error ReadingRepeated(uint32 round, address trader);

    /// @notice The utility and `surplusTo` neither trade nor have a meter.
    error RoleCannotTrade(address account);

    /// @notice The owner has agreed to a smaller meter.
    error NoConsent(address trader, EnergyWh limit, EnergyWh consent);

    /// @notice A tariff is beyond the bounds of the configuration, or above the other.
    error TariffOutOfBounds(uint56 retail, int56 feedIn);

    /// @notice Credits differ from debits: the round must not close.
    error Unbalanced(uint256 creditedWei, uint256 escrowWei);

    /// @notice The receiver refused the ether.
    error TransferFailed(address to, uint256 amountWei);

    /// @notice A deployment parameter is out of range.
    error InvalidConfig(string parameter, uint256 value, uint256 limit);
}
