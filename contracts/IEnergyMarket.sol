// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnergyWh, IMarketTypes, PriceWeiPerWh} from "./IMarketTypes.sol";
import {PackedOrder} from "./PackedOrder.sol";
import {PackedPair} from "./PackedPair.sol";

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
interface IEnergyMarket is IMarketTypes {
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
    /// `RING` later, or one after it, is cleared.
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

    /// @notice The energy of an order, or the range of a meter, is above the limit.
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

    /// @notice The settlement rule charges more than the tariff allows, or credits more than fits.
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
