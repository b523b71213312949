// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnergyMarket} from "./EnergyMarket.sol";
import {EnergyWh, PriceWeiPerWh} from "./IMarketTypes.sol";
import {ISealedMarket} from "./ISealedMarket.sol";
import {PackedOrder, PackedOrders} from "./PackedOrder.sol";

/// @title Energy market with sealed orders
contract SealedMarket is EnergyMarket, ISealedMarket {
    uint256 private constant LEAST_REVEAL_SECONDS = 60;

    uint88 public immutable BOND_WEI;
    uint32 public immutable REVEAL_SECONDS;

    mapping(address trader => Commitment) private _commitments;
    /// @dev Commitments of the present round: how many, and how many of them by accounts without
    /// a meter. Each of them will find its place.
    uint32 private _countedRound;
    uint16 private _committed;
    uint16 private _openCommitted;

    constructor(Config memory c, uint88 bondWei, uint32 revealSeconds) EnergyMarket(c) {
        _requireAtLeast("bondWei", bondWei, 1);
        _requireAtLeast("revealSeconds", revealSeconds, LEAST_REVEAL_SECONDS);
        _requireAtMost("revealSeconds", revealSeconds, c.interval);
        (BOND_WEI, REVEAL_SECONDS) = (bondWei, revealSeconds);

        emit SealingConfigured(bondWei, revealSeconds);
    }

    function commit(uint32 roundId, bytes32 hash, uint88 coverWei) external override {
        _openBook(roundId);
        _requireNoRole(msg.sender);
        if (hash == 0) revert NoHash();
        Commitment memory old = _commitments[msg.sender];
        if (old.hash != 0 && old.round == roundId) revert AlreadyCommitted(msg.sender);
        if (old.hash != 0) _forfeit(msg.sender, old);
        _count(roundId);
        Account memory account = _load(msg.sender);
        uint256 neededWei = uint256(BOND_WEI) + coverWei;
        if (account.position < 0) revert DebtOutstanding(msg.sender, uint88(-account.position));
        if (neededWei > account.balance) revert BalanceTooLow(msg.sender, neededWei, account.balance);
        account.balance -= uint88(neededWei); // at most the balance
        _saveAccount(msg.sender, account);
        _sealedWei += uint96(neededWei);
        _commitments[msg.sender] = Commitment(hash, coverWei, roundId);

        emit Committed(roundId, msg.sender, hash, coverWei);
    }

    function reveal(uint32 roundId, Side side, EnergyWh energy, PriceWeiPerWh price, bytes32 salt)
        external
        override
        returns (uint16)
    {
        if (roundId != _presentRound()) revert WrongRound(roundId, _presentRound());
        uint256 gate = _gateOf(roundId);
        if (block.timestamp <= gate) revert TooEarly(gate + 1);
        if (block.timestamp > _revealUntil(roundId)) revert TooLate(_revealUntil(roundId));
        Commitment memory c = _commitments[msg.sender];
        if (c.hash == 0 || c.round != roundId) revert NothingCommitted(msg.sender);
        bytes32 given = commitmentOf(msg.sender, roundId, side, energy, price, salt);
        if (given != c.hash || side == Side.None) revert WrongReveal(given, c.hash);
        uint256 releasedWei = _unseal(msg.sender, c);

        emit Revealed(roundId, msg.sender, releasedWei);
        _credit(msg.sender, releasedWei);
        return _enter(_presentBook(), PackedOrders.pack(msg.sender, energy, price, side), c.coverWei);
    }

    function forfeit(address trader) external override {
        Commitment memory c = _commitments[trader];
        if (c.hash == 0) revert NothingCommitted(trader);
        uint256 until = _revealUntil(c.round);
        if (block.timestamp <= until) revert TooEarly(until + 1);
        _forfeit(trader, c);
    }

    function commitment(address trader) external view override returns (Commitment memory) {
        return _commitments[trader];
    }

    function commitmentOf(
        address trader,
        uint32 roundId,
        Side side,
        EnergyWh energy,
        PriceWeiPerWh price,
        bytes32 salt
    ) public view override returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), roundId, trader, side, energy, price, salt));
    }

    /// @dev The last second of revealing is for revealing alone.
    function _clearableFrom(uint32 roundId) internal view override returns (uint256) {
        return _revealUntil(roundId) + 1;
    }

    function _count(uint32 roundId) private {
        if (_countedRound != roundId) (_countedRound, _committed, _openCommitted) = (roundId, 0, 0);
        if (_committed >= ORDER_LIMIT) revert RoundFull(ORDER_LIMIT);
        ++_committed;
        if (OPEN_PLACES == ORDER_LIMIT || _meters[msg.sender].limitWh > 0) return;
        if (_openCommitted >= OPEN_PLACES) revert RoundFull(OPEN_PLACES);
        ++_openCommitted;
    }

    function _forfeit(address trader, Commitment memory c) private {
        _unseal(trader, c);

        emit BondForfeited(c.round, trader, BOND_WEI, c.coverWei);
        _credit(SURPLUS_TO, BOND_WEI);
        _credit(trader, c.coverWei);
    }

    function _unseal(address trader, Commitment memory c) private returns (uint256 releasedWei) {
        delete _commitments[trader];
        releasedWei = uint256(BOND_WEI) + c.coverWei;
        _sealedWei -= uint96(releasedWei);
    }

    function _revealUntil(uint32 roundId) private view returns (uint256) {
        return _gateOf(roundId) + REVEAL_SECONDS;
    }
}
