/** Elements without templates: what comes from outside is text, never markup. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element. Attributes that are functions are listeners (`onclick`), `false` and null are left
 * out; children are nodes, text, arrays of these, or null.
 * @param {string} tag
 * @param {Object<string, any>} [attributes]
 * @param {...any} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same in a drawing. */
export function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Put other children into an element, and leave the keyboard's focus where it was. */
export function show(element, ...children) {
  const focused = element.contains(document.activeElement) ? document.activeElement.id : "";
  element.replaceChildren(...children.flat(Infinity).filter(Boolean));
  if (focused) document.getElementById(focused)?.focus();
}

/** A table. Rows are arrays of cells, or `{cells, class}`. */
export function table(caption, heads, rows, empty) {
  if (!rows.length) return h("p", { class: "quiet" }, empty);
  const body = rows.map((row) =>
    h("tr", { class: row.class }, (row.cells ?? row).map((cell) => h("td", {}, cell))),
  );
  return h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": caption },
    h("table", {},
      h("caption", {}, caption),
      h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, body)));
}

/** A cell of words, which may take several lines. */
export function prose(text) {
  return h("span", { class: "prose" }, text);
}

/** Pairs of a name and a value. */
export function facts(pairs) {
  return h("dl", { class: "facts" }, pairs.filter(Boolean).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

/** A card with a heading. */
export function card(title, size, ...children) {
  return h("section", { class: `card ${size}` }, h("h2", {}, title), children);
}
