/* The controls around the films: above them the heatmap with its finding and colours, below them windows by name and number,
   and how the heatmap is drawn. */

import { element, focusedIn } from "../dom.js";
import { signed } from "../numbers.js";
import { paintBar } from "./heat.js";
import { iconButton, press } from "./icons.js";
import { isTable } from "./window.js";

/** @import { Viewer } from "./viewer.js" */
/** @import { Finding, Heat, Preferences } from "./types.js" */
/** @typedef {{part: HTMLElement, show: () => void}} Control */

/**
 * @param {string} words
 * @param {HTMLElement} control
 * @param {string} name
 */
function labelled(words, control, name) {
  const label = element("label", `field ${name}`);
  label.append(element("span", "", words), control);
  return label;
}

/**
 * Fills a select where its choices changed.
 * @param {HTMLSelectElement} select
 * @param {[string, string][]} choices values and words
 */
function fill(select, choices) {
  const text = JSON.stringify(choices);
  if (select.dataset.choices === text) return;
  select.dataset.choices = text;
  select.replaceChildren(...choices.map(([value, words]) => {
    const option = element("option", "", words);
    option.value = value;
    return option;
  }));
}

const OWN = "\u0000own";

/**
 * The window by name and by its numbers; and how the heatmap is drawn.
 * @param {Viewer} viewer
 * @returns {Control}
 */
export function windowControls(viewer) {
  const part = element("div", "part windows");
  const select = element("select", "views");
  select.setAttribute("aria-label", "Window");
  select.title = "The film's own windows, then windows at fixed shares of its own range (V)";
  const number = (/** @type {"centre" | "width"} */ name, /** @type {string} */ title) => {
    const input = element("input", name);
    input.setAttribute("aria-label", title);
    input.title = title;
    input.type = "number";
    input.step = "any";
    input.addEventListener("change", () => {
      const value = input.valueAsNumber;
      if (Number.isFinite(value)) viewer.setWindow({ [name]: value });
      viewer.show();
    });
    return input;
  };
  const centre = number("centre", "Centre of the window"), width = number("width", "Width of the window");
  select.addEventListener("change", () => { if (select.value !== OWN) viewer.chooseView(select.value); });
  part.append(select, labelled("C", centre, "centre"), labelled("W", width, "width"));
  const settings = heatSettings(viewer);
  part.append(settings.part);
  const show = () => {
    settings.show();
    const slot = viewer.active;
    part.hidden = !slot;
    if (!slot) return;
    /** @type {[string, string][]} */
    const names = slot.pane.views.map(({ name }) => [name, name]);
    fill(select, slot.view.window ? [[OWN, "own"], ...names] : names);
    select.value = slot.view.window ? OWN : slot.named.name;
    const { voi } = slot;
    for (const [input, value] of /** @type {[HTMLInputElement, number | undefined][]} */ (
      isTable(voi) ? [[centre, undefined], [width, undefined]] : [[centre, voi.centre], [width, voi.width]]
    )) {
      if (focusedIn(viewer.root) !== input) input.value = value === undefined ? "" : String(Number(value.toPrecision(6)));
      input.placeholder = value === undefined ? "table" : "";
    }
  };
  return { part, show };
}

/**
 * @param {string} title
 * @param {[number, number, number]} range least, most, step
 * @param {(value: number) => void} act
 */
function slider(title, [least, most, step], act) {
  const input = element("input");
  Object.assign(input, { type: "range", min: String(least), max: String(most), step: String(step), title });
  input.addEventListener("input", () => act(input.valueAsNumber / 100));
  return input;
}

/**
 * The heatmap's switch, which names the finding that it shows, and its colours.
 * @param {Viewer} viewer
 * @returns {Control}
 */
export function heatControls(viewer) {
  const part = element("div", "part heat");
  const toggle = element("button", "switch");
  toggle.type = "button";
  toggle.setAttribute("role", "switch");
  toggle.title = "Heatmap on and off (T)";
  toggle.append(element("span", "track"), element("span", "", "Heatmap"));
  toggle.addEventListener("click", () => viewer.prefer({ heat: !viewer.preferences.heat }));
  const select = element("select", "finding");
  select.setAttribute("aria-label", "Finding whose heatmap is shown");
  select.addEventListener("change", () => viewer.choose(select.value));
  const chooser = element("span", "chooser");
  chooser.append(
    iconButton("before", "Previous finding", ",", () => viewer.nextFinding(-1)),
    select,
    iconButton("after", "Next finding", ".", () => viewer.nextFinding(1)),
  );
  const scale = colourScale();
  part.append(toggle, chooser, scale.part);
  const show = () => {
    const pane = viewer.active?.pane;
    const heat = pane?.heat;
    part.hidden = !heat && !pane?.awaited;
    part.classList.toggle("awaited", !heat);
    const finding = pane ? viewer.findingOf(pane) : null;
    if (!heat || !finding) return;
    const { preferences } = viewer;
    fill(select, heat.findings.map(({ name, title, score, flagged }) => [name, `${title} ${score}${flagged ? ", flagged" : ""}`]));
    select.value = finding.name;
    toggle.setAttribute("aria-checked", String(preferences.heat));
    toggle.setAttribute("aria-label", `Heatmap of ${finding.title} ${finding.score}`);
    scale.show(heat, preferences, finding);
    part.classList.toggle("off", !preferences.heat);
  };
  return { part, show };
}

/**
 * How strong the heatmap is, from where on, and its true cells.
 * @param {Viewer} viewer
 */
function heatSettings(viewer) {
  const part = element("span", "settings");
  const opacity = slider("How strong the heatmap is ([ and ])", [5, 100, 5], (value) => viewer.prefer({ opacity: value }));
  const threshold = slider("Share of the scale under which nothing is drawn ({ and })", [0, 95, 1], (value) => viewer.prefer({ threshold: value }));
  const least = element("output", "least");
  const thresholdField = labelled("Hide below", threshold, "threshold");
  thresholdField.append(least);
  const grid = iconButton("grid", "The heatmap's true cells", "G", () => viewer.prefer({ grid: !viewer.preferences.grid }));
  part.append(labelled("Opacity", opacity, "opacity"), thresholdField, grid);
  const show = () => {
    const heat = viewer.active?.pane.heat, { preferences } = viewer;
    part.hidden = !heat;
    part.classList.toggle("off", !preferences.heat);
    if (!heat) return;
    const floor = Math.max(preferences.threshold, heat.floor);
    threshold.min = String(Math.round(heat.floor * 100));
    threshold.value = String(Math.round(floor * 100));
    opacity.value = String(Math.round(preferences.opacity * 100));
    least.textContent = `${Math.round(floor * 100)} %`;
    press(grid, preferences.grid);
  };
  return { part, show };
}

/**
 * The ends of a colour bar as they are written.
 * @param {Pick<Finding, "scale">} finding
 */
export function scaleEnds({ scale }) {
  const digits = Number.isInteger(scale) ? 0 : 1;
  return [signed(-scale, digits), signed(scale, digits)];
}

/** The colours from one end of the scale to the other, with numbers. */
function colourScale() {
  const part = element("span", "scale");
  const canvas = element("canvas");
  canvas.width = 256;
  canvas.height = 1;
  canvas.setAttribute("role", "img");
  const low = element("span"), high = element("span");
  const numbers = element("span", "numbers");
  numbers.append(low, element("span", "", "0"), high);
  part.title = "By how much the sum would move if every cell's map were this. Each finding has its own scale, the same for all films.";
  const stack = element("span", "stack");
  stack.append(canvas, numbers);
  const unit = element("span"), words = element("span", "cell-words");
  const legend = element("span", "legend");
  legend.append(unit, words);
  part.append(stack, legend);
  const show = (/** @type {Heat} */ heat, /** @type {Preferences} */ preferences, /** @type {Finding} */ finding) => {
    const [least, most] = scaleEnds(finding);
    low.textContent = least;
    high.textContent = most;
    unit.textContent = `map, ${finding.unit}`;
    words.textContent = heat.words;
    canvas.setAttribute("aria-label", `Colours from ${least} to ${most} ${finding.unit}: against the finding on the left, for it on the right`);
    paintBar(canvas, heat, preferences);
  };
  return { part, show };
}
