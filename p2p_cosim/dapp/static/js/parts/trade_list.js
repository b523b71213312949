/** Trades as a table, and as a file. */
import { h, table } from "../dom.js";
import { bare, energy, eurPerKwh, price, who } from "../format.js";

const SHOWN = 100;

/**
 * @typedef {{round: number, block: ?number, hash: ?string, buyer: string, seller: string,
 *   energyWh: number, buyPrice: bigint, sellPrice: bigint}} Trade
 */

/** The newest trades. mine: whether an address is the reader's. @param {Trade[]} trades */
export function tradeTable(trades, { run, me }, mine) {
  const rows = trades.slice(-SHOWN).reverse().map((trade) => ({
    class: mine(trade.buyer) || mine(trade.seller) ? "mine" : null,
    cells: [String(trade.round), who(trade.buyer, run, me), who(trade.seller, run, me), bare(energy(trade.energyWh)), bare(price(trade.buyPrice, run))],
  }));
  return table(`The newest ${SHOWN} at most`, ["Round", "Buyer", "Seller", "Energy, kWh", "Price, €/kWh"], rows, "No trades yet.");
}

/** Save trades as CSV. @param {Trade[]} trades */
export function saveTrades(trades, run) {
  const chain = trades.some(({ hash }) => hash) ? ["block", "transaction"] : [];
  const head = ["round", ...chain, "buyer", "seller", "energy_wh", "buy_price_wei_per_wh", "sell_price_wei_per_wh", "buy_price_eur_per_kwh"];
  const lines = trades.map((trade) => [
    trade.round, ...(chain.length ? [trade.block, trade.hash] : []), trade.buyer, trade.seller, trade.energyWh,
    trade.buyPrice, trade.sellPrice, eurPerKwh(trade.buyPrice, run),
  ]);
  saveText([head, ...lines].map((line) => line.join(",")).join("\n") + "\n", `trades_${run.run}.csv`);
}

/** Save a text as a file. */
export function saveText(text, name) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
