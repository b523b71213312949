/** The feeder: voltages on its map, taps, and what the detector says. */
import { card, facts, h, show, table } from "../dom.js";
import { clockTime, display, power, timeOf } from "../format.js";
import { feederMap, judged } from "../parts/feeder_map.js";

const MOVES_KEPT = 30;

/** @param {import("../app.js").App} app */
export function grid(app) {
  const map = h("div"), flows = h("div"), taps = h("div"), alarms = h("div"), houses = h("div");
  const node = h("div", { class: "cards" },
    card("Voltages", "two-thirds", map),
    card("At the substation", "third", flows),
    card("Regulators", "half", taps),
    card("Alarms of the last interval", "half", alarms),
    card("Houses", "", houses));
  const seen = new Seen();
  return {
    node,
    update() {
      const { grid: now, houses: rows, alarms: told, clock } = app.state;
      if (!now) {
        show(map, h("p", { class: "quiet" }, "The first interval is not over yet."));
        [flows, taps, alarms, houses].forEach((each) => show(each, h("p", { class: "quiet" }, "–")));
        return;
      }
      seen.take(clock.tick - 1, now, app.run);
      show(map, feederMap(app.run, now));
      show(flows, substation(now));
      show(taps, regulators(now, seen, app.run));
      show(alarms, alarmTable(told));
      show(houses, houseTable(rows, app.run));
    },
  };
}

/** Tap moves since the page was opened, with the voltages before and after. */
class Seen {
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

function regulators({ taps }, { moves }, run) {
  const pu = (value) => (value === null || value === undefined ? "–" : value.toFixed(4));
  return [
    facts(Object.entries(taps).map(([name, tap]) => [`${display(name)}, phase ${run.regulators[name]}`, `tap ${tap}`])),
    table("Moves while this page is open; lowest voltage of the phase, pu", ["From", "Regulator", "Tap", "Before", "After", "Why"],
      moves.map((move) => [clockTime(timeOf(move.tick, run)), display(move.regulator), move.from === undefined ? String(move.tap) : `${move.from} → ${move.tap}`, pu(move.low), pu(move.lowAfter), move.reason]),
      "No tap has moved while this page is open."),
  ];
}

function alarmTable(alarms) {
  return table("What a detector raised", ["Place", "What", "Detector"],
    alarms.map(({ place, kind, detector }) => [h("a", { href: `#/backup/${place}` }, display(place)), display(kind), display(detector)]),
    "None.");
}

function houseTable(houses, run) {
  const rows = houses.map((house) => {
    const { mark, name, kind } = judged(house.v_pu, run);
    return [h("a", { href: `#/house/${house.name}` }, display(house.name)), house.v_pu === null ? "–" : `${house.v_pu.toFixed(4)} pu`, h("span", { class: kind }, `${mark} ${name}`), power(house.p_kw)];
  });
  return table(`Limits ${run.limits.v_min_pu} to ${run.limits.v_max_pu} pu`, ["House", "Voltage", "", "Takes"], rows, "None.");
}
