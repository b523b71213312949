// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketRules} from "./MarketRules.sol";

/// @title Money: balances, positions with the utility, deposits and withdrawals
/// @dev Credits go through `_credit` and charges through `_charge`; both keep the invariant
/// that an account with a debt has a zero balance.
abstract contract Accounts is MarketRules {
    /// @dev Balances are parts of the ether held, and so fit 88 bits if that does (more than
    /// twice all ether there is). Positions fit 96 bits for 2^20 rounds at the worst of all limits.
    uint256 private constant MAX_ETHER = type(uint88).max;

    mapping(address trader => Account) internal _accounts;
    uint128 private _claims;

    function deposit() external payable {
        if (address(this).balance > MAX_ETHER) revert TooMuchEther(address(this).balance, MAX_ETHER);
        emit Deposited(msg.sender, msg.value);
        _credit(msg.sender, msg.value);
    }

    function payPosition(address trader) external {
        _payPosition(trader);
    }

    /// @dev Effects before the call: whoever is called finds the ether gone from its balance.
    function _withdraw(address trader, uint256 amountWei) internal {
        Account storage account = _accounts[trader];
        uint256 reserved = trader == UTILITY ? _min(_claims, account.balance) : 0;
        uint256 available = account.balance - reserved;
        if (amountWei > available) revert BalanceTooLow(trader, amountWei, available);
        account.balance -= uint88(amountWei); // at most `available`
        emit Withdrawn(trader, amountWei);
        (bool accepted,) = trader.call{value: amountWei}("");
        if (!accepted) revert TransferFailed(trader, amountWei);
    }

    /// @dev Changes what is open between the trader and the utility, and collects a debt.
    function _charge(address trader, int96 chargeWei) internal {
        int96 before = _accounts[trader].position;
        int96 position = before - chargeWei;
        _accounts[trader].position = position;
        if (before > 0 || position > 0) _claims = _claims + _claim(position) - _claim(before);
        if (position < 0) _payPosition(trader);
    }

    /// @dev The only way in which money reaches a balance from outside: pays a debt first.
    function _credit(address trader, uint256 amountWei) internal {
        if (amountWei == 0) return;
        Account storage account = _accounts[trader];
        account.balance += uint88(amountWei); // a part of the ether held
        if (account.position < 0) _payPosition(trader);
    }

    /// @dev The utility's own position is always zero.
    function _payPosition(address trader) internal {
        Account storage account = _accounts[trader];
        Account storage utility = _accounts[UTILITY];
        int96 position = account.position;
        if (position < 0) {
            uint88 paid = uint88(_min(account.balance, uint96(-position)));
            if (paid == 0) return;
            account.balance -= paid;
            utility.balance += paid;
            account.position = position + int96(uint96(paid));
            emit PositionPaid(trader, int256(uint256(paid)), account.position);
        } else {
            uint88 paid = uint88(_min(utility.balance, uint96(position)));
            if (paid == 0) return;
            utility.balance -= paid;
            account.balance += paid;
            _claims -= paid;
            account.position = position - int96(uint96(paid));
            emit PositionPaid(trader, -int256(uint256(paid)), account.position);
        }
    }

    function claims() external view returns (uint128) {
        return _claims;
    }

    function _claim(int96 position) private pure returns (uint96) {
        return position > 0 ? uint96(position) : 0;
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
