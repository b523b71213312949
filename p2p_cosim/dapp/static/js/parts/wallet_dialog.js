/** Where somebody connects a wallet, or gets one. */
import { h } from "../dom.js";
import { money, short } from "../format.js";
import { switchTo } from "../wallets/extensions.js";
import { demoKey } from "../wallets/demo.js";

/** Open the dialog. @param {import("../app.js").App} app */
export function chooseWallet(app) {
  const problem = h("p", { class: "problem", role: "alert" });
  const dialog = h("dialog", { "aria-labelledby": "wallet-title" });
  const close = () => { dialog.close(); dialog.remove(); };
  const done = async (what) => { if (await app.attempt(what, problem)) close(); };
  const content = app.purse.wallet ? connected(app, done) : choices(app, done);
  dialog.append(
    h("h2", { id: "wallet-title" }, app.purse.wallet ? "Your wallet" : "Choose a wallet"),
    ...content, problem,
    h("div", { class: "actions" }, h("button", { type: "button", onclick: close }, "Close")),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function choices(app, done) {
  const wallets = app.purse.wallets.map((found) =>
    h("button", { type: "button", onclick: () => done(() => app.purse.connect(found)) },
      safeIcon(found.info.icon), found.info.name));
  return [
    h("p", {}, "With a demo wallet you trade at once. Its key is made in this browser, kept in it, and filled with the simulation's play money. Never send real money to it."),
    h("div", { class: "wallets" },
      h("button", { type: "button", class: "main", id: "demo", onclick: () => done(() => app.purse.useDemo()) }, "Use a demo wallet"),
      wallets),
    wallets.length ? null : h("p", { class: "quiet small" }, noneFound()),
  ].filter(Boolean);
}

function connected(app, done) {
  const { purse, run, chain } = app;
  const { wallet } = purse;
  const key = h("p", { class: "small" });
  const actions = [];
  if (purse.wrongChain) actions.push(h("button", { type: "button", class: "main", onclick: () => done(() => switchTo(wallet.provider, run)) }, "Switch to this run's network"));
  if (chain?.etherWei === 0n) actions.push(h("button", { type: "button", onclick: () => done(() => purse.fill()) }, "Get the faucet's ether"));
  if (wallet.kind === "demo") {
    actions.push(
      h("button", { type: "button", onclick: () => key.replaceChildren(h("code", {}, demoKey())) }, "Show the key"),
      h("button", { type: "button", onclick: () => { if (confirm("Destroy this key? What it holds in the run is lost.")) done(async () => purse.leave(true)); } }, "Destroy the key"),
    );
  }
  actions.push(h("button", { type: "button", onclick: () => done(async () => purse.leave()) }, "Disconnect"));
  return [
    h("p", {}, wallet.kind === "demo" ? h("strong", {}, "Demo wallet: play money only. ") : `${wallet.name}: `, short(wallet.address)),
    h("p", {}, "In the wallet: ", chain?.etherWei == null ? "–" : money(chain.etherWei, run)),
    h("div", { class: "actions" }, actions), key,
  ];
}

/** An icon that a wallet brought, if it is a picture in itself: nothing is fetched for it. */
function safeIcon(icon) {
  return /^data:image\/(png|svg\+xml|webp|jpeg|gif)[;,]/.test(icon ?? "") ? h("img", { src: icon, alt: "" }) : null;
}

function noneFound() {
  const text = "No wallet extension was found. If you have one, allow it on this page and reload.";
  return navigator.userAgent.includes("Firefox/")
    ? `${text} In Firefox, MetaMask puts an inline script into pages, which this page's security policy forbids: use the demo wallet there, or a Chromium-based browser.`
    : text;
}
