/** Shows a finished run: the page that the address names, at the time that is set. */
import { Frame } from "../frame.js";
import { ReplayApp } from "./app.js";
import { header } from "./header.js";
import { grid, history, house, market, operator } from "./pages.js";

// A link of an alert leads to the backup page of a served run; here to the house, at its time.
const PAGES = { market, house, backup: house, grid, operator, history };
const TITLES = [["market", "Market"], ["house", "House"], ["grid", "Grid"], ["operator", "Operator"], ["history", "History"]];

const app = new ReplayApp();
const frame = new Frame(app, PAGES, TITLES);
const draw = () => frame.draw(app.run.run, app.tick);
try {
  await app.begin();
  frame.begin(header(app, TITLES), draw);
  app.addEventListener("change", draw);
  draw();
} catch (error) {
  frame.fail(error.message);
}
