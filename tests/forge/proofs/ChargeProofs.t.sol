// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DualPrice} from "../src/DualPrice.sol";
import {EnergyWh, IMarketTypes, PriceWeiPerWh} from "../src/IMarketTypes.sol";
import {PackedOrder, PackedOrders} from "../src/PackedOrder.sol";
import {vm} from "../test/Vm.sol";

/// @title What imbalances cost, and that covers of orders pay it
/// @dev Proved by halmos for every price that fits its type, and the energies that the loops run through.
contract ChargeProofs {
    int64 private constant MOST_WH = 2;
    DualPrice private _rule = new DualPrice();

    struct Tariff {
        uint56 retail;
        int56 feedIn;
        uint56 price;
    }

    function _charge(Tariff memory t, int64 contractedWh, int64 meteredWh) private view returns (int256) {
        int64[] memory contracted = new int64[](1);
        int64[] memory metered = new int64[](1);
        (contracted[0], metered[0]) = (contractedWh, meteredWh);
        return _rule.charges(t.retail, t.feedIn, t.price, contracted, metered)[0];
    }

    function _tariff(uint56 retail, int56 feedIn, uint56 price) private pure returns (Tariff memory) {
        vm.assume(int256(feedIn) <= int256(uint256(retail)));
        return Tariff(retail, feedIn, price);
    }

    /// @notice Who takes what it contracted is charged nothing.
    function check_nothing_for_what_was_contracted(uint56 retail, int56 feedIn, uint56 price, int32 wh) external view {
        assert(_charge(_tariff(retail, feedIn, price), wh, wh) == 0);
    }

    /// @notice No charge is below what the imbalance is worth at the tariffs, whatever the price: of
    /// people who trade with each other, the utility gets what their net energy is worth.
    function check_no_less_than_the_tariffs(uint56 retail, int56 feedIn, uint56 price) external view {
        Tariff memory t = _tariff(retail, feedIn, price);
        for (int64 contracted = -MOST_WH; contracted <= MOST_WH; ++contracted) {
            for (int64 wh = -MOST_WH; wh <= MOST_WH; ++wh) {
                int256 charge = _charge(t, contracted, wh);
                int256 imbalance = int256(wh) - contracted;
                assert(charge >= imbalance * int256(uint256(retail)));
                assert(charge >= imbalance * feedIn);
            }
        }
    }

    /// @notice No charge is beyond what covers are made for: retail of what is short, and what a
    /// negative feed-in costs of what is left over.
    function check_within_tariff(uint56 retail, int56 feedIn, uint56 price) external view {
        Tariff memory t = _tariff(retail, feedIn, price);
        for (int64 contracted = -MOST_WH; contracted <= MOST_WH; ++contracted) {
            for (int64 wh = -MOST_WH; wh <= MOST_WH; ++wh) {
                int256 charge = _charge(t, contracted, wh);
                int256 imbalance = int256(wh) - contracted;
                if (imbalance >= 0) assert(charge <= imbalance * int256(uint256(retail)));
                else assert(charge <= (feedIn < 0 ? imbalance * feedIn : int256(0)));
            }
        }
    }

    /// @notice What clearing leaves locked at least pays of a charge all that the reading alone would not
    /// cost: a trade makes no debt.
    function check_what_is_locked_pays_all_but_the_reading(uint56 retail, int56 feedIn, uint56 price) external view {
        Tariff memory t = _tariff(retail, feedIn, price);
        int256 noTake = feedIn < 0 ? -int256(feedIn) : int256(0);
        for (int64 contracted = -MOST_WH; contracted <= MOST_WH; ++contracted) {
            int256 locked = contracted < 0 ? -contracted * int256(uint256(retail)) : contracted * noTake;
            for (int64 wh = -MOST_WH; wh <= MOST_WH; ++wh) {
                int256 alone = wh > 0 ? wh * int256(uint256(retail)) : wh * int256(feedIn);
                assert(_charge(t, contracted, wh) - locked <= alone);
            }
        }
    }

    /// @notice What stays locked for each Wh that an ask sold, with what it was paid, is what it
    /// costs to deliver nothing.
    function check_margin_of_an_ask(address trader, uint32 energy, uint56 limit, uint56 retail, int56 feedIn, uint56 paid)
        external
        pure
    {
        vm.assume(paid >= limit);
        PackedOrder ask =
            PackedOrders.pack(trader, EnergyWh.wrap(energy), PriceWeiPerWh.wrap(limit), IMarketTypes.Side.Ask);
        assert(ask.marginPrice(retail, feedIn) + paid >= retail);
    }

    /// @notice What stays locked for each Wh that a bid bought is what a negative feed-in costs.
    function check_margin_of_a_bid(address trader, uint32 energy, uint56 limit, uint56 retail, int56 feedIn)
        external
        pure
    {
        PackedOrder bid =
            PackedOrders.pack(trader, EnergyWh.wrap(energy), PriceWeiPerWh.wrap(limit), IMarketTypes.Side.Bid);
        assert(int256(bid.marginPrice(retail, feedIn)) >= -int256(feedIn));
    }

    /// @notice The cover of an order of 2 Wh pays for any fill of it within its limit.
    function check_cover(bool buys, uint56 limit, uint56 retail, int56 feedIn, uint56 paid) external pure {
        vm.assume(!buys || paid <= limit);
        IMarketTypes.Side side = buys ? IMarketTypes.Side.Bid : IMarketTypes.Side.Ask;
        PackedOrder placed = PackedOrders.pack(address(1), EnergyWh.wrap(2), PriceWeiPerWh.wrap(limit), side);
        uint256 forOne = placed.marginPrice(retail, feedIn) + (buys ? paid : 0);
        assert(placed.cover(retail, feedIn) >= 2 * forOne);
        assert(placed.cover(retail, feedIn) >= forOne);
    }
}
