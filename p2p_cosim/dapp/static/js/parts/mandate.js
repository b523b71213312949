/** A mandate: limits that one signs once, inside which the house's agent trades. */
import { facts, h, show } from "../dom.js";
import { energy, eurPerKwh, price, timeOf, weiPerWhOf } from "../format.js";
import { giveMandate, giveBack, needWallet } from "../trade.js";

/** @param {import("../app.js").App} app @param {string} house */
export function mandateCard(app, house) {
  const said = h("div", { id: "mandate" });
  const problem = h("p", { class: "problem", role: "alert" });
  const { retail_wei_per_wh: retail, feed_in_wei_per_wh: feedIn } = app.run.tariff;
  const sell = number("mandate-sell", "0.001", eurPerKwh(feedIn, app.run).toFixed(3));
  const buy = number("mandate-buy", "0.001", eurPerKwh(retail, app.run).toFixed(3));
  const kwh = number("mandate-kwh", "0.1", "10");
  const hours = number("mandate-hours", "1", "24");
  const button = h("button", { id: "give-mandate" }, "Sign the mandate");
  const form = h("form", {
    onsubmit: async (event) => {
      event.preventDefault();
      button.disabled = true;
      await app.attempt(async () => {
        await needWallet(app);
        await giveMandate(app, house, {
          sellFrom: weiPerWhOf(Number(sell.value), app.run),
          buyUpTo: weiPerWhOf(Number(buy.value), app.run),
          until: app.state.clock.tick + Math.round((Number(hours.value) * 3600) / app.run.interval_s),
          whADay: Math.round(Number(kwh.value) * 1000),
        });
      }, problem);
      button.disabled = false;
    },
  },
  h("div", { class: "row" }, h("label", {}, "Sell from, €/kWh", sell), h("label", {}, "Buy up to, €/kWh", buy)),
  h("div", { class: "row" }, h("label", {}, "At most a day, kWh", kwh), h("label", {}, "For how many hours", hours)),
  h("div", { class: "actions" }, button));
  const end = h("button", { type: "button", id: "end-mandate", onclick: () => app.attempt(() => giveBack(app, house), problem) }, "End it");
  return {
    node: h("div", {}, said, form, h("div", { class: "actions" }, end), problem),
    update() {
      const { mandates, people, clock } = app.state;
      const held = mandates.find((each) => each.house === house);
      const mine = held && app.isMe(held.address);
      const led = people.some((each) => each.house === house);
      show(said, ...told(held, led, app));
      form.hidden = led || clock.mode === "done" || Boolean(held && !mine);
      end.hidden = !mine;
    },
  };
}

function told(held, led, { run }) {
  if (led) return [h("p", { class: "quiet" }, "Its agent does not trade: somebody has taken the house over.")];
  if (!held) return [h("p", {}, "Its agent trades as the scenario says. With a mandate it trades inside your limits, and you confirm nothing more.")];
  return [facts([
    ["Sells from", price(held.sell_from_wei_per_wh, run)],
    ["Buys up to", price(held.buy_up_to_wei_per_wh, run)],
    ["Trades a day at most", energy(held.wh_a_day)],
    ["Until", timeOf(held.until, run).replace("T", " ").slice(0, 16)],
  ])];
}

function number(id, step, value) {
  return h("input", { id, type: "number", step, min: "0", value, inputmode: "decimal", required: true });
}
