// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnergyWh, PriceWeiPerWh} from "./IEnergyMarket.sol";
import {OrderBook} from "./OrderBook.sol";
import {SignedOrders} from "./SignedOrders.sol";

/// @title Energy market: rounds of orders, clearing and settlement
/// @notice See `IEnergyMarket` for the rules, and docs/market.md for a worked example.
/// @dev Whoever can send transactions can trade: admission (a registry of meters) is not part
/// of this contract.
contract EnergyMarket is SignedOrders {
    constructor(Config memory c) OrderBook(c) {}

    function withdraw(uint256 amountWei) external {
        // A seller whose trade is not paid out yet must not leave before it is.
        if (_round.phase == Phase.Clearing) revert WrongPhase(Phase.Clearing, Phase.Cleared);
        // Only `clear` enters traders into the present round, and `settle` begins the next one.
        if (_energy[msg.sender].round == _round.id + 1) revert DeliveryPending(msg.sender, _round.id);
        _withdraw(msg.sender, amountWei);
    }

    function settle(uint32 roundId, Reading[] calldata readings) external inRound(roundId, Phase.Cleared) {
        if (msg.sender != METER_ORACLE) {
            if (readings.length > 0) revert NotAuthorized(msg.sender, METER_ORACLE, type(uint256).max);
            _requireGraceIsOver(METER_ORACLE);
        }
        int256 imbalances;
        for (uint256 i = 0; i < readings.length; ++i) {
            imbalances += _settleReading(roundId, readings[i]);
        }
        _energy[UTILITY].balanceWh -= int96(imbalances);
        // Debts were collected above, so that they can pay claims here, whatever the order.
        for (uint256 i = 0; i < readings.length; ++i) {
            _payPosition(readings[i].trader);
        }
        emit RoundSettled(roundId, readings.length, _round.openPositions);
        _round = Round(roundId + 1, Phase.Open, 0, 0, uint40(block.timestamp), 0, 0);
    }

    /// @dev The imbalance is at most 1025 times the largest order, and the retail price at most
    /// the highest limit price: a charge is within 2^75 wei, and a position fits 2^20 of them.
    function _settleReading(uint32 roundId, Reading calldata reading) private returns (int64 imbalanceWh) {
        (address trader, int64 meteredWh) = (reading.trader, reading.meteredWh);
        if (trader == UTILITY) revert UtilityHasNoMeter(UTILITY);
        int64 limit = int64(uint64(EnergyWh.unwrap(MAX_ENERGY)));
        if (meteredWh > limit || meteredWh < -limit) revert ReadingOutOfRange(trader, meteredWh, MAX_ENERGY);
        Energy memory energy = _energy[trader];
        if (!_enterRound(roundId, energy)) {
            if (energy.metered) revert ReadingRepeated(roundId, trader);
            --_round.openPositions;
        }
        energy.metered = true;
        imbalanceWh = meteredWh - energy.contractedWh;
        energy.balanceWh += imbalanceWh;
        _energy[trader] = energy;
        uint48 price = PriceWeiPerWh.unwrap(imbalanceWh > 0 ? RETAIL : FEED_IN);
        int256 chargeWei = int256(imbalanceWh) * int256(uint256(price));
        emit ImbalanceSettled(roundId, trader, meteredWh, imbalanceWh, chargeWei);
        _charge(trader, int96(chargeWei));
    }

    function accounts(address[] calldata traders)
        external
        view
        returns (Account[] memory money, Energy[] memory energy)
    {
        money = new Account[](traders.length);
        energy = new Energy[](traders.length);
        for (uint256 i = 0; i < traders.length; ++i) {
            (money[i], energy[i]) = (_accounts[traders[i]], _energy[traders[i]]);
        }
    }
}
