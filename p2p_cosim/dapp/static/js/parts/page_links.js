/** Where the head of a page leads to. */
import { h } from "../dom.js";

/** @param {[string, string][]} pages name and title */
export function pageLinks(pages) {
  const links = pages.map(([name, title]) => h("a", { href: `#/${name}` }, title));
  return {
    node: h("nav", { "aria-label": "Pages" }, links),
    /** @param {string} page that is shown @param {(name: string) => boolean} [hides] pages that are not there */
    update(page, hides = () => false) {
      links.forEach((link, index) => {
        const [name] = pages[index];
        link.hidden = hides(name);
        if ((name === page) !== link.hasAttribute("aria-current")) mark(link, name === page);
      });
    },
  };
}

function mark(link, here) {
  if (!here) {
    link.removeAttribute("aria-current");
    return;
  }
  link.setAttribute("aria-current", "page");
  const row = link.parentElement; // wider than a phone: bring the page's own link into view
  row.scrollLeft = link.offsetLeft - row.offsetLeft - 40;
}
