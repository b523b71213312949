/** An account's bill, recomputed from the market's events alone. */
import { tariffAt } from "./tariff.js";

/**
 * @typedef {{round: number, boughtWh: number, soldWh: number, meteredWh: ?number,
 *   imbalanceWh: number, tradedWei: bigint, chargeWei: bigint}} Line
 * `tradedWei`: paid for purchases less got for sales; `chargeWei`: for the imbalance, to the utility.
 *
 * @typedef {{lines: Line[], paidInWei: bigint, takenOutWei: bigint, tradedWei: bigint,
 *   chargedWei: bigint}} Bill
 */

/**
 * @param {import("./market.js").Market} market @param {string} address
 * @returns {Promise<Bill>}
 */
export async function billOf(market, address) {
  const [bought, sold, settled, moved] = await Promise.all([
    market.events(["TradeCleared"], { topics: [null, address] }),
    market.events(["TradeCleared"], { topics: [null, null, address] }),
    market.events(["ImbalanceSettled"], { topics: [null, address] }),
    market.events(["Deposited", "Withdrawn"], { topics: [address] }),
  ]);
  const lines = new Map();
  const line = (args) => {
    const round = Number(args.round);
    if (!lines.has(round)) lines.set(round, { round, boughtWh: 0, soldWh: 0, meteredWh: null, imbalanceWh: 0, tradedWei: 0n, chargeWei: 0n });
    return lines.get(round);
  };
  for (const { args } of bought) {
    line(args).boughtWh += Number(args.energy);
    line(args).tradedWei += args.energy * args.buyPrice;
  }
  for (const { args } of sold) {
    line(args).soldWh += Number(args.energy);
    line(args).tradedWei -= args.energy * args.sellPrice;
  }
  for (const { args } of settled) {
    Object.assign(line(args), { meteredWh: Number(args.meteredWh), imbalanceWh: Number(args.imbalanceWh), chargeWei: args.chargeWei });
  }
  const sum = (name) => moved.reduce((all, each) => all + (each.name === name ? each.args.amountWei : 0n), 0n);
  const all = [...lines.values()].sort((a, b) => a.round - b.round);
  return {
    lines: all,
    paidInWei: sum("Deposited"),
    takenOutWei: sum("Withdrawn"),
    tradedWei: all.reduce((total, each) => total + each.tradedWei, 0n),
    chargedWei: all.reduce((total, each) => total + each.chargeWei, 0n),
  };
}

/** The bill of several accounts: of a house whose meter has changed hands. @param {Bill[]} bills @returns {Bill} */
export function sumOf(bills) {
  const sum = (field) => bills.reduce((total, bill) => total + bill[field], 0n);
  return {
    lines: bills.flatMap((bill) => bill.lines).sort((a, b) => a.round - b.round),
    paidInWei: sum("paidInWei"),
    takenOutWei: sum("takenOutWei"),
    tradedWei: sum("tradedWei"),
    chargedWei: sum("chargedWei"),
  };
}

/** What the bill says the account holds, open position and all. @param {Bill} bill */
export function heldWei({ paidInWei, takenOutWei, tradedWei, chargedWei }) {
  return paidInWei - takenOutWei - tradedWei - chargedWei;
}

/** What the same meter readings would have cost at the tariff alone. @param {Bill} bill */
export function atTariffWei({ lines }, run) {
  return lines.reduce((sum, { round, meteredWh }) => {
    const { retail, feedIn } = tariffAt(run, round - 1);
    return sum + BigInt(meteredWh ?? 0) * ((meteredWh ?? 0) > 0 ? retail : feedIn);
  }, 0n);
}
