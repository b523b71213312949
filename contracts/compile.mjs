// Compiles the contracts and writes the artifacts that the Python package and its tests use.
//   node compile.mjs           write them
//   node compile.mjs --check   compare with what is committed; exit 1 if anything differs
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import solc from "solc";
import { SETTINGS } from "./settings.mjs";

const HERE = new URL("./", import.meta.url);
const FIXTURES = new URL("../tests/fixtures/", HERE);
const ARTIFACTS = new URL("../p2p_cosim/chain/artifacts/", HERE);
const TARGETS = [
  {
    contracts: [
      "OpenMarket", "SealedMarket", "DualPrice", "KDoubleAuction", "Walrasian", "PayAsBid", "McAfee",
      "ContinuousDoubleAuction",
    ],
    from: HERE,
    names: solidityIn(HERE),
    to: ARTIFACTS,
  },
  { contracts: ["Receiver"], from: FIXTURES, names: ["Receiver.sol"], to: FIXTURES },
  { contracts: ["WrongRule"], from: FIXTURES, names: ["WrongRule.sol"], to: FIXTURES },
  { contracts: ["ToyAdmission"], from: FIXTURES, names: ["ToyAdmission.sol"], to: FIXTURES },
  { contracts: ["FickleAdmission"], from: FIXTURES, names: ["FickleAdmission.sol"], to: FIXTURES },
  { contracts: ["ToySettlement"], from: FIXTURES, names: ["ToySettlement.sol"], to: FIXTURES },
];

// 3628: a market takes ether by its functions alone, and has no `receive`.
const ANSWERED = new Set(["3628"]);
const MARKETS = new Set(["OpenMarket", "SealedMarket"]);
const LIMIT = 24_576; // bytes of deployed code (EIP-170)

function solidityIn(folder) {
  return readdirSync(folder).filter((name) => name.endsWith(".sol")).sort();
}

function sha256(text) {
  return createHash("sha256").update(text).digest("hex");
}

// A market runs the functions of Settlement in its own name, so that they are its own to callers.
function withSettlement(abi, contracts) {
  const known = new Set(abi.map((entry) => JSON.stringify(entry)));
  const more = contracts["Settlement.sol"].Settlement.abi.filter(({ type }) => type !== "constructor");
  return [...abi, ...more.filter((entry) => !known.has(JSON.stringify(entry)))];
}

// Artifacts by contract name; one run of the compiler for all that share their sources.
function compile({ contracts: wanted, from, names }) {
  const sources = Object.fromEntries(
    names.map((name) => [name, { content: readFileSync(new URL(name, from), "utf8") }]),
  );
  const input = { language: "Solidity", sources, settings: SETTINGS };
  const { errors = [], contracts } = JSON.parse(solc.compile(JSON.stringify(input)));
  const open = errors.filter(({ errorCode }) => !ANSWERED.has(errorCode)); // warnings too
  if (open.length > 0) throw new Error(open.map((e) => e.formattedMessage).join("\n"));
  const digests = Object.fromEntries(names.map((name) => [name, sha256(sources[name].content)]));
  return Object.fromEntries(wanted.map((contract) => {
    const { abi, evm } = contracts[`${contract}.sol`][contract];
    const bytes = evm.deployedBytecode.object.length / 2;
    console.log(`${contract}: ${bytes} bytes`);
    if (bytes > LIMIT) throw new Error(`${contract} is ${bytes} bytes: at most ${LIMIT} can be deployed`);
    return [contract, {
      contractName: contract,
      compiler: { version: solc.version().replace(".Emscripten.clang", ""), settings: SETTINGS },
      // SHA-256 of compact JSON with sorted keys: {"settings": ..., "sources": {name: SHA-256 of the file}}
      sourceSha256: sha256(JSON.stringify({ settings: SETTINGS, sources: digests })),
      abi: MARKETS.has(contract) ? withSettlement(abi, contracts) : abi,
      bytecode: `0x${evm.bytecode.object}`,
      deployedBytecode: `0x${evm.deployedBytecode.object}`,
    }];
  }));
}

for (const target of TARGETS) {
  for (const [name, artifact] of Object.entries(compile(target))) {
    const path = new URL(`${name}.json`, target.to);
    const text = JSON.stringify(artifact, null, 1) + "\n";
    if (!process.argv.includes("--check")) {
      writeFileSync(path, text);
    } else if (readFileSync(path, "utf8") !== text) {
      console.error(`${name}.json differs from its sources: run 'make contracts' and commit it`);
      process.exitCode = 1;
    }
  }
}
