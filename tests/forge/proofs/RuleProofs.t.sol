// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ContinuousDoubleAuction} from "../src/ContinuousDoubleAuction.sol";
import {EnergyWh, IMarketTypes, PriceWeiPerWh} from "../src/IMarketTypes.sol";
import {Matching} from "../src/Matching.sol";
import {PackedOrder, PackedOrders} from "../src/PackedOrder.sol";
import {PackedPair} from "../src/PackedPair.sol";
import {vm} from "../test/Vm.sol";

/// @title What the rules keep, proved by halmos for all books of a bid and an ask
/// @dev Any energies and limits that an order can hold. Pay-as-bid looks limits up by the ids it
/// computes, which is beyond halmos: fuzzed only, as trade reduction is, which needs two pairs.
contract RuleProofs {
    function _book(uint256 orders, uint32[4] memory energy, uint56[4] memory price)
        private
        pure
        returns (PackedOrder[] memory book)
    {
        book = new PackedOrder[](orders);
        for (uint256 i = 0; i < orders; ++i) {
            vm.assume(energy[i] > 0);
            book[i] = PackedOrders.pack(
                address(uint160(i + 1)),
                EnergyWh.wrap(energy[i]),
                PriceWeiPerWh.wrap(price[i]),
                i % 2 == 0 ? IMarketTypes.Side.Bid : IMarketTypes.Side.Ask
            );
        }
    }

    /// @dev Within both limits, no deficit, no overfill, and every pair moves energy.
    function _requireSound(PackedPair[] memory pairs, uint32[4] memory energy, uint56[4] memory price) private pure {
        for (uint256 id = 0; id < 4; ++id) {
            uint256 filled;
            for (uint256 i = 0; i < pairs.length; ++i) {
                PackedPair pair = pairs[i];
                assert(pair.energy() > 0 && pair.buyPrice() >= pair.sellPrice());
                assert(pair.bid() % 2 == 0 && pair.bid() < 4 && pair.ask() % 2 == 1 && pair.ask() < 4);
                if (id == pair.bid()) assert(pair.buyPrice() <= price[id]);
                if (id == pair.ask()) assert(pair.sellPrice() >= price[id]);
                if (id == pair.bid() || id == pair.ask()) filled += pair.energy();
            }
            assert(filled <= energy[id]);
        }
    }

    /// @notice Price-time priority trades within the limits.
    function check_continuous(uint32[4] memory energy, uint56[4] memory price) external {
        _requireSound(new ContinuousDoubleAuction().clear(_book(2, energy, price)), energy, price);
    }

    function walked(PackedOrder[] calldata book) external pure returns (PackedPair[] memory, uint256, uint256) {
        Matching.Matched memory m = Matching.run(book);
        Matching.price(m.pairs, m.bid, m.ask);
        return (m.pairs, m.bid, m.ask);
    }

    /// @notice So does the walk at the marginal limits, and hence at any price between them:
    /// k-double auction and Walrasian.
    function check_walk(uint32[4] memory energy, uint56[4] memory price) external view {
        (PackedPair[] memory pairs, uint256 bid, uint256 ask) = this.walked(_book(2, energy, price));
        _requireSound(pairs, energy, price);
        if (pairs.length > 0) assert(bid >= ask);
    }
}
