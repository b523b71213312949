/** A class that plays: joining, who saves most, and for the teacher the clock, the codes and the plays. */
import { card, h, show, table } from "../dom.js";
import { bare, display, money } from "../format.js";
import { api } from "../server.js";
import { saveText } from "../parts/trade_list.js";
import { isTeacher, join, leaveSeat, mySeat, teach } from "../seat.js";

const AGAIN_MS = 3000;

/** @param {import("../app.js").App} app */
export function classroom(app) {
  const seat = joinCard(app), board = h("div", { id: "class-board" }), lead = teacherCard(app);
  return {
    node: h("div", { class: "cards" }, card("My house", "half", seat.node), card("For the teacher", "half", lead.node), card("Who saves most", "", board)),
    update() {
      seat.update();
      lead.update();
      show(board, boardTable(app), h("p", { class: "small quiet" }, "Saved: what the same meter readings would have cost at the tariff alone, less what was paid to neighbours and to the utility, in the rounds that the player led. Houses differ in what they need and make, so that places are not skill alone."));
    },
  };
}

function joinCard(app) {
  const code = h("input", { id: "join-code", autocomplete: "off", autocapitalize: "none", spellcheck: "false", required: true, maxlength: 16 });
  const name = h("input", { id: "join-name", autocomplete: "off", maxlength: 24 });
  const said = h("div"), problem = h("p", { class: "problem", role: "alert" });
  const form = h("form", { onsubmit: (event) => {
    event.preventDefault();
    app.attempt(async () => {
      const { house } = await join(code.value.trim().toLowerCase(), name.value);
      location.hash = `#/house/${house}`;
      location.reload(); // the page is heard as this player's from now on
    }, problem);
  } }, h("div", { class: "row" }, h("label", {}, "Join code", code), h("label", {}, "What you are called", name)),
  h("div", { class: "actions" }, h("button", { class: "main", id: "join" }, "Join")), problem);
  const leave = h("button", { type: "button", id: "leave", onclick: () => { leaveSeat(); location.reload(); } }, "Leave");
  return {
    node: h("div", {}, said, form, h("div", { class: "actions" }, leave)),
    update() {
      const seat = mySeat();
      form.hidden = Boolean(seat);
      leave.hidden = !seat;
      show(said, seat ? [h("p", {}, "You play ", h("strong", {}, display(seat.house)), ". ", h("a", { href: "#/market" }, "Order for it"), " before every gate."),
        h("p", { class: "quiet small" }, "Keep a page open: when none is at a gate, and you have ordered nothing, the house's agent orders until you are back.")]
        : h("p", {}, "Your teacher has a code for you. It gives you a house and a demo wallet."));
    },
  };
}

function teacherCard(app) {
  const node = h("div", { id: "teacher" });
  const problem = h("p", { class: "problem", role: "alert" });
  const told = h("div"), code = h("input", { id: "teacher-code", type: "password", autocomplete: "off", required: true });
  const form = h("form", { onsubmit: (event) => {
    event.preventDefault();
    app.attempt(async () => {
      await teach(code.value.trim());
      location.reload(); // the page is heard as the teacher's from now on
    }, problem);
  } }, h("div", { class: "row" }, h("label", {}, "The code that the command told", code), h("button", { id: "teach" }, "Lead the class")));
  const scenario = h("select", { id: "scenario" });
  const lead = h("div", {}, h("p", {}, "The clock in the head of every page is yours: play with the time to each gate, pause, close the gate."),
    h("div", { class: "row" }, h("label", {}, "Next game", scenario),
      h("button", { type: "button", id: "next-game", onclick: () => app.attempt(() => api("class/game", { scenario: scenario.value }), problem) }, "Begin it"),
      h("button", { type: "button", id: "plays", onclick: () => app.attempt(async () => saveText(await api("class/plays.csv"), `plays_${app.run.run}.csv`), problem) }, "All plays as CSV")), told);
  node.append(form, lead, problem);
  let read = -AGAIN_MS;
  function redraw() {
    const teacher = isTeacher();
    form.hidden = teacher;
    lead.hidden = !teacher;
    if (!teacher || performance.now() - read < AGAIN_MS) return;
    read = performance.now();
    app.attempt(async () => {
      const { codes, scenarios } = await api("class");
      if (!scenario.options.length) scenario.append(...scenarios.map((each) => h("option", { value: each, selected: each === app.run.scenario }, display(each))));
      show(told, table("Codes for the players", ["House", "Join code"], Object.entries(codes).map(([house, each]) => [display(house), h("code", {}, each)]), ""));
    }, problem);
  }
  return { node, update: redraw };
}

function boardTable(app) {
  const mine = mySeat()?.house;
  const rows = app.state.class.map((seat, place) => ({
    class: seat.house === mine ? "mine" : null,
    cells: [`${place + 1}. ${seat.name || display(seat.house)}`, h("strong", {}, bare(money(seat.saved_wei, app.run))), bare(money(seat.paid_wei, app.run)), bare(money(seat.tariff_wei, app.run)), String(seat.rounds), display(seat.house), seat.present ? "● here" : "○ its agent"],
  }));
  return table("Over all games of this class", ["Player", "Saved, €", "Paid, €", "Tariff, €", "Rounds", "House", "Who trades"], rows, "No seats.");
}
