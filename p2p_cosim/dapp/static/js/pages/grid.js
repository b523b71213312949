/** The feeder: voltages on its map, taps, and what the detector says. */
import { card, facts, h, prose, show, table } from "../dom.js";
import { clockTime, display, power, timeOf } from "../format.js";
import { kindOf, placeLink } from "../parts/alarm_words.js";
import { feederMap, judged } from "../parts/feeder_map.js";

const MOVES_KEPT = 30;

/** @param {import("../app.js").App} app */
export function grid(app) {
  return gridPage(app, new Seen());
}

/**
 * moves: what it knows of tap moves, by `take` of each state; `since` says from when, `what` which
 * voltage stands beside them.
 * @param {{run: Object, state: Object}} app
 */
export function gridPage(app, moves) {
  const map = h("div"), flows = h("div"), taps = h("div"), alarms = h("div"), houses = h("div"), full = h("div");
  const node = h("div", { class: "cards" },
    card("Voltages and loading", "two-thirds", map),
    card("At the substation", "third", flows, full),
    card("Regulators", "half", taps),
    card("Alarms of the last interval", "half", alarms),
    card("Houses", "", houses));
  return {
    node,
    update() {
      const { grid: now, houses: rows, alarms: told, clock } = app.state;
      if (!now) {
        show(map, h("p", { class: "quiet" }, "The first interval is not over yet."));
        [flows, full, taps, alarms, houses].forEach((each) => show(each, h("p", { class: "quiet" }, "–")));
        return;
      }
      moves.take(clock.tick - 1, now, app.run);
      show(map, feederMap(app.run, now));
      show(flows, substation(now));
      show(full, fullest(now, app.run));
      show(taps, regulators(now, moves, app.run));
      show(alarms, alarmTable(told, app.run));
      show(houses, houseTable(rows, app.run));
    },
  };
}

/** Tap moves since the page was opened, with the voltages before and after. */
class Seen {
  since = "while this page is open";
  what = "lowest voltage of the phase";
  moves = [];
  #before = null;

  take(tick, now, run) {
    if (this.#before?.tick === tick) return;
    const before = this.#before?.tick === tick - 1 ? this.#before.now : null;
    for (const move of now.moves) {
      const phase = run.regulators[move.regulator];
      this.moves.unshift({ ...move, tick, from: before?.taps[move.regulator], low: before && lowest(before, phase), lowAfter: lowest(now, phase) });
    }
    this.moves.length = Math.min(this.moves.length, MOVES_KEPT);
    this.#before = { tick, now };
  }
}

function lowest({ nodes }, phase) {
  const values = Object.entries(nodes).filter(([name, v]) => name.endsWith(`.${phase}`) && v > 0).map(([, v]) => v);
  return values.length ? Math.min(...values) : null;
}

function substation({ head_p_kw: phases, losses_kw: losses }) {
  return facts([
    ...phases.map((kw, index) => [`Phase ${"ABC"[index]}`, power(kw)]),
    ["In all", h("strong", {}, power(phases.reduce((sum, kw) => sum + kw, 0)))],
    ["Losses", power(losses)],
  ]);
}

/** What carries most against its rating. */
function fullest({ current_a: amperes }, run) {
  const rows = run.elements.map(({ name, rated_a: rated }, at) => ({ name, share: amperes[at] / rated, a: amperes[at] }))
    .filter(({ share }) => Number.isFinite(share)).sort((one, other) => other.share - one.share).slice(0, 5)
    .map(({ name, share, a }) => [display(name), h("span", { class: share > 1 ? "bad" : null }, `${Math.round(100 * share)} %`), `${a.toFixed(1)} A`]);
  return table("The fullest lines and transformers", ["Element", "Of its rating", "Carries"], rows, "");
}

function regulators({ taps }, { moves, since, what }, run) {
  const pu = (value) => (value === null || value === undefined ? "–" : value.toFixed(4));
  return [
    tapFacts(taps, run),
    table(`Moves ${since}; ${what}, pu`, ["From", "Regulator", "Tap", "Before", "After", "Why"],
      moves.map((move) => [clockTime(timeOf(move.tick, run)), display(move.regulator), move.from === undefined ? String(move.tap) : `${move.from} → ${move.tap}`, pu(move.low), pu(move.lowAfter), prose(move.reason)]),
      `No tap has moved ${since}.`),
  ];
}

/** Taps by regulator. */
export function tapFacts(taps, run) {
  const where = (name) => (run.regulators[name] ? `, phase ${run.regulators[name]}` : "");
  return facts(Object.entries(taps).map(([name, tap]) => [`${display(name)}${where(name)}`, `tap ${tap}`]));
}

function alarmTable(alarms, run) {
  return table("What a detector raised", ["Place", "What", "Detector"],
    alarms.map(({ place, kind, detector }) => [placeLink(place, run, "backup"), kindOf(kind), display(detector)]),
    "None.");
}

function houseTable(houses, run) {
  const rows = houses.map((house) => {
    const { mark, name, kind } = judged(house.v_pu, run);
    return [h("a", { href: `#/house/${house.name}` }, display(house.name)), house.v_pu === null ? "–" : house.v_pu.toFixed(4), h("span", { class: kind }, `${mark} ${name}`), house.p_kw?.toFixed(2) ?? "–"];
  });
  return table(`Limits ${run.limits.v_min_pu} to ${run.limits.v_max_pu} pu`, ["House", "Voltage, pu", "Is", "Takes, kW"], rows, "None.");
}
