// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAuction} from "./IAuction.sol";
import {EnergyWh, PriceWeiPerWh} from "./IMarketTypes.sol";

/// @title Sealed orders: hidden until the gate closes
/// @notice Until the gate a trader commits to one order by its hash, and sets aside a bond and a
/// cover, the most that the order can cost. After the gate, for `REVEAL_SECONDS`, each trader
/// reveals its order; bond and unused cover come back. Then the round can be cleared. A commitment
/// that was not revealed forfeits its bond to `surplusTo`.
interface ISealedMarket is IAuction {
    /// @param hash as `commitmentOf` gives it; zero for none
    /// @param coverWei set aside beside the bond
    /// @param round that it is for
    struct Commitment {
        bytes32 hash;
        uint88 coverWei;
        uint32 round;
    }

    /// @notice The market was deployed with these rules, beside those of `Configured`.
    event SealingConfigured(uint256 bondWei, uint32 revealSeconds);

    /// @notice The trader committed to an order, and set aside `coverWei` and the bond.
    event Committed(uint32 indexed round, address indexed trader, bytes32 hash, uint256 coverWei);

    /// @notice The trader revealed its order, and got back bond and cover, of which the order took its own.
    event Revealed(uint32 indexed round, address indexed trader, uint256 releasedWei);

    /// @notice The trader did not reveal: the bond went to `surplusTo`, the cover came back.
    event BondForfeited(uint32 indexed round, address indexed trader, uint256 bondWei, uint256 coverWei);

    /// @notice A hash of zero stands for no commitment.
    error NoHash();

    /// @notice The trader has a commitment in this round.
    error AlreadyCommitted(address trader);

    /// @notice The trader has no such commitment.
    error NothingCommitted(address trader);

    /// @notice The order is not the one that was committed to.
    error WrongReveal(bytes32 given, bytes32 committed);

    /// @notice Commit to one order of the round that takes orders, and set aside bond and cover.
    function commit(uint32 roundId, bytes32 hash, uint88 coverWei) external;

    /// @notice Enter the order that the caller has committed to: after the gate, for
    /// `REVEAL_SECONDS`. It may cost at most its cover.
    function reveal(uint32 roundId, Side side, EnergyWh energy, PriceWeiPerWh price, bytes32 salt)
        external
        returns (uint16 orderId);

    /// @notice Give the bond of a trader who has not revealed to `surplusTo`, and its cover back.
    /// Anybody may, when the order can no longer be revealed.
    function forfeit(address trader) external;

    /// @notice What to commit to. It binds trader, round, contract and chain, so that a copy is
    /// worth nothing to whoever copies it. Compute it at home: a node that is asked learns the order.
    function commitmentOf(
        address trader,
        uint32 roundId,
        Side side,
        EnergyWh energy,
        PriceWeiPerWh price,
        bytes32 salt
    ) external view returns (bytes32);

    /// @notice The trader's commitment.
    function commitment(address trader) external view returns (Commitment memory);
}
