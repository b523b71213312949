/** What the pages of a finished run stand on: the run, and where its time is set to. */
import { useTariff } from "../tariff.js";
import { RunData, roundOf, stateOf } from "./data.js";

/** Event `change`: another time. Event `note`: a sentence for the reader, in `detail`. */
export class ReplayApp extends EventTarget {
  data = new RunData();
  me = null;
  tick = 0;
  part = null;
  state = null;
  chain = null;
  #wanted = 0;

  /** Read the run, and go to its first interval. */
  async begin() {
    await this.data.begin();
    await this.goTo(0);
  }

  get run() {
    return this.data.run;
  }

  /** Nobody is at home in a run that is over. */
  isMe() {
    return false;
  }

  /** Set the time to a tick. */
  async goTo(tick) {
    const wanted = Math.min(Math.max(0, tick), this.run.ticks - 1);
    this.#wanted = wanted;
    const part = await this.data.part(wanted);
    if (this.#wanted !== wanted) return; // somebody has moved on meanwhile
    this.tick = wanted;
    this.part = part;
    useTariff(this.run, wanted);
    this.state = stateOf(part, wanted, this.run);
    this.chain = { block: wanted, cleared: roundOf(part, wanted) };
    this.dispatchEvent(new Event("change"));
  }

  /** Do something that may fail, and tell why. */
  async attempt(what) {
    try {
      await what();
    } catch (error) {
      this.dispatchEvent(new CustomEvent("note", { detail: error.message }));
    }
  }
}
