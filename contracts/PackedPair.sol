// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev A trade in one word: bid id (16 bits), ask id (16), energy (32), price of the buyer (56),
/// price of the seller (56), from bit 175 down. Ids count the orders of a book from 0.
type PackedPair is uint256;

using PackedPairs for PackedPair global;

/// @title Packing and unpacking of pairs
library PackedPairs {
    /// @dev The arguments must fit: ids below 2^16, energy below 2^32, prices below 2^56.
    function pack(uint256 bid_, uint256 ask_, uint256 energy_, uint256 buyPrice_, uint256 sellPrice_)
        internal
        pure
        returns (PackedPair)
    {
        return PackedPair.wrap(bid_ << 160 | ask_ << 144 | energy_ << 112 | buyPrice_ << 56 | sellPrice_);
    }

    /// @notice The same pair, with the prices that `pack` was given as 0.
    function withPrices(PackedPair self, uint256 buyPrice_, uint256 sellPrice_) internal pure returns (PackedPair) {
        return PackedPair.wrap(PackedPair.unwrap(self) | buyPrice_ << 56 | sellPrice_);
    }

    function bid(PackedPair self) internal pure returns (uint256) {
        return uint16(PackedPair.unwrap(self) >> 160);
    }

    function ask(PackedPair self) internal pure returns (uint256) {
        return uint16(PackedPair.unwrap(self) >> 144);
    }

    /// @notice In Wh, below 2^32.
    function energy(PackedPair self) internal pure returns (uint256) {
        return uint32(PackedPair.unwrap(self) >> 112);
    }

    /// @notice In wei per Wh, below 2^56.
    function buyPrice(PackedPair self) internal pure returns (uint256) {
        return uint56(PackedPair.unwrap(self) >> 56);
    }

    /// @notice In wei per Wh, below 2^56.
    function sellPrice(PackedPair self) internal pure returns (uint256) {
        return uint56(PackedPair.unwrap(self));
    }
}
