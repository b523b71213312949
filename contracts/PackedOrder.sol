// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnergyWh, IMarketTypes, PriceWeiPerWh} from "./IMarketTypes.sol";

/// @dev An order in one word: charged (1 bit), open (1), side (6), price (56), energy (32),
/// trader (160), from the top. One storage slot, one read, and one word of memory in a book.
/// A cancelled order has no side, and in place of its trader the next free place.
type PackedOrder is uint256;

using PackedOrders for PackedOrder global;

/// @title Packing and unpacking of orders
library PackedOrders {
    uint256 private constant CHARGED = 1 << 255;
    uint256 private constant OPEN = 1 << 254;

    function pack(address trader_, EnergyWh energy_, PriceWeiPerWh price_, IMarketTypes.Side side_)
        internal
        pure
        returns (PackedOrder)
    {
        return PackedOrder.wrap(
            uint256(uint160(trader_)) | uint256(EnergyWh.unwrap(energy_)) << 160
                | uint256(PriceWeiPerWh.unwrap(price_)) << 192 | uint256(side_) << 248
        );
    }

    function unpack(PackedOrder self) internal pure returns (IMarketTypes.Order memory) {
        return IMarketTypes.Order({
            trader: self.trader(),
            energy: EnergyWh.wrap(uint32(self.energy())),
            price: PriceWeiPerWh.wrap(uint56(self.price())),
            side: self.side()
        });
    }

    function trader(PackedOrder self) internal pure returns (address) {
        return address(uint160(PackedOrder.unwrap(self)));
    }

    /// @notice In Wh, below 2^32.
    function energy(PackedOrder self) internal pure returns (uint256) {
        return uint32(PackedOrder.unwrap(self) >> 160);
    }

    /// @notice The same order with less energy.
    function withEnergy(PackedOrder self, uint32 energy_) internal pure returns (PackedOrder) {
        uint256 rest = PackedOrder.unwrap(self) & ~(uint256(type(uint32).max) << 160);
        return PackedOrder.wrap(rest | uint256(energy_) << 160);
    }

    /// @notice In wei per Wh, below 2^56.
    function price(PackedOrder self) internal pure returns (uint256) {
        return uint56(PackedOrder.unwrap(self) >> 192);
    }

    function side(PackedOrder self) internal pure returns (IMarketTypes.Side) {
        return IMarketTypes.Side(PackedOrder.unwrap(self) >> 248 & 63);
    }

    /// @dev Without the check that a conversion to `Side` makes; so `isAsk`.
    function isBid(PackedOrder self) internal pure returns (bool) {
        return PackedOrder.unwrap(self) >> 248 & 63 == uint256(IMarketTypes.Side.Bid);
    }

    function isAsk(PackedOrder self) internal pure returns (bool) {
        return PackedOrder.unwrap(self) >> 248 & 63 == uint256(IMarketTypes.Side.Ask);
    }

    /// @notice Whether admission put a charge on the order.
    function charged(PackedOrder self) internal pure returns (bool) {
        return PackedOrder.unwrap(self) & CHARGED != 0;
    }

    function withCharge(PackedOrder self) internal pure returns (PackedOrder) {
        return PackedOrder.wrap(PackedOrder.unwrap(self) | CHARGED);
    }

    /// @notice Whether the order takes one of the places that are open to accounts without a meter.
    function open(PackedOrder self) internal pure returns (bool) {
        return PackedOrder.unwrap(self) & OPEN != 0;
    }

    function withOpen(PackedOrder self) internal pure returns (PackedOrder) {
        return PackedOrder.wrap(PackedOrder.unwrap(self) | OPEN);
    }

    /// @notice What is left locked for each Wh that trades: of a bid what it costs to be left with
    /// energy at a negative feed-in, of an ask what it costs beyond its limit to deliver nothing.
    function marginPrice(PackedOrder self, uint256 retail, int256 feedIn) internal pure returns (uint256) {
        uint256 limit = self.price();
        unchecked {
            if (self.isBid()) return feedIn < 0 ? uint256(-feedIn) : 0;
            return limit < retail ? retail - limit : 0;
        }
    }

    /// @notice What the order can cost at most, in wei, without a charge.
    function cover(PackedOrder self, uint256 retail, int256 feedIn) internal pure returns (uint256) {
        // Below 2^32 times 2^58.
        unchecked {
            return self.energy() * (self.marginPrice(retail, feedIn) + (self.isBid() ? self.price() : 0));
        }
    }
}
