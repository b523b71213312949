/** Supply and demand of a round, drawn. */
import { h, svg } from "../dom.js";
import { eurPerKwh } from "../format.js";

const HEIGHT = 300, LEFT = 48, RIGHT = 12, TOP = 22, BOTTOM = 40;
const WIDE = 560, NARROW = 330; // in a narrow card a wide drawing would shrink its words to nothing

/**
 * Steps of cumulated energy over price: demand falls, supply rises, and they cross at the price.
 * @param {{orders: import("../types.js").Order[], priceWei: ?bigint, energyWh: number}} round
 */
export function curves(round, run) {
  if (!round.orders.some(({ side }) => side)) return h("p", { class: "quiet" }, "Nobody placed an order.");
  return [drawn(round, run, WIDE, "wide"), drawn(round, run, NARROW, "narrow")]; // the card's width shows one
}

function drawn({ orders, priceWei, energyWh }, run, width, size) {
  const demand = sorted(orders, "bid", (a, b) => b - a);
  const supply = sorted(orders, "ask", (a, b) => a - b);
  const eur = (wei) => eurPerKwh(wei, run);
  const tops = [...demand, ...supply].map((order) => eur(order.priceWei));
  const most = Math.max(...tops, eur(BigInt(run.tariff.retail_wei_per_wh))) * 1.08;
  const widest = Math.max(total(demand), total(supply));
  const right = width - RIGHT;
  const x = (wh) => LEFT + (wh / widest) * (right - LEFT);
  const y = (price) => HEIGHT - BOTTOM - (price / most) * (HEIGHT - TOP - BOTTOM);
  const steps = (side) => {
    let wh = 0;
    return side.map(({ energyWh: more, priceWei: at }, index) => {
      const line = `${index ? "L" : "M"}${x(wh).toFixed(1)} ${y(eur(at)).toFixed(1)}H${x((wh += more)).toFixed(1)}`;
      return line;
    }).join("");
  };
  const label = priceWei === null
    ? "Supply and demand do not meet: nothing traded."
    : `Supply and demand meet at ${eur(priceWei).toFixed(3)} euro per kWh; ${(energyWh / 1000).toFixed(3)} kWh trade.`;
  return svg("svg", { class: `chart ${size}`, viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": label },
    axes(x, y, right, widest, most),
    svg("path", { class: "demand", d: steps(demand) }),
    svg("path", { class: "supply", d: steps(supply) }),
    priceWei === null ? null : priceLine(right, y(eur(priceWei)), eur(priceWei)),
    svg("text", { class: "t-demand", x: LEFT, y: 14 }, "— demand"),
    svg("text", { class: "t-supply", x: LEFT + 80, y: 14 }, "- - supply"),
    priceWei === null ? null : svg("text", { class: "t-price", x: LEFT + 170, y: 14 }, "··· price"));
}

function priceLine(right, at, eur) {
  return [
    svg("line", { class: "price", x1: LEFT, x2: right, y1: at, y2: at }),
    svg("text", { class: "t-price", x: right, y: at - 5, "text-anchor": "end" }, eur.toFixed(3)),
  ];
}

function axes(x, y, right, widest, most) {
  const across = ticks(widest / 1000).map((kwh) =>
    svg("text", { x: x(kwh * 1000), y: HEIGHT - 22, "text-anchor": "middle" }, String(kwh)));
  const up = ticks(most).map((eur) => [
    svg("line", { class: "axis", x1: LEFT, x2: right, y1: y(eur), y2: y(eur) }),
    svg("text", { x: LEFT - 6, y: y(eur) + 4, "text-anchor": "end" }, eur.toFixed(2)),
  ]);
  return [
    up, across,
    svg("text", { x: right, y: HEIGHT - 6, "text-anchor": "end" }, "kWh in the interval"),
    svg("text", { x: right, y: 14, "text-anchor": "end" }, "€/kWh"),
  ];
}

/** About four round numbers from 0 to a limit. */
function ticks(limit) {
  const rough = limit / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
  const found = [];
  for (let at = 0; at <= limit * 1.0001; at += step) found.push(Number(at.toPrecision(6)));
  return found;
}

function sorted(orders, side, by) {
  return orders.filter((order) => order.side === side)
    .sort((a, b) => by(Number(a.priceWei), Number(b.priceWei)) || a.id - b.id);
}

function total(orders) {
  return orders.reduce((sum, order) => sum + order.energyWh, 0);
}
