/** A round that was cleared: its price and its orders. */
import { h, table } from "../dom.js";
import { bare, counted, energy, money, price, who } from "../format.js";

/**
 * @typedef {import("../types.js").Order & {filledWh: number, paidWei: ?bigint}} Cleared
 * @typedef {{round: number, priceWei: ?bigint, energyWh: number, orders: Cleared[]}} Round
 */

/** Its price, and how many wanted what. */
export function summary({ priceWei, energyWh, round, orders }, run) {
  const count = (side) => orders.filter((order) => order.side === side).length;
  return [
    h("p", { class: "big", id: "price" }, price(priceWei, run)),
    h("p", { class: "quiet" }, priceWei === null ? `Round ${round}: nothing traded. ` : `Round ${round}: `,
      priceWei === null ? null : energy(energyWh), priceWei === null ? null : " traded, ",
      `${counted(count("bid"), "bid")} and ${counted(count("ask"), "ask")}. The utility takes ${price(run.tariff.retail_wei_per_wh, run).textContent} and pays ${price(run.tariff.feed_in_wei_per_wh, run).textContent}.`),
  ];
}

/** Its orders, best first, with what each traded and, where that is known, paid. */
export function ordersTable({ orders, round }, app) {
  const known = orders.every((order) => order.paidWei !== null);
  const ranked = [...orders].sort((a, b) => (a.side === b.side ? (a.side === "bid" ? Number(b.priceWei - a.priceWei) : Number(a.priceWei - b.priceWei)) : a.side === "ask" ? -1 : 1));
  const rows = ranked.map((order) => ({
    class: app.isMe(order.trader) ? "mine" : null,
    cells: [side(order.side), who(order.trader, app.run, app.me), ...[price(order.priceWei, app.run), energy(order.energyWh), energy(order.filledWh), ...(known ? [money(order.paidWei, app.run)] : [])].map(bare)],
  }));
  const heads = ["Side", "Who", "Limit, €/kWh", "Energy, kWh", "Traded, kWh", ...(known ? ["Paid, €"] : [])];
  return table(`Round ${round}, best first`, heads, rows, "None.");
}

/** `▲ bid` or `▼ ask`. */
export function side(name) {
  return h("span", { class: name === "bid" ? "buy" : "sell" }, name === "bid" ? "▲ bid" : "▼ ask");
}
