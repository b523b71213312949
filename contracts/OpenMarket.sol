// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnergyMarket} from "./EnergyMarket.sol";
import {EnergyWh, PriceWeiPerWh} from "./IMarketTypes.sol";
import {IOpenMarket} from "./IOpenMarket.sol";
import {PackedOrder, PackedOrders} from "./PackedOrder.sol";
import {Signatures, SignedOrder, Terms} from "./SignedOrder.sol";

/// @title Energy market with orders in the open
contract OpenMarket is EnergyMarket, IOpenMarket {
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    string private constant NAME = "EnergyMarket";
    string private constant VERSION = "1";
    uint8 private constant HAS_VOID = 4;

    uint256 private immutable DEPLOYED_CHAIN;
    bytes32 private immutable DEPLOYED_SEPARATOR;

    mapping(address trader => mapping(bytes32 uid => bool)) private _void;

    /// @dev A batch as it is worked through.
    struct Batch {
        uint32 round;
        bytes32 separator;
        bool stored;
        Book book;
        PackedOrder[] unstored;
    }

    constructor(Config memory c) EnergyMarket(c) {
        DEPLOYED_CHAIN = block.chainid;
        DEPLOYED_SEPARATOR = _separator();
    }

    function placeBid(uint32 roundId, EnergyWh energy, PriceWeiPerWh price) external override returns (uint16) {
        return _enter(_openBook(roundId), PackedOrders.pack(msg.sender, energy, price, Side.Bid), type(uint256).max);
    }

    function placeAsk(uint32 roundId, EnergyWh energy, PriceWeiPerWh price) external override returns (uint16) {
        return _enter(_openBook(roundId), PackedOrders.pack(msg.sender, energy, price, Side.Ask), type(uint256).max);
    }

    function cancel(uint32 roundId, uint16 orderId) external override {
        Book memory b = _openBook(roundId);
        uint256 closesAt = _gateOf(roundId) - CANCEL_SECONDS;
        if (block.timestamp > closesAt) revert TooLate(closesAt);
        if (orderId >= b.orders) revert UnknownOrder(orderId, b.orders);
        PackedOrder placed = _orders[orderId];
        if (placed.side() == Side.None || placed.trader() != msg.sender) {
            revert NotYourOrder(orderId, placed.side() == Side.None ? address(0) : placed.trader(), msg.sender);
        }
        uint256 refundWei = placed.cover(b.retail, _feedInOf(roundId));
        if (placed.charged()) refundWei += placed.energy() * _chargeOf(roundId, orderId);
        _orders[orderId] = PackedOrder.wrap(b.free);
        b.free = orderId + 1;
        if (placed.open()) --b.open;
        b.escrowWei -= uint96(refundWei); // what placing it added
        _saveBook(b);

        emit OrderCancelled(roundId, orderId, msg.sender, refundWei);
        _credit(msg.sender, refundWei);
    }

    function placeSigned(uint32 roundId, SignedOrder[] calldata batch) external override {
        Book memory b = _openBook(roundId);
        if (msg.sender != OPERATOR) {
            for (uint256 i = 0; i < batch.length; ++i) {
                if (batch[i].order.trader() != msg.sender) {
                    revert NotAuthorized(msg.sender, OPERATOR, type(uint256).max);
                }
            }
        }
        _admitAll(Batch(roundId, domainSeparator(), true, b, new PackedOrder[](0)), batch);
        _saveBook(b);
    }

    function clearSigned(uint32 roundId, SignedOrder[] calldata batch, uint16 payouts) external override {
        uint256 since = _requireClearable(roundId);
        Book memory b = _presentBook();
        PackedOrder[] memory orders = _bookWith(batch.length);
        if (batch.length == 0) {
            _requireOperator(since);
        } else {
            // Whoever clears in its stead knows the book, and adds nothing to it.
            if (msg.sender != OPERATOR) revert NotAuthorized(msg.sender, OPERATOR, type(uint256).max);
            _admitAll(Batch(roundId, domainSeparator(), false, b, orders), batch);
            _saveBook(b);
        }
        // Shortens the array to the places in use, which are at most the length it has.
        uint256 used = b.orders;
        assembly ("memory-safe") {
            mstore(orders, used)
        }
        _match(since, orders, payouts);
    }

    function raiseNonce(uint32 least) external override {
        Account memory account = _account(msg.sender);
        if (least <= account.nonce) revert NonceTooLow(least, account.nonce);
        account.nonce = least;
        _saveAccount(msg.sender, account);

        emit NonceRaised(msg.sender, least);
    }

    function cancelSigned(bytes32 uid) external override {
        _void[msg.sender][uid] = true;
        Account memory account = _account(msg.sender);
        account.flags |= HAS_VOID;
        _saveAccount(msg.sender, account);

        emit SignedOrderCancelled(msg.sender, uid);
    }

    function eip712Domain()
        external
        view
        override
        returns (bytes1, string memory, string memory, uint256, address, bytes32, uint256[] memory)
    {
        return (0x0f, NAME, VERSION, block.chainid, address(this), 0, new uint256[](0));
    }

    function domainSeparator() public view override returns (bytes32) {
        return block.chainid == DEPLOYED_CHAIN ? DEPLOYED_SEPARATOR : _separator();
    }

    function _clearableFrom(uint32 roundId) internal view override returns (uint256) {
        return _gateOf(roundId);
    }

    /// @dev Takes what the good orders of the batch cost, and tells which they are.
    function _admitAll(Batch memory w, SignedOrder[] calldata batch) private {
        PackedOrder[] memory admitted = new PackedOrder[](batch.length);
        uint256[] memory places = new uint256[](batch.length);
        uint256 count;
        // Of the order at hand: two structures for all, as new ones cost as much as the checks.
        Account memory account;
        Admission memory a;
        for (uint256 i = 0; i < batch.length; ++i) {
            SignedOrder calldata signed = batch[i];
            bytes4 reason = _admitSigned(w, signed, account, a);
            if (reason != 0) {
                emit SignedOrderRefused(w.round, signed.order.trader(), signed.terms.nonce(), reason);
                continue;
            }
            (PackedOrder entered, uint256 place) = (a.order, uint256(signed.terms.nonce()) << 16 | a.id);
            // `count` is at most `i`, which is below the length of both.
            assembly ("memory-safe") {
                count := add(count, 1)
                mstore(add(admitted, shl(5, count)), entered)
                mstore(add(places, shl(5, count)), place)
            }
        }
        // Shortens the arrays to what was used; `count` is at most the length they have.
        assembly ("memory-safe") {
            mstore(admitted, count)
            mstore(places, count)
        }

        emit SignedOrdersPlaced(w.round, admitted, places);
    }

    /// @dev Checks and admits one order, or returns the selector of the error that tells why not.
    function _admitSigned(Batch memory w, SignedOrder calldata signed, Account memory account, Admission memory a)
        private
        returns (bytes4)
    {
        (PackedOrder placed, Terms terms) = (signed.order, signed.terms);
        uint256 side = PackedOrder.unwrap(placed) >> 248;
        if (side != uint256(Side.Bid) && side != uint256(Side.Ask)) return UnknownSide.selector;
        if (terms.round() != w.round) return WrongRound.selector;
        if (block.timestamp > terms.expiry()) return OrderExpired.selector;
        address trader = placed.trader();
        _loadInto(account, trader);
        uint32 nonce = terms.nonce();
        // The largest nonce has no successor, and is never free.
        if (nonce < account.nonce || nonce == type(uint32).max) return NonceTooLow.selector;
        bytes32 uid = Signatures.digest(placed, terms, w.separator);
        if (account.flags & HAS_VOID != 0 && _void[trader][uid]) return OrderVoid.selector;
        if (trader != msg.sender && !Signatures.isSigned(signed, uid)) return BadSignature.selector;
        _admit(a, placed, w.book, account, w.unstored);
        if (a.refusal != 0) return a.refusal;
        unchecked {
            account.nonce = nonce + 1; // which is not the largest
        }
        _saveAccount(trader, account);
        if (w.stored) {
            _store(a, w.round);
        } else {
            w.unstored[a.id] = a.order;
            _keepCharge(a, w.round);
        }
        return 0;
    }

    function _separator() private view returns (bytes32) {
        return keccak256(
            abi.encode(DOMAIN_TYPEHASH, keccak256(bytes(NAME)), keccak256(bytes(VERSION)), block.chainid, address(this))
        );
    }
}
