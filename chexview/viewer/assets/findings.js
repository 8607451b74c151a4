/* The findings of one film, flagged ones first. Choosing one never asks the server: the film and this list tell each other. */
const CHOSEN = "chexview:finding";
const lists = new WeakMap();

function row(told, choose) {
  const made = element("button", "row" + (told.flagged ? " flagged" : ""));
  made.type = "button";
  made.dataset.finding = told.name;
  const flag = element("span", "flag");
  if (told.flagged) { flag.innerHTML = FLAG; flag.appendChild(element("span", "unseen", "flagged")); }
  const meter = element("span", "meter");
  if (told.share !== null) {
    const fill = element("span", "fill");
    const left = 50 + Math.min(0, told.share) * 50;
    fill.style.left = `${left}%`;
    fill.style.width = `${Math.abs(told.share) * 50}%`;
    meter.append(fill, element("span", "mark"));
  } else meter.style.visibility = "hidden";
  made.append(flag, element("span", "name", told.title), element("span", "chance", told.chance), meter, element("span", "over", told.over));
  made.title = told.meaning;
  made.addEventListener("click", () => choose(told.name));
  return made;
}

function group(title) {
  const made = element("div", "group", title);
  made.setAttribute("role", "heading");
  made.setAttribute("aria-level", "3");
  return made;
}

/* Each cell's share of the log-odds, laid out as on the film. */
function cells(told, scale) {
  const table = element("table", "cells" + (told.cells[0].length > 12 ? " fine" : ""));
  const count = told.cells.length * told.cells[0].length;
  for (const line of told.cells) {
    const made = document.createElement("tr");
    for (const value of line) {
      const cell = element("td", value > 0 ? "for" : "against", `${value < 0 ? "\u2212" : value > 0 ? "+" : ""}${Math.abs(value).toFixed(2)}`);
      cell.style.setProperty("--strength", String(Math.min(1, (Math.abs(value) * count) / scale).toFixed(3)));
      made.append(cell);
    }
    table.append(made);
  }
  return table;
}

function details(told, scale, open, toggled) {
  const made = element("div", "details");
  made.append(element("h3", "", told.title), element("p", "quiet", told.meaning));
  const sum = element("p", "sum", `base ${told.sum[0]} + contributions ${told.sum[1]} = ${told.sum[2]} ${told.sum[3]} \u2192 `);
  sum.append(element("b", "", told.sum[4]));
  made.append(sum, element("p", "quiet", told.threshold));
  if (told.alike) made.append(element("p", "", told.alike));
  const fold = element("details", "fold");
  fold.open = open;
  fold.addEventListener("toggle", () => toggled(fold.open));
  fold.append(element("summary", "", "What each cell of the map adds"), cells(told, scale));
  made.append(fold);
  return made;
}

/* The address names the finding, so that a reload and the next film keep it. */
function remember(name) {
  const url = new URL(location.href);
  if (url.searchParams.get("finding") === name) return;
  url.searchParams.set("finding", name);
  history.replaceState(history.state, "", url);
}

function make(parent) {
  const root = element("div", "root");
  const list = { root, told: null, chosen: "", open: false };
  list.show = () => {
    for (const made of root.querySelectorAll(".row")) made.setAttribute("aria-pressed", String(made.dataset.finding === list.chosen));
    const told = list.told.rows.find((item) => item.name === list.chosen);
    root.querySelector(".details")?.remove();
    if (told) root.append(details(told, list.told.scale, list.open, (open) => { list.open = open; }));
  };
  list.choose = (name) => {
    remember(name);
    window.dispatchEvent(new CustomEvent(CHOSEN, { detail: { film: list.told.film, name } }));
  };
  list.hear = (event) => {
    const { film, name } = event.detail;
    if ((film !== null && film !== list.told.film) || !list.told.rows.some((item) => item.name === name)) return;
    list.chosen = name;
    remember(name);
    list.show();
  };
  window.addEventListener(CHOSEN, list.hear);
  root.addEventListener("keydown", (event) => {
    event.stopPropagation();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const rows = [...root.querySelectorAll(".row")];
    const at = rows.indexOf(root.getRootNode().activeElement);
    if (!step || at < 0) return;
    event.preventDefault();
    const next = rows[at + step];
    if (next) { next.focus(); next.click(); }
  });
  parent.appendChild(root);
  return list;
}

export default function ({ data, parentElement }) {
  let list = lists.get(parentElement);
  if (!list) lists.set(parentElement, (list = make(parentElement)));
  const { root } = list;
  const before = list.told;
  list.told = data;
  if (!before || before.film !== data.film || before.chosen !== data.chosen) list.chosen = data.chosen;
  root.classList.toggle("light", light(parentElement));
  const focused = root.getRootNode().activeElement?.dataset?.finding;
  const made = element("div", "list");
  const head = element("div", "head");
  head.append(element("span", "flag"), ...data.columns.map((text) => element("span", "", text)));
  made.append(head);
  const flagged = data.rows.filter((told) => told.flagged);
  const rest = data.rows.filter((told) => !told.flagged);
  const rows = (some) => some.map((told) => row(told, list.choose));
  if (flagged.length) made.append(group(data.flagged_title), ...rows(flagged));
  else made.append(element("div", "none", data.none));
  if (rest.length) made.append(...(flagged.length ? [group(data.rest_title)] : []), ...rows(rest));
  root.replaceChildren(made);
  list.show();
  if (focused) root.querySelector(`[data-finding="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  const token = (list.token = {});
  return () => { if (list.token === token) { window.removeEventListener(CHOSEN, list.hear); lists.delete(parentElement); } };
}
