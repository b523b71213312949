// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnergyMarket} from "../src/EnergyMarket.sol";
import {EnergyWh, IEnergyMarket, PriceWeiPerWh} from "../src/IEnergyMarket.sol";
import {PackedPair, PackedPairs} from "../src/PackedPair.sol";
import {AnyRule} from "./AnyRule.sol";
import {OPERATOR, UTILITY, deployMarket} from "./Deployment.sol";
import {vm} from "./Vm.sol";

/// @title What the market keeps whatever its rule answers
/// @dev Proved by halmos: one bid, one ask, one pair of the rule's choice.
contract MarketProofs {
    uint256 private constant DEPOSIT = 1e6;
    address private constant BUYER = address(0xb);
    address private constant SELLER = address(0xa);
    AnyRule private _rule;
    EnergyMarket private _market;

    function setUp() public {
        _rule = new AnyRule();
        _market = deployMarket(_rule);
        vm.deal(BUYER, DEPOSIT);
        vm.prank(BUYER);
        _market.deposit{value: DEPOSIT}();
    }

    function _clear(uint8 energy, uint8 bid, uint8 ask, PackedPair pair)
        private
        returns (IEnergyMarket.Account[] memory money)
    {
        vm.assume(energy > 0);
        vm.prank(BUYER);
        _market.placeBid(EnergyWh.wrap(energy), PriceWeiPerWh.wrap(bid));
        vm.prank(SELLER);
        _market.placeAsk(EnergyWh.wrap(energy), PriceWeiPerWh.wrap(ask));
        _rule.answer(pair);
        vm.prank(OPERATOR);
        _market.clear(0);
        address[] memory everybody = new address[](3);
        (everybody[0], everybody[1], everybody[2]) = (BUYER, SELLER, UTILITY);
        (money,) = _market.accounts(everybody);
    }

    /// @notice Solvency: every wei deposited is in somebody's balance.
    function check_solvent(uint8 energy, uint8 bid, uint8 ask, uint8 traded, uint8 buy, uint8 sell) external {
        vm.assume(bid <= 100 && ask <= 100);
        PackedPair pair = PackedPairs.pack(0, 1, traded, buy, sell);
        IEnergyMarket.Account[] memory money = _clear(energy, bid, ask, pair);
        assert(uint256(money[0].balance) + money[1].balance + money[2].balance == DEPOSIT);
        assert(_market.round().escrow == 0);
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
}
