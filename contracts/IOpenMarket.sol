// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAuction} from "./IAuction.sol";
import {EnergyWh, PriceWeiPerWh} from "./IMarketTypes.sol";
import {PackedOrder} from "./PackedOrder.sol";
import {SignedOrder} from "./SignedOrder.sol";

/// @title Orders in the open: sent by their traders, or signed by them and sent by somebody else
/// @notice A signature is over EIP-712 typed data:
/// Order(address trader,uint8 side,uint32 energy,uint56 price,uint32 round,uint32 nonce,uint40 expiry)
/// in the domain {name: "EnergyMarket", version: "1", chainId, verifyingContract} (`eip712Domain`);
/// side is 1 for a bid and 2 for an ask. Contracts sign by EIP-1271, with the 65 bytes r, s, v.
/// The digest is the order's uid. It holds for one order in one round of one contract on one chain.
///
/// The nonce is at least the trader's floor, and ascends within a batch. Placing an order spends
/// its nonce: the next one becomes the floor. `placeBid` and `placeAsk` spend the floor itself. So
/// an order that was left out of a batch is best sent by its trader with `placeSigned`, which
/// needs no signature then and spends exactly that order.
///
/// Who sends a batch chooses which orders are in it, and their order of arrival, as the operator
/// of any gate does. A bad order is left out, with the reason in an event, and stops nobody.
interface IOpenMarket is IAuction {
    /// @notice These orders entered the book.
    /// @param orders as they entered; admission may have lowered their energy
    /// @param places order id (16 bits) and nonce (32) of each, from bit 47 down as nonce, id
    event SignedOrdersPlaced(uint32 indexed round, PackedOrder[] orders, uint256[] places);

    /// @notice An order of the batch was left out; `reason` is the selector of an error, of this
    /// interface or of IEnergyMarket.
    event SignedOrderRefused(uint32 indexed round, address indexed trader, uint32 nonce, bytes4 reason);

    /// @notice From now on the trader's signed orders need at least this nonce.
    event NonceRaised(address indexed trader, uint32 nonce);

    /// @notice The trader's signed order of this uid is void.
    event SignedOrderCancelled(address indexed trader, bytes32 indexed uid);

    /// @notice An order is a bid (1) or an ask (2).
    error UnknownSide(uint8 side);

    /// @notice The order could be placed until `expiry` (Unix seconds).
    error OrderExpired(uint40 expiry);

    /// @notice The trader has used or cancelled this nonce; `least` is free.
    error NonceTooLow(uint32 nonce, uint32 least);

    /// @notice The trader has cancelled the signed order of this uid.
    error OrderVoid(bytes32 uid);

    /// @notice The signature is not the trader's, or is the malleable twin of one (EIP-2).
    error BadSignature(address trader);

    /// @notice Order to buy in the round that takes orders; `energy * price` moves from the
    /// caller's balance into escrow.
    /// @return orderId its place in the round's book
    function placeBid(uint32 roundId, EnergyWh energy, PriceWeiPerWh price) external returns (uint16 orderId);

    /// @notice Order to sell in the round that takes orders; `energy * (retail - price)` moves
    /// from the caller's balance into escrow: what it costs at most to deliver nothing.
    /// @return orderId its place in the round's book
    function placeAsk(uint32 roundId, EnergyWh energy, PriceWeiPerWh price) external returns (uint16 orderId);

    /// @notice Withdraw an order of the open round. Its cover comes back in full.
    function cancel(uint32 roundId, uint16 orderId) external;

    /// @notice Place orders that traders have signed, until the gate. For the operator; for a
    /// trader, whose own orders need no signature, if all are the caller's.
    function placeSigned(uint32 roundId, SignedOrder[] calldata batch) external;

    /// @notice From the gate on: place orders that traders have signed, and clear the round, all
    /// without storing them, and pay out the first `payouts` orders as `clearInParts` does.
    /// For the operator; for anybody once the grace period has passed, with an empty batch: who
    /// clears in the operator's stead knows the book.
    function clearSigned(uint32 roundId, SignedOrder[] calldata batch, uint16 payouts) external;

    /// @notice Cancel all of the caller's signed orders with a nonce below `least`.
    function raiseNonce(uint32 least) external;

    /// @notice Cancel the caller's signed order of this uid.
    function cancelSigned(bytes32 uid) external;

    /// @notice The hash that the present chain and contract stand for in a signature (EIP-712).
    function domainSeparator() external view returns (bytes32);

    /// @notice The fields of the domain (EIP-5267).
    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        );
}
