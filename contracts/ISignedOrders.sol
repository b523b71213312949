// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PackedOrder} from "./PackedOrder.sol";
import {SignedOrder} from "./SignedOrder.sol";

/// @title Orders that their traders sign and somebody else sends, many in a transaction
/// @notice The signature is over EIP-712 typed data:
/// Order(address trader,uint8 side,uint40 energy,uint48 price,uint32 round,uint32 nonce,uint40 expiry)
/// in the domain {name: "EnergyMarket", version: "1", chainId, verifyingContract}; side is 1 for
/// a bid and 2 for an ask. It holds for one order in one round of one contract on one chain.
/// A trader's nonces ascend within a batch, and from one stored batch to the next. Signers are accounts with a key: contracts cannot sign (EIP-1271).
///
/// Who sends a batch chooses which orders are in it, and their order of arrival, as the operator
/// of any gate does. A bad order is left out, with the reason in an event, and stops nobody.
interface ISignedOrders {
    /// @notice These orders entered the book with the ids that follow `firstId`.
    event SignedOrdersPlaced(uint32 indexed round, uint16 firstId, PackedOrder[] orders);

    /// @notice An order of the batch was left out; `reason` is the selector of an error, of this
    /// interface or of IEnergyMarket.
    event SignedOrderRefused(uint32 indexed round, address indexed trader, uint32 nonce, bytes4 reason);

    /// @notice From now on the trader's signed orders need at least this nonce.
    event NonceRaised(address indexed trader, uint32 nonce);

    /// @notice An order is a bid (1) or an ask (2).
    error UnknownSide(uint8 side);

    /// @notice The order could be placed until `expiry` (Unix seconds).
    error OrderExpired(uint40 expiry);

    /// @notice The trader has used or cancelled this nonce; `least` is free.
    error NonceTooLow(uint32 nonce, uint32 least);

    /// @notice The signature is not the trader's, or is the malleable twin of one (EIP-2).
    error BadSignature(address trader);

    /// @notice Place orders that traders have signed.
    /// For the operator; for anybody once the grace period has passed.
    function placeSigned(uint32 roundId, SignedOrder[] calldata batch) external;

    /// @notice Place orders that traders have signed, close the gate and clear the round, all
    /// without storing them, and pay out the first `payouts` orders as `clearInParts` does.
    /// For the operator; for anybody once the grace period has passed.
    function clearSigned(uint32 roundId, SignedOrder[] calldata batch, uint16 payouts) external;

    /// @notice Cancel all of the caller's signed orders with a nonce below `least`.
    function raiseNonce(uint32 least) external;

    /// @notice The hash that the present chain and contract stand for in a signature (EIP-712).
    function domainSeparator() external view returns (bytes32);
}
