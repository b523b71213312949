// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ContinuousDoubleAuction} from "../src/ContinuousDoubleAuction.sol";
import {IClearingRule} from "../src/IClearingRule.sol";
import {EnergyWh, IMarketTypes, PriceWeiPerWh} from "../src/IMarketTypes.sol";
import {ISettlement} from "../src/ISettlement.sol";
import {KDoubleAuction} from "../src/KDoubleAuction.sol";
import {Matching} from "../src/Matching.sol";
import {McAfee} from "../src/McAfee.sol";
import {OpenMarket} from "../src/OpenMarket.sol";
import {PackedOrder, PackedOrders} from "../src/PackedOrder.sol";
import {PackedPair} from "../src/PackedPair.sol";
import {PayAsBid} from "../src/PayAsBid.sol";
import {Walrasian} from "../src/Walrasian.sol";
import {AnyRule} from "./AnyRule.sol";
import {INTERVAL, OPERATOR, SURPLUS, deployMarket} from "./Deployment.sol";
import {vm} from "./Vm.sol";

/// @title Rules on random books, and the market under random answers of a rule
contract RuleFuzz {
    IClearingRule[5] private _rules = [
        IClearingRule(new KDoubleAuction(5_000, 10)),
        new Walrasian(3_333),
        new PayAsBid(9_999),
        new McAfee(),
        new ContinuousDoubleAuction()
    ];

    /// @notice Up to 24 orders, some cancelled; the full width of energy and limit, or ties.
    function testFuzz_every_rule_is_sound(uint256[24] calldata words, uint8 size, bool ties) external view {
        PackedOrder[] memory book = new PackedOrder[](size % 25);
        for (uint256 i = 0; i < book.length; ++i) {
            uint56 price = ties ? uint56(words[i] % 4) : uint56(words[i]);
            book[i] = PackedOrders.pack(
                address(uint160(i + 1)),
                EnergyWh.wrap(uint32(words[i] >> 56) | 1),
                PriceWeiPerWh.wrap(price),
                IMarketTypes.Side(words[i] >> 88 & 15 == 0 ? 0 : 1 + (words[i] >> 92 & 1))
            );
        }
        for (uint256 i = 0; i < _rules.length; ++i) {
            _requireSound(book, _rules[i].clear(book));
        }
    }

    function _requireSound(PackedOrder[] memory book, PackedPair[] memory pairs) private pure {
        uint256[] memory filled = new uint256[](book.length);
        for (uint256 i = 0; i < pairs.length; ++i) {
            PackedPair pair = pairs[i];
            (PackedOrder bid, PackedOrder ask) = (book[pair.bid()], book[pair.ask()]);
            assert(bid.side() == IMarketTypes.Side.Bid && ask.side() == IMarketTypes.Side.Ask);
            assert(pair.energy() > 0);
            assert(ask.price() <= pair.sellPrice() && pair.sellPrice() <= pair.buyPrice());
            assert(pair.buyPrice() <= bid.price());
            filled[pair.bid()] += pair.energy();
            filled[pair.ask()] += pair.energy();
        }
        for (uint256 id = 0; id < book.length; ++id) {
            assert(filled[id] <= book[id].energy());
        }
    }

    /// @notice The weighted price lies between its limits, for every weight.
    function testFuzz_mix(uint16 k, uint56 a, uint56 b) external pure {
        (uint256 high, uint256 low) = a < b ? (b, a) : (a, b);
        uint256 price = Matching.mix(k % (Matching.BASIS_POINTS + 1), high, low);
        assert(low <= price && price <= high);
    }

    /// @notice Whatever words a rule answers with, every wei stays in somebody's balance, or the
    /// clearing reverts.
    function testFuzz_no_answer_of_a_rule_loses_money(uint256[3] calldata words, uint8 count, bool plausible) external {
        AnyRule rule = new AnyRule();
        OpenMarket market = deployMarket(rule);
        ISettlement moneyOf = ISettlement(address(market));
        (address buyer, address seller) = (address(0xb), address(0xa));
        vm.deal(address(this), 2e6);
        moneyOf.depositFor{value: 1e6}(buyer);
        moneyOf.depositFor{value: 1e6}(seller);
        vm.prank(buyer);
        market.placeBid(1, EnergyWh.wrap(100), PriceWeiPerWh.wrap(60));
        vm.prank(seller);
        market.placeAsk(1, EnergyWh.wrap(100), PriceWeiPerWh.wrap(40));
        for (uint256 i = 0; i < count % 4; ++i) {
            uint256 word = words[i];
            // bid 0, ask 1, energy up to 63, buy 40 to 71, sell 32 to 63: half of them pass
            if (plausible) {
                word = 1 << 144 | (word & 63) << 112 | (40 + (word >> 8 & 31)) << 56 | (32 + (word >> 16 & 31));
            }
            rule.answer(PackedPair.wrap(word));
        }
        vm.warp(block.timestamp + INTERVAL);
        vm.prank(OPERATOR);
        try market.clear(1) {} catch {}
        address[] memory everybody = new address[](3);
        (everybody[0], everybody[1], everybody[2]) = (buyer, seller, SURPLUS);
        (IMarketTypes.Account[] memory money,) = moneyOf.accounts(everybody);
        uint256 owed = market.book().escrowWei + moneyOf.totals().lockedWei;
        for (uint256 i = 0; i < 3; ++i) {
            owed += money[i].balance;
        }
        assert(owed == 2e6);
    }
}
