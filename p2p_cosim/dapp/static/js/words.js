/** What went wrong, in words that say what to do. */
import { energy, money, price } from "./format.js";
import { RpcError, ServerError } from "./server.js";

/** Of each custom error of the market: its arguments and the run to a sentence. */
const CUSTOM = {
  BalanceTooLow: ({ neededWei, availableWei }, run) =>
    `This needs ${text(money(neededWei, run))} of your free balance, which is ${text(money(availableWei, run))}: put in more first.`,
  EnergyBelowMinimum: ({ minimum }) => `An order has at least ${text(energy(minimum))}: order more.`,
  EnergyAboveMaximum: ({ maximum }) => `An order has at most ${text(energy(maximum))}: split it.`,
  PriceAboveMaximum: ({ maximum }, run) => `The highest price allowed is ${text(price(maximum, run))}: offer less.`,
  RoundFull: ({ limit }) => `This round has taken all ${limit} orders it can: wait for the next one.`,
  TooManyOrders: ({ limit }) => `You have placed all ${limit} orders that one account may in a round.`,
  DebtOutstanding: ({ debtWei }, run) => `You owe the utility ${text(money(debtWei, run))}: put that much in first.`,
  CrossesOwnOrder: () => "You would trade with yourself: cancel your other order first, or change the price.",
  NotYourOrder: () => "That order is not yours, or was cancelled before.",
  UnknownOrder: () => "There is no such order in this round any more.",
  OrderAlreadyCancelled: () => "That order was cancelled before.",
  DeliveryPending: () => "Your trade is being delivered: you can take money out when it is settled, after this interval.",
  WithdrawalPending: () => "Ask for the withdrawal first; it is ready when the round at the request is settled.",
  WrongPhase: () => "The round does not take this now: wait until the next gate is open.",
  WrongRound: ({ present }) => `That round is over, round ${present} is open: place the order again.`,
  TooLate: () => "The gate is closed, or too near: place the order in the next round.",
  TooEarly: () => "It is too early for this: wait.",
  UtilityCannotTrade: () => "The utility places no orders.",
  RoleCannotTrade: () => "This account has a role in the market, and places no orders.",
  AdmissionRefused: () => "The market's rules for admission refuse this order.",
  NotAuthorized: () => "This account may not do that.",
  TooMuchEther: () => "The market holds all the ether that it is made for.",
  TransferFailed: () => "The receiver refused the ether.",
};

/** The sentence for an error that anything in these pages threw. @returns {string} */
export function words(error, market) {
  if (error instanceof ServerError) return error.refusal ? refused(error.refusal) : error.message;
  if (isRejection(error)) return "You declined it in your wallet. Nothing was sent.";
  const custom = market?.errorOf(revertData(error));
  if (custom) return CUSTOM[custom.name]?.(custom.args, market.run) ?? `The market refuses: ${spaced(custom.name)}.`;
  const message = String(error?.message ?? error);
  if (message.includes("insufficient funds")) return "Your wallet has too little ether: get some from the faucet.";
  if (message.includes("nonce too low")) return "Your wallet counts its transactions differently: reload, or clear its activity data.";
  if (error instanceof RpcError) return `The chain answers: ${message}.`;
  return message;
}

/** Why the market would refuse a signed order, of which it tells the error's name alone. */
const REFUSED = {
  BalanceTooLow: "Your free balance does not cover this with your other orders: put more in first.",
  EnergyBelowMinimum: "The order is smaller than the market takes: order more.",
  EnergyAboveMaximum: "The order is larger than the market takes: split it.",
  PriceAboveMaximum: "The limit is above the highest price allowed: offer less.",
  DebtOutstanding: "You owe the utility: put that much in first.",
  NonceTooLow: "An order with that number was placed before: reload and sign again.",
  OrderVoid: "You have withdrawn that order.",
  OrderExpired: "The gate has closed: sign again.",
  WrongRound: "That round is over: sign again.",
};

function refused(name) {
  return REFUSED[name] ?? `The market refuses: ${spaced(name)}.`;
}

/** Whether somebody said no in a wallet (EIP-1193). */
export function isRejection(error) {
  return error?.code === 4001 || error?.code === "ACTION_REJECTED";
}

function revertData(error) {
  for (const each of [error?.data, error?.data?.data, error?.data?.originalError?.data]) {
    if (typeof each === "string" && each.startsWith("0x")) return each;
  }
  return null;
}

function text(node) {
  return typeof node === "string" ? node : node.textContent;
}

function spaced(name) {
  return name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}
