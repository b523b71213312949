/** The operator: alarms and what was made of them, taps and why they moved, a tap by hand. */
import { card, h, prose, show, table } from "../dom.js";
import { clockTime, display, timeOf } from "../format.js";
import { kindOf, placeLink, placeOf } from "../parts/alarm_words.js";
import { tapFacts } from "./grid.js";
import { api } from "../server.js";

const MARKS = { active: "● active", acknowledged: "◐ acknowledged", shelved: "○ shelved", cleared: "✓ cleared" };
const SHELVED_MIN = 60;

/** @param {import("../app.js").App} app @param {string[]} rest the place of the alarm that a link is about */
export function operator(app, [about]) {
  const alarms = h("div", { id: "board" }), taps = h("div"), moves = h("div");
  const problem = h("p", { class: "problem", role: "alert" });
  const form = tapForm(app);
  const node = h("div", { class: "cards" },
    card("Alarms", "", alarms, problem),
    card("Move a tap by hand", "half", form.node),
    card("Taps", "half", taps, moves));
  const act = (body) => app.attempt(() => api("operator", body), problem);
  return {
    node,
    update() {
      show(alarms, ...board(app, about, act));
      show(taps, tapFacts(app.state.grid?.taps ?? {}, app.run));
      show(moves, movesTable(app));
      form.update();
    },
  };
}

function board({ state, run }, about, act) {
  const open = state.board.filter((each) => each.standing === "active" || each.standing === "acknowledged");
  const late = open.filter((each) => each.reminder).length;
  const items = state.board.slice(0, 50).map((each) => h("li", { class: each.place === about ? "mine" : null },
    h("span", { class: "said" },
      placeLink(each.place, run, "backup"), `: ${kindOf(each.kind).toLowerCase()} since ${clockTime(timeOf(each.tick, run))}, `,
      h("span", { class: each.standing === "active" ? "bad" : each.standing === "cleared" ? "good" : "quiet" }, MARKS[each.standing],
        each.until === null ? null : ` until ${clockTime(timeOf(each.until, run))}`)),
    buttons(each, act)));
  return [
    late > 0 && h("p", { class: "notice", id: "reminder" }, `${late === 1 ? "An alarm has" : `${late} alarms have`} been active for half an hour, and nobody has acknowledged ${late === 1 ? "it" : "them"}.`),
    h("p", { class: "small quiet" }, "The newest first; times are of the run."),
    items.length ? h("ul", { class: "alarms" }, items) : h("p", { class: "quiet" }, "No alarm was raised."),
  ];
}

function buttons({ id, place, standing }, act) {
  const button = (text, action, more = {}) => h("button", { type: "button", "aria-label": `${text} the alarm of ${placeOf(place)}`, onclick: () => act({ action, alarm: id, ...more }) }, text);
  if (standing === "cleared") return [];
  return [
    standing === "active" && button("Acknowledge", "acknowledge"),
    standing !== "shelved" && button("Shelve for an hour", "shelve", { minutes: SHELVED_MIN }),
    button("Clear", "clear"),
  ];
}

function tapForm(app) {
  const names = Object.keys(app.run.tap_ranges);
  if (!names.length) return { node: h("p", { class: "quiet" }, "This feeder has no regulator."), update() {} };
  const regulator = h("select", { id: "regulator" }, names.map((name) => h("option", { value: name }, display(name))));
  const tap = h("input", { id: "tap", type: "number", step: "1", required: true, inputmode: "numeric", value: "0" });
  const problem = h("p", { class: "problem", role: "alert" });
  const waits = h("p", { id: "by-hand", class: "small" });
  const limits = () => {
    const [low, high] = app.run.tap_ranges[regulator.value];
    Object.assign(tap, { min: low, max: high });
    tap.value = app.state.taps_by_hand[regulator.value] ?? app.state.grid?.taps[regulator.value] ?? 0;
  };
  regulator.addEventListener("change", limits);
  limits();
  const node = h("form", {
    onsubmit: (event) => {
      event.preventDefault();
      app.attempt(() => api("operator", { action: "tap", regulator: regulator.value, tap: Number(tap.value) }), problem);
    },
  },
  h("div", { class: "row" }, h("label", {}, "Regulator", regulator), h("label", {}, "Tap", tap), h("button", { id: "move-tap" }, "Move it")),
  h("p", { class: "small quiet" }, "It moves before the next interval, in which the controller leaves that regulator alone. The move is kept with the run, and replays."),
  waits, problem);
  return {
    node,
    update() {
      const waiting = Object.entries(app.state.taps_by_hand).map(([name, to]) => `${display(name)} to tap ${to}`);
      waits.textContent = waiting.length ? `Waits for the gate: ${waiting.join(", ")}.` : "";
    },
  };
}

function movesTable({ state, run }) {
  const rows = (state.grid?.moves ?? []).map((move) => [display(move.regulator), String(move.tap), prose(move.reason)]);
  return table(state.grid ? `Moves before the interval from ${clockTime(timeOf(state.clock.tick - 1, run))}` : "Moves", ["Regulator", "Tap", "Why"], rows, "No tap moved in the last interval.");
}
