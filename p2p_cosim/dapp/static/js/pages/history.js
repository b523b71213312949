/** What was traded, rebuilt from the chain's events. */
import { card, h, show } from "../dom.js";
import { saveTrades, tradeTable } from "../parts/trade_list.js";

/** @param {import("../app.js").App} app */
export function history(app) {
  const list = h("div");
  const filter = h("select", { id: "whose", onchange: () => draw() },
    h("option", { value: "all" }, "All trades"), h("option", { value: "mine" }, "My trades"));
  const save = h("button", { type: "button", id: "csv", onclick: () => saveTrades(chosen(), app.run) }, "Save as CSV");
  const node = h("div", { class: "cards" }, card("Trades", "",
    h("div", { class: "row" }, h("label", {}, "Show", filter), save), list));
  let trades = [], read = app.run.deployed_in - 1;
  const mine = (address) => app.isMe(address);
  const chosen = () => (filter.value === "mine" ? trades.filter(({ buyer, seller }) => mine(buyer) || mine(seller)) : trades);
  const draw = () => show(list, tradeTable(chosen(), app, mine));
  let reading = false;
  async function readOn() {
    const { block } = app.state.clock;
    if (reading || block <= read) return;
    reading = true;
    const went = await app.attempt(async () => {
      trades = trades.concat((await app.market.events(["TradeCleared"], { from: read + 1, to: block })).map(tradeOf));
      read = block;
      draw();
    });
    reading = false;
    if (went) await readOn(); // what came meanwhile
  }
  return {
    node,
    update() {
      draw();
      readOn();
    },
  };
}

function tradeOf({ args, block, hash }) {
  const { buyer, seller, buyPrice, sellPrice } = args;
  return { round: Number(args.round), block, hash, buyer, seller, energyWh: Number(args.energy), buyPrice, sellPrice };
}
