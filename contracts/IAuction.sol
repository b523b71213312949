// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnergyMarket} from "./IEnergyMarket.sol";
import {PackedOrder} from "./PackedOrder.sol";
import {PackedPair} from "./PackedPair.sol";

/// @title The end of a round's book
interface IAuction is IEnergyMarket {
    /// @notice Clear and pay out the round in this transaction, and open the next one.
    /// From its gate on: for the operator; for anybody once the grace period has passed.
    function clear(uint32 roundId) external;

    /// @notice Clear the round, pay out its first `payouts` orders, and open the next one. A
    /// round with more of them is `Clearing` until `clearNext` has paid out the rest.
    function clearInParts(uint32 roundId, uint16 payouts) external;

    /// @notice Pay out the next `payouts` orders of a round in `Clearing`. Anybody may.
    /// @param book as told by `ClearingBegun`
    /// @param pairs as told by `ClearingBegun`
    function clearNext(uint32 roundId, PackedOrder[] calldata book, PackedPair[] calldata pairs, uint16 payouts)
        external;

    /// @notice End a round that nobody has cleared, or that the rule cannot clear: nothing
    /// trades, and the escrow of the first `payouts` orders goes back, of the others by
    /// `clearNext`. Anybody may, two grace periods after it could first be cleared.
    function abort(uint32 roundId, uint16 payouts) external;

    /// @notice The book of the round that takes orders.
    function book() external view returns (Book memory);

    /// @notice An order of the book.
    function order(uint16 orderId) external view returns (Order memory);
}
