// Compiles the contracts and writes the artifact that the Python package ships.
//   node compile.mjs           write it
//   node compile.mjs --check   compare with what is committed; exit 1 if it differs
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import solc from "solc";

const CONTRACT = "EnergyMarket";
const FOLDER = new URL("./", import.meta.url);
const ARTIFACT = new URL(`../p2p_cosim/chain/artifacts/${CONTRACT}.json`, FOLDER);

// No metadata hash: the bytecode then depends on the sources and settings alone, so that
// anybody can reproduce it byte by byte. Keys in alphabetical order, for the source hash.
const SETTINGS = {
  evmVersion: "cancun",
  metadata: { appendCBOR: false, bytecodeHash: "none" },
  optimizer: { enabled: true, runs: 1000 },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
};

const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const names = readdirSync(FOLDER).filter((name) => name.endsWith(".sol")).sort();
const content = Object.fromEntries(names.map((name) => [name, readFileSync(new URL(name, FOLDER), "utf8")]));
const sources = Object.fromEntries(names.map((name) => [name, { content: content[name] }]));
const output = JSON.parse(
  solc.compile(JSON.stringify({ language: "Solidity", sources, settings: SETTINGS })),
);
const problems = output.errors ?? [];
problems.forEach((problem) => console.error(problem.formattedMessage));
if (problems.length > 0) process.exit(1); // warnings included

const { abi, evm } = output.contracts[`${CONTRACT}.sol`][CONTRACT];
const digests = Object.fromEntries(names.map((name) => [name, sha256(content[name])]));
const artifact = {
  contractName: CONTRACT,
  compiler: { version: solc.version().replace(/\.Emscripten.*/, ""), settings: SETTINGS },
  // SHA-256 of compact JSON with sorted keys: {"settings": ..., "sources": {file name: its SHA-256}}
  sourceSha256: sha256(JSON.stringify({ settings: SETTINGS, sources: digests })),
  abi,
  bytecode: `0x${evm.bytecode.object}`,
  deployedBytecode: `0x${evm.deployedBytecode.object}`,
};
const text = JSON.stringify(artifact, null, 1) + "\n";

if (!process.argv.includes("--check")) {
  writeFileSync(ARTIFACT, text);
  console.log(`${CONTRACT}: ${evm.deployedBytecode.object.length / 2} bytes deployed`);
} else if (readFileSync(ARTIFACT, "utf8") !== text) {
  console.error(`${CONTRACT}.json differs from its sources: run 'make contracts' and commit it`);
  process.exit(1);
}
