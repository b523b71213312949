/** A house: what it takes and makes, an order that would suit it, and its bill. */
import { atTariffWei, billOf, heldWei, sumOf } from "../bill.js";
import { card, facts, h, show, table } from "../dom.js";
import { handCard } from "../parts/hand.js";
import { mandateCard } from "../parts/mandate.js";
import { clockTime, display, energy, money, power, price, timeOf } from "../format.js";

const FEEDS = { drop: "its own connection", tie: "a backup tie", battery: "its battery", none: "nothing" };

/** @param {import("../app.js").App} app @param {string[]} rest the house's name */
export function house(app, [wanted]) {
  const names = app.run.houses.map((site) => site.name);
  const name = names.includes(wanted) ? wanted : names[0];
  const site = app.run.houses.find((each) => each.name === name);
  const chooser = h("select", { id: "house", onchange: () => { location.hash = `#/house/${chooser.value}`; } },
    names.map((each) => h("option", { value: each, selected: each === name }, display(each))));
  const hand = handCard(app, name), mandate = mandateCard(app, name);
  const now = h("div"), next = h("div"), bill = h("div"), lines = h("div");
  const node = h("div", { class: "cards" },
    h("div", { class: "card" }, h("label", {}, "House", chooser)),
    card("In the last interval", "half", now),
    card("The next interval", "half", next),
    card("Who trades for it", "half", hand.node),
    card("A mandate for its agent", "half", mandate.node),
    card("The bill so far", "", bill),
    card("The bill, round by round", "", lines));
  let drawn = null;
  return {
    node,
    update() {
      hand.update();
      mandate.update();
      const row = app.state.houses.find((each) => each.name === name);
      show(now, row ? physics(row, site, app.run) : h("p", { class: "quiet" }, "Nothing was delivered yet."));
      show(next, row ? advice(row, app.run) : h("p", { class: "quiet" }, "The forecast comes with the first interval."));
      if (drawn === app.state.clock.block) return;
      drawn = app.state.clock.block;
      app.attempt(async () => {
        const holders = [site.address, ...app.state.people.filter((each) => each.house === name && each.leads).map((each) => each.address)];
        const found = sumOf(await Promise.all(holders.map((each) => billOf(app.market, each))));
        const accounts = await Promise.all(holders.map((each) => app.market.account(each, "latest")));
        show(bill, billFacts(found, accounts, app.run));
        show(lines, billLines(found, app));
      });
    },
  };
}

function physics(row, site, run) {
  const { v_min_pu: low, v_max_pu: high } = run.limits;
  const good = row.v_pu !== null && row.v_pu >= low && row.v_pu <= high;
  return facts([
    ["Supplied by", h("span", { class: row.supplied ? "good" : "bad" }, FEEDS[row.feed] ?? row.feed)],
    ["Voltage", row.v_pu === null ? "–" : h("span", { class: good ? "good" : "bad" }, `${row.v_pu.toFixed(3)} pu, ${good ? "within" : "outside"} ${low} to ${high}`)],
    ["Load", power(row.load_kw)],
    ["Photovoltaics", power(row.pv_kw)],
    ["Battery, discharging is positive", power(row.battery_kw)],
    row.stored_wh > 0 && ["Stored", energy(row.stored_wh)],
    ["Contracted", energy(row.contracted_wh)],
    ["Metered", energy(row.metered_wh)],
    ["Difference", energy(row.imbalance_wh)],
    ["Connected at", `bus ${site.bus}, phase ${site.phase}`],
  ]);
}

function advice({ forecast_wh: wh }, run) {
  if (wh === null || wh === 0) return h("p", {}, wh === 0 ? "It expects to need nothing and to have nothing left." : "No forecast.");
  const retail = BigInt(run.tariff.retail_wei_per_wh), feedIn = BigInt(run.tariff.feed_in_wei_per_wh);
  return [
    h("p", { class: "big" }, energy(Math.abs(wh))),
    h("p", {}, wh > 0 ? "is what it expects to need." : "is what it expects to have left over."),
    h("p", { class: "quiet" }, wh > 0
      ? ["A bid up to ", price(retail, run), " costs no more than the utility's retail tariff."]
      : ["An ask from ", price(feedIn, run), " up pays no less than the utility's feed-in tariff."]),
  ];
}

function billFacts(bill, accounts, run) {
  const tariff = atTariffWei(bill, run), paid = bill.tradedWei + bill.chargedWei;
  const held = accounts.reduce((sum, { balanceWei, positionWei, lockedWei }) => sum + balanceWei + positionWei + lockedWei, 0n);
  const equal = heldWei(bill) === held;
  return [
    facts([
      ["Traded with neighbours", money(bill.tradedWei, run)],
      ["Charged by the utility", money(bill.chargedWei, run)],
      ["To pay in all", h("strong", {}, money(paid, run))],
      ["The same at the tariff alone", money(tariff, run)],
      ["Saved", h("strong", { class: paid <= tariff ? "good" : "bad" }, money(tariff - paid, run))],
    ]),
    h("p", { class: "small quiet", id: "bill-check", "data-equal": String(equal) },
      equal ? "Computed here from the chain's events; equal to the market's own books to the wei."
        : `Computed here from the chain's events. The market's books say ${held - heldWei(bill)} wei more: an order or a payment is under way.`),
  ];
}

function billLines({ lines }, { market, run }) {
  const begin = (round) => clockTime(timeOf(market.tickOf(round), run));
  const rows = lines.slice(-96).reverse().map((line) => [
    begin(line.round), energy(line.boughtWh), energy(line.soldWh), energy(line.meteredWh), money(line.tradedWei, run), money(line.chargeWei, run),
  ]);
  return table("Positive amounts are to be paid", ["From", "Bought", "Sold", "Metered", "To neighbours", "To the utility"], rows, "No round was settled yet.");
}
