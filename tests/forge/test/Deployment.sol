// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DualPrice} from "../src/DualPrice.sol";
import {IAdmission} from "../src/IAdmission.sol";
import {IClearingRule} from "../src/IClearingRule.sol";
import {EnergyWh, IMarketTypes, PriceWeiPerWh} from "../src/IMarketTypes.sol";
import {OpenMarket} from "../src/OpenMarket.sol";

uint56 constant MAX_PRICE = 100;
uint32 constant MAX_ENERGY = 1_000;
uint32 constant GRACE = 900;
uint32 constant INTERVAL = 900;
address constant UTILITY = address(0x1000);
address constant OPERATOR = address(0x2000);
address constant ORACLE = address(0x3000);
address constant SURPLUS = address(0x4000);

function deployMarket(IClearingRule rule) returns (OpenMarket) {
    return new OpenMarket(
        IMarketTypes.Config({
            operator: OPERATOR,
            meterOracle: ORACLE,
            utility: UTILITY,
            surplusTo: SURPLUS,
            tariffSetter: address(0),
            clearingRule: rule,
            settlementRule: new DualPrice(),
            admission: IAdmission(address(0)),
            retail: PriceWeiPerWh.wrap(30),
            maxRetail: PriceWeiPerWh.wrap(30),
            feedIn: 8,
            minFeedIn: 8,
            maxPrice: PriceWeiPerWh.wrap(MAX_PRICE),
            minEnergy: EnergyWh.wrap(1),
            maxEnergy: EnergyWh.wrap(MAX_ENERGY),
            maxOrders: 64,
            maxOrdersPerTrader: 16,
            openPlaces: 64,
            firstGate: uint40(block.timestamp) + INTERVAL,
            interval: INTERVAL,
            openSeconds: 0,
            cancelSeconds: 0,
            graceSeconds: GRACE,
            finisherReward: 1
        })
    );
}
