// No metadata hash: the bytecode then depends on the sources and settings alone, so that
// anybody can reproduce it byte by byte. `viaIR` takes three times as long as the default pipeline;
// it makes the code of the market 20% smaller and signed orders 5% cheaper. Keys in alphabetical
// order, for the source hash.
export const SETTINGS = {
  evmVersion: "cancun",
  metadata: { appendCBOR: false, bytecodeHash: "none" },
  optimizer: { enabled: true, runs: 1000 },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
  viaIR: true,
};
