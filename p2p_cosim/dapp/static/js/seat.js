/** A player's seat in a class, and the teacher's code; kept in this browser. */
import { api, useHeader } from "./server.js";
import { needWallet, takeOver } from "./trade.js";

const SEAT = "p2p_cosim.seat", TEACHER = "p2p_cosim.teacher";

/** @typedef {{code: string, house: string, name: string}} Seat */

/** The seat of this browser, if it has one. @returns {?Seat} */
export function mySeat() {
  return JSON.parse(localStorage.getItem(SEAT) ?? "null");
}

/** Whether this browser has the teacher's code. */
export function isTeacher() {
  return sessionStorage.getItem(TEACHER) !== null;
}

/** The code by which the server knows who listens, if this browser has one. */
export function myCode() {
  return mySeat()?.code ?? sessionStorage.getItem(TEACHER);
}

/** Send what this browser has with everything that is posted. */
export function useCodes() {
  useHeader("X-P2P-Join", mySeat()?.code ?? null);
  useHeader("X-P2P-Teacher", sessionStorage.getItem(TEACHER));
}

/** Join a class. @returns {Promise<Seat>} */
export async function join(code, name) {
  const seat = { code, ...(await api("class/join", { code, name })) };
  localStorage.setItem(SEAT, JSON.stringify(seat));
  useCodes();
  return seat;
}

/** Leave the class: the house's agent goes on. */
export function leaveSeat() {
  localStorage.removeItem(SEAT);
  useCodes();
}

/** Take the teacher's code, if it is his; null gives it away. */
export async function teach(code) {
  if (code === null) sessionStorage.removeItem(TEACHER);
  else sessionStorage.setItem(TEACHER, code);
  useCodes();
  if (code === null) return;
  try {
    await api("class");
  } catch (error) {
    await teach(null);
    throw error;
  }
}

/**
 * Keep the house of this browser's seat in its hands: at the beginning, after a reset, and when its
 * agent took over because the page was away. Once in an interval.
 * @param {import("./app.js").App} app
 */
export function keepSeat(app) {
  let asked = "";
  app.addEventListener("change", async () => {
    const seat = mySeat();
    const { run, state } = app;
    const now = `${run.salt} ${state.clock.tick}`;
    if (!seat || !run.players || asked === now || state.clock.mode === "done") return;
    if (state.people.some((each) => each.house === seat.house)) return;
    asked = now;
    await app.attempt(async () => {
      await join(seat.code, seat.name).catch((error) => {
        if (error.status === 403) leaveSeat(); // it was of another server
        throw error;
      });
      await needWallet(app);
      await takeOver(app, seat.house);
    });
  });
}
