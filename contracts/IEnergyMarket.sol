// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingRule} from "./IClearingRule.sol";
import {PackedOrder} from "./PackedOrder.sol";
import {PackedPair} from "./PackedPair.sol";

/// @dev Energy in whole watt-hours. 40 bits hold 1.09 TWh, so that an order fits one slot.
type EnergyWh is uint40;

/// @dev Price in wei per watt-hour. 48 bits hold 2.8e14 wei/Wh (0.28 ether/kWh).
type PriceWeiPerWh is uint48;

/// @title Call auction for energy with settlement of imbalances
/// @notice One round per market interval. While a round is `Open`, traders place and cancel
/// limit orders; bids are paid into escrow in full. `clear` ends the round by a clearing rule.
/// After delivery, `settle` charges what each meter differs from what its owner contracted,
/// and opens the next round.
///
/// Money: every account has a free balance and an open position with the utility. The
/// position is negative while the trader owes the utility and positive while the utility
/// owes the trader. All payments are internal; ether enters by `deposit` and leaves by
/// `withdraw`, so that nobody's receiver can block anybody else.
///
/// Invariants:
/// - ether held = sum of balances + escrow (forced ether, which no contract can refuse, apart);
/// - the sum of all energy balances is zero;
/// - an account with a debt has a zero balance: credits pay the debt first;
/// - what the utility can withdraw does not include what it owes.
interface IEnergyMarket {
    // ------------------------------------------------------------------------------- types

    /// @notice `Open` takes orders; `Clearing` has trades and pays them out in parts;
    /// `Cleared` waits for delivery and meter readings.
    enum Phase {
        Open,
        Clearing,
        Cleared
    }

    /// @notice What an order slot of the present round holds.
    enum Side {
        None, // cancelled
        Bid,
        Ask
    }

    /// @notice Fixed at deployment, so that no rule changes while a round is open.
    /// @param operator may clear a round at gate closure
    /// @param meterOracle may report meter readings
    /// @param utility counterparty of every imbalance; a rule's surplus is paid to it
    /// @param rule who trades with whom, and at which prices
    /// @param retail price of energy a trader is short of
    /// @param feedIn price of energy a trader has left over; at most `retail`
    /// @param maxPrice highest limit price of an order; times `maxEnergy` below 2^64 wei
    /// @param minEnergy least energy of an order (dust limit)
    /// @param maxEnergy most energy of an order, and most that a meter may report, either sign
    /// @param maxOrders most orders in a round
    /// @param maxOrdersPerTrader most orders of one account in a round; where it is `maxOrders`,
    /// nothing is counted
    /// @param graceSeconds after this long in one phase anybody may move the round on
    struct Config {
        address operator;
        address meterOracle;
        address utility;
        IClearingRule rule;
        PriceWeiPerWh retail;
        PriceWeiPerWh feedIn;
        PriceWeiPerWh maxPrice;
        EnergyWh minEnergy;
        EnergyWh maxEnergy;
        uint16 maxOrders;
        uint16 maxOrdersPerTrader;
        uint32 graceSeconds;
    }

    /// @notice The present round.
    /// @param id counts from 0
    /// @param orders orders placed so far, cancelled ones included
    /// @param openPositions traders with energy bought or sold and no reading yet, also those
    /// whose purchases and sales cancel out
    /// @param since when the present phase began (Unix seconds)
    /// @param paidOut orders paid out so far, while `Clearing`
    /// @param escrow wei that back bids and have not been paid out
    struct Round {
        uint32 id;
        Phase phase;
        uint16 orders;
        uint16 openPositions;
        uint40 since;
        uint16 paidOut;
        uint128 escrow;
    }

    /// @notice An order of the present round.
    struct Order {
        address trader;
        EnergyWh energy;
        PriceWeiPerWh price;
        Side side;
    }

    /// @notice A trader's money.
    /// @param balance free balance in wei
    /// @param position with the utility in wei: negative is a debt, positive a claim
    /// @param nonce least nonce that a signed order may have
    /// @param ordersRound last round with an order that was counted, modulo 2^24
    /// @param orders number of orders in it
    struct Account {
        uint88 balance;
        int96 position;
        uint32 nonce;
        uint24 ordersRound;
        uint16 orders;
    }

    /// @notice A trader's energy.
    /// @param balanceWh bought minus sold since the start, from traders and the utility
    /// @param contractedWh bought minus sold in round `round`, in the auction alone
    /// @param round last round this trader traded or was metered in, plus one
    /// @param metered whether the reading of that round has been settled
    struct Energy {
        int96 balanceWh;
        int64 contractedWh;
        uint32 round;
        bool metered;
    }

    /// @notice Net energy measured in the interval; positive is consumption.
    struct Reading {
        address trader;
        int64 meteredWh;
    }

    // ------------------------------------------------------------------------------ events

    /// @notice Ether came in for `trader`.
    event Deposited(address indexed trader, uint256 amountWei);

    /// @notice Ether left to `trader`.
    event Withdrawn(address indexed trader, uint256 amountWei);

    /// @notice A limit order entered the book. A bid moves `energy * price` into escrow.
    event OrderPlaced(
        uint32 indexed round, uint16 indexed orderId, address indexed trader, Side side, EnergyWh energy, PriceWeiPerWh price
    );

    /// @notice An order left the book before gate closure; `refundWei` came back from escrow.
    event OrderCancelled(uint32 indexed round, uint16 indexed orderId, address indexed trader, uint256 refundWei);

    /// @notice Energy changed hands. The buyer pays `energy * buyPrice` from escrow, the seller
    /// gets `energy * sellPrice`, and the utility keeps the difference.
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

    /// @notice The auction ended with the trades told before. Escrow that bought nothing goes back
    /// to its owners, at once or by `PaidOut`.
    /// @param price what buyers paid by what they bought, rounded down: the clearing price where
    /// there is one; 0 when nothing traded
    /// @param energy total energy traded
    /// @param welfareWei sum over trades of energy times (bid limit minus ask limit)
    /// @param surplusWei what buyers paid and sellers did not get: the utility's
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
    /// and refunds; the round is `Cleared` when these are all orders of its book.
    event PaidOut(uint32 indexed round, uint16 orderId);

    /// @notice Nobody cleared the round in time: nothing trades, and all escrow goes back.
    event RoundAborted(uint32 indexed round);

    /// @notice A meter's difference from the contract was charged at the tariff.
    /// @param imbalanceWh metered minus contracted; positive is short
    /// @param chargeWei positive is due to the utility, negative is due to the trader
    event ImbalanceSettled(
        uint32 indexed round, address indexed trader, int64 meteredWh, int64 imbalanceWh, int256 chargeWei
    );

    /// @notice The trader and the utility paid what they could of an open position.
    /// @param paidWei positive went to the utility, negative went to the trader
    /// @param position what is still open afterwards
    event PositionPaid(address indexed trader, int256 paidWei, int128 position);

    /// @notice The round ended and the next one opened. For each of the `missing` traders
    /// the imbalance is zero by definition: they delivered what they contracted.
    event RoundSettled(uint32 indexed round, uint256 readings, uint256 missing);

    // ------------------------------------------------------------------------------ errors

    /// @notice Only `allowed` may do this now; anybody may from Unix time `opensToAllAt` on
    /// (the largest integer means never).
    error NotAuthorized(address caller, address allowed, uint256 opensToAllAt);

    /// @notice The call is for another round than the present one.
    error WrongRound(uint32 given, uint32 present);

    /// @notice The present round is in `present`, and this needs `needed`.
    error WrongPhase(Phase present, Phase needed);

    /// @notice An order's energy is below the dust limit.
    error EnergyBelowMinimum(EnergyWh energy, EnergyWh minimum);

    /// @notice An order's energy is above the limit.
    error EnergyAboveMaximum(EnergyWh energy, EnergyWh maximum);

    /// @notice An order's limit price is above the limit.
    error PriceAboveMaximum(PriceWeiPerWh price, PriceWeiPerWh maximum);

    /// @notice The round has taken all the orders it can.
    error RoundFull(uint16 limit);

    /// @notice The trader has placed all the orders that one account may in a round.
    error TooManyOrders(address trader, uint16 limit);

    /// @notice The rule paired orders that are not a bid and an ask of the book, or at prices
    /// beyond their limits, or pays the seller more than the buyer.
    error PairRefused(uint256 index, PackedPair pair);

    /// @notice The rule filled an order beyond its energy.
    error Overfilled(uint256 orderId, uint256 filledWh, uint256 energyWh);

    /// @notice These are not the book and the pairs that the clearing began with.
    error WrongClearing(bytes32 given, bytes32 begun);

    /// @notice Until `opensAt` (Unix seconds) the round can still be cleared by anybody.
    error AbortTooEarly(uint256 opensAt);

    /// @notice The contract holds all the ether that its balances are made for.
    error TooMuchEther(uint256 heldWei, uint256 limitWei);

    /// @notice The free balance does not cover a bid's escrow or a withdrawal.
    error BalanceTooLow(address trader, uint256 neededWei, uint256 availableWei);

    /// @notice Money stays until the energy traded in this round is settled.
    error DeliveryPending(address trader, uint32 round);

    /// @notice A trader with a debt cannot bid; a deposit or a sale pays it.
    error DebtOutstanding(address trader, uint256 debtWei);

    /// @notice There is no such order in the round.
    error UnknownOrder(uint16 orderId, uint16 orders);

    /// @notice The order belongs to somebody else.
    error NotYourOrder(uint16 orderId, address trader, address caller);

    /// @notice The order was cancelled before.
    error OrderAlreadyCancelled(uint16 orderId);

    /// @notice A meter reading is beyond what a connection can carry in an interval.
    error ReadingOutOfRange(address trader, int64 meteredWh, EnergyWh limit);

    /// @notice The trader's reading of this round has been settled already.
    error ReadingRepeated(uint32 round, address trader);

    /// @notice The utility is the counterparty of imbalances and has no meter.
    error UtilityHasNoMeter(address utility);

    /// @notice The utility is the counterparty of imbalances and places no orders.
    error UtilityCannotTrade(address utility);

    /// @notice Credits differ from debits: the round must not close.
    error Unbalanced(uint256 creditedWei, uint256 escrowWei);

    /// @notice The trader's receiver refused the ether.
    error TransferFailed(address trader, uint256 amountWei);

    /// @notice A deployment parameter is out of range.
    error InvalidConfig(string parameter, uint256 value, uint256 limit);

    // ------------------------------------------------------------------------------- money

    /// @notice Put ether into the caller's balance. Pays the caller's debt first.
    function deposit() external payable;

    /// @notice Take ether out of the caller's free balance.
    /// Not between `clear` and `settle` for who has energy to deliver: a seller could leave
    /// with the money and deliver nothing. The utility leaves what it owes to traders.
    function withdraw(uint256 amountWei) external;

    /// @notice Pay what can be paid of a trader's open position, in either direction.
    /// Anybody may call it.
    function payPosition(address trader) external;

    // -------------------------------------------------------------------------------- round

    /// @notice Order to buy; `energy * price` moves from the caller's balance into escrow.
    /// @return orderId index in this round's book, in order of arrival
    function placeBid(EnergyWh energy, PriceWeiPerWh price) external returns (uint16 orderId);

    /// @notice Order to sell. Nothing is escrowed: what is not delivered is settled at the
    /// retail tariff.
    function placeAsk(EnergyWh energy, PriceWeiPerWh price) external returns (uint16 orderId);

    /// @notice Withdraw an order of the open round. A bid's escrow comes back in full.
    function cancel(uint16 orderId) external;

    /// @notice Close the gate, and clear and pay out the round in this transaction.
    /// For the operator; for anybody once the grace period has passed.
    function clear(uint32 roundId) external;

    /// @notice Close the gate and clear the round, and pay out its first `payouts` orders. A
    /// round with more of them is `Clearing` until `clearNext` has paid out the rest.
    /// For the operator; for anybody once the grace period has passed.
    function clearInParts(uint32 roundId, uint16 payouts) external;

    /// @notice Pay out the next `payouts` orders of a round in `Clearing`. Anybody may.
    /// @param book as told by `ClearingBegun`
    /// @param pairs as told by `ClearingBegun`
    function clearNext(uint32 roundId, PackedOrder[] calldata book, PackedPair[] calldata pairs, uint16 payouts)
        external;

    /// @notice End a round that nobody has cleared, or that the rule cannot clear: nothing
    /// trades, and the escrow of the first `payouts` orders goes back, of the others by
    /// `clearNext`. Anybody may, from two grace periods after the round opened.
    function abort(uint32 roundId, uint16 payouts) external;

    /// @notice Settle imbalances with the utility and open the next round. A trader without
    /// a reading has delivered what it contracted, by definition. Never reverts for want of
    /// money: what cannot be paid stays open in the position.
    /// For the meter oracle; for anybody, without readings, once the grace period has passed.
    function settle(uint32 roundId, Reading[] calldata readings) external;

    // --------------------------------------------------------------------------------- view

    /// @notice The rules fixed at deployment.
    function config() external view returns (Config memory);

    /// @notice The present round.
    function round() external view returns (Round memory);

    /// @notice What the utility owes traders: the sum of all positive positions, in wei.
    function claims() external view returns (uint128);

    /// @notice An order of the present round.
    function order(uint16 orderId) external view returns (Order memory);

    /// @notice Money and energy of several traders at once.
    function accounts(address[] calldata traders) external view returns (Account[] memory, Energy[] memory);
}
