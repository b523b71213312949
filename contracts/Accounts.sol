// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketRules} from "./MarketRules.sol";

/// @title Money: balances, positions with the utility, deposits and withdrawals
/// @dev Credits go through `_credit` and charges through `_charge`; both keep the invariant
/// that an account with a debt has a zero balance.
abstract contract Accounts is MarketRules {
    mapping(address trader => Account) internal _accounts;
    uint128 private _claims;

    function deposit() external payable {
        emit Deposited(msg.sender, msg.value);
        _credit(msg.sender, msg.value);
    }

    function payPosition(address trader) external {
        _payPosition(trader);
    }

    /// @dev Effects before the call: whoever is called finds the ether gone from its balance.
    function _withdraw(address trader, uint256 amountWei) internal {
        Account storage account = _accounts[trader];
        uint128 reserved = trader == UTILITY ? _min(_claims, account.balance) : 0;
        uint128 available = account.balance - reserved;
        if (amountWei > available) revert BalanceTooLow(trader, amountWei, available);
        account.balance -= uint128(amountWei); // at most `available`
        emit Withdrawn(trader, amountWei);
        (bool accepted,) = trader.call{value: amountWei}("");
        if (!accepted) revert TransferFailed(trader, amountWei);
    }

    /// @dev Changes what is open between the trader and the utility, and collects a debt.
    function _charge(address trader, int128 chargeWei) internal {
        int128 before = _accounts[trader].position;
        int128 position = before - chargeWei;
        _accounts[trader].position = position;
        if (before > 0 || position > 0) _claims = _claims + _claim(position) - _claim(before);
        if (position < 0) _payPosition(trader);
    }

    /// @dev Takes free money, which a trader with a debt has none of.
    function _debit(address trader, uint128 amountWei) internal {
        Account storage account = _accounts[trader];
        if (account.position < 0) revert DebtOutstanding(trader, uint128(-account.position));
        if (amountWei > account.balance) revert BalanceTooLow(trader, amountWei, account.balance);
        account.balance -= amountWei;
    }

    /// @dev The only way in which money reaches a balance from outside: pays a debt first.
    function _credit(address trader, uint256 amountWei) internal {
        if (amountWei == 0) return;
        Account storage account = _accounts[trader];
        account.balance += uint128(amountWei); // all ether in existence is below 2^128 wei
        if (account.position < 0) _payPosition(trader);
    }

    /// @dev The utility's own position is always zero.
    function _payPosition(address trader) internal {
        Account storage account = _accounts[trader];
        Account storage utility = _accounts[UTILITY];
        int128 position = account.position;
        if (position < 0) {
            uint128 paid = _min(account.balance, uint128(-position));
            if (paid == 0) return;
            account.balance -= paid;
            utility.balance += paid;
            account.position = position + int128(paid);
            emit PositionPaid(trader, int128(paid), account.position);
        } else {
            uint128 paid = _min(utility.balance, uint128(position));
            if (paid == 0) return;
            utility.balance -= paid;
            account.balance += paid;
            _claims -= paid;
            account.position = position - int128(paid);
            emit PositionPaid(trader, -int128(paid), account.position);
        }
    }

    function claims() external view returns (uint128) {
        return _claims;
    }

    function _claim(int128 position) private pure returns (uint128) {
        return position > 0 ? uint128(position) : 0;
    }

    function _min(uint128 a, uint128 b) private pure returns (uint128) {
        return a < b ? a : b;
    }
}
