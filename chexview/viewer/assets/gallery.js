/* Films of cases side by side. Heatmaps, boxes and the network's grid go on and off in the browser alone. */
const ways = { heat: true, boxes: true, grid: false, opacity: 75 };

const share = (value) => `${(100 * value).toFixed(3)}%`;

function place(made, [left, top, right, bottom]) {
  Object.assign(made.style, { left: share(left), top: share(top), width: share(right - left), height: share(bottom - top) });
  return made;
}

function lines(told) {
  const [rows, columns, left, top, right, bottom] = told;
  const made = element("span", "grid");
  for (let i = 1; i < columns; i++) {
    const at = (i / columns - left) / (right - left);
    if (at > 0 && at < 1) made.append(place(element("i", ""), [at, 0, at, 1]));
  }
  for (let i = 1; i < rows; i++) {
    const at = (i / rows - top) / (bottom - top);
    if (at > 0 && at < 1) made.append(place(element("i", ""), [0, at, 1, at]));
  }
  return made;
}

function picture(told) {
  const frame = element("span", "picture");
  const stage = element("span", "stage");
  const aspect = told.columns / told.rows;
  stage.style.aspectRatio = String(aspect);
  stage.style.setProperty("--aspect", String(aspect));
  stage.style.width = (aspect < 1 ? share(aspect) : "100%");
  if (!told.picture) {
    frame.append(element("span", "absent", told.absent));
    return frame;
  }
  const film = element("img", "film");
  film.alt = told.alt;
  film.src = new URL(told.picture, document.baseURI).href;
  stage.append(film);
  if (told.heat) {
    const heat = element("img", "heat");
    heat.alt = "";
    heat.src = new URL(told.heat, document.baseURI).href;
    stage.append(heat, element("span", "badge", "AI"));
  }
  if (told.grid) stage.append(lines(told.grid));
  for (const box of told.boxes) {
    const made = place(element("span", "mark"), box.sides);
    made.append(element("b", "", box.label));
    stage.append(made);
  }
  frame.append(stage);
  return frame;
}

function card(told, choose) {
  const made = element(told.id ? "button" : "div", `card ${told.tone}`);
  if (told.id) {
    made.type = "button";
    made.dataset.id = told.id;
    made.addEventListener("click", () => choose(told.id));
  }
  const text = element("span", "text");
  text.append(element("span", "kind", told.kind), element("span", "score", told.score), element("span", "note", told.note));
  made.append(picture(told), text);
  return made;
}

function toggle(bar, word, key, draw) {
  const label = element("label", "way");
  const input = document.createElement("input");
  input.type = "checkbox";
  input.checked = ways[key];
  input.addEventListener("change", () => { ways[key] = input.checked; draw(); });
  label.append(input, element("span", "", word));
  bar.append(label);
}

function tools(data, root, draw) {
  const bar = element("div", "bar");
  const all = data.groups.flatMap((group) => group.cards);
  const some = (test) => all.some((told) => told.picture && test(told));
  if (some((told) => told.heat)) {
    toggle(bar, "Heatmap", "heat", draw);
    const label = element("label", "opacity", "Opacity");
    const input = document.createElement("input");
    Object.assign(input, { type: "range", min: 5, max: 100, step: 5, value: ways.opacity });
    input.addEventListener("input", () => { ways.opacity = Number(input.value); draw(); });
    label.append(input);
    const scale = element("span", "scale");
    const colours = element("span", "colours");
    colours.style.backgroundImage = `linear-gradient(to right, ${data.colours.join(",")})`;
    colours.setAttribute("role", "img");
    colours.setAttribute("aria-label", data.scale_alt);
    scale.append(element("span", "", data.low), colours, element("span", "", data.high));
    bar.append(label, scale);
  }
  if (some((told) => told.boxes.length)) toggle(bar, "Radiologist's box", "boxes", draw);
  if (some((told) => told.grid)) toggle(bar, "The network's grid", "grid", draw);
  return bar;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = rootOf(parentElement);
  const focused = root.getRootNode().activeElement?.dataset?.id;
  const draw = () => {
    for (const key of ["heat", "boxes", "grid"]) root.classList.toggle(`with-${key}`, ways[key]);
    root.style.setProperty("--opacity", String(ways.opacity / 100));
  };
  const list = element("div", `cards ${data.kind}`);
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", data.label);
  for (const told of data.groups) {
    const group = element("div", "group");
    group.append(...told.cards.map((item) => card(item, (id) => setTriggerValue("chosen", id))));
    if (told.note) group.append(element("p", "between", told.note));
    list.append(group);
  }
  root.replaceChildren(tools(data, root, draw), list);
  draw();
  if (focused) root.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}
