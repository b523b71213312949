// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnergyMarket} from "../src/EnergyMarket.sol";
import {IClearingRule} from "../src/IClearingRule.sol";
import {EnergyWh, IEnergyMarket, PriceWeiPerWh} from "../src/IEnergyMarket.sol";

uint48 constant MAX_PRICE = 100;
uint40 constant MAX_ENERGY = 1_000;
uint32 constant GRACE = 900;
address constant UTILITY = address(0x1000);
address constant OPERATOR = address(0x2000);
address constant ORACLE = address(0x3000);

function deployMarket(IClearingRule rule) returns (EnergyMarket) {
    return new EnergyMarket(
        IEnergyMarket.Config({
            operator: OPERATOR,
            meterOracle: ORACLE,
            utility: UTILITY,
            rule: rule,
            retail: PriceWeiPerWh.wrap(30),
            feedIn: PriceWeiPerWh.wrap(8),
            maxPrice: PriceWeiPerWh.wrap(MAX_PRICE),
            minEnergy: EnergyWh.wrap(1),
            maxEnergy: EnergyWh.wrap(MAX_ENERGY),
            maxOrders: 64,
            maxOrdersPerTrader: 16,
            graceSeconds: GRACE
        })
    );
}
