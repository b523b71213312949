// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ledger} from "./Ledger.sol";

/// @title What the utility owes traders, and how it pays
/// @dev Of all claims the same part is paid, without a loop over them: an index tells how much of
/// each is left, and an account collects its part when it is next loaded (`Ledger._load`).
abstract contract Claims is Ledger {
    /// @dev Changes a loaded account's position; its claim counts from now on.
    function _setPosition(address trader, Account memory account, int256 newPosition) internal {
        uint256 beforeWei = account.position > 0 ? uint88(account.position) : 0;
        uint256 afterWei = newPosition > 0 ? uint256(newPosition) : 0;
        account.position = int88(newPosition); // charges of a round are below 2^83: MarketRules
        if (afterWei > 0) _snapshots[trader] = Snapshot(_left, _epoch, _scale);
        if (afterWei > beforeWei) _claimsWei += uint96(afterWei - beforeWei);
        else if (afterWei < beforeWei) _dropClaims(beforeWei - afterWei);
    }

    /// @dev Of claims that are set off against charges. What rounding has paid of them already
    /// goes back to the utility, so that claims and what is paid of them add up to all positions.
    function _dropClaims(uint256 amountWei) private {
        uint256 open = _min(amountWei, _claimsWei);
        uint256 paid = amountWei - open;
        _claimsWei -= uint96(open);
        if (paid > 0) {
            _paidWei -= uint96(paid);
            _move(UTILITY, int256(paid));
        }
        if (_claimsWei == 0) (_left, _epoch) = (WHOLE, _epoch + 1);
    }

    /// @dev Of every claim the same part is paid, by what one wei of each has left.
    function _payClaims() internal {
        uint256 claimsWei = _claimsWei;
        uint256 payWei = _min(claimsWei, _balanceOf(UTILITY));
        if (payWei == 0) return;
        _move(UTILITY, -int256(payWei));
        _paidWei += uint96(payWei);
        _claimsWei = uint96(claimsWei - payWei);
        if (payWei == claimsWei) (_left, _epoch) = (WHOLE, _epoch + 1);
        else _scaleDown(claimsWei - payWei, claimsWei);

        emit ClaimsPaid(payWei, claimsWei - payWei);
    }

    /// @dev Multiplies what every claim has left by `leftWei / claimsWei`, rounded up, and moves to
    /// finer units where few digits remain.
    function _scaleDown(uint256 leftWei, uint256 claimsWei) private {
        uint256 left = _left * leftWei; // below 2^120 times 2^96
        // At most four times: a wei is left of less than 2^96.
        while (left < claimsWei * (WHOLE / SCALE)) {
            left *= SCALE;
            ++_scale;
        }
        _left = uint128(_ceilDiv(left, claimsWei)); // at most WHOLE
    }
}
