#!/usr/bin/env node
// The pinned npm compiler under the name and with the options that forge calls.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const solc = createRequire(new URL("../../contracts/package.json", import.meta.url))("solc");
if (process.argv.includes("--version")) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`);
} else {
  process.stdout.write(solc.compile(readFileSync(0, "utf8")));
}
