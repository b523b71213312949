// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMarketTypes} from "../src/IMarketTypes.sol";
import {ISettlementRule} from "../src/ISettlementRule.sol";
import {vm} from "../test/Vm.sol";
import {AnyCharge} from "./AnyCharge.sol";
import {AnyState} from "./AnyState.sol";

/// @title What a market makes of a charge, whatever the rule that asks for it
/// @dev That the charge of `DualPrice` is no more than the reading alone costs and what is locked, is
/// `check_what_is_locked_pays_all_but_the_reading` in proofs/ChargeProofs.
contract SettleProofs is AnyState {
    AnyCharge private _charges;

    struct House {
        uint88 balance;
        int88 position;
        uint88 lockedWei;
    }

    function _settlementRule() internal override returns (ISettlementRule) {
        return _charges = new AnyCharge();
    }

    /// @dev The rule is asked for this reading at the tariff and price of the round, or charges another wei.
    /// And of a house without a claim: it owes what charge and older debt are beyond its balance and what
    /// was locked, no wei is lost, and the utility has the charge or is owed it.
    function check_settle(
        Tariff memory t,
        uint56 price,
        House memory h,
        Pot memory pot,
        int80 chargeWei,
        int32 contractedWh,
        int8 wh
    ) external {
        vm.assume(wh >= -int64(uint64(MAX_WH)));
        vm.assume(wh <= int64(uint64(MAX_WH)));
        vm.assume(h.position <= 0);
        vm.assume(pot.claimsWei < 2 ** 87); // a field of 96 bits, read as 88
        _putTariff(t, price, IMarketTypes.Phase.Cleared);
        _putPot(pot);
        _putAccount(SELLER, h.balance, h.position);
        _putPosition(SELLER, contractedWh, h.lockedWei);
        uint256 heldWei = _sum(pot) + h.balance;
        vm.assume(heldWei <= type(uint88).max);
        _charges.answer(chargeWei, AnyCharge.Asked(t.retail, t.feedIn, price, contractedWh, wh));
        vm.warp(1 + 3 * INTERVAL);
        IMarketTypes.Reading[] memory readings = new IMarketTypes.Reading[](1);
        readings[0] = IMarketTypes.Reading(SELLER, wh);
        vm.prank(ORACLE);
        _money().settle(ROUND, readings, false);
        _requireCharged(h, pot, chargeWei, heldWei);
    }

    function _requireCharged(House memory h, Pot memory before, int256 chargeWei, uint256 heldWei) private view {
        unchecked {
            (int256 balance, int256 position) = _account(SELLER);
            Pot memory pot = _pot();
            int256 had = int256(uint256(h.balance)) + int256(uint256(h.lockedWei));
            int256 shortWei = chargeWei - h.position - had;
            int256 owedWei = position < 0 ? -position : int256(0);
            assert(owedWei == (shortWei > 0 ? shortWei : int256(0)));
            assert(_sum(pot) + uint256(balance) == heldWei);
            int256 gotWei = int256(uint256(pot.utilityWei)) - int256(uint256(before.utilityWei));
            int256 claimsWei = int256(uint256(pot.claimsWei)) - int256(uint256(before.claimsWei));
            assert(gotWei - claimsWei + owedWei + h.position == chargeWei);
        }
    }
}
