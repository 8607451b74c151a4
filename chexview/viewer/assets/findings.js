/* The findings of the film whose pane is active, flagged ones first; of several films each has a column. Choosing one never
   asks the server: the films and this list tell each other. */

import { called } from "./calls.js";
import { FLAG, element, focusedIn, isLight, refocus } from "./dom.js";
import { FILM_ACTIVE, FINDING_CHOSEN, announce } from "./events.js";
import { floatsOf, signed } from "./numbers.js";

/** @import { ComponentArguments } from "./viewer/types.js" */
/**
 * @typedef {object} Row
 * @property {string} name
 * @property {string} title
 * @property {string} chance
 * @property {string} over
 * @property {number | null} share
 * @property {number} scale the map's value at which a cell has its full colour
 * @property {boolean} flagged
 * @property {string} meaning
 * @property {string} sum the written-out sum up to its outcome
 * @property {string} outcome
 * @property {string} threshold
 * @property {string} alike
 * @property {string} label
 * @property {string[]} known
 * @property {string} maps float32, base64
 * @property {string} contributions float32, base64
 */
/**
 * @typedef {object} FilmFindings
 * @property {string} film
 * @property {string} title
 * @property {Row[]} rows
 * @property {number} grid_columns
 * @property {string} flagged_title
 * @property {string} rest_title
 * @property {string} none
 */
/** @typedef {{films: FilmFindings[], chosen: string, columns: string[], opens: boolean}} Findings */

const FINE = 12;
/** @type {WeakMap<ShadowRoot | HTMLElement, FindingList>} */
const lists = new WeakMap();

/**
 * How a finding scored on one film: its probability, flagged or not.
 * @param {Row | undefined} finding
 * @param {boolean} active
 */
function chance(finding, active) {
  const made = element("span", active ? "chance active" : "chance");
  if (finding?.flagged) {
    made.innerHTML = FLAG;
    made.append(element("span", "unseen", "flagged "));
  }
  made.append(finding?.chance ?? "");
  return made;
}

/**
 * A finding of the active film; where there are several films, with a column for each.
 * @param {Row} finding
 * @param {FilmFindings[]} films
 * @param {FilmFindings} active
 * @param {(name: string) => void} choose
 */
function row(finding, films, active, choose) {
  const made = element("button", finding.flagged ? "row flagged" : "row");
  made.type = "button";
  made.dataset.finding = finding.name;
  const flag = element("span", "flag");
  if (finding.flagged) {
    flag.innerHTML = FLAG;
    flag.appendChild(element("span", "unseen", "flagged"));
  }
  const meter = element("span", "meter");
  if (finding.share !== null) {
    const fill = element("span", "fill");
    fill.style.left = `${50 + Math.min(0, finding.share) * 50}%`;
    fill.style.width = `${Math.abs(finding.share) * 50}%`;
    meter.append(fill, element("span", "mark"));
  } else meter.style.visibility = "hidden";
  const name = element("span", "name", finding.title);
  if (finding.label) name.append(element("span", "label", finding.label));
  if (films.length > 1) {
    const columns = films.map((film) => chance(film.rows.find((other) => other.name === finding.name), film === active));
    made.append(flag, name, ...columns, element("span", "over", finding.over));
  } else made.append(flag, name, element("span", "chance", finding.chance), meter, element("span", "over", finding.over));
  made.title = finding.meaning;
  made.addEventListener("click", () => choose(finding.name));
  return made;
}

/** @param {string} title */
function group(title) {
  const made = element("div", "group", title);
  made.setAttribute("role", "heading");
  made.setAttribute("aria-level", "2");
  return made;
}

/**
 * A contribution as its cell has room for it: in log-odds, on a fine grid in hundredths of them, and nothing for none.
 * @param {number} value
 * @param {boolean} fine
 */
export function cellText(value, fine) {
  if (!fine) return signed(value);
  const text = signed(100 * value, 0);
  return text === "0" ? "" : text;
}

/**
 * What each cell adds to the log-odds, laid out as on the film and coloured by its map.
 * @param {Row} finding
 * @param {number} columns
 */
function cells(finding, columns) {
  const contributions = floatsOf(finding.contributions), maps = floatsOf(finding.maps);
  const fine = columns > FINE;
  const table = element("table", fine ? "cells fine" : "cells");
  for (let start = 0; start < contributions.length; start += columns) {
    const line = element("tr");
    for (let at = start; at < start + columns; at += 1) {
      const cell = element("td", maps[at] > 0 ? "for" : "against", cellText(contributions[at], fine));
      cell.style.setProperty("--strength", Math.min(1, Math.abs(maps[at]) / finding.scale).toFixed(3));
      line.append(cell);
    }
    table.append(line);
  }
  return table;
}

/**
 * @param {Row} finding
 * @param {FilmFindings} film
 * @param {Findings} data
 * @param {boolean} open
 * @param {(open: boolean) => void} toggled
 */
function details(finding, film, data, open, toggled) {
  const made = element("div", "details");
  const heading = data.films.length > 1 ? `${finding.title}, ${film.title}` : finding.title;
  made.append(element("h3", "", heading), element("p", "quiet", finding.meaning));
  const sum = element("p", "sum", `${finding.sum} `);
  sum.append(element("b", "", finding.outcome));
  made.append(sum, element("p", "quiet", finding.threshold));
  if (finding.alike) made.append(element("p", "", finding.alike));
  made.append(...finding.known.filter(Boolean).map((sentence) => element("p", "quiet", sentence)));
  const fold = element("details", "fold");
  fold.open = open;
  fold.addEventListener("toggle", () => toggled(fold.open));
  const unit = film.grid_columns > FINE ? ", in hundredths of log-odds" : ", in log-odds";
  fold.append(element("summary", "", `What each cell of the map adds${unit}`), cells(finding, film.grid_columns));
  made.append(fold);
  return made;
}

/**
 * The address names the finding, so that a reload and the next film keep it.
 * @param {string} name
 */
function remember(name) {
  const url = new URL(location.href);
  if (url.searchParams.get("finding") === name) return;
  url.searchParams.set("finding", name);
  history.replaceState(history.state, "", url);
}

class FindingList {
  root = element("div", "root");
  /** @type {Findings} */
  data;
  chosen = "";
  /** The id of the pane that is active. */
  active = "";
  isOpen = false;

  /**
   * @param {ShadowRoot | HTMLElement} parent
   * @param {Findings} data
   */
  constructor(parent, data) {
    this.data = data;
    this.onChosen = (/** @type {Event} */ event) => { if (event instanceof CustomEvent) this.hear(event.detail); };
    this.onActive = (/** @type {Event} */ event) => { if (event instanceof CustomEvent) this.follow(event.detail.film); };
    window.addEventListener(FINDING_CHOSEN, this.onChosen);
    window.addEventListener(FILM_ACTIVE, this.onActive);
    this.root.addEventListener("keydown", (event) => {
      event.stopPropagation();
      this.step(event);
    });
    parent.appendChild(this.root);
  }

  /** @param {KeyboardEvent} event */
  step(event) {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const rows = [...this.root.querySelectorAll("button.row")];
    const focused = focusedIn(this.root);
    const at = focused ? rows.indexOf(focused) : -1;
    if (!by || at < 0) return;
    event.preventDefault();
    const next = rows[at + by];
    if (!(next instanceof HTMLElement)) return;
    next.focus();
    next.click();
  }

  /** @param {string} name */
  choose(name) {
    remember(name);
    announce(FINDING_CHOSEN, { film: this.data.films.length > 1 ? null : this.film.film, name });
  }

  /** @param {{film: string | null, name: string}} detail */
  hear({ film, name }) {
    if ((film !== null && film !== this.film.film) || !this.film.rows.some((finding) => finding.name === name)) return;
    this.chosen = name;
    remember(name);
    this.showChosen();
  }

  /** The film whose findings are listed. */
  get film() {
    return this.data.films.find(({ film }) => film === this.active) ?? this.data.films[0];
  }

  /**
   * Lists the findings of the film whose pane became the active one.
   * @param {string} film
   */
  follow(film) {
    if (this.active === film) return;
    this.active = film;
    if (this.data.films.length < 2) return;
    this.draw();
  }

  showChosen() {
    for (const made of this.root.querySelectorAll("button.row")) {
      made.setAttribute("aria-pressed", String(made instanceof HTMLElement && made.dataset.finding === this.chosen));
    }
    this.root.querySelector(".details")?.remove();
    const finding = this.film.rows.find(({ name }) => name === this.chosen);
    if (finding) this.root.append(details(finding, this.film, this.data, this.isOpen, (open) => { this.isOpen = open; }));
  }

  head() {
    const { data, film } = this;
    const [finding, probability, over] = data.columns;
    const made = element("div", "head");
    const films = data.films.map((each) => element("span", each === film ? "film active" : "film", each.title));
    for (const [at, each] of data.films.entries()) films[at].title = `${probability}, ${each.title}`;
    const columns = films.length > 1 ? films : [element("span", "", probability)];
    made.append(element("span", "flag"), element("span", "", finding), ...columns, element("span", "", over));
    return made;
  }

  draw() {
    const { data, root, film } = this;
    const several = data.films.length > 1;
    const list = element("div", several ? "list several" : "list");
    list.style.setProperty("--films", String(data.films.length));
    if (several) list.append(element("p", "of", `Listed: ${film.title}. A click on a film lists its findings.`));
    list.append(this.head());
    const flagged = film.rows.filter((finding) => finding.flagged);
    const rest = film.rows.filter((finding) => !finding.flagged);
    const rows = (/** @type {Row[]} */ some) => some.map((finding) => row(finding, data.films, film, (name) => this.choose(name)));
    if (flagged.length) list.append(group(film.flagged_title), ...rows(flagged));
    else list.append(element("div", "none", film.none));
    if (rest.length) list.append(...(flagged.length ? [group(film.rest_title)] : []), ...rows(rest));
    root.replaceChildren(list);
    this.showChosen();
  }
}

/** @param {ComponentArguments<Findings>} component */
export default function mount({ data, parentElement }) {
  const known = lists.get(parentElement);
  const list = known ?? new FindingList(parentElement, data);
  lists.set(parentElement, list);
  const films = (/** @type {Findings} */ some) => some.films.map(({ film }) => film).join();
  if (!known) list.chosen = data.chosen;
  const draw = () => {
    if (films(list.data) !== films(data) || list.data.chosen !== data.chosen) list.chosen = data.chosen;
    if (data.opens) remember(list.chosen);
    list.data = data;
    list.root.classList.toggle("light", isLight(parentElement));
    const focused = focusedIn(list.root)?.dataset.finding;
    list.draw();
    refocus(list.root, "finding", focused);
  };
  return called(parentElement, draw, () => {
    window.removeEventListener(FINDING_CHOSEN, list.onChosen);
    window.removeEventListener(FILM_ACTIVE, list.onActive);
    lists.delete(parentElement);
  });
}
