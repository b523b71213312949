/** A finished run's numbers, read part by part from the folder `data` beside the page. */

const KEPT = 4; // parts at once, which is two days of quarters of an hour

/** Reads files of `data`, each once while it is kept. */
export class RunData {
  /** @type {?import("../types.js").Run} */ run = null;
  log = null;
  #parts = new Map();
  #ledgers = new Map();

  /** Read what does not change. */
  async begin() {
    [this.run, this.log] = await Promise.all([file("run"), file("log")]);
  }

  /** The part that holds a tick. */
  part(tick) {
    return this.numbered(Math.floor(tick / this.run.part_ticks));
  }

  /** A part by its number. */
  numbered(number) {
    const found = this.#parts.get(number) ?? file(`parts/${number}`);
    this.#parts.delete(number);
    this.#parts.set(number, found);
    for (const old of [...this.#parts.keys()].slice(0, -KEPT)) this.#parts.delete(old);
    return found;
  }

  /** What a house's account did, by the house's place among the houses. */
  ledger(place) {
    if (!this.#ledgers.has(place)) this.#ledgers.set(place, file(`houses/${place}`));
    return this.#ledgers.get(place);
  }
}

async function file(name) {
  const answer = await fetch(`data/${name}.json`);
  if (!answer.ok) throw new Error(`The folder lacks data/${name}.json: export the run again.`);
  return answer.json();
}

/** Where the run stood when a tick was over, as the state of a served run. @returns {import("../types.js").State} */
export function stateOf(part, tick, run) {
  const at = tick - part.first;
  const by = (names, values) => Object.fromEntries(names.map((name, place) => [name, values[place]]));
  const houses = Object.entries(part.houses);
  return {
    clock: { mode: "done", tick: tick + 1, ticks: run.ticks, block: tick },
    houses: run.houses.map(({ name }, place) => ({ name, ...Object.fromEntries(houses.map(([field, ticks]) => [field, ticks[at][place]])) })),
    others: part.others[at].map(([name, contracted, imbalance, balance, open]) => ({ name, contracted_wh: contracted, imbalance_wh: imbalance, balance_wei: balance, open_wei: open })),
    grid: {
      head_p_kw: part.feeder[at].slice(0, 3),
      losses_kw: part.feeder[at][3],
      nodes: by(run.nodes, part.nodes[at]),
      current_a: part.currents[at],
      taps: by(Object.keys(run.regulators), part.taps[at]),
      moves: part.moves[at].map(([regulator, tap, reason]) => ({ regulator, tap, reason })),
    },
    alarms: part.alarms[at].map(([since, kind, place, detector]) => ({ tick: since, kind, place, detector })),
    offers: part.offers[at],
  };
}

/** The round of a tick as it was cleared. @returns {import("../parts/round.js").Round} */
export function roundOf(part, tick) {
  const [price, energyWh] = part.rounds[tick - part.first];
  const orders = part.orders[tick - part.first]
    .filter(([, , , , , , refused, cancelled]) => !refused && !cancelled)
    .map(([id, trader, side, wh, wei, filledWh]) => ({ id, trader, side, energyWh: wh, priceWei: BigInt(wei), filledWh, paidWei: null }));
  return { round: tick + 1, priceWei: price === null ? null : BigInt(price), energyWh, orders };
}

/** Orders of a tick that the market refused, or their traders took back. */
export function droppedOf(part, tick) {
  return part.orders[tick - part.first]
    .filter(([, , , , , , refused, cancelled]) => refused || cancelled)
    .map(([, trader, side, energyWh, wei, , refused]) => ({ trader, side, energyWh, priceWei: BigInt(wei), why: refused || "taken back" }));
}

/** Trades of a part up to a tick. @returns {import("../parts/trade_list.js").Trade[]} */
export function tradesOf(part, last) {
  return part.trades.slice(0, last - part.first + 1).flatMap((trades, at) => trades.map(([buyer, seller, energyWh, wei, surplus]) => ({
    round: part.first + at + 1, buyer, seller, energyWh, buyPrice: BigInt(wei), sellPrice: BigInt(wei) - BigInt(surplus) / BigInt(energyWh),
  })));
}

/**
 * A house's bill up to a tick, from its trades and what the utility charged, and whether its
 * account says the same: what it paid in the market and what it held, to the wei.
 * @returns {{bill: import("../bill.js").Bill, equal: boolean}}
 */
export function billUpTo(ledger, last) {
  const lines = ledger.metered_wh.slice(0, last + 1).map((meteredWh, tick) => ({
    round: tick + 1, boughtWh: 0, soldWh: 0, meteredWh: meteredWh ?? ledger.contracted_wh[tick],
    imbalanceWh: ledger.imbalance_wh[tick], tradedWei: 0n, chargeWei: BigInt(ledger.imbalance_wei[tick]),
  }));
  for (const [tick, wh, wei] of ledger.trades) {
    if (tick > last) continue;
    if (wh > 0) lines[tick].boughtWh += wh;
    else lines[tick].soldWh -= wh;
    lines[tick].tradedWei += BigInt(wei);
  }
  const sum = (field) => lines.reduce((total, line) => total + line[field], 0n);
  const held = (tick) => BigInt(ledger.balance_wei[tick]) + BigInt(ledger.open_wei[tick]);
  const equal = lines.every((line, tick) => line.tradedWei === BigInt(ledger.market_wei[tick])
    && (tick === 0 || held(tick) === held(tick - 1) + BigInt(ledger.paid_in_wei[tick]) - line.tradedWei - line.chargeWei));
  return { bill: { lines, tradedWei: sum("tradedWei"), chargedWei: sum("chargeWei"), paidInWei: 0n, takenOutWei: 0n }, equal };
}
