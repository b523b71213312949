// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Accounts} from "./Accounts.sol";
import {DoubleAuction} from "./DoubleAuction.sol";
import {EnergyWh, IEnergyMarket, PriceWeiPerWh} from "./IEnergyMarket.sol";
import {MarketRules} from "./MarketRules.sol";
import {PackedOrder, PackedOrders} from "./PackedOrder.sol";

/// @title Energy market: rounds of orders, clearing and settlement
/// @notice See `IEnergyMarket` for the rules, and docs/market.md for a worked example.
/// @dev Whoever can send transactions can trade: admission (a registry of meters) is not part
/// of this contract.
contract EnergyMarket is Accounts {
    Round private _round;
    mapping(address trader => Energy) private _energy;
    /// @dev The first `_round.orders` entries are the present round's. Later rounds overwrite
    /// slots and never delete them, which saves 17,100 gas an order.
    PackedOrder[MAX_ORDERS] private _orders;

    modifier inRound(uint32 roundId, Phase needed) {
        if (roundId != _round.id) revert WrongRound(roundId, _round.id);
        _requirePhase(needed);
        _;
    }

    constructor(Config memory c) MarketRules(c) {
        _round.since = uint40(block.timestamp);
    }

    function withdraw(uint256 amountWei) external {
        // Only `clear` enters traders into the present round, and `settle` begins the next one.
        if (_energy[msg.sender].round == _round.id + 1) revert DeliveryPending(msg.sender, _round.id);
        _withdraw(msg.sender, amountWei);
    }

    function placeBid(EnergyWh energy, PriceWeiPerWh price) external returns (uint16 orderId) {
        _requireValidOrder(energy, price);
        uint128 cost = uint128(EnergyWh.unwrap(energy)) * PriceWeiPerWh.unwrap(price);
        _debit(msg.sender, cost);
        _round.escrow += cost;
        return _enter(PackedOrders.pack(msg.sender, energy, price, Side.Bid));
    }

    function placeAsk(EnergyWh energy, PriceWeiPerWh price) external returns (uint16 orderId) {
        _requireValidOrder(energy, price);
        return _enter(PackedOrders.pack(msg.sender, energy, price, Side.Ask));
    }

    function cancel(uint16 orderId) external {
        _requirePhase(Phase.Open);
        if (orderId >= _round.orders) revert UnknownOrder(orderId, _round.orders);
        PackedOrder placed = _orders[orderId];
        if (placed.trader() != msg.sender) revert NotYourOrder(orderId, placed.trader(), msg.sender);
        if (placed.side() == Side.None) revert OrderAlreadyCancelled(orderId);
        _orders[orderId] = placed.cancelled();
        uint256 refund = placed.side() == Side.Bid ? placed.energy() * placed.price() : 0;
        _round.escrow -= uint128(refund); // what `placeBid` added
        emit OrderCancelled(_round.id, orderId, msg.sender, refund);
        _credit(msg.sender, refund);
    }

    function clear(uint32 roundId) external inRound(roundId, Phase.Open) {
        if (msg.sender != OPERATOR) _requireGraceIsOver(OPERATOR);
        PackedOrder[] memory book = new PackedOrder[](_round.orders);
        for (uint256 id = 0; id < book.length; ++id) {
            book[id] = _orders[id];
        }
        DoubleAuction.Result memory result = DoubleAuction.clear(book, K_BASIS_POINTS);
        PriceWeiPerWh price = PriceWeiPerWh.wrap(uint48(result.price)); // at most the marginal bid
        for (uint256 i = 0; i < result.pairs; ++i) {
            (uint256 bid, uint256 ask, uint256 energy) = DoubleAuction.unpackPair(result.pair[i]);
            emit TradeCleared(roundId, book[bid].trader(), book[ask].trader(), EnergyWh.wrap(uint40(energy)), price);
        }
        uint256 creditedWei;
        uint16 openPositions;
        for (uint256 id = 0; id < book.length; ++id) {
            (uint256 amountWei, bool first) = _fill(roundId, book[id], result.filled[id], result.price);
            creditedWei += amountWei;
            if (first) ++openPositions;
        }
        if (creditedWei != _round.escrow) revert Unbalanced(creditedWei, _round.escrow);
        _round = Round(roundId, Phase.Cleared, uint16(book.length), openPositions, uint40(block.timestamp), 0);
        emit RoundCleared(
            roundId, price, result.energy, result.welfare, uint16(result.bids), uint16(result.asks)
        );
    }

    function settle(uint32 roundId, Reading[] calldata readings) external inRound(roundId, Phase.Cleared) {
        if (msg.sender != METER_ORACLE) {
            if (readings.length > 0) revert NotAuthorized(msg.sender, METER_ORACLE, type(uint256).max);
            _requireGraceIsOver(METER_ORACLE);
        }
        int256 imbalances;
        for (uint256 i = 0; i < readings.length; ++i) {
            imbalances += _settleReading(roundId, readings[i]);
        }
        _energy[UTILITY].balanceWh -= int96(imbalances);
        // Debts were collected above, so that they can pay claims here, whatever the order.
        for (uint256 i = 0; i < readings.length; ++i) {
            _payPosition(readings[i].trader);
        }
        emit RoundSettled(roundId, readings.length, _round.openPositions);
        _round = Round(roundId + 1, Phase.Open, 0, 0, uint40(block.timestamp), 0);
    }

    /// @dev Appends a valid order to the book.
    function _enter(PackedOrder placed) private returns (uint16 orderId) {
        orderId = _round.orders++;
        _orders[orderId] = placed;
        Order memory o = placed.unpack();
        emit OrderPlaced(_round.id, orderId, o.trader, o.side, o.energy, o.price);
    }

    /// @dev Moves an order's energy, and credits the proceeds of an ask or the unspent escrow
    /// of a bid. A fill is at most the order and the price within its limit, so that nothing
    /// here can be negative. `first` as in `_enterRound`; false if nothing was filled.
    function _fill(uint32 roundId, PackedOrder placed, uint256 filled, uint256 price)
        private
        returns (uint256 creditedWei, bool first)
    {
        if (placed.side() == Side.None) return (0, false);
        creditedWei = filled * price;
        int256 boughtWh = -int256(filled);
        if (placed.side() == Side.Bid) {
            creditedWei = placed.energy() * placed.price() - creditedWei;
            boughtWh = int256(filled);
        }
        if (filled > 0) first = _contract(roundId, placed.trader(), boughtWh);
        _credit(placed.trader(), creditedWei);
    }

    /// @dev MAX_ORDERS times 2^40 Wh fit int64, and 2^32 such rounds fit int96.
    function _contract(uint32 roundId, address trader, int256 boughtWh) private returns (bool first) {
        Energy storage energy = _energy[trader];
        first = _enterRound(roundId, energy);
        energy.contractedWh += int64(boughtWh);
        energy.balanceWh += int96(boughtWh);
    }

    /// @dev True at a trader's first trade or reading of the round.
    function _enterRound(uint32 roundId, Energy storage energy) private returns (bool first) {
        first = energy.round != roundId + 1;
        if (first) (energy.contractedWh, energy.round, energy.metered) = (0, roundId + 1, false);
    }

    /// @dev The imbalance is within 2^50 Wh and the price below 2^48, so that a charge is
    /// within 2^98 wei: positions fit int128 for 2^29 rounds at the worst of all limits.
    function _settleReading(uint32 roundId, Reading calldata reading) private returns (int64 imbalanceWh) {
        (address trader, int64 meteredWh) = (reading.trader, reading.meteredWh);
        if (trader == UTILITY) revert UtilityHasNoMeter(UTILITY);
        int64 limit = int64(uint64(EnergyWh.unwrap(MAX_ENERGY)));
        if (meteredWh > limit || meteredWh < -limit) revert ReadingOutOfRange(trader, meteredWh, MAX_ENERGY);
        Energy storage energy = _energy[trader];
        if (!_enterRound(roundId, energy)) {
            if (energy.metered) revert ReadingRepeated(roundId, trader);
            --_round.openPositions;
        }
        energy.metered = true;
        imbalanceWh = meteredWh - energy.contractedWh;
        energy.balanceWh += imbalanceWh;
        uint48 price = PriceWeiPerWh.unwrap(imbalanceWh > 0 ? RETAIL : FEED_IN);
        int256 chargeWei = int256(imbalanceWh) * int256(uint256(price));
        emit ImbalanceSettled(roundId, trader, meteredWh, imbalanceWh, chargeWei);
        _charge(trader, int128(chargeWei));
    }

    function round() external view returns (Round memory) {
        return _round;
    }

    function order(uint16 orderId) external view returns (Order memory) {
        if (orderId >= _round.orders) revert UnknownOrder(orderId, _round.orders);
        return _orders[orderId].unpack();
    }

    function accounts(address[] calldata traders)
        external
        view
        returns (Account[] memory money, Energy[] memory energy)
    {
        money = new Account[](traders.length);
        energy = new Energy[](traders.length);
        for (uint256 i = 0; i < traders.length; ++i) {
            (money[i], energy[i]) = (_accounts[traders[i]], _energy[traders[i]]);
        }
    }

    function _requireValidOrder(EnergyWh energy, PriceWeiPerWh price) private view {
        _requirePhase(Phase.Open);
        if (msg.sender == UTILITY) revert UtilityCannotTrade(UTILITY);
        if (EnergyWh.unwrap(energy) < EnergyWh.unwrap(MIN_ENERGY)) revert EnergyBelowMinimum(energy, MIN_ENERGY);
        if (EnergyWh.unwrap(energy) > EnergyWh.unwrap(MAX_ENERGY)) revert EnergyAboveMaximum(energy, MAX_ENERGY);
        if (PriceWeiPerWh.unwrap(price) > PriceWeiPerWh.unwrap(MAX_PRICE)) revert PriceAboveMaximum(price, MAX_PRICE);
        if (_round.orders >= ORDER_LIMIT) revert RoundFull(ORDER_LIMIT);
    }

    function _requirePhase(Phase needed) private view {
        if (_round.phase != needed) revert WrongPhase(_round.phase, needed);
    }

    function _requireGraceIsOver(address allowed) private view {
        uint256 opensToAllAt = uint256(_round.since) + GRACE_SECONDS;
        if (block.timestamp < opensToAllAt) revert NotAuthorized(msg.sender, allowed, opensToAllAt);
    }
}
