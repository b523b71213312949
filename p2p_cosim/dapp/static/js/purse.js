/** The reader's wallet: who it is, what it sends, and what became of that. */
import { episodeOf } from "./live.js";
import { api, rpc, rpcAll } from "./server.js";
import { connect, discover, injected, onChain } from "./wallets/extensions.js";
import { demoWallet, forgetDemoKey, hasDemoKey } from "./wallets/demo.js";

const CHOSEN = "p2p_cosim.wallet";
const SPARE = 200n; // percent of the gas that a transaction was estimated to need, before what comes meanwhile

/**
 * @typedef {{hash: string, label: string, state: "waiting"|"done"|"failed", block: ?number}} Sent
 *
 * Event `change`: another wallet, or news of what was sent.
 */
export class Purse extends EventTarget {
  /** @type {?import("./types.js").Wallet} */ wallet = null;
  /** @type {import("./wallets/extensions.js").Found[]} */ found = [];
  /** @type {Sent[]} */ sent = [];
  wrongChain = false;
  #heard = new WeakSet();
  #place = ""; // where this run's transactions are kept over a reload

  /** @param {import("./live.js").Live} live */
  constructor(live) {
    super();
    this.live = live;
    discover((each) => {
      this.found.push(each);
      if (localStorage.getItem(CHOSEN) === each.info.rdns) this.#use(each, true).catch(() => {});
      this.#changed();
    });
  }

  /** Take up the wallet of the last visit. Call when the run is known, also after it changed. */
  async resume() {
    const chosen = localStorage.getItem(CHOSEN);
    this.#place = `p2p_cosim.sent.${episodeOf(this.live.run)}`;
    this.sent = JSON.parse(sessionStorage.getItem(this.#place) ?? "[]");
    if (chosen === "demo" && hasDemoKey()) this.wallet = demoWallet(this.live.run);
    const found = this.found.find((each) => each.info.rdns === chosen);
    if (found) await this.#use(found, true);
    this.#changed();
  }

  /** Every wallet that can be connected. */
  get wallets() {
    const old = injected();
    return this.found.length || !old ? this.found : [old];
  }

  /** Connect an extension's wallet. */
  async connect(found) {
    await this.#use(found, false);
    localStorage.setItem(CHOSEN, found.info.rdns);
    this.#changed();
  }

  /** Use a key of this browser, and fill it from the faucet. */
  async useDemo() {
    this.wallet = demoWallet(this.live.run);
    this.wrongChain = false;
    localStorage.setItem(CHOSEN, "demo");
    await this.fill();
  }

  /** Leave the wallet. forget: also destroy the demo key. */
  leave(forget = false) {
    if (forget) forgetDemoKey();
    localStorage.removeItem(CHOSEN);
    this.wallet = null;
    this.#changed();
  }

  /** Ether in the wallet itself, in wei. */
  async etherWei() {
    return BigInt(await rpc("eth_getBalance", [this.wallet.address, "pending"]));
  }

  /** Get the faucet's ether, unless the wallet has some. */
  async fill() {
    if ((await this.etherWei()) === 0n) await api("faucet", { address: this.wallet.address });
    this.#changed();
  }

  /**
   * Send a call, after a trial that tells the market's own errors. Waits for the wallet, not for
   * the gate. @param {import("./types.js").Call} call
   */
  async send(label, call) {
    const gas = await this.trial(call);
    const hash = await this.wallet.send(call, (gas * SPARE) / 100n);
    this.#keep([{ hash, label, state: "waiting", block: null }, ...this.sent].slice(0, 30));
    return hash;
  }

  /** The gas that a call needs after all that waits; its revert is thrown. */
  async trial({ to, data, value }) {
    const call = { from: this.wallet.address, to, data, value: `0x${value.toString(16)}` };
    return BigInt(await rpc("eth_estimateGas", [call, "pending"]));
  }

  /** Ask what became of what waits. */
  async follow() {
    const { sent } = this;
    const waiting = sent.filter((each) => each.state === "waiting");
    if (!waiting.length) return;
    const receipts = await rpcAll(waiting.map(({ hash }) => ["eth_getTransactionReceipt", [hash]]));
    for (const [index, each] of waiting.entries()) {
      const receipt = receipts[index];
      if (!receipt) continue;
      each.state = Number(receipt.status) === 1 ? "done" : "failed";
      each.block = Number(receipt.blockNumber);
    }
    if (sent === this.sent) this.#keep(sent); // else the run was reset meanwhile
  }

  async #use(found, silent) {
    const wallet = await connect(found, this.live.run, silent);
    if (!wallet) return;
    this.wallet = wallet;
    this.wrongChain = !(await onChain(wallet.provider, this.live.run));
    this.#listen(found);
    this.#changed();
  }

  #listen(found) {
    if (this.#heard.has(found.provider)) return;
    this.#heard.add(found.provider);
    found.provider.on?.("accountsChanged", () => this.#use(found, true).catch(() => this.leave()));
    found.provider.on?.("chainChanged", (id) => {
      this.wrongChain = Number(id) !== this.live.run.chain_id;
      this.#changed();
    });
  }

  #keep(sent) {
    this.sent = sent;
    sessionStorage.setItem(this.#place, JSON.stringify(sent));
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
