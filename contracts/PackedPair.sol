// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev A trade in one word: bid id (16 bits), ask id (16), energy (40), price of the buyer (48),
/// price of the seller (48), from bit 167 down. Ids count the orders of a book from 0.
type PackedPair is uint256;

using PackedPairs for PackedPair global;

/// @title Packing and unpacking of pairs
library PackedPairs {
    /// @dev The arguments must fit: ids below 2^16, energy below 2^40, prices below 2^48.
    function pack(uint256 bid_, uint256 ask_, uint256 energy_, uint256 buyPrice_, uint256 sellPrice_)
        internal
        pure
        returns (PackedPair)
    {
        return PackedPair.wrap(bid_ << 152 | ask_ << 136 | energy_ << 96 | buyPrice_ << 48 | sellPrice_);
    }

    /// @notice The same pair, with the prices that `pack` was given as 0.
    function withPrices(PackedPair self, uint256 buyPrice_, uint256 sellPrice_) internal pure returns (PackedPair) {
        return PackedPair.wrap(PackedPair.unwrap(self) | buyPrice_ << 48 | sellPrice_);
    }

    function bid(PackedPair self) internal pure returns (uint256) {
        return uint16(PackedPair.unwrap(self) >> 152);
    }

    function ask(PackedPair self) internal pure returns (uint256) {
        return uint16(PackedPair.unwrap(self) >> 136);
    }

    /// @notice In Wh, below 2^40.
    function energy(PackedPair self) internal pure returns (uint256) {
        return uint40(PackedPair.unwrap(self) >> 96);
    }

    /// @notice In wei per Wh, below 2^48.
    function buyPrice(PackedPair self) internal pure returns (uint256) {
        return uint48(PackedPair.unwrap(self) >> 48);
    }

    /// @notice In wei per Wh, below 2^48.
    function sellPrice(PackedPair self) internal pure returns (uint256) {
        return uint48(PackedPair.unwrap(self));
    }
}
