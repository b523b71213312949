// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Bottom-up merge sort of words in memory
/// @notice n log n steps in the worst case, so that no order of arrival makes a round dearer
/// than the measured bound. Quicksort and insertion sort have inputs that cost n^2.
library MergeSort {
    /// @notice The same keys in ascending order. Equal keys keep their order.
    /// @dev The returned array may be `keys` itself, whose content is overwritten either way.
    function sort(uint256[] memory keys) internal pure returns (uint256[] memory) {
        uint256 n = keys.length;
        uint256[] memory from = keys;
        uint256[] memory to = new uint256[](n);
        for (uint256 width = 1; width < n; width *= 2) {
            for (uint256 start = 0; start < n; start += 2 * width) {
                uint256 middle = _min(start + width, n);
                _merge(from, to, start, middle, _min(start + 2 * width, n));
            }
            (from, to) = (to, from);
        }
        return from;
    }

    /// @dev Merges the runs [start, middle) and [middle, end) of `from` into [start, end) of `to`.
    function _merge(uint256[] memory from, uint256[] memory to, uint256 start, uint256 middle, uint256 end)
        private
        pure
    {
        // Every index that is read or written is below `end`, which is at most the length of
        // both arrays: `left` stays below `middle` and `right` below `end` by the conditions,
        // and `out` counts what was taken from the two runs.
        assembly ("memory-safe") {
            let left := add(add(from, 0x20), shl(5, start))
            let leftEnd := add(add(from, 0x20), shl(5, middle))
            let right := leftEnd
            let rightEnd := add(add(from, 0x20), shl(5, end))
            let out := add(add(to, 0x20), shl(5, start))
            for {} and(lt(left, leftEnd), lt(right, rightEnd)) { out := add(out, 0x20) } {
                let a := mload(left)
                let b := mload(right)
                switch gt(a, b)
                case 0 {
                    mstore(out, a)
                    left := add(left, 0x20)
                }
                default {
                    mstore(out, b)
                    right := add(right, 0x20)
                }
            }
            mcopy(out, left, sub(leftEnd, left))
            mcopy(add(out, sub(leftEnd, left)), right, sub(rightEnd, right))
        }
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
