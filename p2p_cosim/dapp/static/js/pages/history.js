/** What was traded, rebuilt from the chain's events. */
import { card, h, show, table } from "../dom.js";
import { energy, eurPerKwh, price, who } from "../format.js";

const SHOWN = 100;

/** @param {import("../app.js").App} app */
export function history(app) {
  const list = h("div");
  const filter = h("select", { id: "whose", onchange: () => draw() },
    h("option", { value: "all" }, "Everybody's trades"), h("option", { value: "mine" }, "My trades"));
  const save = h("button", { type: "button", id: "csv", onclick: () => download(csv(chosen(), app.run), `trades_${app.run.run}.csv`) }, "Save as CSV");
  const node = h("div", { class: "cards" }, card("Trades", "",
    h("div", { class: "row" }, h("label", {}, "Show", filter), save), list));
  let trades = [], read = app.run.deployed_in - 1;
  const chosen = () => (filter.value === "mine" ? trades.filter(({ args }) => app.isMe(args.buyer) || app.isMe(args.seller)) : trades);
  function draw() {
    const rows = chosen().slice(-SHOWN).reverse().map(({ args }) => ({
      class: app.isMe(args.buyer) || app.isMe(args.seller) ? "mine" : null,
      cells: [String(args.round), who(args.buyer, app.run, app.me), who(args.seller, app.run, app.me), energy(Number(args.energy)), price(args.buyPrice, app.run)],
    }));
    show(list, table(`The newest ${SHOWN} at most`, ["Round", "Buyer", "Seller", "Energy", "Price"], rows, "No trades yet."));
  }
  return {
    node,
    update() {
      const { block } = app.state.clock;
      if (block > read) {
        app.attempt(async () => {
          const from = read + 1;
          read = block;
          trades = trades.concat(await app.market.events(["TradeCleared"], { from, to: block }));
          draw();
        });
      } else draw();
    },
  };
}

function csv(trades, run) {
  const head = "round,block,transaction,buyer,seller,energy_wh,buy_price_wei_per_wh,sell_price_wei_per_wh,buy_price_eur_per_kwh";
  const lines = trades.map(({ args, block, hash }) => [
    args.round, block, hash, args.buyer, args.seller, args.energy, args.buyPrice, args.sellPrice, eurPerKwh(args.buyPrice, run),
  ].join(","));
  return [head, ...lines].join("\n") + "\n";
}

function download(text, name) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
