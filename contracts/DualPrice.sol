// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISettlementRule} from "./ISettlementRule.sol";

/// @title Two prices: retail for what is short, feed-in for what is left over
/// @notice Energy that was bought and not taken earns no more than it cost on average: the lesser
/// of the feed-in and the price of the round.
/// @dev A charge is zero for what was contracted, and never below what the imbalance is worth at the
/// tariffs. Hence trading among people never costs the utility anything: together they pay at least
/// what their net energy is worth at the tariffs.
contract DualPrice is ISettlementRule {
    /// @inheritdoc ISettlementRule
    function charges(
        uint256 retail,
        int256 feedIn,
        uint256 price,
        int64[] calldata contractedWh,
        int64[] calldata meteredWh
    ) external pure returns (int256[] memory chargeWei) {
        int256 resale = feedIn < int256(price) ? feedIn : int256(price);
        chargeWei = new int256[](meteredWh.length);
        for (uint256 i = 0; i < meteredWh.length; ++i) {
            (int256 contracted, int256 imbalance) = (contractedWh[i], int256(meteredWh[i]) - contractedWh[i]);
            if (imbalance >= 0) {
                chargeWei[i] = imbalance * int256(retail);
                continue;
            }
            int256 bought = contracted > 0 ? contracted : int256(0);
            int256 notTaken = -imbalance < bought ? -imbalance : bought;
            chargeWei[i] = (imbalance + notTaken) * feedIn - notTaken * resale;
        }
    }
}
