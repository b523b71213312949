// The compiler of mutants.py: one process for many builds, which saves starting it each time.
//   node mutant_compiler.mjs CONTRACTS_FOLDER
// A line of JSON in, a line of JSON out:
//   {"sources": {file: text}, "contracts": [name], "settings": {changed}}
//   {"bytecode": {name: [init code, deployed code]}} or {"error": message}
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { resolve } from "node:path";

const folder = resolve(process.argv[2]);
const solc = createRequire(`${folder}/package.json`)("solc");
const { SETTINGS } = await import(pathToFileURL(`${folder}/settings.mjs`));

function compile({ sources, contracts, settings }) {
  const wanted = ["evm.bytecode.object", "evm.deployedBytecode.object"];
  const outputSelection = Object.fromEntries(contracts.map((name) => [`${name}.sol`, { [name]: wanted }]));
  const content = Object.fromEntries(Object.entries(sources).map(([name, text]) => [name, { content: text }]));
  const input = { language: "Solidity", sources: content, settings: { ...SETTINGS, ...settings, outputSelection } };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const error = (output.errors ?? []).find(({ severity }) => severity === "error");
  if (error) return { error: error.formattedMessage };
  return {
    bytecode: Object.fromEntries(contracts.map((name) => {
      const { evm } = output.contracts[`${name}.sol`][name];
      return [name, [`0x${evm.bytecode.object}`, `0x${evm.deployedBytecode.object}`]];
    })),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(compile(JSON.parse(line))));
}
