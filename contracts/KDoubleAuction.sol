// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Matching} from "./Matching.sol";
import {PackedOrder} from "./PackedOrder.sol";
import {PackedPair} from "./PackedPair.sol";
import {Weighted} from "./Weighted.sol";

/// @title Uniform-price k-double auction
/// @notice The last pair that trades sets one price for all:
/// price = (k * bid + (10000 - k) * ask) / 10000, rounded down. Only orders of at least
/// `PRICE_SIZE_WH` set it, so that dust cannot, however finely it is split; smaller ones trade at
/// that price, if their limits allow it. If no two orders of that size cross, all set the price.
/// @dev Chatterjee and Samuelson, Operations Research 31 (1983) 835, for one buyer and one
/// seller; Rustichini, Satterthwaite and Williams, Econometrica 62 (1994) 1041, for many.
contract KDoubleAuction is Weighted {
    /// @notice Least energy of an order that may set the price.
    uint32 public immutable PRICE_SIZE_WH;

    constructor(uint16 kBasisPoints, uint32 priceSizeWh) Weighted(kBasisPoints) {
        PRICE_SIZE_WH = priceSizeWh;
    }

    function clear(PackedOrder[] calldata book) external view returns (PackedPair[] memory) {
        Matching.Matched memory m;
        (m.bids, m.asks) = Matching.ranked(book);
        (uint256[] memory bids, uint256[] memory asks) = (m.bids, m.asks);
        (m.bids, m.asks) = (_large(bids), _large(asks));
        bool dust = m.bids.length < bids.length || m.asks.length < asks.length;
        Matching.walk(m);
        uint256 price = Matching.mix(K_BASIS_POINTS, m.bid, m.ask);
        if (dust) {
            bool crossed = m.pairs.length > 0;
            (m.bids, m.asks) = (bids, asks);
            if (crossed) {
                Matching.shorten(bids, Matching.count(bids, type(uint56).max - price));
                Matching.shorten(asks, Matching.count(asks, price));
            }
            Matching.walk(m);
            if (!crossed) price = Matching.mix(K_BASIS_POINTS, m.bid, m.ask);
        }
        Matching.price(m.pairs, price, price);
        return m.pairs;
    }

    /// @dev The keys, in their order, of orders that may set the price.
    function _large(uint256[] memory keys) private view returns (uint256[] memory large) {
        if (PRICE_SIZE_WH <= 1) return keys; // no order is smaller
        large = new uint256[](keys.length);
        uint256 count;
        for (uint256 i = 0; i < keys.length; ++i) {
            if (Matching.energyOf(keys[i]) >= PRICE_SIZE_WH) large[count++] = keys[i];
        }
        Matching.shorten(large, count);
    }
}
