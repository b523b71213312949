// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ContinuousDoubleAuction} from "../src/ContinuousDoubleAuction.sol";
import {IClearingRule} from "../src/IClearingRule.sol";
import {EnergyWh, IMarketTypes, PriceWeiPerWh} from "../src/IMarketTypes.sol";
import {ISettlement} from "../src/ISettlement.sol";
import {KDoubleAuction} from "../src/KDoubleAuction.sol";
import {McAfee} from "../src/McAfee.sol";
import {OpenMarket} from "../src/OpenMarket.sol";
import {PackedOrder, PackedOrders} from "../src/PackedOrder.sol";
import {PackedPair} from "../src/PackedPair.sol";
import {PayAsBid} from "../src/PayAsBid.sol";
import {Walrasian} from "../src/Walrasian.sol";
import {GRACE, INTERVAL, MAX_ENERGY, MAX_PRICE, OPERATOR, ORACLE, SURPLUS, UTILITY, deployMarket} from "./Deployment.sol";
import {vm} from "./Vm.sol";

/// @title Everything that anybody can do to a market, with arguments drawn by forge
contract Handler {
    OpenMarket public immutable MARKET;
    ISettlement public immutable MONEY;
    IClearingRule private immutable RULE;
    address[7] public people = [
        UTILITY, address(0x11), address(0x12), address(0x13), address(0x14), OPERATOR, SURPLUS
    ];
    uint256 private _now = block.timestamp;
    PackedOrder[] private _book;
    PackedPair[] private _pairs;
    uint32 private _clearing;

    constructor(OpenMarket market, IClearingRule rule) {
        (MARKET, MONEY, RULE) = (market, ISettlement(address(market)), rule);
        address[] memory houses = new address[](3);
        for (uint256 i = 0; i < 5; ++i) {
            vm.deal(people[i], 1e9);
        }
        // One of them stays without a meter.
        for (uint256 i = 0; i < 3; ++i) {
            houses[i] = people[1 + i];
            vm.prank(houses[i]);
            MONEY.consentToMeter(EnergyWh.wrap(MAX_ENERGY));
        }
        vm.prank(ORACLE);
        MONEY.registerMeters(houses, EnergyWh.wrap(MAX_ENERGY));
    }

    function deposit(uint8 who, uint256 amountWei) external {
        address from = people[who % 5];
        vm.prank(from);
        MONEY.depositFor{value: amountWei % (from.balance / 10 + 1)}(people[who / 8 % 6]);
    }

    function request(uint8 who, uint16 amountWei) external {
        vm.prank(people[who % 5]);
        MONEY.requestWithdrawal(amountWei);
    }

    function withdraw(uint8 who, uint16 amountWei) external {
        vm.prank(people[who % 5]);
        MONEY.withdraw(amountWei);
    }

    function bid(uint8 who, uint32 energy, uint56 price) external {
        _toOpenRound();
        (uint32 id, uint32 wh) = (MARKET.book().round, energy % (MAX_ENERGY + 2));
        vm.prank(people[1 + who % 5]);
        MARKET.placeBid(id, EnergyWh.wrap(wh), PriceWeiPerWh.wrap(price % (MAX_PRICE + 2)));
    }

    function ask(uint8 who, uint32 energy, uint56 price) external {
        _toOpenRound();
        (uint32 id, uint32 wh) = (MARKET.book().round, energy % (MAX_ENERGY + 2));
        vm.prank(people[1 + who % 5]);
        MARKET.placeAsk(id, EnergyWh.wrap(wh), PriceWeiPerWh.wrap(price % (MAX_PRICE + 2)));
    }

    function cancel(uint8 who, uint16 orderId) external {
        IMarketTypes.Book memory b = MARKET.book();
        orderId %= b.orders + 1;
        address owner = who % 4 == 0 ? people[who % people.length] : MARKET.order(orderId).trader;
        vm.prank(owner);
        MARKET.cancel(b.round, orderId);
    }

    function payClaims() external {
        MONEY.payClaims();
    }

    function clear(uint16 payouts) external {
        _remember();
        IMarketTypes.Book memory b = MARKET.book();
        _warpTo(MONEY.gateOf(b.round));
        vm.prank(OPERATOR);
        MARKET.clearInParts(b.round, payouts % (b.orders + 1));
        _clearing = b.round;
    }

    function abort(uint16 payouts) external {
        require(payouts % 4 == 0, "rarely");
        _remember();
        delete _pairs;
        IMarketTypes.Book memory b = MARKET.book();
        _warpTo(_now + INTERVAL + 3 * GRACE);
        MARKET.abort(b.round, payouts % (b.orders + 1));
        _clearing = b.round;
    }

    function clearNext(uint16 payouts) external {
        MARKET.clearNext(_clearing, _book, _pairs, payouts % 4);
    }

    function settle(uint8 whom, int64 first, int64 second, bool last) external {
        IMarketTypes.Reading[] memory readings = new IMarketTypes.Reading[](2);
        readings[0] = IMarketTypes.Reading(people[whom % 7], first % int64(uint64(MAX_ENERGY + 2)));
        readings[1] = IMarketTypes.Reading(people[1 + whom / 7 % 4], second % int64(uint64(MAX_ENERGY + 2)));
        uint32 id = _clearing;
        _warpTo(MONEY.gateOf(id) + INTERVAL - 1);
        vm.prank(ORACLE);
        MONEY.settle(id, readings, last);
    }

    function endRound(uint8 whose) external {
        _warpTo(_now + GRACE);
        if (whose % 2 == 0) vm.prank(ORACLE);
        MONEY.endRound(_clearing);
    }

    function release(uint8 who, uint8 back) external {
        MONEY.release(people[who % 7], MARKET.book().round - back % 8);
    }

    function everybody() external view returns (address[] memory all) {
        all = new address[](people.length + 1);
        for (uint256 i = 0; i < people.length; ++i) {
            all[i] = people[i];
        }
        all[people.length] = address(this);
    }

    /// @dev Orders come in before a gate only, and most calls should find one.
    function _toOpenRound() private {
        IMarketTypes.Book memory b = MARKET.book();
        if (_now <= MONEY.gateOf(b.round)) return;
        if (MONEY.round(_clearing).phase == IMarketTypes.Phase.Clearing) {
            MARKET.clearNext(_clearing, _book, _pairs, type(uint16).max);
        }
        vm.prank(OPERATOR);
        MARKET.clear(b.round);
        _clearing = b.round;
    }

    function _warpTo(uint256 timestamp) private {
        if (timestamp > _now) _now = timestamp;
        vm.warp(_now);
    }

    /// @dev The book that a clearing in parts has to be given again, and what the rule makes of it.
    function _remember() private {
        require(MONEY.round(_clearing).phase != IMarketTypes.Phase.Clearing, "clearing");
        delete _book;
        for (uint16 i = 0; i < MARKET.book().orders; ++i) {
            IMarketTypes.Order memory o = MARKET.order(i);
            _book.push(PackedOrders.pack(o.trader, o.energy, o.price, o.side));
        }
        _pairs = RULE.clear(_book);
    }
}

/// @title What must hold after any sequence of calls
abstract contract MarketInvariants {
    ISettlement private _market;
    OpenMarket private _auction;
    Handler private _handler;

    function _rule() internal virtual returns (IClearingRule);

    function setUp() public {
        IClearingRule rule = _rule();
        _auction = deployMarket(rule);
        _market = ISettlement(address(_auction));
        _handler = new Handler(_auction, rule);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev While a round is paid out, its escrow is neither in the book nor locked.
    function invariant_ether_is_in_balances_the_book_and_what_waits() external view {
        (IMarketTypes.Account[] memory money,) = _market.accounts(_handler.everybody());
        IMarketTypes.Totals memory totals = _market.totals();
        uint256 owed = _auction.book().escrowWei + totals.lockedWei + totals.sealedWei;
        uint256 claims;
        for (uint256 i = 0; i < money.length; ++i) {
            owed += money[i].balance;
            if (money[i].position > 0) claims += uint88(money[i].position);
        }
        // Claims paid in part are rounded: what that leaves is collected with the last part.
        owed += claims - totals.claimsWei;
        assert(address(_market).balance == totals.heldWei);
        assert(_isPayingOut() ? owed <= totals.heldWei : owed == totals.heldWei);
    }

    function invariant_debtors_have_nothing_and_the_utility_owes_nothing_to_itself() external view {
        (IMarketTypes.Account[] memory money,) = _market.accounts(_handler.everybody());
        for (uint256 i = 0; i < money.length; ++i) {
            assert(money[i].position >= 0 || money[i].balance == 0);
        }
        assert(money[0].position == 0);
    }

    function invariant_what_is_locked_is_in_positions() external view {
        if (_isPayingOut()) return;
        address[] memory all = _handler.everybody();
        uint256 locked;
        uint32 present = _auction.book().round;
        for (uint256 i = 0; i < all.length; ++i) {
            for (uint32 id = 1; id <= present; ++id) {
                IMarketTypes.Position memory p = _market.position(all[i], id);
                if (!p.settled) locked += p.lockedWei;
            }
        }
        assert(locked == _market.totals().lockedWei);
    }

    function invariant_energy_bought_is_energy_sold() external view {
        if (_isPayingOut()) return; // half of it is booked
        (, int256[] memory energyWh) = _market.accounts(_handler.everybody());
        int256 total;
        for (uint256 i = 0; i < energyWh.length; ++i) {
            total += energyWh[i];
        }
        assert(total == 0);
    }

    function _isPayingOut() private view returns (bool) {
        uint32 present = _auction.book().round;
        for (uint32 id = 1; id < present; ++id) {
            if (_market.round(id).phase == IMarketTypes.Phase.Clearing) return true;
        }
        return false;
    }
}

contract KDoubleAuctionInvariants is MarketInvariants {
    function _rule() internal override returns (IClearingRule) {
        return new KDoubleAuction(5_000, 10);
    }
}

contract WalrasianInvariants is MarketInvariants {
    function _rule() internal override returns (IClearingRule) {
        return new Walrasian(3_333);
    }
}

contract PayAsBidInvariants is MarketInvariants {
    function _rule() internal override returns (IClearingRule) {
        return new PayAsBid(5_000);
    }
}

contract McAfeeInvariants is MarketInvariants {
    function _rule() internal override returns (IClearingRule) {
        return new McAfee();
    }
}

contract ContinuousInvariants is MarketInvariants {
    function _rule() internal override returns (IClearingRule) {
        return new ContinuousDoubleAuction();
    }
}
