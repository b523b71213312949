/** What every page stands on: the run, the wallet, the market, and what was read of the chain. */
import { Live, episodeOf } from "./live.js";
import { Market } from "./market.js";
import { Purse } from "./purse.js";
import { words } from "./words.js";

/**
 * @typedef {{block: number, book: {round: number, orders: import("./types.js").Order[]}, cleared: ?Object,
 *   account: ?import("./types.js").Account, etherWei: ?bigint, requestedWei: bigint}} Chain
 *
 * Event `change`: something to be drawn anew. Event `note`: a sentence for the reader, in `detail`.
 */
export class App extends EventTarget {
  live = new Live();
  purse = new Purse(this.live);
  /** @type {?Market} */ market = null;
  /** @type {?Chain} */ chain = null;
  #episode = "";
  #reading = null;
  #again = false;

  /** Begin to listen. */
  start() {
    this.live.addEventListener("change", () => this.#follow());
    this.live.addEventListener("waiting", () => this.read());
    this.purse.addEventListener("change", () => this.read());
    this.live.start();
  }

  get run() {
    return this.live.run;
  }

  get state() {
    return this.live.state;
  }

  /** The reader's address, or null. */
  get me() {
    return this.purse.wallet?.address ?? null;
  }

  /** Whether an address is the reader's. */
  isMe(address) {
    return this.me !== null && address.toLowerCase() === this.me.toLowerCase();
  }

  /** Read the chain, once for all that asks meanwhile. */
  async read() {
    this.#again = true;
    this.#reading ??= this.#readAll().finally(() => { this.#reading = null; });
    return this.#reading;
  }

  /** Do something that may fail, and tell why. @returns whether it went well */
  async attempt(what, problem) {
    if (problem) problem.textContent = "";
    try {
      await what();
      return true;
    } catch (error) {
      if (problem) problem.textContent = words(error, this.market);
      else this.note(words(error, this.market));
      return false;
    }
  }

  /** Tell the reader something. */
  note(text) {
    this.dispatchEvent(new CustomEvent("note", { detail: text }));
  }

  async #follow() {
    const episode = episodeOf(this.run);
    if (this.#episode !== episode) {
      this.#episode = episode;
      this.market = new Market(this.run);
      this.chain = null;
      if (await this.attempt(() => this.purse.resume())) return; // which is a change, and is read
    }
    await this.read();
  }

  async #readAll() {
    while (this.#again) {
      this.#again = false;
      if (!this.market) return;
      try {
        await this.purse.follow();
        this.chain = await this.#chainNow();
      } catch (error) {
        if (this.live.online) this.note(words(error, this.market));
      }
      this.dispatchEvent(new Event("change"));
    }
  }

  async #chainNow() {
    const { market, me } = this;
    const { block } = this.state.clock;
    const [book, cleared, account, etherWei, requestedWei] = await Promise.all([
      market.book(),
      market.cleared(block),
      me ? market.account(me) : null,
      me ? this.purse.etherWei() : null,
      me ? market.requestedWei(me) : 0n,
    ]);
    return { block, book, cleared, account, etherWei, requestedWei };
  }
}
