// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISettlementRule} from "../src/ISettlementRule.sol";

/// @title A rule that charges one reading whatever it was told to
contract AnyCharge is ISettlementRule {
    int256 private _chargeWei;

    function answer(int256 chargeWei) external {
        _chargeWei = chargeWei;
    }

    function charges(uint256, int256, uint256, int64[] calldata, int64[] calldata)
        external
        view
        returns (int256[] memory chargeWei)
    {
        chargeWei = new int256[](1);
        chargeWei[0] = _chargeWei;
    }
}
