// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DualPrice} from "../src/DualPrice.sol";
import {IAdmission} from "../src/IAdmission.sol";
import {EnergyWh, IMarketTypes, PriceWeiPerWh} from "../src/IMarketTypes.sol";
import {ISettlement} from "../src/ISettlement.sol";
import {ISettlementRule} from "../src/ISettlementRule.sol";
import {OpenMarket} from "../src/OpenMarket.sol";
import {Packed} from "../src/Packed.sol";
import {PackedOrder} from "../src/PackedOrder.sol";
import {AnyRule} from "../test/AnyRule.sol";
import {vm} from "../test/Vm.sol";

/// @title A market as it ships, whose storage a proof fills with what it likes
/// @dev Slots as `forge inspect OpenMarket storage-layout` tells them; a proof that read another
/// one would not find there what it wrote by a call.
abstract contract AnyState {
    address internal constant UTILITY = address(0x1000);
    address internal constant OPERATOR = address(0x2000);
    address internal constant ORACLE = address(0x3000);
    address internal constant SURPLUS = address(0x4000);
    address internal constant BUYER = address(0xb0);
    address internal constant SELLER = address(0xa0);
    uint32 internal constant ROUND = 1;
    uint32 internal constant INTERVAL = 900;
    uint32 internal constant MAX_WH = 16;

    uint256 private constant ACCOUNTS = 0;
    uint256 private constant SNAPSHOTS = 4;
    uint256 private constant TOTALS = 5;
    uint256 private constant CLAIMS = 6;
    uint256 private constant INDEX = 7;
    uint256 private constant BOOK = 8;
    uint256 private constant ROUNDS = 9;
    uint256 private constant POSITIONS = 10;
    uint256 private constant ORDERS = 12;

    AnyRule internal _rule;
    OpenMarket internal _market;

    /// @dev Tariff of the round, any that a market can have.
    struct Tariff {
        uint56 retail;
        int56 feedIn;
    }

    /// @dev Money of the market beside an account, in wei.
    struct Pot {
        uint88 utilityWei;
        uint88 lockedWei;
        uint88 claimsWei;
        uint88 paidWei;
    }

    function setUp() public {
        _rule = new AnyRule();
        _market = new OpenMarket(
            IMarketTypes.Config({
                operator: OPERATOR,
                meterOracle: ORACLE,
                utility: UTILITY,
                surplusTo: SURPLUS,
                tariffSetter: address(0),
                clearingRule: _rule,
                settlementRule: _settlementRule(),
                admission: IAdmission(address(0)),
                retail: PriceWeiPerWh.wrap(1),
                maxRetail: PriceWeiPerWh.wrap(type(uint56).max),
                feedIn: 0,
                minFeedIn: type(int56).min,
                maxPrice: PriceWeiPerWh.wrap(type(uint56).max),
                minEnergy: EnergyWh.wrap(1),
                maxEnergy: EnergyWh.wrap(MAX_WH),
                maxOrders: 64,
                maxOrdersPerTrader: 64,
                openPlaces: 64,
                firstGate: uint40(block.timestamp) + INTERVAL,
                interval: INTERVAL,
                openSeconds: 0,
                cancelSeconds: 0,
                graceSeconds: INTERVAL,
                finisherReward: 0
            })
        );
        address[] memory houses = new address[](2);
        (houses[0], houses[1]) = (BUYER, SELLER);
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(houses[i]);
            _money().consentToMeter(EnergyWh.wrap(MAX_WH));
        }
        vm.prank(ORACLE);
        _money().registerMeters(houses, EnergyWh.wrap(MAX_WH));
    }

    function _settlementRule() internal virtual returns (ISettlementRule) {
        return new DualPrice();
    }

    function _money() internal view returns (ISettlement) {
        return ISettlement(address(_market));
    }

    /// @dev Any that a round can have; also of the round that takes orders.
    function _putTariff(Tariff memory t, uint56 price, IMarketTypes.Phase phase) internal {
        vm.assume(t.retail > 0);
        vm.assume(int256(t.feedIn) <= int256(uint256(t.retail)));
        uint256 word = Packed.word(IMarketTypes.Round(t.retail, t.feedIn, price, 0, phase, 2, 0));
        _write(uint256(keccak256(abi.encode(uint256(ROUND), ROUNDS))), word);
    }

    /// @dev On one path, where `&&` would be two.
    function _all(bool a, bool b, bool c) internal pure returns (bool d) {
        assembly ("memory-safe") {
            d := and(and(a, b), c)
        }
    }

    function _putAccount(address trader, uint88 balance, int88 position) internal {
        vm.assume(position > -(2 ** 86));
        vm.assume(position < 2 ** 86);
        _write(uint256(keccak256(abi.encode(trader, ACCOUNTS))), balance | uint256(uint88(position)) << 88);
    }

    function _account(address trader) internal view returns (int256 balance, int256 position) {
        uint256 word = _read(uint256(keccak256(abi.encode(trader, ACCOUNTS))));
        return (int256(uint256(uint88(word))), int88(uint88(word >> 88)));
    }

    function _putPosition(address trader, int64 contractedWh, uint88 lockedWei) internal {
        uint256 slot = uint256(keccak256(abi.encode(trader, POSITIONS))) + ROUND % 4;
        _write(slot, Packed.word(IMarketTypes.Position(ROUND, contractedWh, lockedWei, false)));
    }

    function _position(address trader) internal view returns (IMarketTypes.Position memory) {
        return Packed.position(_read(uint256(keccak256(abi.encode(trader, POSITIONS))) + ROUND % 4));
    }

    function _putBook(Tariff memory t, uint16 orders, uint96 escrowWei) internal {
        _write(BOOK, Packed.word(IMarketTypes.Book(ROUND, orders, 0, 0, t.retail, escrowWei)));
    }

    function _escrow() internal view returns (uint256) {
        return Packed.book(_read(BOOK)).escrowWei;
    }

    function _putOrder(uint256 id, PackedOrder placed) internal {
        _write(ORDERS + id, PackedOrder.unwrap(placed));
    }

    /// @dev What an account has of others, and what others have: no more than is held.
    function _putPot(Pot memory pot) internal {
        _putAccount(UTILITY, pot.utilityWei, 0);
        _write(TOTALS, _read(TOTALS) & ~(uint256(type(uint96).max) << 96) | uint256(pot.lockedWei) << 96);
        _write(CLAIMS, pot.claimsWei | uint256(pot.paidWei) << 96);
    }

    function _pot() internal view returns (Pot memory pot) {
        (int256 utilityWei,) = _account(UTILITY);
        uint256 claims = _read(CLAIMS);
        return Pot(
            uint88(uint256(utilityWei)), uint88(_read(TOTALS) >> 96), uint88(claims), uint88(claims >> 96)
        );
    }

    /// @dev Money that is in no trader's balance and in no book.
    function _sum(Pot memory pot) internal pure returns (uint256) {
        unchecked {
            return uint256(pot.utilityWei) + pot.lockedWei + pot.paidWei;
        }
    }

    function _read(uint256 slot) private view returns (uint256) {
        return uint256(vm.load(address(_market), bytes32(slot)));
    }

    function _write(uint256 slot, uint256 word) private {
        vm.store(address(_market), bytes32(slot), bytes32(word));
    }
}
