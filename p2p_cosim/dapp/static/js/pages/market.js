/** The market: what was cleared, what waits for the gate, an order, and the reader's account. */
import { card, h, show, table } from "../dom.js";
import { energy, price, who } from "../format.js";
import { accountCard } from "../parts/account.js";
import { curves } from "../parts/curves.js";
import { orderForm } from "../parts/order_form.js";
import { ordersTable, side, summary } from "../parts/round.js";
import { sentList } from "../parts/sent.js";
import { cancel, voidSigned } from "../trade.js";

/** @param {import("../app.js").App} app */
export function market(app) {
  const last = h("div"), book = h("div"), ladder = h("div"), open = h("div");
  const form = orderForm(app), account = accountCard(app), sent = sentList(app);
  const node = h("div", { class: "cards" },
    card("The last round", "two-thirds", last, open),
    card("Place an order", "third", form.node),
    card("Waits for the gate", "half", book),
    card("My account", "half", account.node, sent.node),
    card("Orders of the last round", "", ladder));
  return {
    node,
    update() {
      const { cleared } = app.chain;
      show(last, cleared ? summary(cleared, app.run) : h("p", { class: "quiet" }, "No round was cleared yet. Close the gate, or place an order first."));
      show(open, cleared ? curves(cleared, app.run) : null);
      show(book, waiting(app));
      show(ladder, cleared ? ordersTable(cleared, app) : h("p", { class: "quiet" }, "None yet."));
      form.update();
      account.update();
      sent.update();
    },
  };
}

function waiting(app) {
  const { orders, round } = app.chain.book;
  const rows = orders.map((order) => {
    const mine = app.isMe(order.trader);
    const drop = mine && h("button", { type: "button", "aria-label": `Cancel order ${order.id}`, onclick: () => app.attempt(() => cancel(app, order.id)) }, "Cancel");
    return { class: mine ? "mine" : null, cells: [side(order.side), energy(order.energyWh), price(order.priceWei, app.run), mine ? drop : who(order.trader, app.run, app.me)] };
  });
  rows.push(...app.state.signed.map((order) => {
    const mine = app.isMe(order.trader);
    const drop = mine && h("button", { type: "button", "aria-label": `Withdraw signed order ${order.nonce}`, onclick: () => app.attempt(() => voidSigned(app, order)) }, "Withdraw");
    return { class: mine ? "mine" : null, cells: [[side(order.side), " ", h("span", { class: "tag" }, "signed")], energy(order.energy_wh), price(order.price_wei_per_wh, app.run), mine ? drop : who(order.trader, app.run, app.me)] };
  }));
  return [
    h("p", { class: "small quiet" }, "Orders of people stand first in the book, in the order they came. The houses' agents place theirs at the gate."),
    table(`Open round ${round}`, ["Side", "Energy", "Limit", "Who"], rows, `Round ${round} is open and nobody has placed an order yet.`),
  ];
}
