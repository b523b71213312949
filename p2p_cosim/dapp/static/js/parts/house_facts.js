/** A house in numbers: its meter, its forecast, its bill. */
import { atTariffWei } from "../bill.js";
import { facts, h, table } from "../dom.js";
import { bare, clockTime, energy, money, power, price, timeOf } from "../format.js";

const FEEDS = { drop: "its own connection", tie: "a backup tie", battery: "its battery", none: "nothing" };

/** Says that a house which was asked for is not there; null where it is, or where none was. */
export function strangerNotice(wanted, run) {
  if (!wanted || run.houses.some((site) => site.name === wanted)) return null;
  return h("p", { class: "notice" }, `“${wanted.slice(0, 40)}” is no house of this run, which has ${run.houses.length}: choose one of them.`);
}

/** What flowed at its meter. */
export function physics(row, site, run) {
  const { v_min_pu: low, v_max_pu: high } = run.limits;
  const good = row.v_pu !== null && row.v_pu >= low && row.v_pu <= high;
  return facts([
    ["Supplied by", h("span", { class: row.supplied ? "good" : "bad" }, FEEDS[row.feed] ?? row.feed)],
    ["Voltage", row.v_pu === null ? "–" : h("span", { class: good ? "good" : "bad" }, `${row.v_pu.toFixed(3)} pu, ${good ? "within" : "outside"} ${low} to ${high}`)],
    ["Load", power(row.load_kw)],
    ["Photovoltaics", power(row.pv_kw)],
    ["Battery, charging is positive", power(row.battery_kw)],
    row.stored_wh > 0 && ["Stored", energy(row.stored_wh)],
    ["Contracted", energy(row.contracted_wh)],
    ["Metered", energy(row.metered_wh)],
    ["Difference", energy(row.imbalance_wh)],
    ["Connected at", `bus ${site.bus}, phase ${site.phase}`],
  ]);
}

/** What it expects of the next interval, and an order that would suit it. */
export function expectation({ forecast_wh: wh }, run) {
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

/** What it paid, and would have paid at the tariff alone. @param {import("../bill.js").Bill} bill */
export function billFacts(bill, run) {
  const tariff = atTariffWei(bill, run), paid = bill.tradedWei + bill.chargedWei;
  return facts([
    ["Traded with neighbours", money(bill.tradedWei, run)],
    ["Charged by the utility", money(bill.chargedWei, run)],
    ["To pay in all", h("strong", {}, money(paid, run))],
    ["The same at the tariff alone", money(tariff, run)],
    ["Saved", h("strong", { class: paid <= tariff ? "good" : "bad" }, money(tariff - paid, run))],
  ]);
}

/** Its bill round by round, the newest first. tickOf: of a round, the tick that it was for. */
export function billLines({ lines }, tickOf, run) {
  const begin = (round) => clockTime(timeOf(tickOf(round), run));
  const rows = lines.slice(-96).reverse().map((line) => [
    begin(line.round), ...[energy(line.boughtWh), energy(line.soldWh), energy(line.meteredWh), money(line.tradedWei, run), money(line.chargeWei, run)].map(bare),
  ]);
  return table("To be paid to others and to the utility; what is negative is received", ["From", "Bought, kWh", "Sold, kWh", "Meter, kWh", "Others, €", "Utility, €"], rows, "No round was settled yet.");
}
