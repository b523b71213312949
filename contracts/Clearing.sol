// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnergyWh, PriceWeiPerWh} from "./IEnergyMarket.sol";
import {OrderBook} from "./OrderBook.sol";
import {PackedOrder} from "./PackedOrder.sol";
import {PackedPair} from "./PackedPair.sol";

/// @title The end of a round: the rule pairs orders, the market checks the pairs and pays out
/// @dev A round may need more transactions than one. The first has the book matched and tells
/// all trades; the hash of book and pairs then binds those that pay out the rest.
abstract contract Clearing is OrderBook {
    mapping(address trader => Energy) internal _energy;
    bytes32 private _begun;

    /// @dev A fill in one word: energy in Wh below, and above it what the bid pays or the ask
    /// gets, in wei. 1024 pairs of 2^40 Wh fit the one, and of 2^64 wei the other.
    uint256 private constant MONEY_SHIFT = 64;

    struct Totals {
        uint256 energy;
        uint256 paidWei;
        uint256 surplusWei;
        uint256 welfareWei;
    }

    modifier inRound(uint32 roundId, Phase needed) {
        if (roundId != _round.id) revert WrongRound(roundId, _round.id);
        _requirePhase(needed);
        _;
    }

    function clear(uint32 roundId) external {
        _clear(roundId, type(uint16).max);
    }

    function clearInParts(uint32 roundId, uint16 payouts) external {
        _clear(roundId, payouts);
    }

    function abort(uint32 roundId, uint16 payouts) external inRound(roundId, Phase.Open) {
        uint256 opensAt = uint256(_round.since) + 2 * uint256(GRACE_SECONDS);
        if (block.timestamp < opensAt) revert AbortTooEarly(opensAt);
        emit RoundAborted(roundId);
        _close(_book(0), new PackedPair[](0), payouts);
    }

    function clearNext(uint32 roundId, PackedOrder[] calldata book, PackedPair[] calldata pairs, uint16 payouts)
        external
        inRound(roundId, Phase.Clearing)
    {
        bytes32 given = keccak256(abi.encode(book, pairs));
        if (given != _begun) revert WrongClearing(given, _begun);
        _resume(book, pairs, payouts);
    }

    function _clear(uint32 roundId, uint16 payouts) private inRound(roundId, Phase.Open) {
        _requireGraceIsOver(OPERATOR);
        _match(_book(0), payouts);
    }

    /// @dev Has the rule pair the orders. The book in storage is the beginning of `book`.
    function _match(PackedOrder[] memory book, uint256 payouts) internal {
        _close(book, RULE.clear(book), payouts);
    }

    function _close(PackedOrder[] memory book, PackedPair[] memory pairs, uint256 payouts) private {
        uint32 roundId = _round.id;
        (uint256[] memory fills, Totals memory totals) = _trade(roundId, book, pairs);
        (uint256 bids, uint256 asks) = _count(book);
        emit RoundCleared(
            roundId,
            // At most the highest limit of a bid, and so below 2^48.
            PriceWeiPerWh.wrap(totals.energy == 0 ? 0 : uint48(totals.paidWei / totals.energy)),
            totals.energy,
            totals.welfareWei,
            totals.surplusWei,
            uint16(bids),
            uint16(asks)
        );
        if (payouts < book.length) {
            _begun = keccak256(abi.encode(book, pairs));
            emit ClearingBegun(roundId, book, pairs);
        }
        _payOut(book, fills, totals.surplusWei, payouts);
    }

    /// @dev Checks each pair, tells it as a trade, and sums up the fills by order.
    function _trade(uint32 roundId, PackedOrder[] memory book, PackedPair[] memory pairs)
        private
        returns (uint256[] memory fills, Totals memory totals)
    {
        fills = new uint256[](book.length);
        for (uint256 i = 0; i < pairs.length; ++i) {
            PackedPair pair = pairs[i];
            (PackedOrder bid, PackedOrder ask) = _checked(book, pair, i);
            (uint256 energy, uint256 buyPrice, uint256 sellPrice) = (pair.energy(), pair.buyPrice(), pair.sellPrice());
            _fill(fills, pair.bid(), bid, energy, buyPrice);
            _fill(fills, pair.ask(), ask, energy, sellPrice);
            // `_fill` holds every order to its energy: at most 1024 orders of 2^40 Wh at prices
            // below 2^48. And bid limit >= buyPrice >= sellPrice >= ask limit.
            unchecked {
                totals.energy += energy;
                totals.paidWei += energy * buyPrice;
                totals.surplusWei += energy * (buyPrice - sellPrice);
                totals.welfareWei += energy * (bid.price() - ask.price());
            }
            _tell(roundId, pair, bid.trader(), ask.trader());
        }
    }

    function _tell(uint32 roundId, PackedPair pair, address buyer, address seller) private {
        emit TradeCleared(
            roundId,
            buyer,
            seller,
            uint16(pair.bid()),
            uint16(pair.ask()),
            EnergyWh.wrap(uint40(pair.energy())),
            PriceWeiPerWh.wrap(uint48(pair.buyPrice())),
            PriceWeiPerWh.wrap(uint48(pair.sellPrice()))
        );
    }

    /// @dev What no rule may break: a bid and an ask of the book, within both limits, and no
    /// less paid than received.
    function _checked(PackedOrder[] memory book, PackedPair pair, uint256 index)
        private
        pure
        returns (PackedOrder bid, PackedOrder ask)
    {
        if (pair.bid() >= book.length || pair.ask() >= book.length) revert PairRefused(index, pair);
        (bid, ask) = (book[pair.bid()], book[pair.ask()]);
        if (
            bid.side() != Side.Bid || ask.side() != Side.Ask || pair.buyPrice() > bid.price()
                || pair.sellPrice() < ask.price() || pair.buyPrice() < pair.sellPrice()
        ) revert PairRefused(index, pair);
    }

    function _fill(uint256[] memory fills, uint256 id, PackedOrder filled, uint256 energy, uint256 price) private pure {
        // Sums of at most the order's energy and, at its limit, of the money: see MONEY_SHIFT.
        uint256 fill;
        unchecked {
            fill = fills[id] + (energy | energy * price << MONEY_SHIFT);
        }
        if (uint64(fill) > filled.energy()) revert Overfilled(id, uint64(fill), filled.energy());
        fills[id] = fill;
    }

    /// @dev As `_close` goes on, from calldata that were checked when the clearing began.
    function _resume(PackedOrder[] calldata book, PackedPair[] calldata pairs, uint256 payouts) private {
        uint256[] memory fills = new uint256[](book.length);
        uint256 surplusWei;
        for (uint256 i = 0; i < pairs.length; ++i) {
            PackedPair pair = pairs[i];
            uint256 energy = pair.energy();
            fills[pair.bid()] += energy | energy * pair.buyPrice() << MONEY_SHIFT;
            fills[pair.ask()] += energy | energy * pair.sellPrice() << MONEY_SHIFT;
            surplusWei += energy * (pair.buyPrice() - pair.sellPrice());
        }
        _payOut(book, fills, surplusWei, payouts);
    }

    /// @dev Pays out the next orders. The round is cleared with the last of them, when what is
    /// left of the escrow must be the surplus.
    function _payOut(PackedOrder[] memory book, uint256[] memory fills, uint256 surplusWei, uint256 payouts) private {
        Round memory r = _round;
        uint256 from = r.paidOut;
        uint256 to = payouts < book.length - from ? from + payouts : book.length;
        uint256 creditedWei;
        for (uint256 id = from; id < to; ++id) {
            (uint256 amountWei, bool first) = _payOrder(r.id, book[id], fills[id]);
            creditedWei += amountWei;
            if (first) ++r.openPositions;
        }
        bool done = to == book.length;
        if (done) creditedWei += surplusWei;
        if (done ? creditedWei != r.escrow : creditedWei > r.escrow) revert Unbalanced(creditedWei, r.escrow);
        r.escrow -= uint128(creditedWei);
        r.paidOut = done ? 0 : uint16(to);
        r.phase = done ? Phase.Cleared : Phase.Clearing;
        if (done) {
            r.since = uint40(block.timestamp);
            _credit(UTILITY, surplusWei);
        }
        _round = r;
        if (from > 0 || !done) emit PaidOut(r.id, uint16(to));
    }

    /// @dev Moves an order's energy, and credits the proceeds of an ask or the unspent escrow of
    /// a bid: what it pays is at most its energy at its limit. `first` as in `_enterRound`;
    /// false if nothing was filled.
    function _payOrder(uint32 roundId, PackedOrder placed, uint256 fill) private returns (uint256 creditedWei, bool first) {
        Side side = placed.side();
        if (side == Side.None) return (0, false);
        creditedWei = fill >> MONEY_SHIFT;
        int256 boughtWh = -int256(uint256(uint64(fill)));
        if (side == Side.Bid) {
            creditedWei = placed.escrow() - creditedWei;
            boughtWh = -boughtWh;
        }
        if (boughtWh != 0) first = _contract(roundId, placed.trader(), boughtWh);
        _credit(placed.trader(), creditedWei);
    }

    /// @dev MAX_ORDERS times 2^40 Wh fit int64, and 2^32 such rounds fit int96.
    function _contract(uint32 roundId, address trader, int256 boughtWh) private returns (bool first) {
        Energy memory energy = _energy[trader];
        first = _enterRound(roundId, energy);
        energy.contractedWh += int64(boughtWh);
        energy.balanceWh += int96(boughtWh);
        _energy[trader] = energy;
    }

    /// @dev True at a trader's first trade or reading of the round.
    function _enterRound(uint32 roundId, Energy memory energy) internal pure returns (bool first) {
        first = energy.round != roundId + 1;
        if (first) (energy.contractedWh, energy.round, energy.metered) = (0, roundId + 1, false);
    }

    function _count(PackedOrder[] memory book) private pure returns (uint256 bids, uint256 asks) {
        for (uint256 id = 0; id < book.length; ++id) {
            Side side = book[id].side();
            if (side == Side.Bid) ++bids;
            else if (side == Side.Ask) ++asks;
        }
    }

    function _requireGraceIsOver(address allowed) internal view {
        if (msg.sender == allowed) return;
        uint256 opensToAllAt = uint256(_round.since) + GRACE_SECONDS;
        if (block.timestamp < opensToAllAt) revert NotAuthorized(msg.sender, allowed, opensToAllAt);
    }
}
