/** The run as it stands, kept up to date by server-sent events. */
import { myCode, useCodes } from "./seat.js";
import { api, useToken } from "./server.js";
import { useTariff } from "./tariff.js";

const AGAIN_MS = 2000;

/** What tells one chain of a server from the next: a reset may keep the market's address. */
export function episodeOf({ run, resets, market, deployed_in: first }) {
  return `${run}.${resets}.${market}.${first}`;
}

/**
 * Events: `change` when run, state or connection are others; `waiting` when a transaction was taken.
 *
 * run, state: null until the first answer. online: whether events come. closesAt: when the gate
 * closes, in milliseconds of `performance.now()`, or null.
 */
export class Live extends EventTarget {
  /** @type {?import("./types.js").Run} */ run = null;
  /** @type {?import("./types.js").State} */ state = null;
  online = false;
  closesAt = null;

  /** Load the run, and listen for good. */
  start() {
    useCodes();
    const code = myCode();
    const source = new EventSource(code ? `/events?join=${encodeURIComponent(code)}` : "/events");
    let early = api("run").catch(() => null); // while the stream begins
    source.addEventListener("state", (event) => {
      this.#begin(JSON.parse(event.data), early);
      early = null;
    });
    source.addEventListener("tick", (event) => this.#take(JSON.parse(event.data)));
    source.addEventListener("reset", (event) => this.#use(JSON.parse(event.data)));
    for (const part of ["people", "signed", "operator"]) {
      source.addEventListener(part, (event) => this.#take({ ...this.state, ...JSON.parse(event.data) }));
    }
    source.addEventListener("clock", (event) => this.#take({ ...this.state, clock: JSON.parse(event.data) }));
    source.addEventListener("waiting", (event) =>
      this.dispatchEvent(new CustomEvent("waiting", { detail: JSON.parse(event.data) })));
    source.addEventListener("error", () => {
      this.online = false;
      this.#changed();
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.start(), AGAIN_MS);
    });
  }

  /** A state that came at a connection: the server may have another run by now. */
  async #begin(state, early) {
    try {
      const known = await early;
      this.#use(known?.resets === state.resets ? known : await api("run"));
    } catch {
      return; // the stream breaks too, and begins again
    }
    this.online = true;
    this.#take(state);
  }

  #use(run) {
    this.run = run;
    useToken(run.token);
  }

  #take(state) {
    this.state = state;
    if (this.run) {
      this.run.people = state.people;
      useTariff(this.run, state.clock.tick);
    }
    const left = state.clock.gate_closes_in_s;
    this.closesAt = left === null ? null : performance.now() + left * 1000;
    this.#changed();
  }

  #changed() {
    if (this.run && this.state) this.dispatchEvent(new Event("change"));
  }
}
