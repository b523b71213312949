/**
 * The market's contract: the only module that knows its functions, events and structs. Two
 * interfaces are spoken: with rounds by number, margins and requested withdrawals, and the older one.
 */
import { Interface, toBeHex, zeroPadValue } from "../vendor/ethers.min.js";
import { rpc, rpcAll } from "./server.js";

const SIDES = [null, "bid", "ask"];
const LATEST = "latest";
const TOO_MANY = -32005; // the code of an answer that would have too many logs

/** One deployment of the market. */
export class Market {
  /** @param {import("./types.js").Run} run */
  constructor(run) {
    this.run = run;
    this.address = run.market;
    this.iface = new Interface(run.abi);
    this.numbered = this.iface.getFunction("book") !== null;
  }

  // ---------------------------------------------------------------------------------- reading

  /** The book of the round that takes orders. @returns {Promise<{round: number, orders: import("./types.js").Order[]}>} */
  async book(tag = "pending") {
    const head = this.numbered ? await this.#view("book", [], tag) : await this.#view("round", [], tag);
    const round = Number(this.numbered ? head.round : head.id);
    const ids = [...Array(Number(head.orders)).keys()];
    const found = await rpcAll(ids.map((id) => this.#call("order", [id], tag)));
    const orders = found.map((data, id) => orderOf(id, this.iface.decodeFunctionResult("order", data)[0]));
    return { round, orders: orders.filter((order) => order.side) };
  }

  /** An account's money and energy. @returns {Promise<import("./types.js").Account>} */
  async account(address, tag = "pending") {
    const [[money], [energy]] = await this.#view("accounts", [[address]], tag, true);
    const account = {
      balanceWei: money.balance,
      positionWei: money.position,
      energyWh: Number(this.numbered ? energy : energy.balanceWh),
      nonce: Number(money.nonce ?? 0),
      lockedWei: 0n,
    };
    if (!this.numbered) return account;
    const { round } = await this.#view("book", [], tag);
    // Round 0 is none; what is locked belongs to the newest round that has no reading yet.
    const open = [round - 1n, round].filter((id) => id > 0n);
    const positions = await Promise.all(open.map((id) => this.#view("position", [address, id], tag)));
    for (const each of positions) if (!each.settled) account.lockedWei += each.lockedWei;
    return account;
  }

  /** The tick whose energy is traded in a round. */
  tickOf(round) {
    return this.numbered ? round - 1 : round;
  }

  /** The withdrawal that was asked for, in wei; 0 where none is needed first. */
  async requestedWei(address) {
    if (!this.numbered) return 0n;
    return (await this.#view("withdrawal", [address], "pending", true))[0];
  }

  /** What an order takes from the free balance. @param {import("./types.js").Side} side */
  coverWei(side, energyWh, priceWei) {
    const { retail_wei_per_wh: retail, feed_in_wei_per_wh: feedIn } = this.run.tariff;
    const most = side === "bid" ? -BigInt(feedIn) : BigInt(retail) - priceWei;
    const margin = this.numbered && most > 0n ? most : 0n;
    return BigInt(energyWh) * (margin + (side === "bid" ? priceWei : 0n));
  }

  // -------------------------------------------------------------------------------- transactions

  /** Put ether into the caller's balance. @returns {import("./types.js").Call} */
  deposit(amountWei) {
    return this.#transaction("deposit", [], amountWei);
  }

  /** @param {import("./types.js").Side} side @returns {import("./types.js").Call} */
  place(side, round, energyWh, priceWei) {
    const terms = [energyWh, priceWei];
    return this.#transaction(side === "bid" ? "placeBid" : "placeAsk", this.numbered ? [round, ...terms] : terms);
  }

  /** Agree to a meter that may tell up to so many Wh. @returns {import("./types.js").Call} */
  consentToMeter(mostWh) {
    return this.#transaction("consentToMeter", [mostWh]);
  }

  /** Whether an account has agreed to a meter of so many Wh. */
  async hasConsented(address, mostWh) {
    return (await this.#view("meter", [address], "pending")).consentWh >= BigInt(mostWh);
  }

  /**
   * An order to be signed and placed by the operator (EIP-712). Valid until the round's gate, and
   * a second longer for every reset, so that no two episodes have the same.
   * @returns {Promise<import("./types.js").Typed>}
   */
  async orderToSign(trader, side, round, energyWh, priceWei, nonce, resets) {
    const [, name, version, chainId, verifyingContract] = await this.#view("eip712Domain", [], LATEST, true);
    const expiry = Number(await this.#view("gateOf", [round], LATEST)) + resets;
    const field = (one, type) => ({ name: one, type });
    return {
      domain: { name, version, chainId: Number(chainId), verifyingContract },
      types: { Order: [field("trader", "address"), field("side", "uint8"), field("energy", "uint32"), field("price", "uint56"), field("round", "uint32"), field("nonce", "uint32"), field("expiry", "uint40")] },
      primaryType: "Order",
      message: { trader, side: SIDES.indexOf(side), energy: energyWh, price: String(priceWei), round, nonce, expiry },
    };
  }

  /** Keep the operator from placing what was signed. @returns {import("./types.js").Call} */
  cancelSigned(uid) {
    return this.#transaction("cancelSigned", [uid]);
  }

  /** @returns {import("./types.js").Call} */
  cancel(round, orderId) {
    return this.#transaction("cancel", this.numbered ? [round, orderId] : [orderId]);
  }

  /** @returns {import("./types.js").Call} */
  withdraw(amountWei) {
    return this.#transaction("withdraw", [amountWei]);
  }

  /** What has to come before a withdrawal; null if nothing has. @returns {?import("./types.js").Call} */
  requestWithdrawal(amountWei) {
    return this.numbered ? this.#transaction("requestWithdrawal", [amountWei]) : null;
  }

  /** The error of a revert, or null. @returns {?{name: string, args: any}} */
  errorOf(data) {
    if (typeof data !== "string") return null;
    try {
      return this.iface.parseError(data);
    } catch {
      return null;
    }
  }

  /** Whether a call failed for want of money in the market, which a deposit mends. */
  lacksMoney(error) {
    return ["BalanceTooLow", "DebtOutstanding"].includes(this.errorOf(error?.data)?.name);
  }

  // --------------------------------------------------------------------------------------- events

  /**
   * Events of some names, in order. Topics after the first are addresses, numbers or null.
   * @returns {Promise<{name: string, args: any, block: number, hash: string, index: number}[]>}
   */
  async events(names, { from = this.run.deployed_in, to = LATEST, topics = [] } = {}) {
    const known = names.filter((name) => this.iface.getEvent(name));
    const first = known.map((name) => this.iface.getEvent(name).topicHash);
    const rest = topics.map((topic) => (topic === null ? null : zeroPadValue(toBeHex(topic), 32)));
    const last = to === LATEST ? Number(await rpc("eth_blockNumber")) : to;
    const logs = await logsOf({ address: this.address, topics: [first, ...rest] }, from, last);
    return logs.map((log) => {
      const { name, args } = this.iface.parseLog(log);
      return { name, args, block: Number(log.blockNumber), hash: log.transactionHash, index: Number(log.logIndex) };
    });
  }

  /** Orders and price of the round that was cleared in a block. Null if none was. */
  async cleared(block) {
    const names = ["OrderPlaced", "SignedOrdersPlaced", "OrderCancelled", "RoundCleared", "TradeCleared"];
    const events = await this.events(names, { from: Math.max(block - 1, this.run.deployed_in), to: block });
    const end = events.find((event) => event.name === "RoundCleared");
    if (!end) return null;
    const orders = new Map();
    for (const event of events.filter((each) => each.args.round === end.args.round)) {
      for (const order of this.#ordersOf(event)) orders.set(order.id, order);
      if (event.name === "OrderCancelled") orders.delete(Number(event.args.orderId));
    }
    const trades = events.filter((event) => event.name === "TradeCleared").map((event) => event.args);
    return {
      round: Number(end.args.round),
      priceWei: trades.length ? end.args.price : null,
      energyWh: Number(end.args.energy),
      orders: [...orders.values()].map((order) => ({ ...order, ...became(order, trades) })),
      trades,
    };
  }

  #ordersOf({ name, args }) {
    if (name === "OrderPlaced") return [orderOf(Number(args.orderId), args)];
    if (name !== "SignedOrdersPlaced") return [];
    const packed = args.orders;
    const places = this.numbered ? args.places : packed.map((_, index) => Number(args.firstId) + index);
    return [...packed].map((word, index) => orderOf(Number(places[index]), this.#unpacked(word)));
  }

  /** An order in one word: side, price, energy, trader, from the top. */
  #unpacked(word) {
    const bits = this.numbered ? 32n : 40n;
    return {
      trader: `0x${(word & ((1n << 160n) - 1n)).toString(16).padStart(40, "0")}`,
      energy: (word >> 160n) & ((1n << bits) - 1n),
      price: (word >> (160n + bits)) & ((1n << (88n - bits)) - 1n),
      side: (word >> 248n) & 63n,
    };
  }

  // ------------------------------------------------------------------------------------------ calls

  #transaction(name, args, value = 0n) {
    return { to: this.address, data: this.iface.encodeFunctionData(name, args), value };
  }

  #call(name, args, tag) {
    return ["eth_call", [{ to: this.address, data: this.iface.encodeFunctionData(name, args) }, tag]];
  }

  async #view(name, args, tag, whole = false) {
    const data = await rpc(...this.#call(name, args, tag));
    const result = this.iface.decodeFunctionResult(name, data);
    return whole ? result : result[0];
  }
}

/** Logs from one block to another, however many: in halves where there are more than the server gives at once. */
async function logsOf(filter, from, to) {
  const hex = (block) => `0x${block.toString(16)}`;
  try {
    return await rpc("eth_getLogs", [{ ...filter, fromBlock: hex(from), toBlock: hex(to) }]);
  } catch (error) {
    if (error.code !== TOO_MANY || from === to) throw error;
    const middle = Math.floor((from + to) / 2);
    return (await logsOf(filter, from, middle)).concat(await logsOf(filter, middle + 1, to));
  }
}

/** What an order traded, and what its trader pays for that; negative is got. */
function became({ id, side }, trades) {
  const bid = side === "bid";
  const mine = trades.filter((trade) => Number(bid ? trade.bidId : trade.askId) === id);
  const paid = ({ energy, buyPrice, sellPrice }) => (bid ? energy * buyPrice : -energy * sellPrice);
  return {
    filledWh: mine.reduce((sum, { energy }) => sum + Number(energy), 0),
    paidWei: mine.reduce((sum, trade) => sum + paid(trade), 0n),
  };
}

function orderOf(id, { trader, energy, price, side }) {
  return { id, trader, side: SIDES[Number(side)], energyWh: Number(energy), priceWei: price };
}
