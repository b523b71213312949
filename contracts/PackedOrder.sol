// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnergyWh, IEnergyMarket, PriceWeiPerWh} from "./IEnergyMarket.sol";

/// @dev An order in one word: side (8 bits), price (48), energy (40), trader (160), from the
/// top. One storage slot, one read, and one word of memory in an order book.
type PackedOrder is uint256;

using PackedOrders for PackedOrder global;

/// @title Packing and unpacking of orders
library PackedOrders {
    function pack(address trader_, EnergyWh energy_, PriceWeiPerWh price_, IEnergyMarket.Side side_)
        internal
        pure
        returns (PackedOrder)
    {
        return PackedOrder.wrap(
            uint256(uint160(trader_)) | uint256(EnergyWh.unwrap(energy_)) << 160
                | uint256(PriceWeiPerWh.unwrap(price_)) << 200 | uint256(side_) << 248
        );
    }

    function unpack(PackedOrder self) internal pure returns (IEnergyMarket.Order memory) {
        return IEnergyMarket.Order({
            trader: self.trader(),
            energy: EnergyWh.wrap(uint40(self.energy())),
            price: PriceWeiPerWh.wrap(uint48(self.price())),
            side: self.side()
        });
    }

    /// @notice The same order with no side: it keeps its slot, and trades nothing.
    function cancelled(PackedOrder self) internal pure returns (PackedOrder) {
        return PackedOrder.wrap(PackedOrder.unwrap(self) & (type(uint256).max >> 8));
    }

    function trader(PackedOrder self) internal pure returns (address) {
        return address(uint160(PackedOrder.unwrap(self)));
    }

    /// @notice In Wh, below 2^40.
    function energy(PackedOrder self) internal pure returns (uint256) {
        return uint40(PackedOrder.unwrap(self) >> 160);
    }

    /// @notice In wei per Wh, below 2^48.
    function price(PackedOrder self) internal pure returns (uint256) {
        return uint48(PackedOrder.unwrap(self) >> 200);
    }

    /// @notice What the order can cost at most, in wei: nothing, for an ask.
    function escrow(PackedOrder self) internal pure returns (uint256) {
        return self.side() == IEnergyMarket.Side.Bid ? self.energy() * self.price() : 0;
    }

    function side(PackedOrder self) internal pure returns (IEnergyMarket.Side) {
        return IEnergyMarket.Side(PackedOrder.unwrap(self) >> 248);
    }
}
