/** The frame of all pages, of a run that goes on or is over: the head, one page at a time, passing notes. */
import { h } from "./dom.js";

const NOTE_MS = 6000;

/** @typedef {{node: HTMLElement, update: (page?: string) => void}} Part */

export class Frame {
  /** @type {?Part} */ #head = null;
  #shown = null;
  #place = document.getElementById("page");
  #header = h("header", { id: "header" });
  #notes = h("div", { id: "notes", role: "status", "aria-live": "polite" });

  /**
   * @param {EventTarget} app whose event `note` is a sentence for the reader, in `detail`
   * @param {Object<string, (app: any, rest: string[]) => Part>} pages by name; the first where the address names none
   * @param {[string, string][]} titles of pages that the head leads to
   */
  constructor(app, pages, titles) {
    Object.assign(this, { app, pages, titles });
    const toPage = (event) => {
      event.preventDefault();
      this.#place.focus();
    };
    document.body.prepend(h("a", { class: "skip", href: "#page", onclick: toPage }, "To the page"), this.#header);
    this.#place.after(this.#notes);
    app.addEventListener("note", ({ detail }) => this.#note(detail));
  }

  /** Put the head in its place, and follow the address from now on. @param {Part} head @param {() => void} draw */
  begin(head, draw) {
    this.#head = head;
    this.#header.append(head.node);
    window.addEventListener("hashchange", () => {
      draw();
      this.#place.focus();
    });
  }

  /** Draw what the address names, `#/house/house_2`. @param {string} episode another one begins its page anew @param {number} ready */
  draw(episode, ready) {
    const [named, ...rest] = location.hash.replace(/^#\/?/, "").split("/").map(decoded);
    const name = Object.hasOwn(this.pages, named) ? named : Object.keys(this.pages)[0];
    const key = `${location.hash} ${episode}`;
    if (this.#shown?.key !== key) {
      const page = this.pages[name](this.app, rest);
      const [, title] = this.titles.find(([each]) => each === name) ?? ["", "House"];
      this.#shown = { key, name, page };
      document.title = `${title} · p2p_cosim`;
      this.#place.replaceChildren(h("h1", {}, title), page.node);
    }
    this.drawHead();
    this.#shown.page.update();
    if (!this.#place.dataset.ready) performance.mark("ready");
    this.#place.dataset.ready = String(ready);
  }

  /** Draw the head alone, if a page is there. */
  drawHead() {
    if (this.#shown) this.#head.update(this.#shown.name);
  }

  /** Say why there is no page. */
  fail(message) {
    this.#place.replaceChildren(h("p", { class: "problem", role: "alert" }, message));
  }

  #note(text) {
    const note = h("div", { class: "note" }, text);
    this.#notes.append(note);
    setTimeout(() => note.remove(), NOTE_MS);
  }
}

/** A part of an address; one that is not well formed stays as it is. */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
