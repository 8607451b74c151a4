/* Films to choose from, with small pictures: the films of this session, or the examples. */

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
  const root = rootOf(parentElement);
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
