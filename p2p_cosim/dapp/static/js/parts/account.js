/** The reader's money and energy, and how money gets in and out. */
import { facts, h, show } from "../dom.js";
import { energy, money } from "../format.js";
import { deposit, withdraw } from "../trade.js";

/** @param {import("../app.js").App} app */
export function accountCard(app) {
  const holds = h("div", { id: "account" });
  const amount = h("input", { id: "amount", type: "number", min: "0", step: "0.01", value: "5", inputmode: "decimal" });
  const problem = h("p", { class: "problem", role: "alert" });
  const move = (what) => () => app.attempt(() => what(app, weiOf(Number(amount.value), app.run)), problem);
  const form = h("div", {},
    h("div", { class: "row" }, h("label", {}, "Amount, €", amount),
      h("button", { type: "button", id: "deposit", onclick: move(deposit) }, "Put in"),
      h("button", { type: "button", id: "withdraw", onclick: move(withdraw) }, "Take out")),
    problem);
  const node = h("div", {}, holds, form);
  return {
    node,
    update() {
      form.hidden = !app.me;
      // A wallet that has just come is not read yet.
      const told = app.me ? "Reading your account…" : "Connect a wallet, or place an order: a demo wallet takes one click.";
      show(holds, app.me && app.chain.account ? owned(app) : h("p", { class: "quiet" }, told));
    },
  };
}

function owned({ chain: { account, etherWei, requestedWei }, run }) {
  const open = account.positionWei;
  return facts([
    ["Free in the market", money(account.balanceWei, run)],
    account.lockedWei > 0n && ["Held until delivery is metered", money(account.lockedWei, run)],
    open !== 0n && [open < 0n ? "Owed to the utility" : "Owed by the utility", money(open < 0n ? -open : open, run)],
    requestedWei > 0n && ["Withdrawal requested", money(requestedWei, run)],
    ["In my wallet", etherWei === null ? "–" : money(etherWei, run)],
    ["My energy, bought less sold", energy(account.energyWh)],
  ]);
}

/** An amount in EUR as wei. */
function weiOf(eur, run) {
  return BigInt(Math.round((eur / run.tariff.eur_per_ether) * 1e9)) * 10n ** 9n;
}
