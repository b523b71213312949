/** Amounts as people read them. The exact number of wei or Wh stands in the tooltip. */
import { h } from "./dom.js";

const WEI = 10n ** 18n;
const MICRO = 1_000_000n;

/** Wei in the scenario's currency, as a number for drawing and reading. @param {bigint} wei */
export function eurOf(wei, run) {
  const micro = (BigInt(wei) * BigInt(Math.round(run.tariff.eur_per_ether * 1e6))) / (WEI / MICRO);
  return Number(micro) / 1e12;
}

/** A price of wei/Wh in EUR/kWh. */
export function eurPerKwh(weiPerWh, run) {
  return eurOf(BigInt(weiPerWh) * 1000n, run);
}

/** EUR/kWh as whole wei/Wh. @returns {bigint} */
export function weiPerWhOf(eur, run) {
  return BigInt(Math.round((eur / run.tariff.eur_per_ether) * 1e15));
}

/** Money: `1.234 €`, of large amounts `12.34 €`. */
export function money(wei, run) {
  const exact = BigInt(wei);
  return h("data", { value: exact, title: `${grouped(exact)} wei` }, euro(eurOf(exact, run)));
}

/** A price: `0.190 €/kWh`. */
export function price(weiPerWh, run) {
  if (weiPerWh === null || weiPerWh === undefined) return "–";
  const exact = BigInt(weiPerWh);
  return h("data", { value: exact, title: `${grouped(exact)} wei/Wh` }, `${eurPerKwh(exact, run).toFixed(3)} €/kWh`);
}

/** An energy: `0.450 kWh`. */
export function energy(wh) {
  if (wh === null || wh === undefined) return "–";
  return h("data", { value: wh, title: `${grouped(wh)} Wh` }, `${(Number(wh) / 1000).toFixed(3)} kWh`);
}

/** An amount without its unit, where the head of its column has it. */
export function bare(amount) {
  if (amount instanceof Element) amount.textContent = amount.textContent.split(" ")[0];
  return amount;
}

/** A power: `1.80 kW`. */
export function power(kw) {
  return kw === null || kw === undefined ? "–" : `${kw.toFixed(2)} kW`;
}

/** `1 bid`, `2 bids`. */
export function counted(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** `0x1234…abcd`, with the whole address in the tooltip. */
export function short(address) {
  return h("span", { title: address, class: "number" }, `${address.slice(0, 6)}…${address.slice(-4)}`);
}

/** `house_12` as `House 12`. */
export function display(name) {
  const words = name.replaceAll("_", " ");
  return words[0].toUpperCase() + words.slice(1);
}

/** Who an address is: a house, the reader, or the address in short. */
export function who(address, run, mine) {
  if (mine && address.toLowerCase() === mine.toLowerCase()) return "you";
  const site = run.houses.find((house) => house.address.toLowerCase() === address.toLowerCase());
  if (site) return display(site.name);
  const hand = run.people?.find(({ address: at, leads }) => leads && at.toLowerCase() === address.toLowerCase());
  if (hand) return display(hand.house);
  const role = Object.entries(run.roles).find(([, at]) => at.toLowerCase() === address.toLowerCase());
  if (role) return display(role[0]);
  return address.startsWith("0x") ? short(address) : display(address); // tables tell names
}

/** `16:15` of an ISO time without a zone. */
export function clockTime(iso) {
  return iso.slice(11, 16);
}

/** When a tick's interval begins. @returns {string} ISO */
export function timeOf(tick, run) {
  const at = new Date(`${run.start}Z`).getTime() + tick * run.interval_s * 1000;
  return new Date(at).toISOString().slice(0, 19);
}

function euro(value) {
  const digits = Math.abs(value) < 10 ? 3 : 2;
  const text = value.toFixed(digits);
  return `${Number(text) === 0 ? text.replace("-", "") : text} €`;
}

function grouped(value) {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, " ");
}
