// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ContinuousDoubleAuction} from "../src/ContinuousDoubleAuction.sol";
import {EnergyMarket} from "../src/EnergyMarket.sol";
import {IClearingRule} from "../src/IClearingRule.sol";
import {EnergyWh, IEnergyMarket, PriceWeiPerWh} from "../src/IEnergyMarket.sol";
import {KDoubleAuction} from "../src/KDoubleAuction.sol";
import {McAfee} from "../src/McAfee.sol";
import {PackedOrder, PackedOrders} from "../src/PackedOrder.sol";
import {PackedPair} from "../src/PackedPair.sol";
import {PayAsBid} from "../src/PayAsBid.sol";
import {Walrasian} from "../src/Walrasian.sol";
import {GRACE, MAX_ENERGY, MAX_PRICE, OPERATOR, ORACLE, UTILITY, deployMarket} from "./Deployment.sol";
import {vm} from "./Vm.sol";

/// @title Everything that anybody can do to a market, with arguments drawn by forge
contract Handler {
    EnergyMarket public immutable MARKET;
    IClearingRule private immutable RULE;
    address[5] public people = [UTILITY, address(0x11), address(0x12), address(0x13), address(0x14)];
    PackedOrder[] private _book;
    PackedPair[] private _pairs;

    constructor(EnergyMarket market, IClearingRule rule) {
        (MARKET, RULE) = (market, rule);
        for (uint256 i = 0; i < people.length; ++i) {
            vm.deal(people[i], 1e9);
        }
    }

    modifier by(uint256 who) {
        vm.prank(people[who % people.length]);
        _;
    }

    function deposit(uint8 who, uint256 amountWei) external by(who) {
        MARKET.deposit{value: amountWei % (people[who % people.length].balance + 1)}();
    }

    function withdraw(uint8 who, uint16 amountWei) external by(who) {
        MARKET.withdraw(amountWei);
    }

    function bid(uint8 who, uint40 energy, uint48 price) external {
        _reopen();
        vm.prank(people[who % people.length]);
        MARKET.placeBid(EnergyWh.wrap(energy % (MAX_ENERGY + 2)), PriceWeiPerWh.wrap(price % (MAX_PRICE + 2)));
    }

    function ask(uint8 who, uint40 energy, uint48 price) external {
        _reopen();
        vm.prank(people[who % people.length]);
        MARKET.placeAsk(EnergyWh.wrap(energy % (MAX_ENERGY + 2)), PriceWeiPerWh.wrap(price % (MAX_PRICE + 2)));
    }

    function cancel(uint8 who, uint16 orderId) external {
        _reopen();
        orderId %= MARKET.round().orders + 1;
        address owner = who % 4 == 0 ? people[who % people.length] : MARKET.order(orderId).trader;
        vm.prank(owner);
        MARKET.cancel(orderId);
    }

    function pay(uint8 who) external {
        MARKET.payPosition(people[who % people.length]);
    }

    function clear(uint16 payouts) external {
        _remember();
        IEnergyMarket.Round memory round = MARKET.round();
        vm.prank(OPERATOR);
        MARKET.clearInParts(round.id, payouts % (round.orders + 1));
    }

    function abort(uint16 payouts) external {
        require(payouts % 4 == 0, "rarely");
        _remember();
        delete _pairs;
        IEnergyMarket.Round memory round = MARKET.round();
        vm.warp(round.since + 2 * GRACE);
        MARKET.abort(round.id, payouts % (round.orders + 1));
    }

    function clearNext(uint16 payouts) external {
        MARKET.clearNext(MARKET.round().id, _book, _pairs, payouts % 4);
    }

    function settle(uint8 whom, int64 first, int64 second) external {
        IEnergyMarket.Reading[] memory readings = new IEnergyMarket.Reading[](2);
        readings[0] = IEnergyMarket.Reading(people[1 + whom % 4], first % int64(uint64(MAX_ENERGY + 2)));
        readings[1] = IEnergyMarket.Reading(people[1 + whom / 4 % 4], second % int64(uint64(MAX_ENERGY + 2)));
        uint32 id = MARKET.round().id;
        vm.prank(ORACLE);
        MARKET.settle(id, readings);
    }

    function settleWithout() external {
        uint32 id = MARKET.round().id;
        vm.prank(ORACLE);
        MARKET.settle(id, new IEnergyMarket.Reading[](0));
    }

    function everybody() external view returns (address[] memory all) {
        all = new address[](people.length);
        for (uint256 i = 0; i < people.length; ++i) {
            all[i] = people[i];
        }
    }

    /// @dev Orders come in an open round only, and most calls should find one.
    function _reopen() private {
        IEnergyMarket.Round memory round = MARKET.round();
        if (round.phase == IEnergyMarket.Phase.Clearing) MARKET.clearNext(round.id, _book, _pairs, round.orders);
        if (round.phase == IEnergyMarket.Phase.Open) return;
        vm.prank(ORACLE);
        MARKET.settle(round.id, new IEnergyMarket.Reading[](0));
    }

    /// @dev The book that a clearing in parts has to be given again, and what the rule makes of it.
    function _remember() private {
        require(MARKET.round().phase == IEnergyMarket.Phase.Open, "not open");
        delete _book;
        for (uint16 i = 0; i < MARKET.round().orders; ++i) {
            IEnergyMarket.Order memory o = MARKET.order(i);
            _book.push(PackedOrders.pack(o.trader, o.energy, o.price, o.side));
        }
        _pairs = RULE.clear(_book);
    }
}

/// @title What must hold after any sequence of calls
abstract contract MarketInvariants {
    EnergyMarket private _market;
    Handler private _handler;

    function _rule() internal virtual returns (IClearingRule);

    function setUp() public {
        IClearingRule rule = _rule();
        _market = deployMarket(rule);
        _handler = new Handler(_market, rule);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_ether_is_balances_and_escrow() external view {
        (IEnergyMarket.Account[] memory money,) = _market.accounts(_handler.everybody());
        uint256 owed = _market.round().escrow;
        for (uint256 i = 0; i < money.length; ++i) {
            owed += money[i].balance;
        }
        assert(address(_market).balance == owed);
    }

    function invariant_claims_are_the_positive_positions_and_debtors_have_nothing() external view {
        (IEnergyMarket.Account[] memory money,) = _market.accounts(_handler.everybody());
        uint256 claims;
        for (uint256 i = 0; i < money.length; ++i) {
            if (money[i].position > 0) claims += uint96(money[i].position);
            assert(money[i].position >= 0 || money[i].balance == 0);
        }
        assert(money[0].position == 0); // the utility owes nothing to itself
        assert(_market.claims() == claims);
    }

    function invariant_energy_bought_is_energy_sold() external view {
        if (_market.round().phase == IEnergyMarket.Phase.Clearing) return; // half of it is booked
        (, IEnergyMarket.Energy[] memory energy) = _market.accounts(_handler.everybody());
        int256 total;
        for (uint256 i = 0; i < energy.length; ++i) {
            total += energy[i].balanceWh;
        }
        assert(total == 0);
    }

    function invariant_nothing_is_in_escrow_once_cleared() external view {
        IEnergyMarket.Round memory round = _market.round();
        if (round.phase == IEnergyMarket.Phase.Cleared) assert(round.escrow == 0 && round.paidOut == 0);
        if (round.phase == IEnergyMarket.Phase.Clearing) assert(round.paidOut < round.orders);
        if (round.phase == IEnergyMarket.Phase.Open) assert(round.paidOut == 0 && round.openPositions == 0);
    }
}

contract KDoubleAuctionInvariants is MarketInvariants {
    function _rule() internal override returns (IClearingRule) {
        return new KDoubleAuction(5_000);
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
