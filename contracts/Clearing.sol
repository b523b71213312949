// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnergyWh, PriceWeiPerWh} from "./IMarketTypes.sol";
import {OrderBook} from "./OrderBook.sol";
import {PackedOrder} from "./PackedOrder.sol";
import {PackedPair} from "./PackedPair.sol";

/// @title The gate of a round: the rule pairs orders, the market checks the pairs and pays out
/// @dev A round may need more transactions than one. The first has the book matched, tells all
/// trades and opens the next round; the hash of book and pairs then binds those that pay out the
/// rest.
abstract contract Clearing is OrderBook {
    bytes32 private _begun;
    /// @dev Escrow of the round that is paid out, what is left of it; and since when it could have
    /// been cleared, where it is paid out in parts.
    uint96 private _escrowWei;
    uint40 private _clearableSince;

    /// @dev A fill in one word: energy in Wh below, and above it what the bid pays or the ask
    /// gets, in wei. 1024 pairs of 2^32 Wh fit the one, and of 2^72 wei the other.
    uint256 private constant MONEY_SHIFT = 64;

    struct Traded {
        uint256 energy;
        uint256 paidWei;
        uint256 surplusWei;
        uint256 welfareWei;
    }

    /// @dev What paying out orders moved.
    struct Paid {
        uint256 refundWei;
        uint256 lockedWei;
        uint256 chargesWei;
    }

    function clear(uint32 roundId) external override {
        _clear(roundId, type(uint16).max);
    }

    function clearInParts(uint32 roundId, uint16 payouts) external override {
        _clear(roundId, payouts);
    }

    function abort(uint32 roundId, uint16 payouts) external override {
        uint256 since = _requireClearable(roundId);
        uint256 opensAt = since + 2 * GRACE_SECONDS;
        if (block.timestamp < opensAt) revert TooEarly(opensAt);

        emit RoundAborted(roundId);
        _close(since, _bookWith(0), new PackedPair[](0), payouts);
    }

    function clearNext(uint32 roundId, PackedOrder[] calldata orders, PackedPair[] calldata pairs, uint16 payouts)
        external
        override
    {
        if (roundId != _clearedRound) revert WrongRound(roundId, _clearedRound);
        Round memory r = _roundOf(roundId);
        if (r.phase != Phase.Clearing) revert WrongPhase(r.phase, Phase.Clearing);
        bytes32 given = keccak256(abi.encode(orders, pairs));
        if (given != _begun) revert WrongClearing(given, _begun);
        (uint256[] memory fills, uint256 surplusWei) = _fillsOf(orders.length, pairs);
        uint256 paid = _payOut(roundId, r, orders, fills, surplusWei, payouts);
        if (block.timestamp >= _clearableSince + GRACE_SECONDS) _rewardFinisher(paid);
    }

    /// @dev When the round's gate has closed and its orders are known (Unix seconds).
    function _clearableFrom(uint32 roundId) internal view virtual returns (uint256);

    /// @dev The present round, and since when it can be cleared. Who ends the round before, or an old
    /// one that this one waits for, begins no grace period in the past.
    function _requireClearable(uint32 roundId) internal view returns (uint256 since) {
        if (roundId != _presentRound()) revert WrongRound(roundId, _presentRound());
        Round memory before = _roundOf(_clearedRound);
        if (before.phase == Phase.Clearing) revert WrongPhase(Phase.Clearing, Phase.Cleared);
        since = _max(_clearableFrom(roundId), before.since);
        since = _max(since, _windowsEnd(roundId));
        if (block.timestamp < since) revert TooEarly(since);
    }

    /// @dev A clearing ends the window for readings of the round RING before it, and of older ones
    /// where rounds were skipped. Unless one of these is settled, its readings can be told for as
    /// long as after a gate in time; and if it is, the wait for them was over only then.
    function _windowsEnd(uint32 roundId) private view returns (uint256 end) {
        uint256 cleared = _clearedRound;
        uint256 old = roundId > RING ? _min(roundId - RING, cleared) : 0;
        for (; old > 0 && old + RING > cleared; --old) {
            Round memory r = _roundOf(old);
            uint256 until = _readableFrom(old, r) + (RING - 1) * INTERVAL;
            if (until <= _gateOf(roundId)) continue; // paid out in time, or skipped
            end = _max(end, r.phase == Phase.Settled ? _min(until, _lateEnd) : until);
        }
    }

    function _requireOperator(uint256 since) internal view {
        if (msg.sender == OPERATOR || block.timestamp >= since + GRACE_SECONDS) return;
        revert NotAuthorized(msg.sender, OPERATOR, since + GRACE_SECONDS);
    }

    function _clear(uint32 roundId, uint16 payouts) private {
        uint256 since = _requireClearable(roundId);
        _requireOperator(since);
        _match(since, _bookWith(0), payouts);
    }

    /// @dev The orders in storage, with room for `more` behind them as far as there are places.
    function _bookWith(uint256 more) internal view returns (PackedOrder[] memory orders) {
        uint256 stored = _presentBook().orders;
        orders = new PackedOrder[](_min(stored + more, ORDER_LIMIT));
        for (uint256 id = 0; id < stored; ++id) {
            orders[id] = _orders[id];
        }
    }

    /// @dev Has the rule pair the orders.
    function _match(uint256 since, PackedOrder[] memory orders, uint256 payouts) internal {
        uint256 paid = _close(since, orders, CLEARING_RULE.clear(orders), payouts);
        _rewardFinisher(paid + 1);
    }

    function _close(uint256 since, PackedOrder[] memory orders, PackedPair[] memory pairs, uint256 payouts)
        private
        returns (uint256 paid)
    {
        Book memory b = _presentBook();
        uint32 roundId = b.round;
        _escrowWei = b.escrowWei;
        _clearedRound = roundId;
        Round memory r = _roundOf(roundId);
        (uint256[] memory fills, Traded memory traded) = _trade(roundId, orders, pairs);
        // At most the highest limit of a bid, and so below 2^56.
        r.price = traded.energy == 0 ? 0 : uint56(traded.paidWei / traded.energy);
        _tellCleared(roundId, r.price, traded, orders);
        if (payouts < orders.length) {
            (_begun, _clearableSince) = (keccak256(abi.encode(orders, pairs)), uint40(since));
            emit ClearingBegun(roundId, orders, pairs);
        }
        _openAfter(roundId);
        paid = _payOut(roundId, r, orders, fills, traded.surplusWei, payouts);
    }

    /// @dev Checks each pair, tells it as a trade, and sums up the fills by order.
    function _trade(uint32 roundId, PackedOrder[] memory orders, PackedPair[] memory pairs)
        private
        returns (uint256[] memory fills, Traded memory traded)
    {
        fills = new uint256[](orders.length);
        for (uint256 i = 0; i < pairs.length; ++i) {
            PackedPair pair = pairs[i];
            (PackedOrder bid, PackedOrder ask) = _checked(orders, pair, i);
            (uint256 energy, uint256 buyPrice, uint256 sellPrice) = (pair.energy(), pair.buyPrice(), pair.sellPrice());
            _fill(fills, pair.bid(), bid, energy, buyPrice);
            _fill(fills, pair.ask(), ask, energy, sellPrice);
            // `_fill` holds every order to its energy: at most 1024 orders of 2^32 Wh at prices
            // below 2^56. And bid limit >= buyPrice >= sellPrice >= ask limit.
            unchecked {
                traded.energy += energy;
                traded.paidWei += energy * buyPrice;
                traded.surplusWei += energy * (buyPrice - sellPrice);
                traded.welfareWei += energy * (bid.price() - ask.price());
            }
            emit TradeCleared(
                roundId,
                bid.trader(),
                ask.trader(),
                uint16(pair.bid()),
                uint16(pair.ask()),
                EnergyWh.wrap(uint32(energy)),
                PriceWeiPerWh.wrap(uint56(buyPrice)),
                PriceWeiPerWh.wrap(uint56(sellPrice))
            );
        }
    }

    /// @dev What no rule may break: a bid and an ask of the book, within both limits, and no
    /// less paid than received.
    function _checked(PackedOrder[] memory orders, PackedPair pair, uint256 index)
        private
        pure
        returns (PackedOrder bid, PackedOrder ask)
    {
        if (pair.bid() >= orders.length || pair.ask() >= orders.length) revert PairRefused(index, pair);
        (bid, ask) = (orders[pair.bid()], orders[pair.ask()]);
        if (
            !bid.isBid() || !ask.isAsk() || pair.buyPrice() > bid.price()
                || pair.sellPrice() < ask.price() || pair.buyPrice() < pair.sellPrice()
        ) revert PairRefused(index, pair);
    }

    function _fill(uint256[] memory fills, uint256 id, PackedOrder filled, uint256 energy, uint256 price) private pure {
        // Sums of at most the order's energy and, at its limit, of the money: see MONEY_SHIFT.
        uint256 fill;
        unchecked {
            fill = fills[id] + (energy | energy * price << MONEY_SHIFT);
        }
        if (uint64(fill) > filled.energy()) revert Overfilled(id, uint64(fill), filled.energy());
        fills[id] = fill;
    }

    function _tellCleared(uint32 roundId, uint56 price, Traded memory traded, PackedOrder[] memory orders) private {
        (uint16 bids, uint16 asks) = (0, 0);
        for (uint256 id = 0; id < orders.length; ++id) {
            PackedOrder o = orders[id];
            if (o.isBid()) ++bids;
            else if (o.isAsk()) ++asks;
        }

        emit RoundCleared(
            roundId, PriceWeiPerWh.wrap(price), traded.energy, traded.welfareWei, traded.surplusWei, bids, asks
        );
    }

    /// @dev As `_trade` summed them up, of pairs that were checked when the clearing began.
    function _fillsOf(uint256 orders, PackedPair[] calldata pairs)
        private
        pure
        returns (uint256[] memory fills, uint256 surplusWei)
    {
        fills = new uint256[](orders);
        for (uint256 i = 0; i < pairs.length; ++i) {
            PackedPair pair = pairs[i];
            uint256 energy = pair.energy();
            fills[pair.bid()] += energy | energy * pair.buyPrice() << MONEY_SHIFT;
            fills[pair.ask()] += energy | energy * pair.sellPrice() << MONEY_SHIFT;
            surplusWei += energy * (pair.buyPrice() - pair.sellPrice());
        }
    }

    /// @dev Pays out the next orders, and returns how many. The round is cleared with the last of
    /// them, when what is left of the escrow must be the surplus.
    function _payOut(
        uint32 roundId,
        Round memory r,
        PackedOrder[] memory orders,
        uint256[] memory fills,
        uint256 surplusWei,
        uint256 payouts
    ) private returns (uint256) {
        uint256 from = r.paidOut;
        uint256 to = payouts < orders.length - from ? from + payouts : orders.length;
        Paid memory paid;
        for (uint256 id = from; id < to; ++id) {
            _payOrder(roundId, r, orders[id], id, fills[id], paid);
        }
        bool done = to == orders.length;
        uint256 creditedWei = paid.refundWei + paid.lockedWei + paid.chargesWei + (done ? surplusWei : 0);
        uint256 escrowWei = _escrowWei;
        if (done ? creditedWei != escrowWei : creditedWei > escrowWei) revert Unbalanced(creditedWei, escrowWei);
        _escrowWei = uint96(escrowWei - creditedWei);
        _lockedWei += uint96(paid.lockedWei);
        r.paidOut = done ? 0 : uint16(to);
        r.phase = done ? Phase.Cleared : Phase.Clearing;
        r.since = uint40(block.timestamp);
        _saveRound(roundId, r);
        _credit(SURPLUS_TO, paid.chargesWei + (done ? surplusWei : 0));
        if (from > 0 || !done) emit PaidOut(roundId, uint16(to));
        return to - from;
    }

    /// @dev Keeps locked what waits for the reading, and refunds what covered no trade.
    function _payOrder(uint32 roundId, Round memory r, PackedOrder placed, uint256 id, uint256 fill, Paid memory paid)
        private
    {
        bool buys = placed.isBid();
        if (!buys && !placed.isAsk()) return;
        (uint256 energy, uint256 money) = (uint64(fill), fill >> MONEY_SHIFT);
        uint256 refundWei = placed.cover(r.retail, r.feedIn);
        uint256 lockedWei;
        // A fill is at most the order, at its limit.
        unchecked {
            lockedWei = energy * placed.marginPrice(r.retail, r.feedIn);
            refundWei -= lockedWei;
            if (buys) refundWei -= money;
            else lockedWei += money;
        }
        if (placed.charged()) {
            uint256 chargePerWh = _chargeOf(roundId, id);
            paid.chargesWei += energy * chargePerWh;
            refundWei += (placed.energy() - energy) * chargePerWh;
        }
        if (energy != 0) {
            int64 boughtWh = buys ? int64(uint64(energy)) : -int64(uint64(energy));
            if (_addToPosition(placed.trader(), roundId, boughtWh, lockedWei)) ++r.openPositions;
        }
        unchecked {
            paid.lockedWei += lockedWei;
            paid.refundWei += refundWei;
        }
        _credit(placed.trader(), refundWei);
    }
}
