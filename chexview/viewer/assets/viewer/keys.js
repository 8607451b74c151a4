/* The keys: one table that is both what they do and what the help says. */
const STEP = 40;

const KEYS = [
  { keys: ["w"], words: TOOLS.window.title, act: (viewer) => viewer.take("window") },
  { keys: ["p"], words: "Pan with the left button", act: (viewer) => viewer.take("pan") },
  { keys: ["m"], words: "Magnifier, on and off", act: (viewer) => viewer.take(viewer.tool === "lens" ? "window" : "lens") },
  { keys: ["l"], words: "Length", act: (viewer) => viewer.take("length") },
  { keys: ["a"], words: "Angle", act: (viewer) => viewer.take("angle") },
  { keys: ["c"], words: "Cardiothoracic ratio", act: (viewer) => viewer.take("ratio") },
  { keys: ["e"], words: TOOLS.region.title, act: (viewer) => viewer.told.regions && viewer.take("region") },
  { keys: ["Enter"], words: "Set a point at the crosshair of a measuring tool", stage: true, act: (viewer) => viewer.setAtCursor() },
  { keys: ["Escape"], words: "Drop an unfinished measurement, or close this list", act: (viewer) => viewer.escape() },
  { keys: ["Delete", "Backspace"], words: "Remove the last measurement", act: (viewer) => viewer.removeMark() },
  { keys: ["v", "V"], words: "Next window, previous window", act: (viewer, event) => viewer.nextView(event.key === "v" ? 1 : -1) },
  { keys: ["i"], words: "Invert", act: (viewer) => viewer.step((slot) => ({ ...slot.view, invert: !slot.view.invert })) },
  { keys: ["f"], words: "Mirror left and right", act: (viewer) => viewer.turn(flipped) },
  { keys: ["r"], words: "Turn by 90 degrees", act: (viewer) => viewer.turn(rotated) },
  { keys: ["0"], words: "The whole film", act: (viewer) => viewer.step((slot) => ({ ...slot.view, mode: "fit" })) },
  { keys: ["1"], words: "One pixel of the film on one of the screen", act: (viewer) => viewer.step((slot) => ({ ...slot.view, mode: "real", centre: middle(slot) })) },
  { keys: ["+", "=", "-"], words: "Closer, farther", act: (viewer, event) => viewer.zoom(event.key === "-" ? 0.8 : 1.25) },
  { keys: ["t"], words: "Heatmap on and off", act: (viewer) => viewer.prefer({ heat: !viewer.prefs.heat }) },
  { keys: [",", "."], words: "Previous finding, next finding", act: (viewer, event) => viewer.nextFinding(event.key === "." ? 1 : -1) },
  { keys: ["[", "]"], words: "Heatmap fainter, stronger", act: (viewer, event) => viewer.nudge("opacity", event.key === "]" ? 0.1 : -0.1) },
  { keys: ["{", "}"], words: "Heatmap's threshold lower, higher", act: (viewer, event) => viewer.nudge("threshold", event.key === "}" ? 0.05 : -0.05) },
  { keys: ["g"], words: "The heatmap's true cells", act: (viewer) => viewer.prefer({ grid: !viewer.prefs.grid }) },
  { keys: ["b"], words: "Boxes on and off", act: (viewer) => viewer.prefer({ boxes: !viewer.prefs.boxes }) },
  { keys: ["h"], words: "Hold: hide everything that lies over the film", hold: "hide" },
  { keys: ["o"], words: "Hold: the bare film in its first window", hold: "original" },
  { keys: ["s"], words: "Next layout: one film, original beside overlay, two films", act: (viewer) => viewer.nextLayout() },
  { keys: ["n"], words: "Next film", act: (viewer) => viewer.nextPane() },
  { keys: ["k"], words: "Link the panes, or let them go", act: (viewer) => viewer.setLinked(!viewer.linked) },
  { keys: ["x"], words: "Full screen", act: (viewer) => viewer.fullScreen() },
  { keys: ["Home"], words: "Reset view and measurements", act: (viewer) => viewer.reset() },
  { keys: ["?"], words: "This list", act: (viewer) => viewer.help() },
];

const MOUSE = [
  ["Left drag, one finger", "The chosen tool; a window by default"],
  ["Right or middle drag, Shift or Space and drag", "Pan"],
  ["Wheel, pinch", "Zoom where the pointer is"],
  ["Double click", "The whole film"],
  ["Arrows", "Pan; with a measuring tool or the magnifier, move the crosshair (Shift: finely)"],
  ["Shift and arrows", "Window: width left and right, brightness up and down"],
  ["Ctrl Z", "Undo"],
];

const NAMES = { Escape: "Esc", Delete: "Del", Backspace: "\u232b", Enter: "Enter", Home: "Home" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function middle(slot) {
  return slot.view.mode === "fit" ? [0.5, 0.5] : slot.view.centre;
}

/* Listens on the root, and lets no key reach the page: there, r would run it again and c clear its caches. */
function listen(root, stage, viewer) {
  root.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape" && viewer.escape()) return event.preventDefault();
    const at = root.getRootNode().activeElement;
    const typing = at?.matches?.("select, input[type=number]") ?? false;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "z" && !typing) {
      event.preventDefault();
      return viewer.undo();
    }
    const foreign = (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState("AltGraph");
    if (typing || foreign || viewer.helping) return undefined;
    const free = at === stage;
    if (free && event.key === " ") { event.preventDefault(); viewer.pointers.space = true; return undefined; }
    if (event.key in ARROWS && (free || at?.matches?.("button"))) { event.preventDefault(); return viewer.arrow(...ARROWS[event.key], event.shiftKey); }
    const known = KEYS.find(({ keys }) => keys.includes(event.key) || (event.key.length === 1 && !event.shiftKey && keys.includes(event.key.toLowerCase())));
    if (!known || (known.stage && !free)) return undefined;
    event.preventDefault();
    if (known.hold) return viewer.hold(known.hold);
    if (!event.repeat || "+=-[]{}".includes(event.key)) known.act(viewer, event);
    return undefined;
  });
  const letGo = () => { viewer.pointers.space = false; viewer.hold(""); };
  root.addEventListener("keyup", (event) => {
    event.stopPropagation();
    if (event.key === " ") viewer.pointers.space = false;
    if (KEYS.some(({ keys, hold }) => hold && keys.includes(event.key.toLowerCase()))) viewer.hold("");
  });
  root.addEventListener("keypress", (event) => event.stopPropagation());
  root.addEventListener("focusout", (event) => root.contains(event.relatedTarget) || letGo());
}

/* The list of keys, built from the table. */
function helpPanel(close) {
  const panel = element("div", "help");
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", "Keys and gestures");
  panel.hidden = true;
  const head = element("div", "help-head");
  head.append(element("strong", "", "Keys and gestures"), iconButton("close", "Close", "Esc", close));
  const list = element("dl");
  const row = (keys, words) => {
    const line = element("div", "help-row"), told = element("dt");
    told.append(...keys.filter((key) => key !== "=").map((key) => element("kbd", "", NAMES[key] ?? (key.length === 1 && key !== "V" ? key.toUpperCase() : `Shift ${key}`))));
    line.append(told, element("dd", "", words));
    return line;
  };
  list.append(...MOUSE.map(([gesture, words]) => gestureRow(gesture, words)), ...KEYS.map(({ keys, words }) => row(keys, words)));
  panel.append(head, list);
  return panel;
}

function gestureRow(gesture, words) {
  const line = element("div", "help-row");
  line.append(element("dt", "", gesture), element("dd", "", words));
  return line;
}
