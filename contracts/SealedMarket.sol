// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnergyMarket} from "./EnergyMarket.sol";
import {EnergyWh, PriceWeiPerWh} from "./IEnergyMarket.sol";
import {PackedOrder, PackedOrders} from "./PackedOrder.sol";
import {SignedOrder} from "./SignedOrder.sol";

/// @title Energy market with sealed orders: hidden until the gate closes
/// @notice While a round is open a trader commits to one order by its hash, and sets aside a bond
/// and a cover, the most that the order can cost. The gate then closes for `REVEAL_SECONDS`, in
/// which each trader reveals its order; bond and unused cover come back. After that the round is
/// cleared as ever. A commitment that was not revealed forfeits its bond to the utility.
/// @dev The phase stays `Open` until the clearing; there is no other way into the book.
contract SealedMarket is EnergyMarket {
    /// @param hash as `commitmentOf` gives it; zero for none
    /// @param cover wei set aside beside the bond
    struct Commitment {
        bytes32 hash;
        uint88 cover;
        uint32 round;
    }

    uint88 public immutable BOND_WEI;
    uint32 public immutable REVEAL_SECONDS;

    mapping(address trader => Commitment) private _commitments;
    /// @notice Wei in bonds and covers. Ether held = balances + escrow + this.
    uint128 public sealedWei;
    uint32 private _closedRound; // plus one
    uint40 private _closedAt;
    uint16 private _committed; // in the present round
    uint32 private _committedRound; // plus one

    event Committed(uint32 indexed round, address indexed trader, bytes32 hash, uint256 coverWei);
    event GateClosed(uint32 indexed round, uint256 revealUntil);
    event BondForfeited(uint32 indexed round, address indexed trader, uint256 bondWei);

    /// @notice Orders of this market are sealed: commit and reveal.
    error SealedOnly();
    /// @notice The gate of the round is closed to commitments since `closedAt` (Unix seconds).
    error GateIsClosed(uint32 round, uint256 closedAt);
    /// @notice The gate of the round is not closed yet.
    error GateIsOpen(uint32 round);
    /// @notice Orders may be revealed until `until` (Unix seconds), and no longer.
    error RevealIsOver(uint256 until);
    /// @notice Orders may still be revealed until `until` (Unix seconds).
    error RevealIsOpen(uint256 until);
    /// @notice The trader has a commitment in this round.
    error AlreadyCommitted(address trader);
    /// @notice The trader has no such commitment.
    error NothingCommitted(address trader);
    /// @notice The order is not the one that was committed to.
    error WrongReveal(bytes32 given, bytes32 committed);
    /// @notice The order costs more than the cover that was set aside for it.
    error CoverTooLow(uint256 costWei, uint256 coverWei);

    constructor(Config memory c, uint88 bondWei, uint32 revealSeconds) EnergyMarket(c) {
        if (bondWei == 0) revert InvalidConfig("bondWei", 0, 1);
        if (revealSeconds == 0) revert InvalidConfig("revealSeconds", 0, 1);
        (BOND_WEI, REVEAL_SECONDS) = (bondWei, revealSeconds);
    }

    /// @notice Commit to one order of the present round, and set aside bond and cover.
    function commit(bytes32 hash, uint88 coverWei) external {
        super._requirePhase(Phase.Open);
        uint32 roundId = _round.id;
        if (_closedRound == roundId + 1) revert GateIsClosed(roundId, _closedAt);
        if (msg.sender == UTILITY) revert UtilityCannotTrade(UTILITY);
        Commitment memory old = _commitments[msg.sender];
        if (old.hash != 0 && old.round == roundId) revert AlreadyCommitted(msg.sender);
        if (old.hash != 0) _forfeit(msg.sender, old);
        uint16 committed = _committedRound == roundId + 1 ? _committed : 0;
        if (committed >= ORDER_LIMIT) revert RoundFull(ORDER_LIMIT); // so that each finds its place
        (_committed, _committedRound) = (committed + 1, roundId + 1);
        Account storage account = _accounts[msg.sender];
        uint256 neededWei = uint256(BOND_WEI) + coverWei;
        if (account.position < 0) revert DebtOutstanding(msg.sender, uint96(-account.position));
        if (neededWei > account.balance) revert BalanceTooLow(msg.sender, neededWei, account.balance);
        account.balance -= uint88(neededWei); // at most the balance
        sealedWei += uint128(neededWei);
        _commitments[msg.sender] = Commitment(hash, coverWei, roundId);
        emit Committed(roundId, msg.sender, hash, coverWei);
    }

    /// @notice End commitments and begin to reveal. For the operator; for anybody once the grace
    /// period has passed.
    function closeGate(uint32 roundId) external {
        if (roundId != _round.id) revert WrongRound(roundId, _round.id);
        super._requirePhase(Phase.Open);
        if (_closedRound == roundId + 1) revert GateIsClosed(roundId, _closedAt);
        _requireGraceIsOver(OPERATOR);
        (_closedRound, _closedAt) = (roundId + 1, uint40(block.timestamp));
        emit GateClosed(roundId, _revealUntil());
    }

    /// @notice Enter the order that the caller has committed to.
    function reveal(Side side, EnergyWh energy, PriceWeiPerWh price, bytes32 salt) external returns (uint16 orderId) {
        super._requirePhase(Phase.Open);
        uint32 roundId = _round.id;
        if (_closedRound != roundId + 1) revert GateIsOpen(roundId);
        if (block.timestamp > _revealUntil()) revert RevealIsOver(_revealUntil());
        Commitment memory c = _commitments[msg.sender];
        if (c.hash == 0 || c.round != roundId) revert NothingCommitted(msg.sender);
        bytes32 given = commitmentOf(msg.sender, roundId, side, energy, price, salt);
        if (given != c.hash) revert WrongReveal(given, c.hash);
        PackedOrder[] memory placed = new PackedOrder[](1);
        placed[0] = PackedOrders.pack(msg.sender, energy, price, side);
        bytes4 refusal = side == Side.None ? UnknownSide.selector : _beyondLimits(placed[0], _round.orders);
        if (refusal == UnknownSide.selector) revert UnknownSide(uint8(side));
        if (refusal != 0) _refuse(refusal, placed[0]);
        uint256 cost = placed[0].escrow();
        if (cost > c.cover) revert CoverTooLow(cost, c.cover);
        delete _commitments[msg.sender];
        sealedWei -= uint128(BOND_WEI) + c.cover;
        orderId = _round.orders;
        _append(placed);
        _round.escrow += uint128(cost);
        emit OrderPlaced(roundId, orderId, msg.sender, side, energy, price);
        _credit(msg.sender, uint256(BOND_WEI) + c.cover - cost);
    }

    /// @notice Give the bond of a trader who has not revealed to the utility, and its cover back.
    /// Anybody may, when the order can no longer be revealed.
    function forfeit(address trader) external {
        Commitment memory c = _commitments[trader];
        if (c.hash == 0) revert NothingCommitted(trader);
        if (c.round == _round.id) {
            if (_closedRound != c.round + 1) revert GateIsOpen(c.round);
            if (block.timestamp <= _revealUntil()) revert RevealIsOpen(_revealUntil());
        }
        _forfeit(trader, c);
    }

    function placeBid(EnergyWh, PriceWeiPerWh) external pure override returns (uint16) {
        revert SealedOnly();
    }

    function placeAsk(EnergyWh, PriceWeiPerWh) external pure override returns (uint16) {
        revert SealedOnly();
    }

    function cancel(uint16) external pure override {
        revert SealedOnly();
    }

    function placeSigned(uint32, SignedOrder[] calldata) external pure override {
        revert SealedOnly();
    }

    function clearSigned(uint32, SignedOrder[] calldata, uint16) external pure override {
        revert SealedOnly();
    }

    /// @notice What to commit to. It binds trader, round, contract and chain, so that a copy is
    /// worth nothing to whoever copies it.
    function commitmentOf(
        address trader,
        uint32 roundId,
        Side side,
        EnergyWh energy,
        PriceWeiPerWh price,
        bytes32 salt
    ) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), roundId, trader, side, energy, price, salt));
    }

    function commitment(address trader) external view returns (Commitment memory) {
        return _commitments[trader];
    }

    function _forfeit(address trader, Commitment memory c) private {
        delete _commitments[trader];
        sealedWei -= uint128(BOND_WEI) + c.cover;
        emit BondForfeited(c.round, trader, BOND_WEI);
        _credit(UTILITY, BOND_WEI);
        _credit(trader, c.cover);
    }

    /// @dev What the base does with an open round is to clear or abort it: after revealing.
    function _requirePhase(Phase needed) internal view override {
        super._requirePhase(needed);
        if (needed != Phase.Open) return;
        if (_closedRound != _round.id + 1) revert GateIsOpen(_round.id);
        if (block.timestamp <= _revealUntil()) revert RevealIsOpen(_revealUntil());
    }

    function _revealUntil() private view returns (uint256) {
        return uint256(_closedAt) + REVEAL_SECONDS;
    }
}
