// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnergyWh, PriceWeiPerWh} from "./IMarketTypes.sol";
import {Ledger} from "./Ledger.sol";
import {Money} from "./Money.sol";

/// @title Meters, tariffs, and the settlement of what was delivered; and, below it, the money
/// @dev The half of a market that takes no orders, a contract of its own for its size. A market
/// creates it with its own rules and runs its code in its own name (`EnergyMarket.fallback`); the
/// storage of both begins with that of `Ledger`. On its own it holds nothing and can do nothing.
contract Settlement is Money {
    uint256 private constant REFUSED = type(uint256).max;

    constructor(Config memory c) Ledger(c) {}

    function consentToMeter(EnergyWh most) external override {
        _requireNoRole(msg.sender);
        Meter storage m = _meters[msg.sender];
        m.consentWh = EnergyWh.unwrap(most);
        // Who takes consent back keeps the meter until the oracle takes it away.

        emit MeterConsented(msg.sender, most);
    }

    function registerMeters(address[] calldata traders, EnergyWh limit) external override {
        if (msg.sender != METER_ORACLE) revert NotAuthorized(msg.sender, METER_ORACLE, type(uint256).max);
        if (EnergyWh.unwrap(limit) > EnergyWh.unwrap(MAX_ENERGY)) revert EnergyAboveMaximum(limit, MAX_ENERGY);
        for (uint256 i = 0; i < traders.length; ++i) {
            Meter storage m = _meters[traders[i]];
            if (EnergyWh.unwrap(limit) > m.consentWh) revert NoConsent(traders[i], limit, EnergyWh.wrap(m.consentWh));
            m.limitWh = EnergyWh.unwrap(limit);

            emit MeterRegistered(traders[i], limit);
        }
    }

    function meter(address trader) external view override returns (Meter memory) {
        return _meters[trader];
    }

    function setTariff(uint32 roundId, PriceWeiPerWh retail, int56 feedIn) external override {
        if (msg.sender != TARIFF_SETTER) revert NotAuthorized(msg.sender, TARIFF_SETTER, type(uint256).max);
        if (roundId <= _presentRound()) revert WrongRound(roundId, _presentRound());
        uint56 price = PriceWeiPerWh.unwrap(retail);
        if (price == 0 || price > MAX_RETAIL || feedIn < MIN_FEED_IN || feedIn > int256(uint256(price))) {
            revert TariffOutOfBounds(price, feedIn);
        }
        Round memory r = _roundOf(roundId);
        (r.retail, r.feedIn) = (price, feedIn);
        _saveRound(roundId, r);

        emit TariffSet(roundId, price, feedIn);
    }

    function settle(uint32 roundId, Reading[] calldata readings, bool last) external override {
        if (msg.sender != METER_ORACLE) revert NotAuthorized(msg.sender, METER_ORACLE, type(uint256).max);
        Round memory r = _delivered(roundId);
        if (_windowIsOver(roundId)) revert WrongRound(roundId, _presentRound());
        uint256 opensAt = _readableFrom(roundId, r);
        if (block.timestamp < opensAt) revert TooEarly(opensAt);
        _settleReadings(roundId, r, readings);
        if (!last) {
            _saveRound(roundId, r);
            return;
        }
        if (r.phase == Phase.Cleared) _end(roundId, r);
        else _saveRound(roundId, r);
        _payClaims();
    }

    function endRound(uint32 roundId) external override {
        Round memory r = _delivered(roundId);
        if (r.phase != Phase.Cleared) revert WrongPhase(r.phase, Phase.Cleared);
        uint256 opensAt = _readableFrom(roundId, r);
        // Where payouts were late, who made them must not cut the window that follows.
        if (msg.sender != METER_ORACLE) {
            opensAt += _isLate(roundId, r) ? _max(GRACE_SECONDS, (RING - 1) * INTERVAL) : GRACE_SECONDS;
        }
        if (block.timestamp < opensAt) revert NotAuthorized(msg.sender, METER_ORACLE, opensAt);
        _end(roundId, r);
        _payClaims();
        if (msg.sender != METER_ORACLE) _rewardFinisher(1);
    }

    function release(address trader, uint32 roundId) external override {
        Position memory p = _positionAt(trader, roundId);
        if (p.round != roundId || p.settled || !_windowIsOver(roundId)) revert WrongRound(roundId, _presentRound());
        _settleUnread(trader, roundId);
    }

    function config() external view override returns (Config memory c) {
        (c.operator, c.meterOracle, c.utility) = (OPERATOR, METER_ORACLE, UTILITY);
        (c.surplusTo, c.tariffSetter) = (SURPLUS_TO, TARIFF_SETTER);
        (c.clearingRule, c.settlementRule, c.admission) = (CLEARING_RULE, SETTLEMENT_RULE, ADMISSION);
        (c.retail, c.maxRetail) = (PriceWeiPerWh.wrap(RETAIL), PriceWeiPerWh.wrap(MAX_RETAIL));
        (c.feedIn, c.minFeedIn, c.maxPrice) = (FEED_IN, MIN_FEED_IN, MAX_PRICE);
        (c.minEnergy, c.maxEnergy) = (MIN_ENERGY, MAX_ENERGY);
        (c.maxOrders, c.maxOrdersPerTrader, c.openPlaces) = (ORDER_LIMIT, TRADER_LIMIT, OPEN_PLACES);
        (c.firstGate, c.interval) = (uint40(FIRST_GATE), uint32(INTERVAL));
        (c.openSeconds, c.cancelSeconds) = (uint32(OPEN_SECONDS), uint32(CANCEL_SECONDS));
        (c.graceSeconds, c.finisherReward) = (uint32(GRACE_SECONDS), FINISHER_REWARD);
    }

    function round(uint32 roundId) external view override returns (Round memory) {
        return _roundOf(roundId);
    }

    function gateOf(uint32 roundId) external view override returns (uint256) {
        return _gateOf(roundId);
    }

    function totals() external view override returns (Totals memory) {
        return Totals(_heldWei, _lockedWei, _claimsWei, _paidWei, _sealedWei);
    }

    function accounts(address[] calldata traders)
        external
        view
        override
        returns (Account[] memory money, int256[] memory energyWh)
    {
        money = new Account[](traders.length);
        energyWh = new int256[](traders.length);
        for (uint256 i = 0; i < traders.length; ++i) {
            Account memory account = _account(traders[i]);
            uint256 paidWei = _collectable(traders[i], account);
            account.balance += uint88(paidWei);
            account.position -= int88(uint88(paidWei));
            money[i] = account;
            energyWh[i] = _energyWh[traders[i]];
            for (uint256 j = 0; j < RING; ++j) {
                Position memory p = _positionAt(traders[i], j);
                if (!p.settled) energyWh[i] += p.contractedWh;
            }
        }
    }

    function position(address trader, uint32 roundId) external view override returns (Position memory p) {
        p = _positionAt(trader, roundId);
        if (p.round != roundId) delete p;
    }

    /// @dev The trader's position in the round, in memory. An older one in its place is settled
    /// without a reading: the window for it is over, because the round that takes its place is
    /// paid out, or read, only then. `first` at a trader's first trade or reading of the round.
    function _positionIn(uint32 roundId, address trader) internal returns (Position memory p, bool first) {
        p = _positionAt(trader, roundId);
        first = p.round != roundId;
        if (!first) return (p, false);
        if (p.round != 0 && !p.settled) _settleUnread(trader, p.round);
        p = Position(roundId, 0, 0, false);
    }

    function _settleReadings(uint32 roundId, Round memory r, Reading[] calldata readings) private {
        int64[] memory contracted = new int64[](readings.length);
        int64[] memory metered = new int64[](readings.length);
        uint256[] memory locked = new uint256[](readings.length);
        for (uint256 i = 0; i < readings.length; ++i) {
            (address trader, int64 meteredWh) = (readings[i].trader, readings[i].meteredWh);
            bytes4 refusal = _refusalOf(roundId, trader, meteredWh);
            if (refusal != 0) {
                locked[i] = REFUSED;
                emit ReadingRefused(roundId, trader, meteredWh, refusal);
                continue;
            }
            (Position memory p, bool first) = _positionIn(roundId, trader);
            if (!first) --r.openPositions;
            (contracted[i], metered[i], locked[i]) = (p.contractedWh, meteredWh, p.lockedWei);
            p.settled = true;
            _savePosition(trader, p);
        }
        int256[] memory charges =
            SETTLEMENT_RULE.charges(r.retail, r.feedIn, r.price, contracted, metered);
        for (uint256 i = 0; i < readings.length; ++i) {
            if (locked[i] == REFUSED) continue;
            _settleOne(roundId, r, readings[i].trader, contracted[i], metered[i], locked[i], charges[i]);
        }
    }

    /// @dev Who has a meter has delivered what it contracted; who has none, nothing.
    function _settleUnread(address trader, uint32 roundId) internal override {
        Position memory p = _positionAt(trader, roundId);
        p.settled = true;
        _savePosition(trader, p);
        Round memory r = _roundOf(p.round);
        int64[] memory contracted = new int64[](1);
        int64[] memory metered = new int64[](1);
        contracted[0] = p.contractedWh;
        if (_meters[trader].limitWh > 0) metered[0] = p.contractedWh;
        int256[] memory charges =
            SETTLEMENT_RULE.charges(r.retail, r.feedIn, r.price, contracted, metered);
        _settleOne(p.round, r, trader, contracted[0], metered[0], p.lockedWei, charges[0]);
    }

    /// @dev Frees what was locked, and pays the charge from it and from the balance. What is left
    /// of it is a debt; what is due to the trader is a claim, paid when the round ends.
    function _settleOne(
        uint32 roundId,
        Round memory r,
        address trader,
        int64 contractedWh,
        int64 meteredWh,
        uint256 lockedWei,
        int256 chargeWei
    ) private {
        int64 imbalanceWh = meteredWh - contractedWh;
        _requireWithinTariff(r, trader, imbalanceWh, chargeWei);
        _energyWh[trader] += meteredWh;
        _energyWh[UTILITY] -= imbalanceWh;
        _lockedWei -= uint96(lockedWei);
        Account memory account = _load(trader);
        uint256 moneyWei = account.balance + lockedWei;
        int256 open = account.position - chargeWei;
        uint256 paidWei = open < 0 ? _min(moneyWei, uint256(-open)) : 0;
        open += int256(paidWei);
        account.balance = uint88(moneyWei - paidWei); // a part of what is held
        _setPosition(trader, account, open);
        _saveAccount(trader, account);
        if (paidWei > 0) _move(UTILITY, int256(paidWei));

        emit ImbalanceSettled(
            roundId, trader, meteredWh, imbalanceWh, chargeWei, lockedWei, paidWei, account.position
        );
    }

    /// @dev The most that covers of orders are made for; and no credit that a position cannot hold.
    function _requireWithinTariff(Round memory r, address trader, int256 imbalanceWh, int256 chargeWei) private pure {
        int256 limitWei;
        if (imbalanceWh > 0) limitWei = imbalanceWh * int256(uint256(r.retail));
        else if (r.feedIn < 0) limitWei = imbalanceWh * r.feedIn;
        if (chargeWei > limitWei || chargeWei < -MAX_CHARGE_WEI) revert ChargeRefused(trader, chargeWei, limitWei);
    }

    function _refusalOf(uint32 roundId, address trader, int64 meteredWh) private view returns (bytes4) {
        int64 limit = int64(uint64(_meters[trader].limitWh));
        if (meteredWh > limit || meteredWh < -limit) return ReadingOutOfRange.selector;
        Position memory p = _positionAt(trader, roundId);
        return p.settled && p.round == roundId ? ReadingRepeated.selector : bytes4(0);
    }

    function _end(uint32 roundId, Round memory r) private {
        r.phase = Phase.Settled;
        if (_isLate(roundId, r)) _lateEnd = uint40(block.timestamp);
        _saveRound(roundId, r);
        if (roundId > _settledRound) _settledRound = roundId;

        emit RoundSettled(roundId, r.openPositions);
    }

    function _delivered(uint32 roundId) private view returns (Round memory r) {
        r = _roundOf(roundId);
        if (r.phase < Phase.Cleared) revert WrongPhase(r.phase, Phase.Cleared);
    }

    /// @dev Whether it was paid out when its readings could have been told otherwise.
    function _isLate(uint32 roundId, Round memory r) private view returns (bool) {
        return r.since == _readableFrom(roundId, r);
    }

    function _windowIsOver(uint32 roundId) private view returns (bool) {
        return _clearedRound >= roundId + RING;
    }
}
