// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Clearing} from "./Clearing.sol";
import {Ledger} from "./Ledger.sol";
import {Settlement} from "./Settlement.sol";

/// @title What every market of this package is: rounds of orders, clearing and settlement
/// @notice See `IEnergyMarket` for the rules, and docs/market.md for a worked example. How orders
/// come in is said by `OpenMarket` and `SealedMarket`. All functions of `ISettlement` can be called
/// on a market too.
abstract contract EnergyMarket is Clearing {
    address internal immutable SETTLEMENT;

    constructor(Config memory c) Ledger(c) {
        SETTLEMENT = address(new Settlement(c));

        emit Configured(c);
        _openRound(1);
    }

    /// @dev Runs in the market's name what is no function of its own. Ether without a call finds
    /// no function there either, and goes back.
    fallback() external payable {
        address settlement = SETTLEMENT;
        assembly {
            calldatacopy(0, 0, calldatasize())
            let done := delegatecall(gas(), settlement, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(done) { revert(0, returndatasize()) }
            return(0, returndatasize())
        }
    }

    /// @inheritdoc Ledger
    function _settleUnread(address trader, uint32 roundId) internal override {
        (bool done, bytes memory output) =
            SETTLEMENT.delegatecall(abi.encodeCall(Settlement.release, (trader, roundId)));
        if (done) return;
        assembly ("memory-safe") {
            revert(add(output, 0x20), mload(output))
        }
    }
}
