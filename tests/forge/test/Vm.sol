// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev The cheat codes that these tests use, of forge and halmos alike.
interface Vm {
    function assume(bool condition) external pure;
    function deal(address who, uint256 amountWei) external;
    function load(address of_, bytes32 slot) external view returns (bytes32);
    function prank(address sender) external;
    function store(address of_, bytes32 slot, bytes32 word) external;
    function warp(uint256 timestamp) external;
}

Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
