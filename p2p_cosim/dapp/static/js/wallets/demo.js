/** A key that lives in this browser: a wallet for those who have none. It holds play money only. */
import { Wallet } from "../../vendor/ethers.min.js";
import { rpcAll } from "../server.js";

const PLACE = "p2p_cosim.demo_key";
const TRIES = 5;
const NONCE_TAKEN = /nonce too low|already known|replacement transaction underpriced/;

/** Whether this browser has a demo key. */
export function hasDemoKey() {
  return localStorage.getItem(PLACE) !== null;
}

/** The demo key, in hex, to keep or to take into another wallet. */
export function demoKey() {
  return localStorage.getItem(PLACE);
}

/** Forget the demo key for good. */
export function forgetDemoKey() {
  localStorage.removeItem(PLACE);
}

/**
 * The demo wallet; makes its key the first time.
 * @param {import("../types.js").Run} run
 * @returns {import("../types.js").Wallet}
 */
export function demoWallet(run) {
  if (!hasDemoKey()) localStorage.setItem(PLACE, Wallet.createRandom().privateKey);
  const wallet = new Wallet(demoKey());
  async function sendOnce({ to, data, value }, gas) {
    const [nonce, tip] = await rpcAll([
      ["eth_getTransactionCount", [wallet.address, "pending"]],
      ["eth_maxPriorityFeePerGas", []],
    ]);
    const fees = { type: 2, maxFeePerGas: BigInt(tip), maxPriorityFeePerGas: BigInt(tip) };
    const signed = await wallet.signTransaction({
      to, data, value, gasLimit: gas, nonce: Number(nonce), chainId: run.chain_id, ...fees,
    });
    const [hash] = await rpcAll([["eth_sendRawTransaction", [signed]]]);
    return hash;
  }
  return {
    address: wallet.address,
    kind: "demo",
    name: "Demo wallet",
    async send(call, gas) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await sendOnce(call, gas);
        } catch (error) { // another tab of this browser may have used the nonce meanwhile
          if (tries === TRIES || !NONCE_TAKEN.test(error.message)) throw error;
        }
      }
    },
    sign: ({ domain, types, message }) => wallet.signTypedData(domain, types, message),
  };
}
