/* The findings of one film, flagged ones first; a click chooses one. */
const FLAG = '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3 1h1.6v14H3zM5.4 2h8.1l-2.2 3.2 2.2 3.3H5.4z"/></svg>';

function element(tag, name, text) {
  const made = document.createElement(tag);
  made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
}

function row(told, chosen, choose) {
  const made = element("button", "row" + (told.flagged ? " flagged" : ""));
  made.type = "button";
  made.dataset.finding = told.name;
  made.setAttribute("aria-pressed", String(told.name === chosen));
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
  made.title = told.hint;
  made.addEventListener("click", () => choose(told.name));
  return made;
}

function group(title) {
  const made = element("div", "group", title);
  made.setAttribute("role", "heading");
  made.setAttribute("aria-level", "3");
  return made;
}

function light(parent) {
  const parts = getComputedStyle(parent.host || parent).getPropertyValue("--st-background-color").trim().match(/^#(..)(..)(..)/);
  return Boolean(parts) && parseInt(parts[2], 16) > 127;
}

export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector(".root");
  if (!root) {
    root = element("div", "root");
    root.addEventListener("keydown", (event) => {
      event.stopPropagation();
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const rows = [...root.querySelectorAll(".row")];
      const next = rows[rows.indexOf(root.getRootNode().activeElement) + step];
      if (next) { next.focus(); next.click(); }
    });
    parentElement.appendChild(root);
  }
  root.classList.toggle("light", light(parentElement));
  const focused = root.getRootNode().activeElement?.dataset?.finding;
  const choose = (name) => setTriggerValue("chosen", name);
  const list = element("div", "list");
  const head = element("div", "head");
  head.append(element("span", "flag"), ...data.columns.map((text) => element("span", "", text)));
  list.append(head);
  const flagged = data.rows.filter((told) => told.flagged);
  const rest = data.rows.filter((told) => !told.flagged);
  if (flagged.length) list.append(group(data.flagged_title), ...flagged.map((told) => row(told, data.chosen, choose)));
  else list.append(element("div", "none", data.none));
  if (rest.length) list.append(...(flagged.length ? [group(data.rest_title)] : []), ...rest.map((told) => row(told, data.chosen, choose)));
  root.replaceChildren(list);
  if (focused) root.querySelector(`[data-finding="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}
