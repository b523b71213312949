/** Begins everything, and shows the page that the address names: `#/market`, `#/house/house_2`. */
import { App } from "./app.js";
import { Frame } from "./frame.js";
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
const frame = new Frame(app, PAGES, TITLES);

function draw() {
  if (app.market && app.chain) frame.draw(episodeOf(app.run), app.chain.block);
}

frame.begin(header(app, TITLES), draw);
app.addEventListener("change", draw);
app.live.addEventListener("change", () => frame.drawHead());
keepSeat(app);
app.start();
