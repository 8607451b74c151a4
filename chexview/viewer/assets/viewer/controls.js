/* The controls below the films: window by name and number, and the heatmap with its colours. */
function controls(viewer) {
  const bar = element("div", "controls");
  const window = windowControls(viewer);
  const heat = heatControls(viewer);
  bar.append(window.part, heat.part);
  return { bar, show: () => { window.show(); heat.show(); } };
}

function labelled(words, control, name) {
  const label = element("label", `field ${name}`);
  label.append(element("span", "", words), control);
  return label;
}

/* Fills a select where its choices changed. */
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

function windowControls(viewer) {
  const part = element("div", "part");
  const select = element("select", "views");
  select.title = "The film's own windows, then windows at fixed shares of its own range (V)";
  const number = (name) => {
    const input = element("input", name);
    input.type = "number";
    input.step = "any";
    input.addEventListener("change", () => {
      const value = input.valueAsNumber;
      if (Number.isFinite(value)) viewer.setWindow({ [name]: value });
      viewer.show();
    });
    return input;
  };
  const centre = number("centre"), width = number("width");
  select.addEventListener("change", () => viewer.chooseView(select.value));
  part.append(labelled("Window", select, "wide"), labelled("Centre", centre), labelled("Width", width));
  const show = () => {
    const slot = viewer.active;
    part.hidden = !slot;
    if (!slot) return;
    const names = slot.pane.views.map(({ name }) => [name, name]);
    fill(select, slot.view.window ? [[OWN, "own"], ...names] : names);
    select.value = slot.view.window ? OWN : slot.voi.name;
    const shown = slot.voi.table ? null : slot.voi;
    for (const [input, value] of [[centre, shown?.centre], [width, shown?.width]]) {
      if (input.getRootNode().activeElement !== input) input.value = value === undefined ? "" : String(Number(value.toPrecision(6)));
      input.placeholder = value === undefined ? "table" : "";
    }
  };
  return { part, show };
}

function slider(title, least, most, step, act) {
  const input = element("input");
  Object.assign(input, { type: "range", min: String(least), max: String(most), step: String(step), title });
  input.addEventListener("input", () => act(input.valueAsNumber / 100));
  return input;
}

function heatControls(viewer) {
  const part = element("div", "part heat");
  const toggle = element("button", "switch");
  toggle.type = "button";
  toggle.setAttribute("role", "switch");
  toggle.title = "Heatmap on and off (T)";
  toggle.append(element("span", "track"), element("span", "", "Heatmap"));
  toggle.addEventListener("click", () => viewer.prefer({ heat: !viewer.prefs.heat }));
  const select = element("select", "finding");
  select.setAttribute("aria-label", "Finding");
  select.addEventListener("change", () => viewer.choose(select.value));
  const chooser = element("span", "chooser");
  chooser.append(
    iconButton("before", "Previous finding", ",", () => viewer.nextFinding(-1)),
    select,
    iconButton("after", "Next finding", ".", () => viewer.nextFinding(1)),
  );
  const opacity = slider("How strong the heatmap is ([ and ])", 5, 100, 5, (value) => viewer.prefer({ opacity: value }));
  const threshold = slider("Share of the scale under which nothing is drawn ({ and })", 0, 95, 1, (value) => viewer.prefer({ threshold: value }));
  const least = element("output", "least");
  const thresholdField = labelled("Threshold", threshold, "threshold");
  thresholdField.append(least);
  const grid = iconButton("grid", "The heatmap's true cells", "G", () => viewer.prefer({ grid: !viewer.prefs.grid }));
  const scale = colourScale();
  const words = element("span", "cell-words");
  part.append(toggle, chooser, labelled("Opacity", opacity, "opacity"), thresholdField, grid, scale.part, words);
  const show = () => {
    const pane = viewer.active?.pane;
    const heat = pane?.heat;
    part.hidden = !heat;
    if (!heat) return;
    const { prefs } = viewer;
    fill(select, heat.findings.map(({ name, title }) => [name, title]));
    select.value = viewer.findingOf(pane);
    toggle.setAttribute("aria-checked", String(prefs.heat));
    const floor = Math.max(prefs.threshold, heat.floor);
    threshold.min = String(Math.round(heat.floor * 100));
    threshold.value = String(Math.round(floor * 100));
    opacity.value = String(Math.round(prefs.opacity * 100));
    least.textContent = `${Math.round(floor * 100)} %`;
    grid.setAttribute("aria-pressed", String(prefs.grid));
    words.textContent = heat.words;
    scale.show(heat, prefs, heat.byName.get(viewer.findingOf(pane)).kind);
    part.classList.toggle("off", !prefs.heat);
  };
  return { part, show };
}

/* The colours from one end of the scale to the other, with numbers. */
function colourScale() {
  const part = element("span", "scale");
  const canvas = element("canvas");
  canvas.width = 256;
  canvas.height = 1;
  canvas.setAttribute("role", "img");
  const ends = [element("span"), element("span", "", "0"), element("span")];
  const numbers = element("span", "numbers");
  numbers.append(...ends);
  part.title = "By how much the sum would move if every cell were like this one";
  const stack = element("span", "stack");
  stack.append(canvas, numbers);
  const unit = element("span", "unit");
  part.append(stack, unit);
  const show = (heat, prefs, kind) => {
    const digits = Number.isInteger(heat.scale) ? 0 : 1;
    ends[0].textContent = signed(-heat.scale, digits);
    ends[2].textContent = signed(heat.scale, digits);
    unit.textContent = kind;
    canvas.setAttribute("aria-label", `Colours from ${ends[0].textContent} to ${ends[2].textContent} ${kind}: against the finding on the left, for it on the right`);
    paintBar(canvas, heat, prefs);
  };
  return { part, show };
}
