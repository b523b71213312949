/** What people do in the market, each as one step however many transactions it takes. */
import { TypedDataEncoder } from "../vendor/ethers.min.js";
import { display, energy, price } from "./format.js";
import { api } from "./server.js";

/**
 * Place an order, and put in before what it needs beyond the free balance.
 * @param {import("./app.js").App} app @param {import("./types.js").Side} side
 */
export async function place(app, side, energyWh, priceWei) {
  const { market, purse } = app;
  const { round } = await market.book();
  const order = market.place(side, round, energyWh, priceWei);
  await putInWhatLacks(app, side, energyWh, priceWei, order);
  const label = labelOf(app, side, energyWh, priceWei);
  await purse.send(label, order);
  app.note(`${label}: it waits for the gate.`);
}

/** Sign an order that the operator places at the gate, for no fee. */
export async function placeSigned(app, side, energyWh, priceWei) {
  const { market, purse } = app;
  const { round } = await market.book();
  await putInWhatLacks(app, side, energyWh, priceWei, market.place(side, round, energyWh, priceWei));
  const mine = app.state.signed.filter((each) => app.isMe(each.trader)).map((each) => each.nonce + 1);
  const nonce = Math.max((await market.account(app.me)).nonce, ...mine);
  const typed = await market.orderToSign(app.me, side, round, energyWh, priceWei, nonce, app.run.resets);
  const signature = await purse.wallet.sign(typed);
  const { trader, expiry } = typed.message;
  await api("order", { trader, side, energy_wh: energyWh, price_wei_per_wh: String(priceWei), round, nonce, expiry, signature });
  app.note(`${labelOf(app, side, energyWh, priceWei)}: signed. The operator places it at the gate.`);
}

/** Have the market refuse an order that was signed and not placed yet. */
export async function voidSigned(app, { side, energy_wh: energyWh, price_wei_per_wh: priceWei, round, nonce }) {
  const typed = await app.market.orderToSign(app.me, side, round, energyWh, priceWei, nonce, app.run.resets);
  const uid = TypedDataEncoder.hash(typed.domain, typed.types, typed.message);
  await app.purse.send("Signed order withdrawn", app.market.cancelSigned(uid));
}

async function putInWhatLacks({ market, purse, me }, side, energyWh, priceWei, order) {
  const account = await market.account(me);
  const missing = market.coverWei(side, energyWh, priceWei) - account.balanceWei + debtOf(account);
  if (missing <= 0n) return;
  await purse.trial(order).catch((error) => {
    if (!market.lacksMoney(error)) throw error; // no reason to put anything in
  });
  await purse.send("Money put in", market.deposit(missing));
}

function labelOf({ run }, side, energyWh, priceWei) {
  return `${side === "bid" ? "Bid" : "Ask"} ${energy(energyWh).textContent} at ${price(priceWei, run).textContent}`;
}

/** Cancel an order of the open round. */
export async function cancel(app, orderId) {
  const { round } = await app.market.book();
  await app.purse.send(`Order ${orderId} cancelled`, app.market.cancel(round, orderId));
}

/** Put money in, in wei. */
export async function deposit(app, amountWei) {
  await app.purse.send("Money put in", app.market.deposit(amountWei));
}

/** Take money out, in wei; where that needs a request, the request first. */
export async function withdraw(app, amountWei) {
  const { market, purse } = app;
  const request = market.requestWithdrawal(amountWei);
  if (request && (await market.requestedWei(app.me)) < amountWei) {
    await purse.send("Withdrawal requested", request);
    app.note("Requested. Take it out when the present round is settled.");
    return;
  }
  await purse.send("Money taken out", market.withdraw(amountWei));
}

/** Take a house over: agree to its meter on the chain, and sign that one wants it. */
export async function takeOver(app, house) {
  const { market, purse, run } = app;
  const most = run.limits.max_order_wh;
  if (!(await market.hasConsented(app.me, most))) await purse.send(`Meter of ${display(house)} agreed to`, market.consentToMeter(most));
  await ask(app, "take over", house);
  app.note(`${display(house)} is yours when the gate has closed.`);
}

/** Give a house back to its agent. */
export async function giveBack(app, house) {
  await ask(app, "give back", house);
  app.note(`${display(house)}'s agent trades for it again. Your money stays yours.`);
}

/** Have a house's agent trade inside limits: prices in wei/Wh, the tick that ends it, Wh a day. */
export async function giveMandate(app, house, { sellFrom, buyUpTo, until, whADay }) {
  const { run, purse } = app;
  const { tick } = app.state.clock;
  const field = (name) => ({ name, type: name === "house" ? "string" : "uint256" });
  const message = { house, sellFrom: String(sellFrom), buyUpTo: String(buyUpTo), until, whADay, tick };
  const typed = { domain: domainOf(run), types: { Mandate: Object.keys(message).map(field) }, primaryType: "Mandate", message };
  const signature = await purse.wallet.sign(typed);
  await api("mandate", {
    house, sell_from_wei_per_wh: message.sellFrom, buy_up_to_wei_per_wh: message.buyUpTo, until, wh_a_day: whADay, tick, address: app.me, signature,
  });
  app.note(`${display(house)}'s agent trades inside your limits.`);
}

async function ask(app, action, house) {
  const { run, purse } = app;
  const terms = { action, house, tick: app.state.clock.tick };
  const signature = await purse.wallet.sign(houseRequest(run, terms));
  await api("house", { ...terms, address: app.me, signature });
}

/** What a wallet shows and signs of a request for a house (EIP-712). */
function houseRequest(run, message) {
  const field = (name, type) => ({ name, type });
  return {
    domain: domainOf(run),
    types: { House: [field("action", "string"), field("house", "string"), field("tick", "uint256")] },
    primaryType: "House",
    message,
  };
}

function domainOf(run) {
  return { name: "p2p_cosim", version: "1", chainId: run.chain_id, verifyingContract: run.market, salt: run.salt };
}

/** Have a wallet: the demo key if there is none yet. A reset takes its ether: it gets some again. */
export async function needWallet({ purse }) {
  if (!purse.wallet || purse.wallet.kind === "demo") await purse.useDemo();
}

/** The name of a house in words, or null if the run has no such house. */
export function houseNamed(app, name) {
  return app.run.houses.some((site) => site.name === name) ? display(name) : null;
}

function debtOf(account) {
  return account.positionWei < 0n ? -account.positionWei : 0n;
}
