// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingRule} from "../src/IClearingRule.sol";
import {PackedOrder} from "../src/PackedOrder.sol";
import {PackedPair} from "../src/PackedPair.sol";

/// @title A rule that answers whatever it was told to
contract AnyRule is IClearingRule {
    PackedPair[] private _pairs;

    function answer(PackedPair pair) external {
        _pairs.push(pair);
    }

    function clear(PackedOrder[] calldata) external view returns (PackedPair[] memory) {
        return _pairs;
    }
}
