// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnergyWh, IMarketTypes, PriceWeiPerWh} from "../src/IMarketTypes.sol";
import {PackedOrder, PackedOrders} from "../src/PackedOrder.sol";
import {PackedPairs} from "../src/PackedPair.sol";
import {vm} from "../test/Vm.sol";
import {AnyState} from "./AnyState.sol";

/// @title Placing takes an order's cover, and clearing leaves of it what settling may charge
contract ClearProofs is AnyState {
    uint32 private constant ORDER_WH = 2;

    struct House {
        uint56 limit;
        uint88 balance;
        int88 position;
        int32 contractedWh;
        uint80 lockedWei;
    }

    struct Fill {
        uint56 otherLimit;
        uint56 buy;
        uint56 sell;
    }

    function check_place_bid(Tariff memory t, uint56 limit, uint88 balance, int88 position, uint80 escrowWei) external {
        _place(t, _order(BUYER, limit), balance, position, escrowWei);
    }

    function check_place_ask(Tariff memory t, uint56 limit, uint88 balance, int88 position, uint80 escrowWei) external {
        _place(t, _order(SELLER, limit), balance, position, escrowWei);
    }

    function _place(Tariff memory t, PackedOrder placed, uint88 balance, int88 position, uint80 escrowWei) private {
        vm.assume(position <= 0);
        _putTariff(t, 0, IMarketTypes.Phase.Open);
        _putBook(t, 0, escrowWei);
        address trader = placed.trader();
        _putAccount(trader, balance, position);
        PriceWeiPerWh limit = PriceWeiPerWh.wrap(uint56(placed.price()));
        vm.prank(trader);
        if (placed.isBid()) _market.placeBid(ROUND, EnergyWh.wrap(ORDER_WH), limit);
        else _market.placeAsk(ROUND, EnergyWh.wrap(ORDER_WH), limit);
        (int256 left, int256 owed) = _account(trader);
        uint256 coverWei = placed.cover(t.retail, t.feedIn);
        unchecked {
            bool taken = _all(coverWei <= balance, uint256(left) == balance - coverWei, _escrow() == escrowWei + coverWei);
            assert(_all(taken, position == 0, owed == 0));
        }
    }

    function check_clear_a_part_of_a_bid(Tariff memory t, House memory h, Fill memory f, Pot memory pot) external {
        _clear(t, BUYER, h, f, pot, 1);
    }

    function check_clear_a_part_of_an_ask(Tariff memory t, House memory h, Fill memory f, Pot memory pot) external {
        _clear(t, SELLER, h, f, pot, 1);
    }

    function _clear(Tariff memory t, address trader, House memory h, Fill memory f, Pot memory before, int64 wh) private {
        vm.assume(h.position <= 0);
        _putTariff(t, 0, IMarketTypes.Phase.Open);
        bool buys = trader == BUYER;
        PackedOrder bid = _order(BUYER, buys ? h.limit : f.otherLimit);
        PackedOrder ask = _order(SELLER, buys ? f.otherLimit : h.limit);
        uint256 coverWei = bid.cover(t.retail, t.feedIn) + ask.cover(t.retail, t.feedIn);
        _putOrder(0, bid);
        _putOrder(1, ask);
        _putBook(t, 2, uint96(coverWei));
        _putPot(before);
        _putAccount(trader, h.balance, h.position);
        _putPosition(trader, h.contractedWh, h.lockedWei);
        uint256 heldWei = _sum(before) + coverWei + h.balance;
        vm.assume(heldWei <= type(uint88).max);
        _rule.answer(PackedPairs.pack(0, 1, uint64(wh), f.buy, f.sell));
        vm.warp(1 + 2 * INTERVAL);
        vm.prank(OPERATOR);
        _market.clear(ROUND);
        int256 noTake = t.feedIn < 0 ? -int256(t.feedIn) : int256(0);
        _requireLocked(trader, h, wh, buys ? noTake : int256(uint256(t.retail)));
        _requireConserved(heldWei);
    }

    /// @dev More is locked by what the fill may cost, and the rest of the cover comes back.
    function _requireLocked(address trader, House memory h, int64 wh, int256 perWh) private view {
        unchecked {
            IMarketTypes.Position memory p = _position(trader);
            (int256 balance, int256 position) = _account(trader);
            int256 moreWei = int256(uint256(p.lockedWei)) - int256(uint256(h.lockedWei));
            bool counted = p.contractedWh == int256(h.contractedWh) + (trader == BUYER ? wh : -wh);
            bool kept = balance + position >= int256(uint256(h.balance)) + h.position;
            assert(_all(counted, moreWei >= wh * perWh, kept));
        }
    }

    function _requireConserved(uint256 heldWei) private view {
        unchecked {
            (int256 bought,) = _account(BUYER);
            (int256 sold,) = _account(SELLER);
            (int256 surplus,) = _account(SURPLUS);
            assert(_sum(_pot()) + uint256(bought + sold + surplus) == heldWei);
        }
    }

    function _order(address trader, uint56 limit) private pure returns (PackedOrder) {
        IMarketTypes.Side side = trader == BUYER ? IMarketTypes.Side.Bid : IMarketTypes.Side.Ask;
        return PackedOrders.pack(trader, EnergyWh.wrap(ORDER_WH), PriceWeiPerWh.wrap(limit), side);
    }
}
