/** A house: what it takes and makes, an order that would suit it, and its bill. */
import { billOf, heldWei, sumOf } from "../bill.js";
import { card, h, show } from "../dom.js";
import { handCard } from "../parts/hand.js";
import { mandateCard } from "../parts/mandate.js";
import { billFacts, billLines, expectation, physics, strangerNotice } from "../parts/house_facts.js";
import { display } from "../format.js";

/** @param {import("../app.js").App} app @param {string[]} rest the house's name */
export function house(app, [wanted]) {
  const names = app.run.houses.map((site) => site.name);
  const name = names.includes(wanted) ? wanted : names[0];
  const site = app.run.houses.find((each) => each.name === name);
  const chooser = h("select", { id: "house", onchange: () => { location.hash = `#/house/${chooser.value}`; } },
    names.map((each) => h("option", { value: each, selected: each === name }, display(each))));
  const hand = handCard(app, name), mandate = mandateCard(app, name);
  const now = h("div"), next = h("div"), bill = h("div"), lines = h("div");
  const node = h("div", { class: "cards" },
    h("div", { class: "card" }, strangerNotice(wanted, app.run), h("label", {}, "House", chooser)),
    card("In the last interval", "half", now),
    card("The next interval", "half", next),
    card("Who trades for it", "half", hand.node),
    card("A mandate for its agent", "half", mandate.node),
    card("The bill so far", "", bill),
    card("The bill, round by round", "", lines));
  let drawn = null;
  return {
    node,
    update() {
      hand.update();
      mandate.update();
      const row = app.state.houses.find((each) => each.name === name);
      show(now, row ? physics(row, site, app.run) : h("p", { class: "quiet" }, "Nothing was delivered yet."));
      show(next, row ? expectation(row, app.run) : h("p", { class: "quiet" }, "The forecast comes with the first interval."));
      if (drawn === app.state.clock.block) return;
      drawn = app.state.clock.block;
      app.attempt(async () => {
        const holders = [site.address, ...app.state.people.filter((each) => each.house === name && each.leads).map((each) => each.address)];
        const found = sumOf(await Promise.all(holders.map((each) => billOf(app.market, each))));
        const accounts = await Promise.all(holders.map((each) => app.market.account(each, "latest")));
        const held = accounts.reduce((sum, { balanceWei, positionWei, lockedWei }) => sum + balanceWei + positionWei + lockedWei, 0n);
        show(bill, billFacts(found, app.run), checked(held - heldWei(found)));
        show(lines, billLines(found, (round) => app.market.tickOf(round), app.run));
      });
    },
  };
}

/** Whether the bill is what the market says. @param {bigint} more what the market's books hold beyond it */
function checked(more) {
  return h("p", { class: "small quiet", id: "bill-check", "data-equal": String(more === 0n) },
    more === 0n ? "Computed here from the chain's events; equal to the market's own books to the wei."
      : `Computed here from the chain's events. The market's books say ${more} wei more: an order or a payment is under way.`);
}
