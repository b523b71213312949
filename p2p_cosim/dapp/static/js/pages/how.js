/** How a round works, told with the numbers of the last one. */
import { card, h, show } from "../dom.js";
import { display, energy, money, price, who } from "../format.js";
import { curves } from "../parts/curves.js";

/** @param {import("../app.js").App} app */
export function how(app) {
  const example = h("div"), picture = h("div");
  const node = h("div", { class: "cards" },
    card("A round", "half", h("ol", {},
      h("li", {}, "Until the gate closes, everybody orders for the next interval: a bid says how much one buys and the most one pays, an ask how much one sells and the least one takes."),
      h("li", {}, "What an order can cost stays in the market until then, so that nobody can owe what he has promised."),
      h("li", {}, "At the gate the highest bids meet the lowest asks. Those that meet trade; what was held for the others comes back."),
      h("li", {}, "In the interval the energy flows, and the grid's controller moves its taps to what was traded."),
      h("li", {}, "Then the meters are read. What a meter differs from its trades, the utility buys at the feed-in tariff or sells at the retail tariff."))),
    card("The last one", "half", example),
    card("Its supply and demand", "", picture));
  return {
    node,
    update() {
      const { cleared } = app.chain;
      show(example, cleared ? told(cleared, app) : h("p", { class: "quiet" }, "Close the gate once: the first round stands here then."));
      show(picture, cleared ? curves(cleared, app.run) : h("p", { class: "quiet" }, "–"));
    },
  };
}

function told({ round, orders, priceWei, energyWh, trades }, app) {
  const { run, me } = app;
  if (priceWei === null) return h("p", {}, `In round ${round} no bid was as high as an ask: nothing traded, and everything that was held came back.`);
  const trade = trades.reduce((most, each) => (each.energy > most.energy ? each : most));
  const bid = orders.find((order) => order.id === Number(trade.bidId)), ask = orders.find((order) => order.id === Number(trade.askId));
  const retail = BigInt(run.tariff.retail_wei_per_wh), feedIn = BigInt(run.tariff.feed_in_wei_per_wh);
  const gain = trade.energy * (retail - trade.buyPrice), won = trade.energy * (trade.sellPrice - feedIn);
  return [
    h("p", {}, `In round ${round}, `, energy(energyWh), " traded, at ", price(priceWei, run), " on average."),
    h("p", {}, "The largest trade: ", who(trade.buyer, run, me), " bid up to ", price(bid?.priceWei, run), ", ", who(trade.seller, run, me), " asked at least ", price(ask?.priceWei, run), ". ",
      energy(Number(trade.energy)), " went over for ", money(trade.energy * trade.buyPrice, run), "."),
    h("p", {}, "From the utility the buyer would have paid ", money(gain, run), " more; to the utility the seller would have sold for ", money(won, run), " less. A negative amount is a loss: urgency has a price."),
    h("p", { class: "quiet" }, `The run is ${display(run.scenario)}: ${run.description}`),
  ];
}
