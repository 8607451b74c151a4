/* The bar of tools above the films. */

import { element } from "../dom.js";
import { flipped, rotated } from "./geometry.js";
import { iconButton, press } from "./icons.js";
import { LAYOUTS, LAYOUT_NAMES, TOOLS, TOOL_NAMES } from "./tools.js";

/** @import { Viewer } from "./viewer.js" */

/** @param {Viewer} viewer */
export function toolBar(viewer) {
  const bar = element("div", "tools");
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Tools of the film viewer");
  const group = (/** @type {string} */ label, /** @type {HTMLElement[]} */ ...buttons) => {
    const made = element("div", "group");
    made.setAttribute("role", "group");
    made.setAttribute("aria-label", label);
    made.append(...buttons);
    bar.append(made);
    return made;
  };
  const tools = TOOL_NAMES.map((name) => ({ name, button: iconButton(name, TOOLS[name].title, TOOLS[name].key.toUpperCase(), () => viewer.take(name)) }));
  group("What dragging does", ...tools.map(({ button }) => button));
  const invert = iconButton("invert", "Invert", "I", () => viewer.invert());
  group(
    "View",
    iconButton("fit", "The whole film", "0", () => viewer.fit()),
    iconButton("real", "One pixel of the film on one of the screen", "1", () => viewer.real()),
    invert,
    iconButton("flip", "Mirror left and right", "F", () => viewer.turn(flipped)),
    iconButton("rotate", "Turn by 90 degrees", "R", () => viewer.turn(rotated)),
  );
  const hide = iconButton("hide", "Hold to hide everything that lies over the film", "H");
  hide.addEventListener("pointerdown", () => viewer.hold("hide"));
  for (const kind of ["pointerup", "pointerleave", "pointercancel"]) hide.addEventListener(kind, () => viewer.hold(""));
  const undo = iconButton("undo", "Undo", "Ctrl Z", () => viewer.undo());
  group("Steps", undo, iconButton("reset", "Reset view and measurements", "Home", () => viewer.reset()));
  const boxes = iconButton("boxes", "Boxes on and off", "B", () => viewer.prefer({ boxes: !viewer.preferences.boxes }));
  group("What lies over the film", hide, boxes);
  const layouts = LAYOUT_NAMES.map((name) => ({ name, button: iconButton(name, LAYOUTS[name], "S", () => viewer.setLayout(name)) }));
  const link = iconButton("link", "Link zoom, place and window of the panes", "K", () => viewer.setLinked(!viewer.linked));
  group("Layout", ...layouts.map(({ button }) => button), link);
  const table = iconButton("table", "Save the measurements as CSV", "", () => viewer.saveMeasurements());
  group("Save", iconButton("save", "Save what is shown as PNG, with its legend", "", () => viewer.savePicture()), table);
  const full = iconButton("full", "Full screen", "X", () => viewer.fullScreen());
  full.hidden = !document.fullscreenEnabled;
  group("More", full, iconButton("help", "Keys and gestures", "?", () => viewer.help())).classList.add("last");

  const show = () => {
    for (const { name, button } of tools) {
      press(button, name === viewer.tool);
      if (name === "region") button.hidden = !viewer.scene.regions;
    }
    for (const { name, button } of layouts) {
      press(button, name === viewer.layout);
      if (name === "pair") button.hidden = viewer.panes.length < 2;
    }
    boxes.hidden = !viewer.slots.some(({ pane }) => pane.boxes.length);
    press(boxes, viewer.preferences.boxes);
    press(link, viewer.linked);
    link.hidden = viewer.slots.length < 2;
    press(invert, Boolean(viewer.active?.view.invert));
    undo.disabled = !viewer.history.past.length && !viewer.pending;
    table.hidden = !viewer.slots.some(({ marks }) => marks.length);
  };
  return { bar, show };
}
