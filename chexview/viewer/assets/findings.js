/* The findings of one film, flagged ones first. Choosing one never asks the server: the film and this list tell each other. */

import { FLAG, element, focusedIn, isLight, refocus } from "./dom.js";
import { FINDING_CHOSEN, announce } from "./events.js";
import { floatsOf, signed } from "./numbers.js";

/** @import { ComponentArguments } from "./viewer/types.js" */
/**
 * @typedef {object} Row
 * @property {string} name
 * @property {string} title
 * @property {string} chance
 * @property {string} over
 * @property {number | null} share
 * @property {boolean} flagged
 * @property {string} meaning
 * @property {string} sum the written-out sum up to its outcome
 * @property {string} outcome
 * @property {string} threshold
 * @property {string} alike
 * @property {string} maps float32, base64
 * @property {string} contributions float32, base64
 */
/**
 * @typedef {object} Findings
 * @property {Row[]} rows
 * @property {string} film
 * @property {string} chosen
 * @property {number} scale
 * @property {number} grid_columns
 * @property {string[]} columns
 * @property {string} flagged_title
 * @property {string} rest_title
 * @property {string} none
 */

const FINE = 12;
/** @type {WeakMap<ShadowRoot | HTMLElement, FindingList>} */
const lists = new WeakMap();

/**
 * @param {Row} finding
 * @param {(name: string) => void} choose
 */
function row(finding, choose) {
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
  made.append(flag, element("span", "name", finding.title), element("span", "chance", finding.chance), meter, element("span", "over", finding.over));
  made.title = finding.meaning;
  made.addEventListener("click", () => choose(finding.name));
  return made;
}

/** @param {string} title */
function group(title) {
  const made = element("div", "group", title);
  made.setAttribute("role", "heading");
  made.setAttribute("aria-level", "3");
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
 * @param {number} scale
 */
function cells(finding, columns, scale) {
  const contributions = floatsOf(finding.contributions), maps = floatsOf(finding.maps);
  const fine = columns > FINE;
  const table = element("table", fine ? "cells fine" : "cells");
  for (let start = 0; start < contributions.length; start += columns) {
    const line = element("tr");
    for (let at = start; at < start + columns; at += 1) {
      const cell = element("td", maps[at] > 0 ? "for" : "against", cellText(contributions[at], fine));
      cell.style.setProperty("--strength", Math.min(1, Math.abs(maps[at]) / scale).toFixed(3));
      line.append(cell);
    }
    table.append(line);
  }
  return table;
}

/**
 * @param {Row} finding
 * @param {Findings} data
 * @param {boolean} open
 * @param {(open: boolean) => void} toggled
 */
function details(finding, data, open, toggled) {
  const made = element("div", "details");
  made.append(element("h3", "", finding.title), element("p", "quiet", finding.meaning));
  const sum = element("p", "sum", `${finding.sum} `);
  sum.append(element("b", "", finding.outcome));
  made.append(sum, element("p", "quiet", finding.threshold));
  if (finding.alike) made.append(element("p", "", finding.alike));
  const fold = element("details", "fold");
  fold.open = open;
  fold.addEventListener("toggle", () => toggled(fold.open));
  const unit = data.grid_columns > FINE ? ", in hundredths of log-odds" : ", in log-odds";
  fold.append(element("summary", "", `What each cell of the map adds${unit}`), cells(finding, data.grid_columns, data.scale));
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
  isOpen = false;
  /** The call of the component that is in force. */
  call = {};

  /**
   * @param {ShadowRoot | HTMLElement} parent
   * @param {Findings} data
   */
  constructor(parent, data) {
    this.data = data;
    this.onChosen = (/** @type {Event} */ event) => { if (event instanceof CustomEvent) this.hear(event.detail); };
    window.addEventListener(FINDING_CHOSEN, this.onChosen);
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
    announce(FINDING_CHOSEN, { film: this.data.film, name });
  }

  /** @param {{film: string | null, name: string}} detail */
  hear({ film, name }) {
    if ((film !== null && film !== this.data.film) || !this.data.rows.some((finding) => finding.name === name)) return;
    this.chosen = name;
    remember(name);
    this.showChosen();
  }

  showChosen() {
    for (const made of this.root.querySelectorAll("button.row")) {
      made.setAttribute("aria-pressed", String(made instanceof HTMLElement && made.dataset.finding === this.chosen));
    }
    this.root.querySelector(".details")?.remove();
    const finding = this.data.rows.find(({ name }) => name === this.chosen);
    if (finding) this.root.append(details(finding, this.data, this.isOpen, (open) => { this.isOpen = open; }));
  }

  draw() {
    const { data, root } = this;
    const list = element("div", "list");
    const head = element("div", "head");
    head.append(element("span", "flag"), ...data.columns.map((text) => element("span", "", text)));
    list.append(head);
    const flagged = data.rows.filter((finding) => finding.flagged);
    const rest = data.rows.filter((finding) => !finding.flagged);
    const rows = (/** @type {Row[]} */ some) => some.map((finding) => row(finding, (name) => this.choose(name)));
    if (flagged.length) list.append(group(data.flagged_title), ...rows(flagged));
    else list.append(element("div", "none", data.none));
    if (rest.length) list.append(...(flagged.length ? [group(data.rest_title)] : []), ...rows(rest));
    root.replaceChildren(list);
    this.showChosen();
  }
}

/** @param {ComponentArguments<Findings>} component */
export default function mount({ data, parentElement }) {
  const known = lists.get(parentElement);
  const list = known ?? new FindingList(parentElement, data);
  lists.set(parentElement, list);
  if (!known || list.data.film !== data.film || list.data.chosen !== data.chosen) list.chosen = data.chosen;
  list.data = data;
  list.root.classList.toggle("light", isLight(parentElement));
  const focused = focusedIn(list.root)?.dataset.finding;
  list.draw();
  refocus(list.root, "finding", focused);
  const call = {};
  list.call = call;
  return () => {
    if (list.call !== call) return;
    window.removeEventListener(FINDING_CHOSEN, list.onChosen);
    lists.delete(parentElement);
  };
}
