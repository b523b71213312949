/** What the reader's wallet sent, and what became of it. */
import { h, show } from "../dom.js";

const STATES = { waiting: "waits for the gate", done: "done", failed: "refused at the gate" };

/** @param {import("../app.js").App} app */
export function sentList(app) {
  const node = h("div", { id: "sent" });
  return {
    node,
    update() {
      const { sent } = app.purse;
      show(node, sent.length ? [
        h("h2", {}, "What I sent"),
        h("ul", {}, sent.slice(0, 6).map(({ hash, label, state }) =>
          h("li", { title: hash, "data-state": state }, `${label}: `,
            h("span", { class: state === "failed" ? "bad" : state === "done" ? "good" : "quiet" }, STATES[state])))),
      ] : null);
    },
  };
}
