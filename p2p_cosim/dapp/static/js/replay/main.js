/** Shows a finished run: the page that the address names, at the time that is set. */
import { h } from "../dom.js";
import { ReplayApp } from "./app.js";
import { header } from "./header.js";
import { grid, history, house, market, operator } from "./pages.js";

// A link of an alert leads to the backup page of a served run; here to the house, at its time.
const PAGES = { market, house, backup: house, grid, operator, history };
const TITLES = [["market", "Market"], ["house", "House"], ["grid", "Grid"], ["operator", "Operator"], ["history", "History"]];

const app = new ReplayApp();
const place = document.getElementById("page");
let head = null, shown = null;

function draw() {
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  const known = Object.hasOwn(PAGES, name) ? name : "market";
  if (shown?.key !== location.hash) {
    shown = { key: location.hash, page: PAGES[known](app, rest) };
    const title = (TITLES.find(([each]) => each === known) ?? ["", "House"])[1];
    document.title = `${title} · p2p_cosim`;
    place.replaceChildren(h("h1", {}, title), shown.page.node);
  }
  head.update(known);
  shown.page.update();
  place.dataset.ready = String(app.tick);
}

app.addEventListener("note", ({ detail }) => {
  const note = h("div", { class: "note" }, detail);
  document.getElementById("notes").append(note);
  setTimeout(() => note.remove(), 6000);
});
window.addEventListener("hashchange", () => {
  draw();
  place.focus();
});
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  place.focus();
});
try {
  await app.begin();
  head = header(app, TITLES);
  document.getElementById("header").append(head.node);
  app.addEventListener("change", draw);
  draw();
} catch (error) {
  place.replaceChildren(h("p", { class: "problem", role: "alert" }, error.message));
}
