// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Claims} from "./Claims.sol";
import {ISettlement} from "./ISettlement.sol";

/// @title How ether comes in, and how it leaves
abstract contract Money is Claims, ISettlement {
    /// @dev Balances are parts of what is held, and so fit 88 bits if that does (more than
    /// twice all ether there is).
    uint256 private constant MAX_HELD = type(uint88).max;

    function deposit() external payable override {
        _deposit(msg.sender);
    }

    function depositFor(address trader) external payable override {
        _deposit(trader);
    }

    function requestWithdrawal(uint88 amountWei) external override {
        uint32 afterRound = _presentRound();
        _withdrawals[msg.sender] = Withdrawal(amountWei, afterRound);

        emit WithdrawalRequested(msg.sender, amountWei, afterRound);
    }

    function withdraw(uint256 amountWei) external override {
        _withdraw(msg.sender, amountWei);
    }

    function withdrawTo(address to, uint256 amountWei) external override {
        _withdraw(to, amountWei);
    }

    function payClaims() external override {
        _payClaims();
    }

    function withdrawal(address trader) external view override returns (uint88 amountWei, uint32 afterRound) {
        return (_withdrawals[trader].amountWei, _withdrawals[trader].afterRound);
    }

    function _deposit(address trader) private {
        uint256 heldWei = _heldWei + msg.value;
        if (heldWei > MAX_HELD) revert TooMuchEther(heldWei, MAX_HELD);
        _heldWei = uint96(heldWei);

        emit Deposited(trader, msg.sender, msg.value);
        _credit(trader, msg.value);
    }

    /// @dev Effects before the call: whoever is called finds the ether gone from its balance.
    function _withdraw(address to, uint256 amountWei) private {
        Withdrawal memory asked = _withdrawals[msg.sender];
        if (amountWei > asked.amountWei || asked.afterRound > _settledRound) {
            revert WithdrawalPending(msg.sender, asked.amountWei, asked.afterRound);
        }
        Account memory account = _load(msg.sender);
        uint256 available = account.balance;
        if (msg.sender == UTILITY) available -= _min(_claimsWei, available);
        if (amountWei > available) revert BalanceTooLow(msg.sender, amountWei, available);
        account.balance -= uint88(amountWei); // at most `available`
        _saveAccount(msg.sender, account);
        _withdrawals[msg.sender].amountWei = asked.amountWei - uint88(amountWei);
        _heldWei -= uint96(amountWei);

        emit Withdrawn(msg.sender, to, amountWei);
        (bool accepted,) = to.call{value: amountWei}("");
        if (!accepted) revert TransferFailed(to, amountWei);
    }
}
