// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAuction} from "./IAuction.sol";
import {EnergyWh, PriceWeiPerWh} from "./IMarketTypes.sol";
import {Ledger} from "./Ledger.sol";
import {PackedOrder, PackedOrders} from "./PackedOrder.sol";

/// @title The book of the round that takes orders, and what lets an order in
abstract contract OrderBook is Ledger, IAuction {
    uint8 private constant SIDES = 3;

    /// @dev What becomes of an order at the door.
    /// @param order as it enters the book
    /// @param id its place
    /// @param coverWei moves from the balance into escrow
    /// @param chargePerWh part of the cover, of admission
    /// @param refusal selector of the error that keeps it out; 0 lets it in
    /// @param reason of the admission contract
    struct Admission {
        PackedOrder order;
        uint16 id;
        uint256 coverWei;
        uint56 chargePerWh;
        bytes4 refusal;
        bytes4 reason;
    }

    /// @dev The first `_book.orders` entries are the present round's. Later rounds overwrite
    /// slots and never delete them, which saves 17,100 gas an order.
    PackedOrder[MAX_ORDERS] internal _orders;
    /// @dev By place, apart for even and odd rounds: one may be paid out while the next fills.
    mapping(uint256 place => uint56) private _charges;

    function book() external view override returns (Book memory) {
        return _presentBook();
    }

    function order(uint16 orderId) external view override returns (Order memory) {
        uint16 orders = _presentBook().orders;
        if (orderId >= orders) revert UnknownOrder(orderId, orders);
        return _orders[orderId].unpack();
    }

    function _openRound(uint32 roundId) internal {
        Round memory r = _roundOf(roundId);
        if (r.retail == 0) (r.retail, r.feedIn) = (RETAIL, FEED_IN);
        (r.phase, r.since) = (Phase.Open, uint40(block.timestamp));
        _saveRound(roundId, r);
        _saveBook(Book(roundId, 0, 0, 0, r.retail, 0));

        emit RoundOpened(roundId, _gateOf(roundId), r.retail, r.feedIn);
    }

    /// @dev The next round; rounds whose gate is past or too near are skipped. Where admission may
    /// charge, an odd round follows an even one, so that no order takes the place of a charge that
    /// the round before still pays out.
    function _openAfter(uint32 roundId) internal {
        uint256 next = uint256(roundId) + 1;
        uint256 least = block.timestamp + OPEN_SECONDS;
        if (_gateOf(next) < least) {
            next = 1 + (least - FIRST_GATE + INTERVAL - 1) / INTERVAL;
            if (address(ADMISSION) != address(0) && (next ^ roundId) & 1 == 0) ++next;
        }
        _openRound(uint32(next));
    }

    /// @dev The present round, while it takes orders: up to and with the second of its gate.
    function _openBook(uint32 roundId) internal view returns (Book memory b) {
        b = _presentBook();
        if (roundId != b.round) revert WrongRound(roundId, b.round);
        if (block.timestamp > _gateOf(roundId)) revert TooLate(_gateOf(roundId));
    }

    function _feedInOf(uint32 roundId) internal view returns (int256) {
        return MIN_FEED_IN < 0 ? _roundOf(roundId).feedIn : int256(0);
    }

    function _chargeOf(uint32 roundId, uint256 orderId) internal view returns (uint256) {
        return _charges[(roundId & 1) << 16 | orderId];
    }

    /// @dev Enters an order of the caller, which may cost `mostWei`.
    function _enter(Book memory b, PackedOrder placed, uint256 mostWei) internal returns (uint16) {
        Account memory account = _load(msg.sender);
        uint32 nonce = account.nonce;
        Admission memory a;
        _admit(a, placed, b, account, new PackedOrder[](0));
        if (a.refusal != 0) _refuse(a, account);
        if (a.coverWei > mostWei) revert BalanceTooLow(msg.sender, a.coverWei, mostWei);
        // An order that its trader has placed spends the signature of the same nonce.
        if (nonce < type(uint32).max) account.nonce = nonce + 1;
        _saveAccount(msg.sender, account);
        _saveBook(b);
        _store(a, b.round);
        Order memory o = a.order.unpack();

        emit OrderPlaced(b.round, a.id, o.trader, o.side, o.energy, o.price, nonce, a.coverWei);
        return a.id;
    }

    /// @dev Takes an order's cover and place from the account and the book in memory, or tells in
    /// `refusal` why not, and then changes neither. `unstored` is the book where it is not in
    /// storage, else empty. What an order before left in `a` does not count: where nobody asks
    /// admission, its charge and reason are 0 for all.
    function _admit(
        Admission memory a,
        PackedOrder placed,
        Book memory b,
        Account memory account,
        PackedOrder[] memory unstored
    ) internal view {
        a.order = placed;
        a.refusal = _beyondLimits(placed);
        if (a.refusal == 0 && address(ADMISSION) != address(0)) _askAdmission(a, b.round);
        if (a.refusal != 0) return;
        placed = a.order;
        a.refusal = _unaffordable(a, b, account, unstored);
        if (a.refusal != 0) return;
        if (OPEN_PLACES < ORDER_LIMIT && _meters[placed.trader()].limitWh == 0) {
            if (b.open >= OPEN_PLACES) a.refusal = RoundFull.selector;
            else a.order = placed.withOpen();
        }
        if (b.orders >= ORDER_LIMIT && b.free == 0) a.refusal = RoundFull.selector;
        if (a.refusal != 0) return;
        if (a.order.open()) ++b.open;
        // There are fewer orders than places, or a free one; the cover is at most the balance, and
        // all covers are a part of what is held.
        unchecked {
            if (b.orders < ORDER_LIMIT) a.id = b.orders++;
            else (a.id, b.free) = (b.free - 1, uint16(PackedOrder.unwrap(_orders[b.free - 1])));
            b.escrowWei += uint96(a.coverWei);
            account.balance -= uint88(a.coverWei);
        }
        if (account.ordersRound != uint24(b.round)) {
            (account.ordersRound, account.orders, account.flags) = (uint24(b.round), 0, account.flags & ~SIDES);
        }
        ++account.orders;
        account.flags |= placed.isBid() ? 1 : 2;
    }

    /// @dev Keeps an admitted order, and what admission charges for it.
    function _store(Admission memory a, uint32 roundId) internal {
        _orders[a.id] = a.order;
        _keepCharge(a, roundId);
    }

    function _keepCharge(Admission memory a, uint32 roundId) internal {
        if (!a.order.charged()) return;
        _charges[(roundId & 1) << 16 | a.id] = a.chargePerWh;

        emit OrderCharged(roundId, a.id, PriceWeiPerWh.wrap(a.chargePerWh));
    }

    function _beyondLimits(PackedOrder placed) private view returns (bytes4) {
        address trader = placed.trader();
        if (trader == UTILITY || trader == SURPLUS_TO) return RoleCannotTrade.selector;
        if (placed.energy() < EnergyWh.unwrap(MIN_ENERGY)) return EnergyBelowMinimum.selector;
        if (placed.energy() > EnergyWh.unwrap(MAX_ENERGY)) return EnergyAboveMaximum.selector;
        if (placed.price() > PriceWeiPerWh.unwrap(MAX_PRICE)) return PriceAboveMaximum.selector;
        return 0;
    }

    function _askAdmission(Admission memory a, uint32 roundId) private view {
        PackedOrder placed = a.order;
        uint32 energyWh;
        (energyWh, a.chargePerWh, a.reason) = ADMISSION.admit(
            placed.trader(), uint8(placed.side()), uint32(placed.energy()), uint56(placed.price()), roundId
        );
        if (a.reason != 0) a.refusal = AdmissionRefused.selector;
        else if (energyWh < EnergyWh.unwrap(MIN_ENERGY)) a.refusal = EnergyBelowMinimum.selector;
        if (energyWh < placed.energy()) a.order = placed.withEnergy(energyWh);
        if (a.chargePerWh > 0) a.order = a.order.withCharge();
    }

    /// @dev Sets the cover, and checks what the account may and can.
    function _unaffordable(Admission memory a, Book memory b, Account memory account, PackedOrder[] memory unstored)
        private
        view
        returns (bytes4)
    {
        bool again = account.ordersRound == uint24(b.round);
        if (TRADER_LIMIT < ORDER_LIMIT && again && account.orders >= TRADER_LIMIT) return TooManyOrders.selector;
        if (account.position < 0) return DebtOutstanding.selector;
        a.coverWei = a.order.cover(b.retail, _feedInOf(b.round)) + a.order.energy() * a.chargePerWh;
        if (a.coverWei > account.balance) return BalanceTooLow.selector;
        uint8 otherSide = a.order.isBid() ? 2 : 1;
        if (again && account.flags & otherSide != 0 && _crossesOwn(a.order, b.orders, unstored)) {
            return CrossesOwnOrder.selector;
        }
        return 0;
    }

    function _crossesOwn(PackedOrder placed, uint256 orders, PackedOrder[] memory unstored)
        private
        view
        returns (bool)
    {
        bool buys = placed.isBid();
        for (uint256 id = 0; id < orders; ++id) {
            PackedOrder other = unstored.length > 0 ? unstored[id] : _orders[id];
            if (other.trader() != placed.trader()) continue;
            if (buys ? !other.isAsk() : !other.isBid()) continue;
            if (buys ? other.price() <= placed.price() : other.price() >= placed.price()) return true;
        }
        return false;
    }

    /// @dev Reverts with the error of a refusal.
    function _refuse(Admission memory a, Account memory account) internal view {
        Order memory o = a.order.unpack();
        bytes4 refusal = a.refusal;
        if (refusal == RoleCannotTrade.selector) revert RoleCannotTrade(o.trader);
        if (refusal == EnergyBelowMinimum.selector) revert EnergyBelowMinimum(o.energy, MIN_ENERGY);
        if (refusal == EnergyAboveMaximum.selector) revert EnergyAboveMaximum(o.energy, MAX_ENERGY);
        if (refusal == PriceAboveMaximum.selector) revert PriceAboveMaximum(o.price, MAX_PRICE);
        if (refusal == AdmissionRefused.selector) revert AdmissionRefused(a.reason);
        if (refusal == RoundFull.selector) revert RoundFull(_presentBook().orders < ORDER_LIMIT ? OPEN_PLACES : ORDER_LIMIT);
        if (refusal == TooManyOrders.selector) revert TooManyOrders(o.trader, TRADER_LIMIT);
        if (refusal == DebtOutstanding.selector) revert DebtOutstanding(o.trader, uint88(-account.position));
        if (refusal == CrossesOwnOrder.selector) revert CrossesOwnOrder(o.trader);
        revert BalanceTooLow(o.trader, a.coverWei, account.balance);
    }
}
