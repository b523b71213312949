/** The form for an order: what it costs and locks stands in it before anything is signed. */
import { h, show } from "../dom.js";
import { energy, eurPerKwh, money, weiPerWhOf } from "../format.js";
import { needWallet, place, placeSigned } from "../trade.js";

/**
 * @param {import("../app.js").App} app
 * @param {{side?: import("../types.js").Side, energyWh?: number, priceWei?: bigint,
 *   fixedSide?: boolean, verb?: string}} [wish] what stands in it at first
 */
export function orderForm(app, wish = {}) {
  const side = h("fieldset", { hidden: wish.fixedSide === true }, h("legend", {}, "I want to"),
    choice("bid", "buy", wish.side !== "ask"), choice("ask", "sell", wish.side === "ask"));
  const kwh = number("order-kwh", "0.001", (wish.energyWh ?? 500) / 1000);
  const eur = number("order-price", "0.001", roundedPrice(wish.priceWei ?? middle(app.run), app.run));
  const signOnly = h("input", { type: "checkbox", id: "sign-only" });
  const cost = h("p", { class: "small quiet", id: "order-cost" });
  const problem = h("p", { class: "problem", role: "alert" });
  const button = h("button", { class: "main", id: "place" }, "");
  const read = () => ({
    side: side.querySelector("input:checked").value,
    energyWh: Math.round(Number(kwh.value) * 1000),
    priceWei: weiPerWhOf(Number(eur.value), app.run),
  });
  const update = () => {
    const order = read();
    show(cost, ...explained(app, order));
    button.textContent = `${wish.verb ?? (order.side === "bid" ? "Place the bid" : "Place the ask")}${app.me ? "" : " with a demo wallet"}`;
  };
  const form = h("form", {
    oninput: update,
    onsubmit: async (event) => {
      event.preventDefault();
      const { side: chosen, energyWh, priceWei } = read();
      if (!(energyWh > 0)) { problem.textContent = "Say how much energy, in kWh."; return; }
      button.disabled = true;
      await app.attempt(async () => {
        await needWallet(app);
        await (signOnly.checked ? placeSigned : place)(app, chosen, energyWh, priceWei);
      }, problem);
      button.disabled = false;
    },
  },
  side,
  h("div", { class: "row" }, h("label", {}, "Energy, kWh", kwh), h("label", {}, "Limit price, €/kWh", eur)),
  h("label", { class: "choice" }, signOnly, "Sign only: the operator places it, for no fee"),
  cost, button, problem);
  update();
  return { node: form, update };
}

function explained(app, { side, energyWh, priceWei }) {
  if (!(energyWh > 0)) return ["Say how much energy."];
  const cover = app.market.coverWei(side, energyWh, priceWei);
  const free = app.chain?.account?.balanceWei ?? 0n;
  const more = cover > free ? [" ", money(cover - free, app.run), " of it comes from your wallet."] : [];
  if (side === "bid") {
    return ["Held until the gate closes: ", money(cover, app.run), ", at most what ", energy(energyWh), " can cost you. What is not spent comes back.", ...more];
  }
  if (cover === 0n) return ["You are paid at least ", money(BigInt(energyWh) * priceWei, app.run), " if all is sold. What you do not deliver is charged at the retail tariff."];
  return ["You are paid at least ", money(BigInt(energyWh) * priceWei, app.run), " if all is sold. Held as a margin until delivery: ", money(cover, app.run), ".", ...more];
}

function choice(value, text, checked) {
  return h("label", { class: "choice" }, h("input", { type: "radio", name: "side", value, checked }), text);
}

function number(id, step, value) {
  return h("input", { id, type: "number", step, min: "0", value, inputmode: "decimal", required: true });
}

/** Between the tariffs: where both sides gain. */
function middle(run) {
  return (BigInt(run.tariff.retail_wei_per_wh) + BigInt(run.tariff.feed_in_wei_per_wh)) / 2n;
}

function roundedPrice(priceWei, run) {
  return eurPerKwh(priceWei, run).toFixed(3);
}
