// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketRules} from "./MarketRules.sol";
import {Packed} from "./Packed.sol";

/// @title What both halves of a market keep: accounts, rounds and contracted energy
/// @dev An account is loaded by `_load`, which collects what the utility paid of its claim, and
/// every credit goes through `_give`, which pays its debt.
abstract contract Ledger is MarketRules {
    /// @dev What one wei of a claim has left when nothing of it is paid.
    uint128 internal constant WHOLE = 10 ** 36;
    /// @dev Where less than WHOLE / SCALE is left, it is counted in units that are this much
    /// finer, so that it never runs out of digits.
    uint256 internal constant SCALE = 10 ** 9;
    /// @dev What is left of any claim over more scales is less than a wei.
    uint256 private constant MOST_SCALES = 3;

    struct Withdrawal {
        uint88 amountWei;
        uint32 afterRound;
    }

    /// @dev How much of all claims was left when the account last collected.
    struct Snapshot {
        uint128 left;
        uint64 epoch;
        uint32 scale;
    }

    /// @dev An `Account`, as `Packed` has it; so are a `Book`, a `Round` and a `Position` below.
    mapping(address trader => uint256) private _accounts;
    mapping(address trader => Meter) internal _meters;
    mapping(address trader => int256) internal _energyWh;
    mapping(address trader => Withdrawal) internal _withdrawals;
    mapping(address trader => Snapshot) internal _snapshots;

    uint96 internal _heldWei;
    uint96 internal _lockedWei;
    /// @dev The newest round that ended, and the newest that was cleared.
    uint32 internal _settledRound;
    uint32 internal _clearedRound;

    uint96 internal _claimsWei;
    uint96 internal _paidWei;
    /// @dev Claims that stand when all were paid in full begin a new epoch.
    uint64 internal _epoch;
    uint128 internal _left = WHOLE;
    uint32 internal _scale;
    uint96 internal _sealedWei;

    uint256 private _book;
    mapping(uint256 roundId => uint256) private _rounds;
    mapping(address trader => uint256[RING]) private _positions;
    /// @dev When a round that was paid out late was last ended, which a gate may have waited for.
    uint40 internal _lateEnd;

    constructor(Config memory c) MarketRules(c) {}

    /// @dev The account, with its part of what the utility paid since it was last loaded.
    function _load(address trader) internal returns (Account memory account) {
        _loadInto(account, trader);
    }

    /// @dev As `_load`, into a structure that there is.
    function _loadInto(Account memory account, address trader) internal {
        Packed.read(_accounts[trader], account);
        if (account.position <= 0) return;
        uint256 paid = _collectable(trader, account);
        if (paid == 0) return;
        account.balance += uint88(paid); // a part of what is held
        account.position -= int88(uint88(paid)); // at most the claim
        _paidWei -= uint96(paid);
        _snapshots[trader] = Snapshot(_left, _epoch, _scale);
        _saveAccount(trader, account);

        emit ClaimCollected(trader, paid, uint88(account.position));
    }

    /// @dev Rounded down, by less than a wei, and in full when the epoch of the claim is over.
    function _collectable(address trader, Account memory account) internal view returns (uint256) {
        if (account.position <= 0) return 0;
        Snapshot memory s = _snapshots[trader];
        uint256 claimWei = uint88(account.position);
        if (s.epoch < _epoch) return claimWei;
        uint256 scales = _scale - s.scale;
        if (scales > MOST_SCALES) return claimWei - 1;
        return claimWei - _ceilDiv(claimWei * _left, s.left * SCALE ** scales);
    }

    /// @dev Adds to a loaded account; a debt is paid first.
    function _give(address trader, Account memory account, uint256 amountWei) internal {
        if (account.position < 0 && amountWei > 0) {
            uint256 paid = _min(amountWei, uint88(-account.position));
            account.position += int88(uint88(paid)); // at most the debt
            amountWei -= paid;
            _move(UTILITY, int256(paid)); // which has no debt

            emit DebtPaid(trader, paid, uint88(-account.position));
        }
        account.balance += uint88(amountWei); // a part of what is held
    }

    function _credit(address trader, uint256 amountWei) internal {
        if (amountWei == 0) return;
        uint256 word = _accounts[trader];
        if (uint88(word >> 88) == 0) {
            // Neither debt nor claim. A balance is a part of what is held, and the lowest field.
            unchecked {
                _accounts[trader] = word + amountWei;
            }
            return;
        }
        Account memory account = _load(trader);
        _give(trader, account, amountWei);
        _saveAccount(trader, account);
    }

    /// @dev The operator pays whoever did `steps` of its work for it.
    function _rewardFinisher(uint256 steps) internal {
        if (msg.sender == OPERATOR) return;
        uint256 amountWei = _min(steps * FINISHER_REWARD, _balanceOf(OPERATOR));
        if (amountWei == 0) return;
        _move(OPERATOR, -int256(amountWei));

        emit FinisherPaid(msg.sender, amountWei);
        _credit(msg.sender, amountWei);
    }

    function _account(address trader) internal view returns (Account memory account) {
        Packed.read(_accounts[trader], account);
    }

    function _saveAccount(address trader, Account memory account) internal {
        _accounts[trader] = Packed.word(account);
    }

    function _balanceOf(address trader) internal view returns (uint256) {
        return uint88(_accounts[trader]);
    }

    /// @dev Changes a balance that bears it, of an account without a debt. It is the lowest field.
    function _move(address trader, int256 amountWei) internal {
        unchecked {
            _accounts[trader] += uint256(amountWei);
        }
    }

    function _presentBook() internal view returns (Book memory) {
        return Packed.book(_book);
    }

    function _saveBook(Book memory b) internal {
        _book = Packed.word(b);
    }

    /// @dev Of the book. It is the lowest field.
    function _presentRound() internal view returns (uint32) {
        return uint32(_book);
    }

    function _roundOf(uint256 roundId) internal view returns (Round memory) {
        return Packed.round(_rounds[roundId]);
    }

    function _saveRound(uint256 roundId, Round memory r) internal {
        _rounds[roundId] = Packed.word(r);
    }

    /// @dev What is kept in the place of this round; perhaps of an older one.
    function _positionAt(address trader, uint256 roundId) internal view returns (Position memory) {
        return Packed.position(_positions[trader][roundId % RING]);
    }

    /// @dev Adds to a trader's position in the round, which takes the place of an older one. MAX_ORDERS
    /// times 2^32 Wh fit int64, and what is locked is a part of what is held. `first` at the
    /// trader's first trade of the round.
    function _addToPosition(address trader, uint32 roundId, int64 boughtWh, uint256 lockedWei)
        internal
        returns (bool first)
    {
        uint256[RING] storage ring = _positions[trader];
        uint256 kept = ring[roundId % RING];
        first = uint32(kept) != roundId;
        if (first) {
            if (kept != 0 && kept >> 184 & 1 == 0) _settleUnread(trader, uint32(kept));
            kept = roundId;
        }
        unchecked {
            uint256 wh = uint64(int64(uint64(kept >> 32)) + boughtWh);
            ring[roundId % RING] = (kept >> 96) + lockedWei << 96 | wh << 32 | roundId;
        }
    }

    /// @dev Settles an older position, whose window is over, as if the reading were what it
    /// stands for. Its place is needed.
    function _settleUnread(address trader, uint32 roundId) internal virtual;

    function _savePosition(address trader, Position memory p) internal {
        _positions[trader][p.round % RING] = Packed.word(p);
    }

    function _requireNoRole(address account) internal view {
        if (account == UTILITY || account == SURPLUS_TO) revert RoleCannotTrade(account);
    }

    function _gateOf(uint256 roundId) internal view returns (uint256) {
        return FIRST_GATE + (roundId - 1) * INTERVAL;
    }

    /// @dev When readings of a round that is paid out can be told: from the last second of its
    /// interval on, so that it can be settled before the next gate.
    function _readableFrom(uint256 roundId, Round memory r) internal view returns (uint256) {
        return _max(_gateOf(roundId) + INTERVAL - 1, r.since);
    }

    function _ceilDiv(uint256 a, uint256 b) internal pure returns (uint256) {
        return (a + b - 1) / b;
    }

    function _min(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }

    function _max(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? b : a;
    }
}
