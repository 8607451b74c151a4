/* Icons and buttons of the viewer. */

import { element } from "../dom.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * Paths by name; one whose description ends in "!" is filled, the others are strokes.
 * @type {Record<string, string[]>}
 */
const ICONS = {
  window: ["M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18z", "M12 3v18a9 9 0 0 0 0-18z!"],
  pan: ["M12 3v18M3 12h18", "M9 6l3-3 3 3M9 18l3 3 3-3M6 9l-3 3 3 3M18 9l3 3-3 3"],
  lens: ["M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13z", "M15.4 15.4L21 21M7.8 10.5h5.4M10.5 7.8v5.4"],
  length: ["M4 20L20 4", "M2 18l4 4M18 2l4 4"],
  angle: ["M20 19H4L15 5", "M12 19a8 8 0 0 0-3.1-6.3"],
  ratio: ["M3 5v14M21 5v14M3 18h18", "M8 8v5M16 6v5M8 10h8"],
  region: ["M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4", "M8.5 8.5h7v7h-7z!"],
  fit: ["M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5", "M9 9h6v6H9z"],
  real: ["M5 8l3-2v12M16 8l3-2v12", "M12 9.5v.2M12 14.5v.2"],
  invert: ["M4 4h16v16H4z", "M4 20L20 4v16z!"],
  flip: ["M12 3v18", "M9 7v10H3z", "M15 7v10h6z!"],
  rotate: ["M19.5 12a7.5 7.5 0 1 1-2.6-5.7", "M20 3v4.5h-4.5"],
  undo: ["M8 5L4 9l4 4", "M4 9h10a5.5 5.5 0 0 1 0 11h-3"],
  reset: ["M4.5 12a7.5 7.5 0 1 0 2.6-5.7", "M4 3v4.5h4.5M12 9v3.5l2.4 1.6"],
  hide: ["M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z", "M12 9a3 3 0 1 0 0 6a3 3 0 1 0 0-6zM4 21L20 3"],
  one: ["M4 4h16v16H4z"],
  beside: ["M3 4h18v16H3zM12 4v16", "M15 9h3.5v6H15z!"],
  pair: ["M3 4h18v16H3zM12 4v16"],
  link: ["M10 14a4 4 0 0 0 5.7 0l3.1-3.1a4 4 0 0 0-5.7-5.7l-1 1", "M14 10a4 4 0 0 0-5.7 0l-3.1 3.1a4 4 0 0 0 5.7 5.7l1-1"],
  full: ["M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"],
  help: ["M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18z", "M9.3 9.4a2.8 2.8 0 1 1 4 2.6c-.9.4-1.3 1-1.3 2M12 16.8v.3"],
  grid: ["M4 4h16v16H4zM9.3 4v16M14.7 4v16M4 9.3h16M4 14.7h16"],
  boxes: ["M4 9h16v11H4z", "M4 9V4h9v5z!"],
  before: ["M14.5 5l-7 7 7 7"],
  after: ["M9.5 5l7 7-7 7"],
  save: ["M12 4v11M7.5 10.5L12 15l4.5-4.5", "M4 15v5h16v-5"],
  table: ["M4 5h16v14H4zM4 10h16M4 14.5h16M10 5v14"],
  close: ["M6 6l12 12M18 6L6 18"],
};

/** @param {string} name */
export function icon(name) {
  const drawn = document.createElementNS(SVG, "svg");
  drawn.setAttribute("viewBox", "0 0 24 24");
  drawn.setAttribute("aria-hidden", "true");
  for (const description of ICONS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", description.replace("!", ""));
    if (description.endsWith("!")) path.setAttribute("class", "solid");
    drawn.append(path);
  }
  return drawn;
}

/**
 * A button with an icon; its title is its name and its key.
 * @param {string} name
 * @param {string} title
 * @param {string} key "" where no key does it
 * @param {() => void} [act]
 */
export function iconButton(name, title, key, act) {
  const made = element("button", "tool");
  made.type = "button";
  made.dataset.name = name;
  made.title = key ? `${title} (${key})` : title;
  made.setAttribute("aria-label", title);
  if (key.length === 1) made.setAttribute("aria-keyshortcuts", key);
  made.append(icon(name));
  if (act) made.addEventListener("click", act);
  return made;
}

/** @param {HTMLElement} button @param {boolean} on */
export function press(button, on) {
  button.setAttribute("aria-pressed", String(on));
}
