/* Window and level: from modality values to grey, as chexview/films/grey.py has it (DICOM PS3.3 C.11.2). */
const VALUES = 65536;

/* The grey 0..1 of one modality value, not inverted. */
function greyAt(view, value) {
  if (view.table) {
    const place = Math.min(Math.max(roundEven(value - view.first), 0), view.table.length - 1);
    return Math.min(view.table[place] / (2 ** view.bits - 1), 1);
  }
  let { centre, width } = view;
  if (view.function === "SIGMOID") return 1 / (1 + Math.exp(Math.min(Math.max((-4 * (value - centre)) / width, -700), 700)));
  if (view.function === "LINEAR") { centre -= 0.5; width -= 1; }
  if (width <= 0) return value > centre ? 1 : 0;
  return Math.min(Math.max((value - (centre - width / 2)) / width, 0), 1);
}

/* To the nearest whole number, halves to the even one, as numpy rounds. */
function roundEven(value) {
  const low = Math.floor(value);
  const rest = value - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low;
}

/* The greys of all stored values, float32, inverted once where the film or (not both) the reader asks for it. */
function greyTable(view, pane, inverted) {
  const turned = pane.inverted !== inverted;
  const greys = new Float32Array(VALUES);
  for (let stored = 0; stored < VALUES; stored += 1) {
    const grey = greyAt(view, stored * pane.scale + pane.offset);
    greys[stored] = turned ? 1 - grey : grey;
  }
  return greys;
}

/* Grey as one of 256 levels, in float32 as numpy does it. */
function levelOf(grey) {
  return Math.floor(Math.fround(Math.fround(grey * 255) + 0.5));
}

/* The greys as opaque pixels of a canvas. */
function pixelTable(greys) {
  const pixels = new Uint32Array(VALUES);
  for (let stored = 0; stored < VALUES; stored += 1) pixels[stored] = 0xff000000 | (levelOf(greys[stored]) * 0x010101);
  return pixels;
}

/* A view of the scene as it is used here: tables decoded once. */
function readView(told) {
  if (!told.values) return told;
  const bytes = bytesOf(told.values);
  const table = new Uint16Array(bytes.length / 2);
  for (let at = 0; at < table.length; at += 1) table[at] = bytes[2 * at] | (bytes[2 * at + 1] << 8);
  return { name: told.name, first: told.first, bits: told.bits, table };
}

/* The window that a drag begins from: the view itself, or the reach of its table. */
function asWindow(view) {
  if (!view.table) return { centre: view.centre, width: view.width, function: view.function };
  const reach = view.table.length - 1;
  return { centre: view.first + reach / 2, width: Math.max(reach, 1), function: "LINEAR_EXACT" };
}

function narrowest(shape, pane) {
  return shape === "LINEAR" ? 1 : Math.max(Math.abs(pane.scale), 1e-6);
}

/* A window moved by shares of the film's own range: wider, and its centre higher. */
function moved(window, pane, reach, wider, higher) {
  const width = Math.max(window.width + wider * reach, narrowest(window.function, pane));
  return { ...window, width, centre: window.centre + higher * reach };
}
