/* Films to choose from, with small pictures: the films of this session, or the examples. */
const FLAG = '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3 1h1.6v14H3zM5.4 2h8.1l-2.2 3.2 2.2 3.3H5.4z"/></svg>';

function element(tag, name, text) {
  const made = document.createElement(tag);
  made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
}

function light(parent) {
  const parts = getComputedStyle(parent.host || parent).getPropertyValue("--st-background-color").trim().match(/^#(..)(..)(..)/);
  return Boolean(parts) && parseInt(parts[2], 16) > 127;
}

function item(told, chosen, choose) {
  const made = element("button", "item");
  made.type = "button";
  made.dataset.id = told.id;
  if (chosen !== null) made.setAttribute("aria-pressed", String(told.id === chosen));
  const picture = element("span", "picture");
  if (told.picture) {
    const img = document.createElement("img");
    img.alt = "";
    img.src = new URL(told.picture, document.baseURI).href;
    picture.append(img);
  } else made.disabled = true;
  const text = element("span", "text");
  const status = element("span", "status");
  if (told.flags) status.innerHTML = FLAG;
  status.append(element("span", "", told.status));
  text.append(element("span", "title", told.title), status);
  made.append(picture, text);
  made.title = told.title;
  made.addEventListener("click", () => choose(told.id));
  return made;
}

export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector(".root");
  if (!root) {
    root = element("div", "root");
    root.addEventListener("keydown", (event) => event.stopPropagation());
    parentElement.appendChild(root);
  }
  root.classList.toggle("light", light(parentElement));
  const focused = root.getRootNode().activeElement?.dataset?.id;
  const list = element("div", data.cards ? "cards" : "strip");
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", data.label);
  list.append(...data.items.map((told) => item(told, data.chosen, (id) => setTriggerValue("chosen", id))));
  const scrolled = root.firstChild?.scrollTop ?? 0;
  root.replaceChildren(list);
  list.scrollTop = scrolled;
  if (focused) root.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}
