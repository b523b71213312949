// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAdmission} from "./IAdmission.sol";
import {IClearingRule} from "./IClearingRule.sol";
import {IEnergyMarket} from "./IEnergyMarket.sol";
import {EnergyWh, PriceWeiPerWh} from "./IMarketTypes.sol";
import {ISettlementRule} from "./ISettlementRule.sol";

/// @title The rules fixed at deployment
/// @dev In immutables, which live in the code: reading one costs no storage access.
abstract contract MarketRules is IEnergyMarket {
    /// @notice Most orders of a round: what a transaction can match under any rule, within the
    /// 16,777,216 gas that EIP-7825 allows (benchmarks/gas_snapshot.json).
    uint16 public constant MAX_ORDERS = 1024;
    /// @notice Rounds of which an account keeps contracted energy and locked money: readings of
    /// round r may come until round r + RING, or a later one, is cleared.
    uint32 public constant RING = 4;
    /// @dev No order and no reading may be worth more: 4,722 coins. Charges of a round are then
    /// below MAX_CHARGE_WEI, and a debt fits its 87 bits for 2^15 rounds at the worst of all limits.
    uint256 private constant MAX_ORDER_WEI = 2 ** 72 - 1;
    int256 internal constant MAX_CHARGE_WEI = 2 ** 83;
    uint256 private constant LEAST_SECONDS = 60;

    address internal immutable OPERATOR;
    address internal immutable METER_ORACLE;
    address internal immutable UTILITY;
    address internal immutable SURPLUS_TO;
    address internal immutable TARIFF_SETTER;
    IClearingRule internal immutable CLEARING_RULE;
    ISettlementRule internal immutable SETTLEMENT_RULE;
    IAdmission internal immutable ADMISSION;
    uint56 internal immutable RETAIL;
    uint56 internal immutable MAX_RETAIL;
    int56 internal immutable FEED_IN;
    int56 internal immutable MIN_FEED_IN;
    PriceWeiPerWh internal immutable MAX_PRICE;
    EnergyWh internal immutable MIN_ENERGY;
    EnergyWh internal immutable MAX_ENERGY;
    uint16 internal immutable ORDER_LIMIT;
    uint16 internal immutable TRADER_LIMIT;
    uint16 internal immutable OPEN_PLACES;
    uint256 internal immutable FIRST_GATE;
    uint256 internal immutable INTERVAL;
    uint256 internal immutable OPEN_SECONDS;
    uint256 internal immutable CANCEL_SECONDS;
    uint256 internal immutable GRACE_SECONDS;
    uint64 internal immutable FINISHER_REWARD;

    constructor(Config memory c) {
        _requireRoles(c);
        _requireAtLeast("clearingRule", address(c.clearingRule).code.length, 1);
        _requireAtLeast("settlementRule", address(c.settlementRule).code.length, 1);
        if (address(c.admission) != address(0)) _requireAtLeast("admission", address(c.admission).code.length, 1);
        _requirePrices(c);
        _requireSizes(c);
        _requireTimes(c);
        (OPERATOR, METER_ORACLE, UTILITY) = (c.operator, c.meterOracle, c.utility);
        (SURPLUS_TO, TARIFF_SETTER) = (c.surplusTo, c.tariffSetter);
        (CLEARING_RULE, SETTLEMENT_RULE, ADMISSION) = (c.clearingRule, c.settlementRule, c.admission);
        (RETAIL, MAX_RETAIL) = (PriceWeiPerWh.unwrap(c.retail), PriceWeiPerWh.unwrap(c.maxRetail));
        (FEED_IN, MIN_FEED_IN) = (c.feedIn, c.minFeedIn);
        MAX_PRICE = c.maxPrice;
        (MIN_ENERGY, MAX_ENERGY) = (c.minEnergy, c.maxEnergy);
        (ORDER_LIMIT, TRADER_LIMIT, OPEN_PLACES) = (c.maxOrders, c.maxOrdersPerTrader, c.openPlaces);
        (FIRST_GATE, INTERVAL) = (c.firstGate, c.interval);
        (OPEN_SECONDS, CANCEL_SECONDS, GRACE_SECONDS) = (c.openSeconds, c.cancelSeconds, c.graceSeconds);
        FINISHER_REWARD = c.finisherReward;
    }

    function _requireRoles(Config memory c) private pure {
        address[5] memory roles = [c.operator, c.meterOracle, c.utility, c.surplusTo, c.tariffSetter];
        for (uint256 i = 0; i < 4; ++i) {
            _requireAtLeast("role", uint160(roles[i]), 1);
            for (uint256 j = i + 1; j < 5; ++j) {
                if (roles[i] == roles[j]) revert InvalidConfig("role", uint160(roles[j]), uint160(roles[i]));
            }
        }
    }

    function _requirePrices(Config memory c) private pure {
        uint256 maxRetail = PriceWeiPerWh.unwrap(c.maxRetail);
        uint256 maxPrice = PriceWeiPerWh.unwrap(c.maxPrice);
        _requireAtLeast("retail", PriceWeiPerWh.unwrap(c.retail), 1);
        _requireAtMost("retail", PriceWeiPerWh.unwrap(c.retail), maxRetail);
        _requireAtMost("maxRetail", maxRetail, maxPrice);
        if (int256(c.feedIn) > int256(uint256(PriceWeiPerWh.unwrap(c.retail)))) {
            revert InvalidConfig("feedIn", uint256(int256(c.feedIn)), PriceWeiPerWh.unwrap(c.retail));
        }
        if (c.minFeedIn > c.feedIn) revert InvalidConfig("minFeedIn", uint256(int256(c.minFeedIn)), uint256(int256(c.feedIn)));
        uint256 dearest = maxPrice + (c.minFeedIn < 0 ? uint256(-int256(c.minFeedIn)) : 0);
        _requireAtMost("maxEnergy * maxPrice", EnergyWh.unwrap(c.maxEnergy) * dearest, MAX_ORDER_WEI);
    }

    function _requireSizes(Config memory c) private pure {
        _requireAtLeast("minEnergy", EnergyWh.unwrap(c.minEnergy), 1);
        _requireAtMost("minEnergy", EnergyWh.unwrap(c.minEnergy), EnergyWh.unwrap(c.maxEnergy));
        _requireAtLeast("maxOrders", c.maxOrders, 1);
        _requireAtMost("maxOrders", c.maxOrders, MAX_ORDERS);
        _requireAtLeast("maxOrdersPerTrader", c.maxOrdersPerTrader, 1);
        _requireAtMost("maxOrdersPerTrader", c.maxOrdersPerTrader, c.maxOrders);
        _requireAtMost("openPlaces", c.openPlaces, c.maxOrders);
    }

    function _requireTimes(Config memory c) private view {
        _requireAtLeast("interval", c.interval, LEAST_SECONDS);
        _requireAtMost("openSeconds", c.openSeconds, c.interval);
        _requireAtMost("cancelSeconds", c.cancelSeconds, c.interval);
        _requireAtLeast("graceSeconds", c.graceSeconds, LEAST_SECONDS);
        _requireAtLeast("firstGate", c.firstGate, block.timestamp + c.openSeconds);
    }

    function _requireAtMost(string memory parameter, uint256 value, uint256 limit) internal pure {
        if (value > limit) revert InvalidConfig(parameter, value, limit);
    }

    function _requireAtLeast(string memory parameter, uint256 value, uint256 limit) internal pure {
        if (value < limit) revert InvalidConfig(parameter, value, limit);
    }
}
