/** A chain that a library is tried on, and what the library gives, as JSON on standard output. */
import { readFileSync } from "node:fs";

/**
 * @typedef {{url: string, chainId: number, key: string, bob: string, probe: {abi: any[], bytecode: string},
 *   step: {url: string, body: Object}}} World
 * @returns {World} as standard input tells it
 */
export function worldOf() {
  return JSON.parse(readFileSync(0, "utf8"));
}

/** Have the next block made. @param {World} world */
export async function step({ step: { url, body } }) {
  const answer = await fetch(url, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  const content = await answer.json();
  if (!answer.ok || content.error) throw new Error(`no block was made: ${JSON.stringify(content)}`);
}

/**
 * Try one after the other, and print what each gave, or how it failed.
 * @param {Object<string, () => Promise<any>>} checks
 * @param {(error: any) => any} failure what tells one error from another
 */
export async function tell(checks, failure) {
  const told = {};
  for (const [name, check] of Object.entries(checks)) {
    try {
      told[name] = { value: (await check()) ?? null };
    } catch (error) {
      told[name] = { error: failure(error) };
    }
  }
  const text = JSON.stringify(told, (_, value) => (typeof value === "bigint" ? `${value}n` : value));
  process.stdout.write(text, () => process.exit(0)); // whatever still polls
}
