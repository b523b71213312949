// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnergyWh, IMarketTypes, PriceWeiPerWh} from "../src/IMarketTypes.sol";
import {ISettlement} from "../src/ISettlement.sol";
import {OpenMarket} from "../src/OpenMarket.sol";
import {PackedPair, PackedPairs} from "../src/PackedPair.sol";
import {AnyRule} from "./AnyRule.sol";
import {INTERVAL, OPERATOR, SURPLUS, deployMarket} from "./Deployment.sol";
import {vm} from "./Vm.sol";

/// @title What the market keeps whatever its rule answers
/// @dev Proved by halmos: one bid, one ask, one pair of the rule's choice.
contract MarketProofs {
    uint256 private constant DEPOSIT = 1e6;
    address private constant BUYER = address(0xb);
    address private constant SELLER = address(0xa);
    AnyRule private _rule;
    OpenMarket private _market;
    ISettlement private _money;

    function setUp() public {
        _rule = new AnyRule();
        _market = deployMarket(_rule);
        _money = ISettlement(address(_market));
        vm.deal(address(this), 2 * DEPOSIT);
        _money.depositFor{value: DEPOSIT}(BUYER);
        _money.depositFor{value: DEPOSIT}(SELLER);
    }

    function _clear(uint8 energy, uint8 bid, uint8 ask, PackedPair pair)
        private
        returns (IMarketTypes.Account[] memory money)
    {
        vm.assume(energy > 0);
        vm.prank(BUYER);
        _market.placeBid(1, EnergyWh.wrap(energy), PriceWeiPerWh.wrap(bid));
        vm.prank(SELLER);
        _market.placeAsk(1, EnergyWh.wrap(energy), PriceWeiPerWh.wrap(ask));
        _rule.answer(pair);
        vm.warp(block.timestamp + INTERVAL);
        vm.prank(OPERATOR);
        _market.clear(1);
        address[] memory everybody = new address[](3);
        (everybody[0], everybody[1], everybody[2]) = (BUYER, SELLER, SURPLUS);
        (money,) = _money.accounts(everybody);
    }

    /// @notice Solvency: every wei deposited is in somebody's balance, or locked until the reading.
    function check_solvent(uint8 energy, uint8 bid, uint8 ask, uint8 traded, uint8 buy, uint8 sell) external {
        vm.assume(bid <= 100 && ask <= 100);
        PackedPair pair = PackedPairs.pack(0, 1, traded, buy, sell);
        IMarketTypes.Account[] memory money = _clear(energy, bid, ask, pair);
        uint256 balances = uint256(money[0].balance) + money[1].balance + money[2].balance;
        assert(balances + _money.totals().lockedWei == 2 * DEPOSIT);
    }

    /// @notice Individual rationality: the buyer pays at most its limit for each Wh, the seller
    /// gets at least its own, and nobody trades more than the order.
    function check_rational(uint8 energy, uint8 bid, uint8 ask, uint8 traded, uint8 buy, uint8 sell) external {
        vm.assume(bid <= 100 && ask <= 100);
        PackedPair pair = PackedPairs.pack(0, 1, traded, buy, sell);
        _clear(energy, bid, ask, pair);
        assert(traded <= energy);
        assert(buy <= bid && sell >= ask && buy >= sell);
    }

    /// @notice What is locked pays the worst that a meter can say of the trade: a seller that
    /// delivered nothing owes nothing.
    function check_margin(uint8 energy, uint8 bid, uint8 ask, uint8 traded, uint8 buy, uint8 sell) external {
        vm.assume(bid <= 100 && ask <= 100);
        _clear(energy, bid, ask, PackedPairs.pack(0, 1, traded, buy, sell));
        assert(_money.position(SELLER, 1).lockedWei >= uint256(traded) * 30);
    }
}
