// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISettlementRule} from "../src/ISettlementRule.sol";

/// @title A rule that charges one reading whatever it was told to, and a wei more where it is asked
/// for another
contract AnyCharge is ISettlementRule {
    struct Asked {
        uint256 retail;
        int256 feedIn;
        uint256 price;
        int64 contractedWh;
        int64 meteredWh;
    }

    int256 private _chargeWei;
    Asked private _asked;

    function answer(int256 chargeWei, Asked calldata asked) external {
        (_chargeWei, _asked) = (chargeWei, asked);
    }

    function charges(
        uint256 retail,
        int256 feedIn,
        uint256 price,
        int64[] calldata contractedWh,
        int64[] calldata meteredWh
    ) external view returns (int256[] memory chargeWei) {
        chargeWei = new int256[](1);
        Asked memory a = _asked;
        uint256 energies = uint64(a.contractedWh ^ contractedWh[0]) | uint64(a.meteredWh ^ meteredWh[0]);
        uint256 others = energies | (a.retail ^ retail) | uint256(a.feedIn ^ feedIn) | (a.price ^ price);
        int256 charge = _chargeWei;
        // On one path, where `?:` would be two.
        assembly ("memory-safe") {
            mstore(add(chargeWei, 0x20), add(charge, iszero(iszero(others))))
        }
    }
}
