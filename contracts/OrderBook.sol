// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Accounts} from "./Accounts.sol";
import {EnergyWh, PriceWeiPerWh} from "./IEnergyMarket.sol";
import {MarketRules} from "./MarketRules.sol";
import {PackedOrder, PackedOrders} from "./PackedOrder.sol";

/// @title The book of the present round: orders come and go until it is cleared
abstract contract OrderBook is Accounts {
    Round internal _round;
    /// @dev The first `_round.orders` entries are the present round's. Later rounds overwrite
    /// slots and never delete them, which saves 17,100 gas an order.
    PackedOrder[MAX_ORDERS] private _orders;

    constructor(Config memory c) MarketRules(c) {
        _round.since = uint40(block.timestamp);
    }

    function placeBid(EnergyWh energy, PriceWeiPerWh price) external virtual returns (uint16 orderId) {
        return _place(PackedOrders.pack(msg.sender, energy, price, Side.Bid));
    }

    function placeAsk(EnergyWh energy, PriceWeiPerWh price) external virtual returns (uint16 orderId) {
        return _place(PackedOrders.pack(msg.sender, energy, price, Side.Ask));
    }

    function cancel(uint16 orderId) external virtual {
        _requirePhase(Phase.Open);
        if (orderId >= _round.orders) revert UnknownOrder(orderId, _round.orders);
        PackedOrder placed = _orders[orderId];
        if (placed.trader() != msg.sender) revert NotYourOrder(orderId, placed.trader(), msg.sender);
        if (placed.side() == Side.None) revert OrderAlreadyCancelled(orderId);
        _orders[orderId] = placed.cancelled();
        uint256 refund = placed.escrow();
        _round.escrow -= uint128(refund); // what placing it added
        emit OrderCancelled(_round.id, orderId, msg.sender, refund);
        _credit(msg.sender, refund);
    }

    function order(uint16 orderId) external view returns (Order memory) {
        if (orderId >= _round.orders) revert UnknownOrder(orderId, _round.orders);
        return _orders[orderId].unpack();
    }

    function round() external view returns (Round memory) {
        return _round;
    }

    /// @dev The orders in storage, with room for `more` behind them.
    function _book(uint256 more) internal view returns (PackedOrder[] memory book) {
        uint256 orders = _round.orders;
        book = new PackedOrder[](orders + more);
        for (uint256 id = 0; id < orders; ++id) {
            book[id] = _orders[id];
        }
    }

    function _place(PackedOrder placed) private returns (uint16 orderId) {
        _requirePhase(Phase.Open);
        orderId = _round.orders;
        bytes4 refusal = _admit(placed, orderId);
        if (refusal != 0) _refuse(refusal, placed);
        _orders[orderId] = placed;
        _round.orders = orderId + 1;
        if (placed.side() == Side.Bid) _round.escrow += uint128(placed.escrow());
        Order memory o = placed.unpack();
        emit OrderPlaced(_round.id, orderId, o.trader, o.side, o.energy, o.price);
    }

    /// @dev Stores orders that were admitted, and whose escrow is in the round's already.
    function _append(PackedOrder[] memory placed) internal {
        uint256 orders = _round.orders;
        for (uint256 i = 0; i < placed.length; ++i) {
            _orders[orders + i] = placed[i];
        }
        _round.orders = uint16(orders + placed.length); // admitted below ORDER_LIMIT
    }

    /// @dev Takes a bid's escrow from its trader and counts the order, or returns the selector of
    /// the error that tells why not. `orders` are in the round already.
    function _admit(PackedOrder placed, uint256 orders) internal returns (bytes4 refusal) {
        refusal = _beyondLimits(placed, orders);
        // An ask leaves its account alone, unless orders are counted: 5,000 gas.
        if (refusal != 0 || (placed.side() == Side.Ask && TRADER_LIMIT == ORDER_LIMIT)) return refusal;
        Account memory account = _accounts[placed.trader()];
        refusal = _debit(account, placed);
        if (refusal == 0) _accounts[placed.trader()] = account;
    }

    /// @dev As `_admit`, on a copy of the account.
    function _debit(Account memory account, PackedOrder placed) internal view returns (bytes4 refusal) {
        if (TRADER_LIMIT < ORDER_LIMIT) {
            uint24 roundId = uint24(_round.id);
            if (account.ordersRound != roundId) (account.ordersRound, account.orders) = (roundId, 0);
            if (account.orders >= TRADER_LIMIT) return TooManyOrders.selector;
            ++account.orders;
        }
        if (placed.side() != Side.Bid) return 0;
        if (account.position < 0) return DebtOutstanding.selector;
        uint256 cost = placed.escrow();
        if (cost > account.balance) return BalanceTooLow.selector;
        account.balance -= uint88(cost); // at most the balance
    }

    function _beyondLimits(PackedOrder placed, uint256 orders) internal view returns (bytes4) {
        if (placed.trader() == UTILITY) return UtilityCannotTrade.selector;
        if (placed.energy() < EnergyWh.unwrap(MIN_ENERGY)) return EnergyBelowMinimum.selector;
        if (placed.energy() > EnergyWh.unwrap(MAX_ENERGY)) return EnergyAboveMaximum.selector;
        if (placed.price() > PriceWeiPerWh.unwrap(MAX_PRICE)) return PriceAboveMaximum.selector;
        return orders < ORDER_LIMIT ? bytes4(0) : RoundFull.selector;
    }

    /// @dev Reverts with the error of a selector that `_admit` returned.
    function _refuse(bytes4 refusal, PackedOrder placed) internal view {
        Order memory o = placed.unpack();
        Account storage account = _accounts[o.trader];
        if (refusal == UtilityCannotTrade.selector) revert UtilityCannotTrade(UTILITY);
        if (refusal == EnergyBelowMinimum.selector) revert EnergyBelowMinimum(o.energy, MIN_ENERGY);
        if (refusal == EnergyAboveMaximum.selector) revert EnergyAboveMaximum(o.energy, MAX_ENERGY);
        if (refusal == PriceAboveMaximum.selector) revert PriceAboveMaximum(o.price, MAX_PRICE);
        if (refusal == RoundFull.selector) revert RoundFull(ORDER_LIMIT);
        if (refusal == TooManyOrders.selector) revert TooManyOrders(o.trader, TRADER_LIMIT);
        if (refusal == DebtOutstanding.selector) revert DebtOutstanding(o.trader, uint96(-account.position));
        revert BalanceTooLow(o.trader, placed.escrow(), account.balance);
    }

    function _requirePhase(Phase needed) internal view virtual {
        if (_round.phase != needed) revert WrongPhase(_round.phase, needed);
    }
}
