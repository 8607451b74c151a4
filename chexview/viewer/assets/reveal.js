/* Scrolls the page to an element, once for each time that Python asks. */

/** @import { ComponentArguments } from "./viewer/types.js" */
/** @typedef {{selector: string, once: string}} Target */

/** @type {Set<string>} */
const done = new Set();
const TRIES = 40;

/**
 * @param {Target} target
 * @param {number} left
 */
function show(target, left) {
  const found = document.querySelector(target.selector);
  if (found) found.scrollIntoView({ block: "nearest", behavior: "instant" });
  else if (left > 0) setTimeout(() => show(target, left - 1), 100);
}

/** @param {ComponentArguments<Target>} component */
export default function mount({ data }) {
  if (done.has(data.once)) return;
  done.add(data.once);
  requestAnimationFrame(() => show(data, TRIES));
}
