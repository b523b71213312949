/** Where the link of an alert leads: the house without supply, who can sell to it, one button. */
import { card, facts, h, show, table } from "../dom.js";
import { clockTime, display, energy, price, timeOf } from "../format.js";
import { strangerNotice } from "../parts/house_facts.js";
import { orderForm } from "../parts/order_form.js";
import { sentList } from "../parts/sent.js";

const METERLESS = "Your wallet buys for itself and has no meter: what it buys is sold on to the utility at the feed-in tariff, while the house's own agent goes on buying for the house.";

/** @param {import("../app.js").App} app @param {string[]} rest the house's name, and the tick to buy for */
export function backup(app, [wanted, tick]) {
  const status = h("div", { id: "supply" }), offers = h("div"), when = h("p", { class: "quiet" }), sent = sentList(app);
  const name = affected(app, wanted);
  if (!name) {
    const links = app.run.houses.slice(0, 30).map((site) => h("li", {}, h("a", { href: `#/backup/${site.name}` }, display(site.name))));
    return {
      node: h("div", { class: "cards" }, card("All houses have supply", "", strangerNotice(wanted, app.run), h("p", {}, "Choose yours to see who could sell to it:"), h("ul", {}, links))),
      update() {},
    };
  }
  const known = new Known(app, name);
  const form = orderForm(app, { ...known.wish(), side: "bid", fixedSide: true, verb: "Buy backup power" });
  const node = h("div", { class: "cards" },
    card(display(name), "half", strangerNotice(wanted, app.run), status),
    card("Buy energy for it", "half", when, form.node, h("p", { class: "small quiet" }, METERLESS), sent.node),
    card("Who can sell, cheapest first", "", offers));
  return {
    node,
    update() {
      show(status, supply(known, app.run));
      show(offers, sellers(known, app.run));
      when.textContent = forWhen(app, tick);
      form.update();
      sent.update();
    },
  };
}

/** What the newest state and the last round's book tell about a house. */
class Known {
  constructor(app, name) {
    this.app = app;
    this.name = name;
  }

  get row() {
    return this.app.state.houses.find((each) => each.name === this.name);
  }

  get offer() {
    return this.app.state.offers.find((each) => each.house === this.name);
  }

  /** The alert's sellers; when that is over, who asked last and expects to have energy left. */
  get sellers() {
    if (this.offer) return this.offer.sellers;
    const { state, run, chain } = this.app;
    const asks = (chain?.cleared?.orders ?? []).filter((order) => order.side === "ask");
    return state.houses
      .filter((each) => each.name !== this.name && each.supplied && each.forecast_wh < 0)
      .map((each) => {
        const { address } = run.houses.find((site) => site.name === each.name);
        const mine = asks.filter((ask) => ask.trader.toLowerCase() === address.toLowerCase()).map((ask) => ask.priceWei);
        return { name: each.name, spare_wh: -each.forecast_wh, ask_wei_per_wh: mine.length ? mine.reduce((a, b) => (a < b ? a : b)) : null };
      })
      .sort((a, b) => compare(a.ask_wei_per_wh, b.ask_wei_per_wh) || b.spare_wh - a.spare_wh);
  }

  /** An order that gets energy: what the house needs, at no less than the dearest seller asks. */
  wish() {
    const need = Math.max(this.row?.forecast_wh ?? 0, 0) || 500;
    const retail = BigInt(this.app.run.tariff.retail_wei_per_wh);
    const asked = this.sellers.map((seller) => BigInt(seller.ask_wei_per_wh ?? 0));
    return { energyWh: need, priceWei: asked.reduce((most, each) => (each > most ? each : most), retail) };
  }
}

function affected(app, wanted) {
  const has = (name) => app.run.houses.some((site) => site.name === name);
  if (wanted && has(wanted)) return wanted;
  return app.state.offers[0]?.house ?? app.state.houses.find((each) => !each.supplied)?.name ?? null;
}

function supply({ row, offer }, run) {
  if (!row) return h("p", { class: "quiet" }, "Nothing was delivered yet.");
  const dark = !row.supplied;
  return [
    h("p", { class: `big ${dark ? "bad" : "good"}` }, dark ? "No supply" : row.feed === "tie" ? "On backup power" : row.feed === "battery" ? "On its battery" : "Supplied"),
    h("p", {}, advice(row, offer)),
    facts([
      ["It needs in the next interval", energy(Math.max(row.forecast_wh ?? 0, 0))],
      ["It got in the last one", energy(row.metered_wh)],
      ["The utility's price", price(run.tariff.retail_wei_per_wh, run)],
    ]),
  ];
}

/** For which interval one buys, and whether the alert spoke of an earlier one. */
function forWhen({ state: { clock }, run }, tick) {
  const span = (at) => `${clockTime(timeOf(at, run))} to ${clockTime(timeOf(at + 1, run))}`;
  const late = tick !== undefined && Number(tick) < clock.tick ? ` The alert was for ${span(Number(tick))}, which is over.` : "";
  return clock.tick < clock.ticks ? `For ${span(clock.tick)}.${late}` : "The run is over.";
}

function advice(row, offer) {
  if (row.feed === "tie") return "It draws through the backup tie what was bought for it.";
  if (row.feed === "battery" || offer?.path === "battery") return "Its battery supplies it as long as it lasts.";
  if (row.supplied) return "It draws through its own connection.";
  if (offer?.path === "tie") return "A backup tie can feed it with what is bought from neighbours. Buy before the gate closes.";
  if (offer?.path === "none") return "No backup path can supply it: it stays without power until the repair.";
  return "It has no supply.";
}

function sellers(known, run) {
  const rows = known.sellers.slice(0, 10).map((seller) => [
    display(seller.name), price(seller.ask_wei_per_wh, run), energy(seller.spare_wh),
  ]);
  return table("Last asking price, and what each expects to have left over", ["House", "Asked", "Left over"], rows,
    "Nobody has energy to sell at the moment. New offers appear here.");
}

function compare(a, b) {
  if (a === null || b === null) return (a === null) - (b === null);
  return a < b ? -1 : a > b ? 1 : 0;
}
