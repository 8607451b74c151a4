/* Films of cases side by side. Heatmaps, boxes and the network's grid go on and off in the browser alone. */

import { called } from "./calls.js";
import { element, focusedIn, refocus, rootOf } from "./dom.js";

/** @import { ComponentArguments, Rectangle } from "./viewer/types.js" */
/**
 * @typedef {object} Card
 * @property {string} id
 * @property {string} tone
 * @property {string} kind
 * @property {string} score
 * @property {string} note
 * @property {string} alt
 * @property {string | null} picture
 * @property {string} absent
 * @property {string | null} heat
 * @property {string} badge
 * @property {number} rows
 * @property {number} columns
 * @property {{place: Rectangle, label: string}[]} boxes
 * @property {{rows: number, columns: number, place: Rectangle} | null} grid
 */
/** @typedef {{low: string, high: string, colours: string[], scale_alt: string}} Bar */
/** @typedef {Bar & {groups: {cards: Card[], note: string}[], kind: string, label: string}} Gallery */

const SWITCHES = /** @type {const} */ (["heat", "boxes", "grid"]);
/** What is shown; it stays as it was chosen as long as the tab is open. */
const shown = { heat: true, boxes: true, grid: false, opacity: 75 };

/** @param {number} value */
const share = (value) => `${(100 * value).toFixed(3)}%`;

/**
 * @template {HTMLElement} Made
 * @param {Made} made
 * @param {Rectangle} sides
 * @returns {Made}
 */
function place(made, { left, top, right, bottom }) {
  Object.assign(made.style, { left: share(left), top: share(top), width: share(right - left), height: share(bottom - top) });
  return made;
}

/** @param {NonNullable<Card["grid"]>} grid */
function gridLines({ rows, columns, place: { left, top, right, bottom } }) {
  const made = element("span", "grid");
  for (let i = 1; i < columns; i += 1) {
    const at = (i / columns - left) / (right - left);
    if (at > 0 && at < 1) made.append(place(element("i"), { left: at, top: 0, right: at, bottom: 1 }));
  }
  for (let i = 1; i < rows; i += 1) {
    const at = (i / rows - top) / (bottom - top);
    if (at > 0 && at < 1) made.append(place(element("i"), { left: 0, top: at, right: 1, bottom: at }));
  }
  return made;
}

/** @param {Card} film */
function picture(film) {
  const frame = element("span", "picture");
  const stage = element("span", "stage");
  const aspect = film.columns / film.rows;
  stage.style.aspectRatio = String(aspect);
  stage.style.setProperty("--aspect", String(aspect));
  stage.style.width = aspect < 1 ? share(aspect) : "100%";
  if (!film.picture) {
    frame.append(element("span", "absent", film.absent));
    return frame;
  }
  const img = element("img", "film");
  img.alt = film.alt;
  img.src = new URL(film.picture, document.baseURI).href;
  stage.append(img);
  if (film.heat) {
    const heat = element("img", "heat");
    heat.alt = "";
    heat.src = new URL(film.heat, document.baseURI).href;
    stage.append(heat, element("span", "badge", film.badge));
  }
  if (film.grid) stage.append(gridLines(film.grid));
  for (const box of film.boxes) {
    const made = place(element("span", "mark"), box.place);
    made.append(element("b", "", box.label));
    stage.append(made);
  }
  frame.append(stage);
  return frame;
}

/**
 * @param {Card} film
 * @param {(id: string) => void} choose
 */
function card(film, choose) {
  const made = element(film.id ? "button" : "div", `card ${film.tone}`);
  if (made instanceof HTMLButtonElement) {
    made.type = "button";
    made.dataset.id = film.id;
    made.addEventListener("click", () => choose(film.id));
  }
  const text = element("span", "text");
  text.append(element("span", "kind", film.kind), element("span", "score", film.score), element("span", "note", film.note));
  made.append(picture(film), text);
  return made;
}

/**
 * @param {HTMLElement} bar
 * @param {string} word
 * @param {typeof SWITCHES[number]} key
 * @param {() => void} draw
 */
function toggle(bar, word, key, draw) {
  const label = element("label", "way");
  const input = element("input");
  input.type = "checkbox";
  input.checked = shown[key];
  input.addEventListener("change", () => {
    shown[key] = input.checked;
    draw();
  });
  label.append(input, element("span", "", word));
  bar.append(label);
}

/**
 * @param {Gallery} data
 * @param {() => void} draw
 */
function tools(data, draw) {
  const bar = element("div", "bar");
  const all = data.groups.flatMap(({ cards }) => cards);
  const some = (/** @type {(film: Card) => boolean} */ test) => all.some((film) => film.picture && test(film));
  if (some((film) => Boolean(film.heat))) {
    toggle(bar, "Heatmap", "heat", draw);
    const label = element("label", "opacity", "Opacity");
    const input = element("input");
    Object.assign(input, { type: "range", min: "5", max: "100", step: "5", value: String(shown.opacity) });
    input.addEventListener("input", () => {
      shown.opacity = Number(input.value);
      draw();
    });
    label.append(input);
    const scale = element("span", "scale");
    const colours = element("span", "colours");
    colours.style.backgroundImage = `linear-gradient(to right, ${data.colours.join(",")})`;
    colours.setAttribute("role", "img");
    colours.setAttribute("aria-label", data.scale_alt);
    scale.append(element("span", "", data.low), colours, element("span", "", data.high));
    bar.append(label, scale);
  }
  if (some((film) => film.boxes.length > 0)) toggle(bar, "Radiologist's box", "boxes", draw);
  if (some((film) => Boolean(film.grid))) toggle(bar, "The network's grid", "grid", draw);
  return bar;
}

/** @param {ComponentArguments<Gallery>} component */
export default function mount({ data, parentElement, setTriggerValue }) {
  const root = rootOf(parentElement);
  const show = () => {
    for (const key of SWITCHES) root.classList.toggle(`with-${key}`, shown[key]);
    root.style.setProperty("--opacity", String(shown.opacity / 100));
  };
  const draw = () => {
    const focused = focusedIn(root)?.dataset.id;
    const list = element("div", `cards ${data.kind}`);
    list.setAttribute("role", "group");
    list.setAttribute("aria-label", data.label);
    for (const { cards, note } of data.groups) {
      const group = element("div", "group");
      group.append(...cards.map((film) => card(film, (id) => setTriggerValue("chosen", id))));
      if (note) group.append(element("p", "between", note));
      list.append(group);
    }
    root.replaceChildren(tools(data, show), list);
    show();
    refocus(root, "id", focused);
  };
  return called(parentElement, draw);
}
