/* The keys: one table that is both what they do and what the help says. */

import { element, focusedIn } from "../dom.js";
import { flipped, rotated } from "./geometry.js";
import { iconButton } from "./icons.js";
import { TOOLS } from "./tools.js";

/** @import { Actions } from "./actions.js" */
/** @import { Pointers } from "./pointers.js" */
/** @import { Held } from "./types.js" */
/**
 * @typedef {object} Key
 * @property {string[]} keys
 * @property {string} words
 * @property {(viewer: Actions, event: KeyboardEvent) => void} [act]
 * @property {Held} [hold] what is hidden while the key is down
 * @property {boolean} [stage] whether the films themselves must have the focus
 */

/** @type {Key[]} */
const KEYS = [
  { keys: ["w"], words: TOOLS.window.title, act: (viewer) => viewer.take("window") },
  { keys: ["p"], words: "Pan with the left button", act: (viewer) => viewer.take("pan") },
  { keys: ["m"], words: "Magnifier, on and off", act: (viewer) => viewer.take(viewer.tool === "lens" ? "window" : "lens") },
  { keys: ["l"], words: "Length", act: (viewer) => viewer.take("length") },
  { keys: ["a"], words: "Angle", act: (viewer) => viewer.take("angle") },
  { keys: ["c"], words: "Cardiothoracic ratio", act: (viewer) => viewer.take("ratio") },
  { keys: ["e"], words: TOOLS.region.title, act: (viewer) => { if (viewer.scene.regions) viewer.take("region"); } },
  { keys: ["Enter"], words: "Set a point at the crosshair of a measuring tool", stage: true, act: (viewer) => viewer.setAtCursor() },
  { keys: ["Escape"], words: "Drop an unfinished measurement, or close this list", act: (viewer) => { viewer.escape(); } },
  { keys: ["Delete", "Backspace"], words: "Remove the last measurement", act: (viewer) => viewer.removeMark() },
  { keys: ["v", "V"], words: "Next window, previous window", act: (viewer, event) => viewer.nextView(event.key === "v" ? 1 : -1) },
  { keys: ["i"], words: "Invert", act: (viewer) => viewer.invert() },
  { keys: ["f"], words: "Mirror left and right", act: (viewer) => viewer.turn(flipped) },
  { keys: ["r"], words: "Turn by 90 degrees", act: (viewer) => viewer.turn(rotated) },
  { keys: ["0"], words: "The whole film", act: (viewer) => viewer.fit() },
  { keys: ["1"], words: "One pixel of the film on one of the screen", act: (viewer) => viewer.real() },
  { keys: ["+", "=", "-"], words: "Closer, farther", act: (viewer, event) => viewer.zoom(event.key === "-" ? 0.8 : 1.25) },
  { keys: ["t"], words: "Heatmap on and off", act: (viewer) => viewer.prefer({ heat: !viewer.preferences.heat }) },
  { keys: [",", "."], words: "Previous finding, next finding of the list", act: (viewer, event) => viewer.nextFinding(event.key === "." ? 1 : -1) },
  { keys: ["[", "]"], words: "Heatmap fainter, stronger", act: (viewer, event) => viewer.nudge("opacity", event.key === "]" ? 0.1 : -0.1) },
  { keys: ["{", "}"], words: "Heatmap's threshold lower, higher", act: (viewer, event) => viewer.nudge("threshold", event.key === "}" ? 0.05 : -0.05) },
  { keys: ["g"], words: "The heatmap's true cells", act: (viewer) => viewer.prefer({ grid: !viewer.preferences.grid }) },
  { keys: ["b"], words: "Boxes on and off", act: (viewer) => viewer.prefer({ boxes: !viewer.preferences.boxes }) },
  { keys: ["h"], words: "Hold: hide everything that lies over the film", hold: "hide" },
  { keys: ["o"], words: "Hold: the bare film in its first window", hold: "original" },
  { keys: ["PageDown", "PageUp"], words: "Next film, previous film of the list", act: (viewer, event) => viewer.nextFilm(event.key === "PageDown" ? 1 : -1) },
  { keys: ["s"], words: "Next layout: one film, original beside overlay, two films", act: (viewer) => viewer.nextLayout() },
  { keys: ["n"], words: "The other film of two", act: (viewer) => viewer.nextPane() },
  { keys: ["k"], words: "Link or unlink the panes", act: (viewer) => viewer.setLinked(!viewer.linked) },
  { keys: ["x"], words: "Full screen", act: (viewer) => viewer.fullScreen() },
  { keys: ["Home"], words: "Reset view and measurements", act: (viewer) => viewer.reset() },
  { keys: ["?"], words: "This list", act: (viewer) => viewer.help() },
];

const GESTURES = [
  ["Left drag, one finger", "The chosen tool; a window by default"],
  ["Right or middle drag, Shift or Space and drag", "Pan"],
  ["Wheel, pinch", "Zoom where the pointer is"],
  ["Double click", "The whole film"],
  ["Arrows", "Pan; with a measuring tool or the magnifier, move the crosshair (Shift: finely)"],
  ["Shift and arrows", "Window: width left and right, brightness up and down"],
  ["Ctrl Z", "Undo"],
];

/** @type {Record<string, string>} */
const KEY_NAMES = { Escape: "Esc", Delete: "Del", Backspace: "\u232b", Enter: "Enter", Home: "Home", PageDown: "Page \u2193", PageUp: "Page \u2191" };
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const REPEATING = "+=-[]{}";

/**
 * The entry of the table for what was pressed.
 * @param {Pick<KeyboardEvent, "key" | "shiftKey">} event
 */
export function keyFor({ key, shiftKey }) {
  return KEYS.find(({ keys }) => keys.includes(key) || (key.length === 1 && !shiftKey && keys.includes(key.toLowerCase())));
}

/**
 * Listens on the root, and lets no key reach the page: there, r would run it again and c clear its caches.
 * @param {HTMLElement} root
 * @param {HTMLElement} stage
 * @param {Actions} viewer
 * @param {Pointers} pointers
 */
export function listen(root, stage, viewer, pointers) {
  root.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (pressed(event, root, stage, viewer, pointers)) event.preventDefault();
  });
  const letGo = () => {
    pointers.space = false;
    viewer.hold("");
  };
  root.addEventListener("keyup", (event) => {
    event.stopPropagation();
    if (event.key === " ") pointers.space = false;
    if (KEYS.some(({ keys, hold }) => hold && keys.includes(event.key.toLowerCase()))) viewer.hold("");
  });
  root.addEventListener("keypress", (event) => event.stopPropagation());
  root.addEventListener("focusout", (event) => {
    if (!(event.relatedTarget instanceof Node) || !root.contains(event.relatedTarget)) letGo();
  });
}

/**
 * Does what a key says; whether it said anything.
 * @param {KeyboardEvent} event
 * @param {HTMLElement} root
 * @param {HTMLElement} stage
 * @param {Actions} viewer
 * @param {Pointers} pointers
 */
function pressed(event, root, stage, viewer, pointers) {
  if (event.key === "Escape" && viewer.escape()) return true;
  const focused = focusedIn(root);
  const typing = focused?.matches("select, input[type=number]") ?? false;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "z" && !typing) {
    viewer.undo();
    return true;
  }
  const foreign = (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState("AltGraph");
  if (typing || foreign || viewer.helping) return false;
  const free = focused === stage;
  if (free && event.key === " ") {
    pointers.space = true;
    return true;
  }
  if (event.key in ARROWS && (free || focused?.matches("button"))) {
    viewer.arrow(...ARROWS[event.key], event.shiftKey);
    return true;
  }
  const known = keyFor(event);
  if (!known || (known.stage && !free)) return false;
  if (known.hold) viewer.hold(known.hold);
  else if (!event.repeat || REPEATING.includes(event.key)) known.act?.(viewer, event);
  return true;
}

/**
 * A key as the help writes it.
 * @param {string} key
 */
function keyCap(key) {
  const words = KEY_NAMES[key] ?? (key.length > 1 ? key : key === "V" ? "Shift V" : key.toUpperCase());
  return element("kbd", "", words);
}

/**
 * The list of keys, built from the table.
 * @param {() => void} close
 */
export function helpPanel(close) {
  const panel = element("div", "help");
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", "Keys and gestures");
  panel.hidden = true;
  const head = element("div", "help-head");
  head.append(element("strong", "", "Keys and gestures"), iconButton("close", "Close", "Esc", close));
  const list = element("dl");
  const row = (/** @type {(Node | string)[]} */ keys, /** @type {string} */ words) => {
    const line = element("div", "help-row"), term = element("dt");
    term.append(...keys);
    line.append(term, element("dd", "", words));
    list.append(line);
  };
  for (const [gesture, words] of GESTURES) row([gesture], words);
  for (const { keys, words } of KEYS) row(keys.filter((key) => key !== "=").map(keyCap), words);
  panel.append(head, list);
  return panel;
}
