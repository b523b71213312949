// Hardhat 3 over the same sources and compiler settings as compile.mjs, without any download:
//   npx hardhat compile       (Node 22.13 or newer)
//   npx hardhat test
//   npx hardhat node          a chain for `p2p-cosim run --chain jsonrpc:http://127.0.0.1:8545`
import { fileURLToPath } from "node:url";
import { defineConfig } from "hardhat/config";
import { SETTINGS } from "./settings.mjs";

const inPackages = `${fileURLToPath(new URL("node_modules", import.meta.url))}/`;

// Sources lie beside node_modules here, in which Hardhat has contracts of its own.
const ownSourcesOnly = {
  id: "own-sources-only",
  hookHandlers: {
    solidity: async () => ({
      default: async () => ({
        build: (context, roots, options, next) =>
          next(context, roots.filter((path) => !path.startsWith(inPackages)), options),
      }),
    }),
  },
};

// The rules of p2p_cosim/chain/rules.py: chain id, fork, no fees, blocks on demand.
const simulation = {
  type: "edr-simulated",
  chainId: 131277322940537,
  hardfork: "prague",
  initialDate: "1970-01-01T00:00:01Z",
  initialBaseFeePerGas: 0,
  gasPrice: 0,
  blockGasLimit: 2 ** 40,
  mining: { auto: false, interval: 0, mempool: { order: "fifo" } },
};

export default defineConfig({
  plugins: [ownSourcesOnly],
  paths: { sources: ".", tests: "test", artifacts: "build/artifacts", cache: "build/cache" },
  solidity: {
    compilers: [
      {
        version: "0.8.37",
        path: fileURLToPath(import.meta.resolve("solc/soljson.js")),
        settings: SETTINGS,
      },
    ],
  },
  networks: { node: simulation },
});
