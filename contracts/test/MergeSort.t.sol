// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MergeSort} from "../MergeSort.sol";

/// @title The sort against a slow one that is plainly right
/// @notice Run by `npx hardhat test`, which draws the arrays.
contract MergeSortTest {
    function testFuzz_SortsLikeInsertion(uint256[] memory keys) external pure {
        _check(keys);
    }

    /// @notice Small words, so that many are equal.
    function testFuzz_SortsEqualKeys(uint8[] memory small) external pure {
        uint256[] memory keys = new uint256[](small.length);
        for (uint256 i; i < small.length; ++i) keys[i] = small[i] % 4;
        _check(keys);
    }

    /// @notice Every length up to 40 in the order that merges worst: odd places first.
    function test_SortsEveryLength() external pure {
        for (uint256 n; n <= 40; ++n) {
            uint256[] memory keys = new uint256[](n);
            for (uint256 i; i < n; ++i) keys[i] = i % 2 * n + (n - i);
            _check(keys);
        }
    }

    /// @notice Memory beside the arrays stays as it was.
    function test_LeavesOtherMemoryAlone() external pure {
        uint256[] memory keys = new uint256[](3);
        (keys[0], keys[1], keys[2]) = (3, 2, 1);
        uint256[] memory neighbour = new uint256[](1);
        neighbour[0] = 42;
        MergeSort.sort(keys);
        require(neighbour.length == 1 && neighbour[0] == 42, "a neighbour changed");
    }

    function _check(uint256[] memory keys) private pure {
        uint256[] memory expected = new uint256[](keys.length);
        for (uint256 i; i < keys.length; ++i) {
            uint256 j = i;
            for (; j > 0 && expected[j - 1] > keys[i]; --j) expected[j] = expected[j - 1];
            expected[j] = keys[i];
        }
        uint256[] memory sorted = MergeSort.sort(keys);
        require(sorted.length == expected.length, "the length changed");
        for (uint256 i; i < sorted.length; ++i) require(sorted[i] == expected[i], "out of order");
    }
}
