/** The pages of a finished run. Nothing can be ordered, moved or acknowledged in them. */
import { card, h, prose, show, table } from "../dom.js";
import { bare, clockTime, display, energy, price, timeOf, who } from "../format.js";
import { gridPage, tapFacts } from "../pages/grid.js";
import { kindOf, placeLink } from "../parts/alarm_words.js";
import { curves } from "../parts/curves.js";
import { billFacts, billLines, physics, strangerNotice } from "../parts/house_facts.js";
import { ordersTable, side, summary } from "../parts/round.js";
import { saveTrades, tradeTable } from "../parts/trade_list.js";
import { billUpTo, droppedOf, tradesOf } from "./data.js";

const MOST_MOVES = 30, MOST_ALARMS = 50;

/** @param {import("./app.js").ReplayApp} app */
export function market(app) {
  const round = h("div"), book = h("div"), dropped = h("div");
  return {
    node: h("div", { class: "cards" }, card("The round", "", round), card("Its orders", "", book), card("Refused or taken back", "", dropped)),
    update() {
      const { cleared } = app.chain;
      show(round, summary(cleared, app.run), curves(cleared, app.run));
      show(book, ordersTable(cleared, app));
      show(dropped, table("Orders that are not in the book", ["Side", "Who", "Limit, €/kWh", "Energy, kWh", "Why"],
        droppedOf(app.part, app.tick).map((order) => [side(order.side), who(order.trader, app.run), bare(price(order.priceWei, app.run)), bare(energy(order.energyWh)), order.why]), "None."));
    },
  };
}

/** Trades up to the time that is set; those of its half day in the table, all in the file. */
export function history(app) {
  const list = h("div");
  const { run } = app;
  const traders = h("select", { id: "whose", onchange: () => draw() }, h("option", { value: "" }, "All trades"),
    run.houses.map(({ name }) => h("option", { value: name }, display(name))));
  const chosen = (trades) => trades.filter(({ buyer, seller }) => !traders.value || [buyer, seller].includes(traders.value));
  const save = h("button", { type: "button", id: "csv", onclick: () => app.attempt(async () => saveTrades(chosen(await all(app)), run)) }, "Save all until then as CSV");
  const mine = (name) => name === traders.value;
  const draw = () => show(list, tradeTable(chosen(tradesOf(app.part, app.tick)), app, mine));
  return {
    node: h("div", { class: "cards" }, card("Trades", "", h("div", { class: "row" }, h("label", {}, "Show", traders), save), list)),
    update: draw,
  };
}

async function all(app) {
  const trades = [];
  for (let number = 0; number <= Math.floor(app.tick / app.run.part_ticks); number += 1) {
    trades.push(...tradesOf(await app.data.numbered(number), app.tick));
  }
  return trades;
}

/** The feeder, with the tap moves before the time that is set. */
export function grid(app) {
  const known = {
    since: "until then",
    what: "lowest voltage of a house",
    moves: [],
    take(tick) {
      this.moves = app.data.log.moves.filter(([at]) => at <= tick).slice(-MOST_MOVES).reverse()
        .map(([at, regulator, tap, reason, from, low, lowAfter]) => ({ tick: at, regulator, tap, reason, from, low, lowAfter }));
    },
  };
  return gridPage(app, known);
}

/** @param {string[]} rest the house's name, and the tick of an alert that the link was about */
export function house(app, [wanted, tick]) {
  const { run } = app;
  const place = Math.max(0, run.houses.findIndex((site) => site.name === wanted));
  const site = run.houses[place];
  const chooser = h("select", { id: "house", onchange: () => { location.hash = `#/house/${chooser.value}`; } },
    run.houses.map(({ name }) => h("option", { value: name, selected: name === site.name }, display(name))));
  const now = h("div"), next = h("div"), bill = h("div"), lines = h("div");
  if (tick !== undefined && Number.isInteger(Number(tick))) app.attempt(() => app.goTo(Number(tick)));
  return {
    node: h("div", { class: "cards" }, h("div", { class: "card" }, strangerNotice(wanted, run), h("label", {}, "House", chooser)),
      card("In the interval", "half", now), card("It had expected", "half", next),
      card("The bill until then", "", bill), card("The bill, round by round", "", lines)),
    update() {
      const row = app.state.houses[place];
      show(now, physics(row, site, run));
      show(next, expected(row));
      app.attempt(async () => {
        const { bill: found, equal } = billUpTo(await app.data.ledger(place), app.tick);
        show(bill, billFacts(found, run), h("p", { class: "small quiet", id: "bill-check", "data-equal": String(equal) },
          equal ? "Computed here from its trades; equal to the account's own books to the wei." : "Computed here from its trades. The account's books say something else: the run took something from outside, or was changed."));
        show(lines, billLines(found, (round) => round - 1, run));
      });
    },
  };
}

function expected({ forecast_wh: wh }) {
  if (wh === null) return h("p", {}, "No forecast.");
  return [h("p", { class: "big" }, energy(Math.abs(wh))), h("p", {}, wh < 0 ? "to be left over in this interval." : "to need in this interval.")];
}

/** What an operator saw: alarms and taps until the time that is set. */
export function operator(app) {
  const alarms = h("div"), taps = h("div"), moves = h("div");
  return {
    node: h("div", { class: "cards" }, card("Alarms", "", alarms), card("Taps", "half", taps), card("Why they moved", "half", moves)),
    update() {
      const { run, data: { log }, tick } = app;
      const until = (rows) => rows.filter(([at]) => at <= tick).reverse();
      const when = (at) => clockTime(timeOf(at, run));
      show(alarms, table("The newest first", ["From", "Place", "What", "Detector"], until(log.alarms).slice(0, MOST_ALARMS).map(([at, kind, place, detector]) =>
        [when(at), placeLink(place, run, "house"), kindOf(kind), display(detector)]), "No alarm until then."));
      show(taps, tapFacts(app.state.grid.taps, run));
      show(moves, table("The newest first", ["From", "Regulator", "Tap", "Why"], until(log.moves).slice(0, MOST_MOVES).map(([at, regulator, tap, reason]) =>
        [when(at), display(regulator), String(tap), prose(reason)]), "No tap has moved until then."));
    },
  };
}
