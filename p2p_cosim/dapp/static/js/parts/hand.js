/** Who trades for a house: its agent, or somebody who took it over. */
import { h, show } from "../dom.js";
import { display, short } from "../format.js";
import { giveBack, needWallet, takeOver } from "../trade.js";

/** @param {import("../app.js").App} app @param {string} house */
export function handCard(app, house) {
  const said = h("div", { id: "hand" });
  const problem = h("p", { class: "problem", role: "alert" });
  const take = h("button", { type: "button", class: "main", id: "take", onclick: () => once(async () => {
    await needWallet(app);
    await takeOver(app, house);
  }) });
  const back = h("button", { type: "button", id: "give-back", onclick: () => once(() => giveBack(app, house)) }, "Give it back");
  async function once(what) {
    take.disabled = back.disabled = true;
    await app.attempt(what, problem);
    take.disabled = back.disabled = false;
  }
  return {
    node: h("div", {}, said, h("div", { class: "actions" }, take, back), problem),
    update() {
      const hand = app.state.people.find((each) => each.house === house);
      const mine = hand && app.isMe(hand.address);
      show(said, ...told(hand, mine, house, app));
      take.textContent = `Take over ${display(house)}${app.me ? "" : " with a demo wallet"}`;
      take.hidden = Boolean(hand) || app.state.clock.mode === "done";
      back.hidden = !mine;
    },
  };
}

function told(hand, mine, house, app) {
  const name = display(house);
  if (!hand) {
    return [h("p", {}, `${name}'s agent orders for it.`),
      h("p", { class: "quiet small" }, "Whoever takes it over orders for it himself from the next round on: its meter is settled with his wallet, and its money is his until he gives it back.")];
  }
  if (!mine) return [h("p", {}, hand.leads ? "Somebody trades for it: " : "Somebody takes it over: ", short(hand.address), ".")];
  if (!hand.leads) return [h("p", {}, `${name} is yours from the next round on: your wallet agrees to its meter when the gate closes.`)];
  return [h("p", {}, h("strong", {}, `You trade for ${name}. `), "Nobody else does: what it needs and you do not buy costs the retail tariff."),
    h("p", {}, h("a", { href: "#/market" }, "Place an order"), ` before every gate. ${app.state.clock.mode === "playing" ? "The clock runs." : ""}`)];
}
