/* Films to choose from, with small pictures: the films of this session, or the examples. */

import { called } from "./calls.js";
import { FLAG, element, focusedIn, isLight, leaveFocusToFilm, refocus, rootOf } from "./dom.js";
import { FILM_WANTED } from "./events.js";

/** @import { ComponentArguments } from "./viewer/types.js" */
/** @typedef {{id: string, title: string, status: string, picture: string | null, flags: number}} Item */
/** @typedef {{items: Item[], chosen: string | null, label: string, cards: boolean}} Films */
/** @typedef {{data: Films, choose: (id: string) => void, stop: () => void}} Chooser */

/** @type {WeakMap<ShadowRoot | HTMLElement, Chooser>} */
const choosers = new WeakMap();

/**
 * @param {Item} film
 * @param {string | null} chosen
 * @param {(id: string) => void} choose
 */
function item(film, chosen, choose) {
  const made = element("button", "item");
  made.type = "button";
  made.dataset.id = film.id;
  if (chosen !== null) made.setAttribute("aria-pressed", String(film.id === chosen));
  const picture = element("span", "picture");
  if (film.picture) {
    const img = document.createElement("img");
    img.alt = "";
    img.src = new URL(film.picture, document.baseURI).href;
    picture.append(img);
  } else made.disabled = true;
  const text = element("span", "text");
  const status = element("span", "status");
  if (film.flags) status.innerHTML = FLAG;
  status.append(element("span", "", film.status));
  text.append(element("span", "title", film.title), status);
  made.append(picture, text);
  made.title = film.title;
  made.addEventListener("click", () => {
    if (chosen === null) leaveFocusToFilm();
    choose(film.id);
  });
  return made;
}

/**
 * The film that lies a step further in the list, in its order and under its filter; null where there is none.
 * @param {Films} films
 * @param {number} step
 */
export function neighbour({ items, chosen }, step) {
  const open = items.filter(({ id, picture }) => picture || id === chosen);
  const at = open.findIndex(({ id }) => id === chosen);
  if (at < 0) return (step > 0 ? open.at(0) : open.at(-1))?.id ?? null;
  return open[at + step]?.id ?? null;
}

/**
 * Listens for a wish for another film, where a film of this list is open.
 * @param {Films} data
 * @returns {Chooser}
 */
function listening(data) {
  /** @type {Chooser} */
  const chooser = { data, choose: () => {}, stop: () => window.removeEventListener(FILM_WANTED, hear) };
  const hear = (/** @type {Event} */ event) => {
    if (chooser.data.chosen === null || !(event instanceof CustomEvent)) return;
    const id = neighbour(chooser.data, event.detail.step);
    if (id !== null) chooser.choose(id);
  };
  window.addEventListener(FILM_WANTED, hear);
  return chooser;
}

/** @param {ComponentArguments<Films>} component */
export default function mount({ data, parentElement, setTriggerValue }) {
  const known = choosers.get(parentElement) ?? listening(data);
  choosers.set(parentElement, known);
  const draw = () => {
    Object.assign(known, { data, choose: (/** @type {string} */ id) => setTriggerValue("chosen", id) });
    const root = rootOf(parentElement);
    root.classList.toggle("light", isLight(parentElement));
    const focused = focusedIn(root)?.dataset.id;
    const list = element("div", data.cards ? "cards" : "strip");
    list.setAttribute("role", "group");
    list.setAttribute("aria-label", data.label);
    list.append(...data.items.map((film) => item(film, data.chosen, known.choose)));
    const scrolled = root.firstElementChild?.scrollTop ?? 0;
    root.replaceChildren(list);
    list.scrollTop = scrolled;
    reveal(list);
    refocus(root, "id", focused);
  };
  return called(parentElement, draw, () => {
    known.stop();
    choosers.delete(parentElement);
  });
}

/**
 * Scrolls the list, and nothing else, to the film that is open.
 * @param {HTMLElement} list
 */
function reveal(list) {
  const open = list.querySelector('[aria-pressed="true"]');
  if (!(open instanceof HTMLElement)) return;
  const top = open.offsetTop - list.offsetTop;
  if (top < list.scrollTop) list.scrollTop = top;
  else if (top + open.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = top + open.offsetHeight - list.clientHeight;
}
