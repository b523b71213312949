/** The feeder as a map: each bus with its worst voltage, each line with what it carries, told by
 * colour, shape or width, and tooltip. */
import { h, svg } from "../dom.js";

const WIDTH = 640, PAD = 46;

/** What a voltage is against the limits. @returns {{kind: string, mark: string, name: string}} */
export function judged(pu, { limits: { v_min_pu: low, v_max_pu: high } }) {
  if (pu === null || pu === undefined || pu < 0.05) return { kind: "none", mark: "×", name: "no voltage" };
  if (pu < low) return { kind: "low", mark: "▼", name: "too low" };
  if (pu > high) return { kind: "high", mark: "▲", name: "too high" };
  return { kind: "good", mark: "●", name: "within limits" };
}

const NEARLY = 0.8;

/** What a line carries against its rating. @returns {{kind: string, name: string}} */
function carried(run, amperes, line) {
  const place = run.carried_by[line];
  if (place === null || place === undefined) return { kind: "", name: "no rating" };
  const { name, rated_a: rated } = run.elements[place];
  const share = amperes[place] / rated;
  const kind = share > 1 ? "over" : share > NEARLY ? "nearly" : "";
  return { kind, name: `${name.replaceAll("_", " ")}: ${amperes[place].toFixed(1)} A, ${Math.round(100 * share)} % of its rating` };
}

/** @param {import("../types.js").Run} run */
export function feederMap(run, { nodes, current_a: amperes }) {
  const worst = worstByBus(nodes);
  if (!run.map) return h("p", { class: "quiet" }, "This feeder has no drawing; the houses stand below.");
  const { buses, lines } = run.map;
  const place = scaled(Object.values(buses));
  const at = (bus) => place(buses[bus]);
  const housed = new Map();
  for (const site of run.houses) housed.set(site.bus, (housed.get(site.bus) ?? 0) + 1);
  const drawn = Object.keys(buses).map((bus) => busMark(bus, at(bus), worst.get(bus), run, housed.get(bus)));
  const bad = [...worst].filter(([, pu]) => judged(pu, run).kind !== "good").map(([bus]) => bus);
  const label = bad.length ? `Feeder map. Outside the limits: bus ${bad.join(", ")}.` : "Feeder map. All buses are within the limits.";
  return [
    h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Map" }, svg("svg", { class: "chart map", viewBox: `0 0 ${WIDTH} ${place.height}`, role: "img", "aria-label": label },
      lines.map(([a, b], line) => {
        if (!buses[a] || !buses[b]) return null;
        const [[x1, y1], [x2, y2]] = [at(a), at(b)];
        const { kind, name } = carried(run, amperes, line);
        return svg("line", { class: `wire ${kind}`, x1, y1, x2, y2 }, svg("title", {}, `${a} to ${b}. ${name}`));
      }), drawn)),
    h("p", { class: "small quiet" }, h("span", { class: "low" }, "▼ too low"), "  ", h("span", { class: "good" }, "● within limits"), "  ", h("span", { class: "high" }, "▲ too high"), "  × no voltage. Each bus shows the phase farthest from 1 pu. Lines: ", h("span", { class: "nearly" }, "wide above 80 %"), ", ", h("span", { class: "over" }, "wider above 100 %"), " of their rating."),
  ];
}

function busMark(bus, [x, y], pu, run, houses) {
  const { kind, mark, name } = judged(pu, run);
  const text = pu === undefined ? bus : `${bus}: ${pu.toFixed(4)} pu, ${name}${houses ? `, ${houses} houses` : ""}`;
  return svg("g", { class: kind },
    svg("title", {}, text),
    svg("text", { class: "mark", x, y: y + 6, "text-anchor": "middle" }, mark),
    svg("text", { x: x + 10, y: y - 8 }, bus),
    pu === undefined ? null : svg("text", { x: x + 10, y: y + 18 }, pu.toFixed(3)));
}

function worstByBus(nodes) {
  const worst = new Map();
  for (const [node, pu] of Object.entries(nodes)) {
    const bus = node.slice(0, node.lastIndexOf("."));
    if (pu !== null && (!worst.has(bus) || Math.abs(pu - 1) > Math.abs(worst.get(bus) - 1))) worst.set(bus, pu);
  }
  return worst;
}

/** From the feeder's coordinates, which grow upwards, to the drawing's. */
function scaled(points) {
  const xs = points.map(([x]) => x), ys = points.map(([, y]) => y);
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = (WIDTH - 2 * PAD) / Math.max(right - left, (high - low) / 0.8, 1e-9);
  const place = ([x, y]) => [PAD + (x - left) * scale, PAD + (high - y) * scale];
  place.height = 2 * PAD + (high - low) * scale;
  return place;
}
