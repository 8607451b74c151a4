/* The bar of tools above the films. */
const LAYOUTS = { one: "One film", beside: "Original beside overlay", pair: "Two films" };

function toolBar(viewer) {
  const bar = element("div", "tools");
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Tools of the film viewer");
  const group = (label, ...buttons) => {
    const made = element("div", "group");
    made.setAttribute("role", "group");
    made.setAttribute("aria-label", label);
    made.append(...buttons);
    bar.append(made);
    return made;
  };
  const tools = Object.entries(TOOLS).map(([name, { title, key }]) => iconButton(name, title, key.toUpperCase(), () => viewer.take(name)));
  group("What dragging does", ...tools);
  const invert = iconButton("invert", "Invert", "I", () => viewer.step((slot) => ({ ...slot.view, invert: !slot.view.invert })));
  group(
    "View",
    iconButton("fit", "The whole film", "0", () => viewer.step((slot) => ({ ...slot.view, mode: "fit" }))),
    iconButton("real", "One pixel of the film on one of the screen", "1", () => viewer.step((slot) => ({ ...slot.view, mode: "real", centre: middle(slot) }))),
    invert,
    iconButton("flip", "Mirror left and right", "F", () => viewer.turn(flipped)),
    iconButton("rotate", "Turn by 90 degrees", "R", () => viewer.turn(rotated)),
  );
  const hide = iconButton("hide", "Hold to hide everything that lies over the film", "H");
  for (const kind of ["pointerdown", "pointerup", "pointerleave", "pointercancel"]) {
    hide.addEventListener(kind, () => viewer.hold(kind === "pointerdown" ? "hide" : ""));
  }
  const undo = iconButton("undo", "Undo", "Ctrl Z", () => viewer.undo());
  group("Steps", undo, iconButton("reset", "Reset view and measurements", "Home", () => viewer.reset()));
  const boxes = iconButton("boxes", "Boxes on and off", "B", () => viewer.prefer({ boxes: !viewer.prefs.boxes }));
  group("What lies over the film", hide, boxes);
  const layouts = Object.entries(LAYOUTS).map(([name, title]) => iconButton(name, title, "S", () => viewer.setLayout(name)));
  const link = iconButton("link", "Link zoom, place and window of the panes", "K", () => viewer.setLinked(!viewer.linked));
  group("Layout", ...layouts, link);
  const full = iconButton("full", "Full screen", "X", () => viewer.fullScreen());
  full.hidden = !document.fullscreenEnabled;
  group("More", full, iconButton("help", "Keys and gestures", "?", () => viewer.help())).classList.add("last");

  const show = () => {
    const press = (button, on) => button.setAttribute("aria-pressed", String(on));
    tools.forEach((button) => press(button, button.dataset.name === viewer.tool));
    layouts.forEach((button) => press(button, button.dataset.name === viewer.layout));
    tools.find((button) => button.dataset.name === "region").hidden = !viewer.told.regions;
    layouts[2].hidden = viewer.panes.length < 2;
    boxes.hidden = !viewer.slots.some(({ pane }) => pane.boxes.length);
    press(boxes, viewer.prefs.boxes);
    press(link, viewer.linked);
    link.disabled = viewer.slots.length < 2;
    press(invert, Boolean(viewer.active?.view.invert));
    undo.disabled = !viewer.history.past.length;
  };
  return { bar, show };
}
