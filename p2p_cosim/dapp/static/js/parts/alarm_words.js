/** What an alarm is about, in words. */
import { h } from "../dom.js";
import { display } from "../format.js";

const KINDS = {
  slg: "One phase to ground", ll: "Two phases together", llg: "Two phases to ground",
  three_phase: "Three phases to ground", lv_short: "Short circuit at the service",
};

/** A kind of fault: those that engineers abbreviate are spelt out. */
export function kindOf(kind) {
  return KINDS[kind] ?? display(kind);
}

/** A place: a detector that knows no more names phases. */
export function placeOf(place) {
  return /^[ABC]{1,3}$/.test(place) ? `${place.length > 1 ? "Phases" : "Phase"} ${[...place].join(", ")}` : display(place);
}

/** The same, and for a house a link to a page about it. */
export function placeLink(place, run, page) {
  return run.houses.some(({ name }) => name === place) ? h("a", { href: `#/${page}/${place}` }, display(place)) : placeOf(place);
}
