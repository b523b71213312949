// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnergyWh, IMarketTypes, PriceWeiPerWh} from "../src/IMarketTypes.sol";
import {Packed} from "../src/Packed.sol";
import {PackedOrder, PackedOrders} from "../src/PackedOrder.sol";
import {PackedPair, PackedPairs} from "../src/PackedPair.sol";
import {Signatures, Terms} from "../src/SignedOrder.sol";
import {vm} from "../test/Vm.sol";

/// @title What is packed into a word comes out as it went in
/// @dev Proved by halmos for every value of every field.
contract CodecProofs {
    function check_order(address trader, uint32 energy, uint56 price, bool buys) external pure {
        IMarketTypes.Side side = buys ? IMarketTypes.Side.Bid : IMarketTypes.Side.Ask;
        PackedOrder packed = PackedOrders.pack(trader, EnergyWh.wrap(energy), PriceWeiPerWh.wrap(price), side);
        assert(packed.trader() == trader && packed.energy() == energy && packed.price() == price);
        assert(packed.isBid() == buys && packed.isAsk() == !buys);
        assert(!packed.charged() && !packed.open());
    }

    /// @notice What admission does to an order leaves its other parts alone.
    function check_admitted_order(address trader, uint32 energy, uint56 price, uint32 less) external pure {
        PackedOrder packed =
            PackedOrders.pack(trader, EnergyWh.wrap(energy), PriceWeiPerWh.wrap(price), IMarketTypes.Side.Ask);
        packed = packed.withEnergy(less).withCharge().withOpen();
        assert(packed.trader() == trader && packed.energy() == less && packed.price() == price);
        assert(packed.isAsk() && !packed.isBid() && packed.charged() && packed.open());
    }

    function check_pair(uint16 bid, uint16 ask, uint32 energy, uint56 buy, uint56 sell) external pure {
        PackedPair packed = PackedPairs.pack(bid, ask, energy, 0, 0).withPrices(buy, sell);
        assert(packed.bid() == bid && packed.ask() == ask && packed.energy() == energy);
        assert(packed.buyPrice() == buy && packed.sellPrice() == sell);
    }

    function check_account(uint256 word) external pure {
        IMarketTypes.Account memory account;
        Packed.read(word, account);
        assert(Packed.word(account) == word);
    }

    /// @notice Into a structure that held another account, and with fields as a market writes them.
    function check_account_again(uint256 before, uint88 balance, int88 position, uint32 nonce, uint8 flags)
        external
        pure
    {
        IMarketTypes.Account memory account;
        Packed.read(before, account);
        (uint24 ordersRound, uint16 orders) = (account.ordersRound, account.orders);
        (account.balance, account.position, account.nonce, account.flags) = (balance, position, nonce, flags);
        uint256 word = Packed.word(account);
        Packed.read(~word, account);
        Packed.read(word, account);
        assert(account.balance == balance && account.position == position && account.nonce == nonce);
        assert(account.ordersRound == ordersRound && account.orders == orders && account.flags == flags);
    }

    function check_position(uint256 word) external pure {
        uint256 used = word & (1 << 185) - 1;
        assert(Packed.word(Packed.position(word)) == used);
    }

    function check_book(uint256 word) external pure {
        uint256 used = word & (1 << 232) - 1;
        assert(Packed.word(Packed.book(word)) == used);
    }

    function check_round(uint256 word) external pure {
        vm.assume(uint8(word >> 208) <= uint8(type(IMarketTypes.Phase).max));
        uint256 used = word & (1 << 248) - 1;
        assert(Packed.word(Packed.round(word)) == used);
    }

    /// @notice The digest in assembly is that of EIP-712, whatever stands in the unused bits of `terms`.
    function check_digest(uint256 order, uint256 terms, bytes32 separator) external pure {
        vm.assume(order >> 254 == 0); // flags that no signer sets: side has 8 bits in what is signed
        PackedOrder placed = PackedOrder.wrap(order);
        Terms said = Terms.wrap(terms);
        bytes32 content = keccak256(
            abi.encode(
                keccak256(
                    "Order(address trader,uint8 side,uint32 energy,uint56 price,uint32 round,uint32 nonce,uint40 expiry)"
                ),
                placed.trader(),
                uint256(uint8(order >> 248)),
                placed.energy(),
                placed.price(),
                said.round(),
                said.nonce(),
                said.expiry()
            )
        );
        bytes32 expected = keccak256(abi.encodePacked(hex"1901", separator, content));
        assert(Signatures.digest(placed, said, separator) == expected);
    }
}
