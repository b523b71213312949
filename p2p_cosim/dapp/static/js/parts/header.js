/** The head of every page: where to go, the clock and its buttons, the wallet. */
import { h, show } from "../dom.js";
import { clockTime, short, timeOf } from "../format.js";
import { isTeacher } from "../seat.js";
import { api } from "../server.js";
import { pageLinks } from "./page_links.js";
import { chooseWallet } from "./wallet_dialog.js";

const SPEEDS = [[1, "1 s"], [2, "2 s"], [5, "5 s"], [15, "15 s"], [60, "1 min"]];

/** @param {import("../app.js").App} app @param {[string, string][]} pages name and title */
export function header(app, pages) {
  const links = pageLinks(pages);
  const brand = h("span", { class: "brand" }, "p2p_cosim");
  const wallet = h("button", { type: "button", id: "wallet", onclick: () => chooseWallet(app) }, "Connect a wallet");
  const clock = clockBar(app);
  const node = h("div", {},
    h("div", { class: "bar" }, brand, links.node, wallet),
    clock.node);
  return {
    node,
    update(page) {
      links.update(page, (name) => name === "class" && !app.run.players);
      brand.textContent = app.run.scenario.replaceAll("_", " ");
      const { wallet: mine, wrongChain } = app.purse;
      show(wallet, mine ? [wrongChain ? "Wrong network: " : `${mine.name} `, short(mine.address)] : ["Connect a wallet"]);
      clock.update();
    },
  };
}

function clockBar(app) {
  const when = h("span", { class: "when", id: "clock" });
  const speed = h("select", { id: "speed", "aria-label": "Time to each gate" },
    SPEEDS.map(([seconds, text]) => h("option", { value: seconds, selected: seconds === 5 }, text)));
  const ask = (body) => app.attempt(() => api("control", body));
  const step = h("button", { type: "button", id: "step", onclick: () => ask({ action: "step" }) }, "Close the gate");
  const play = h("button", { type: "button", id: "play", onclick: () => ask(
    app.state.clock.mode === "playing" ? { action: "pause" } : { action: "play", seconds_per_tick: Number(speed.value) },
  ) });
  const reset = h("button", { type: "button", id: "reset", onclick: () => {
    if (confirm("Begin the run again, for everybody?")) ask({ action: "reset" });
  } }, "Reset");
  setInterval(() => app.state && tell(app, when), 250);
  return {
    node: h("div", { class: "clock" }, h("div", { class: "bar" }, when, step, play, speed, reset)),
    update() {
      const { mode } = app.state.clock;
      const over = mode === "done" || mode === "failed";
      const led = app.run.players > 0 && !isTeacher(); // by somebody else
      for (const each of [step, play, speed, reset]) each.hidden = led;
      play.textContent = mode === "playing" ? "Pause" : "Play";
      step.disabled = over || mode === "playing" || !app.live.online;
      play.disabled = over || !app.live.online;
      reset.disabled = !app.live.online;
      tell(app, when);
    },
  };
}

function tell(app, element) {
  const text = telling(app);
  if (element.textContent !== text) element.textContent = text;
}

function telling(app) {
  const { clock } = app.state;
  if (!app.live.online) return "No connection to the server: trying again…";
  if (clock.mode === "failed") return `The run failed: ${clock.error}. Reset it.`;
  if (clock.mode === "done") return `All ${clock.ticks} intervals are over. Reset to begin again.`;
  const interval = `${clockTime(clock.time)} to ${clockTime(timeOf(clock.tick + 1, app.run))}`;
  if (clock.mode === "paused" || app.live.closesAt === null) return `Interval ${clock.tick + 1} of ${clock.ticks}, ${interval}: the gate is open`;
  const left = Math.max(0, (app.live.closesAt - performance.now()) / 1000);
  return `Interval ${clock.tick + 1} of ${clock.ticks}, ${interval}: the gate closes in ${Math.ceil(left)} s`;
}
