/** The head of every page of a finished run: where to go, and the time. */
import { h } from "../dom.js";
import { clockTime, timeOf } from "../format.js";
import { pageLinks } from "../parts/page_links.js";

const STEP_MS = 800;

/** @param {import("./app.js").ReplayApp} app @param {[string, string][]} pages name and title */
export function header(app, pages) {
  const links = pageLinks(pages);
  const time = timeBar(app);
  const node = h("div", {},
    h("div", { class: "bar" }, h("span", { class: "brand" }, app.run.scenario.replaceAll("_", " ")),
      links.node, h("span", { class: "tag" }, "a run that is over")),
    time.node);
  return {
    node,
    update(page) {
      links.update(page);
      time.update();
    },
  };
}

function timeBar(app) {
  const { run } = app;
  const last = run.ticks - 1;
  const when = h("span", { class: "when", id: "clock" });
  const go = (tick) => app.attempt(() => app.goTo(tick));
  const slider = h("input", { id: "time", type: "range", min: 0, max: last, value: 0, "aria-label": "Interval", oninput: () => go(Number(slider.value)) });
  const back = h("button", { type: "button", id: "back", onclick: () => go(app.tick - 1) }, "Back");
  const on = h("button", { type: "button", id: "on", onclick: () => go(app.tick + 1) }, "On");
  let playing = null;
  const stop = () => { clearInterval(playing); playing = null; };
  const play = h("button", { type: "button", id: "play", onclick: () => {
    if (playing) stop();
    else playing = setInterval(() => (app.tick < last ? go(app.tick + 1) : stop(), update()), STEP_MS);
    update();
  } });
  function update() {
    const date = timeOf(app.tick, run).slice(0, 10);
    when.textContent = `Interval ${app.tick + 1} of ${run.ticks}, ${date} ${clockTime(timeOf(app.tick, run))} to ${clockTime(timeOf(app.tick + 1, run))}`;
    slider.value = app.tick;
    slider.setAttribute("aria-valuetext", when.textContent);
    back.disabled = app.tick === 0;
    on.disabled = app.tick === last;
    play.textContent = playing ? "Stop" : "Play";
  }
  return { node: h("div", { class: "clock" }, h("div", { class: "bar" }, when, back, play, on, slider)), update };
}
