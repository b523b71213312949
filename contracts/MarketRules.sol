// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingRule} from "./IClearingRule.sol";
import {EnergyWh, IEnergyMarket, PriceWeiPerWh} from "./IEnergyMarket.sol";

/// @title The rules fixed at deployment
/// @dev In immutables, which live in the code: reading one costs no storage access.
abstract contract MarketRules is IEnergyMarket {
    /// @notice Most orders of a round: what a transaction can match under any rule, within the
    /// 16,777,216 gas that EIP-7825 allows (benchmarks/gas_snapshot.json).
    uint16 public constant MAX_ORDERS = 1024;
    /// @dev No order may be worth more: 18 ether. A charge is then below 1025 * 2^64 wei a round.
    uint256 private constant MAX_ORDER_WEI = type(uint64).max;

    address internal immutable OPERATOR;
    address internal immutable METER_ORACLE;
    address internal immutable UTILITY;
    IClearingRule internal immutable RULE;
    PriceWeiPerWh internal immutable RETAIL;
    PriceWeiPerWh internal immutable FEED_IN;
    PriceWeiPerWh internal immutable MAX_PRICE;
    EnergyWh internal immutable MIN_ENERGY;
    EnergyWh internal immutable MAX_ENERGY;
    uint16 internal immutable ORDER_LIMIT;
    uint16 internal immutable TRADER_LIMIT;
    uint32 internal immutable GRACE_SECONDS;

    constructor(Config memory c) {
        _requireAtLeast("operator", uint160(c.operator), 1);
        _requireAtLeast("meterOracle", uint160(c.meterOracle), 1);
        _requireAtLeast("utility", uint160(c.utility), 1);
        _requireAtLeast("rule", address(c.rule).code.length, 1);
        _requireAtMost("feedIn", PriceWeiPerWh.unwrap(c.feedIn), PriceWeiPerWh.unwrap(c.retail));
        _requireAtMost("retail", PriceWeiPerWh.unwrap(c.retail), PriceWeiPerWh.unwrap(c.maxPrice));
        _requireAtLeast("minEnergy", EnergyWh.unwrap(c.minEnergy), 1);
        _requireAtMost("minEnergy", EnergyWh.unwrap(c.minEnergy), EnergyWh.unwrap(c.maxEnergy));
        _requireAtLeast("maxOrders", c.maxOrders, 1);
        _requireAtMost("maxOrders", c.maxOrders, MAX_ORDERS);
        _requireAtLeast("maxOrdersPerTrader", c.maxOrdersPerTrader, 1);
        _requireAtMost("maxOrdersPerTrader", c.maxOrdersPerTrader, c.maxOrders);
        uint256 mostWei = uint256(EnergyWh.unwrap(c.maxEnergy)) * PriceWeiPerWh.unwrap(c.maxPrice);
        _requireAtMost("maxEnergy * maxPrice", mostWei, MAX_ORDER_WEI);
        _requireAtLeast("graceSeconds", c.graceSeconds, 1);
        OPERATOR = c.operator;
        METER_ORACLE = c.meterOracle;
        UTILITY = c.utility;
        RULE = c.rule;
        RETAIL = c.retail;
        FEED_IN = c.feedIn;
        MAX_PRICE = c.maxPrice;
        MIN_ENERGY = c.minEnergy;
        MAX_ENERGY = c.maxEnergy;
        ORDER_LIMIT = c.maxOrders;
        TRADER_LIMIT = c.maxOrdersPerTrader;
        GRACE_SECONDS = c.graceSeconds;
    }

    function config() external view returns (Config memory) {
        return Config({
            operator: OPERATOR,
            meterOracle: METER_ORACLE,
            utility: UTILITY,
            rule: RULE,
            retail: RETAIL,
            feedIn: FEED_IN,
            maxPrice: MAX_PRICE,
            minEnergy: MIN_ENERGY,
            maxEnergy: MAX_ENERGY,
            maxOrders: ORDER_LIMIT,
            maxOrdersPerTrader: TRADER_LIMIT,
            graceSeconds: GRACE_SECONDS
        });
    }

    function _requireAtMost(string memory parameter, uint256 value, uint256 limit) private pure {
        if (value > limit) revert InvalidConfig(parameter, value, limit);
    }

    function _requireAtLeast(string memory parameter, uint256 value, uint256 limit) private pure {
        if (value < limit) revert InvalidConfig(parameter, value, limit);
    }
}
