/** Begins everything, and shows the page that the address names: `#/market`, `#/house/house_2`. */
import { App } from "./app.js";
import { h } from "./dom.js";
import { episodeOf } from "./live.js";
import { header } from "./parts/header.js";
import { backup } from "./pages/backup.js";
import { grid } from "./pages/grid.js";
import { history } from "./pages/history.js";
import { classroom } from "./pages/class.js";
import { house } from "./pages/house.js";
import { how } from "./pages/how.js";
import { operator } from "./pages/operator.js";
import { market } from "./pages/market.js";
import { keepSeat } from "./seat.js";

const PAGES = { market, house, backup, grid, operator, history, how, class: classroom };
const TITLES = [["market", "Market"], ["house", "House"], ["backup", "Backup power"], ["grid", "Grid"], ["operator", "Operator"], ["history", "History"], ["how", "How it works"], ["class", "Class"]];

const app = new App();
const place = document.getElementById("page");
const head = header(app, TITLES);
let shown = null;

function route() {
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/").map(decoded);
  return { name: Object.hasOwn(PAGES, name) ? name : "market", rest };
}

/** A part of an address; one that is not well formed stays as it is. */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function draw() {
  if (!app.market || !app.chain) return;
  const { name, rest } = route();
  const key = `${location.hash} ${episodeOf(app.run)}`;
  if (shown?.key !== key) {
    const page = PAGES[name](app, rest);
    shown = { key, name, page };
    const title = TITLES.find(([each]) => each === name)[1];
    document.title = `${title} · p2p_cosim`;
    place.replaceChildren(h("h1", {}, title), page.node);
  }
  head.update(name);
  shown.page.update();
  if (!place.dataset.ready) performance.mark("ready");
  place.dataset.ready = String(app.chain.block);
}

app.addEventListener("change", draw);
app.live.addEventListener("change", () => { if (shown) head.update(shown.name); });
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
document.getElementById("header").append(head.node);
keepSeat(app);
app.start();
