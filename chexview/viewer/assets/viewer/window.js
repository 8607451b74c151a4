/* Window and level: from modality values to grey, as chexview/films/grey.py has it (DICOM PS3.3 C.11.2). */

import { bytesOf } from "../numbers.js";

/** @import { NamedVoi, NamedWindow, Pane, TableData, Voi, VoiTable, VoiWindow } from "./types.js" */

const VALUES = 65536;

/**
 * @param {Voi} voi
 * @returns {voi is VoiTable}
 */
export function isTable(voi) {
  return "table" in voi;
}

/**
 * The grey 0..1 of one modality value, not inverted.
 * @param {Voi} voi
 * @param {number} value
 */
export function greyAt(voi, value) {
  if (isTable(voi)) {
    const place = Math.min(Math.max(roundEven(value - voi.first), 0), voi.table.length - 1);
    return Math.min(voi.table[place] / (2 ** voi.bits - 1), 1);
  }
  let { centre, width } = voi;
  if (voi.function === "SIGMOID") return 1 / (1 + Math.exp(Math.min(Math.max((-4 * (value - centre)) / width, -700), 700)));
  if (voi.function === "LINEAR") { centre -= 0.5; width -= 1; }
  if (width <= 0) return value > centre ? 1 : 0;
  return Math.min(Math.max((value - (centre - width / 2)) / width, 0), 1);
}

/**
 * To the nearest whole number, halves to the even one, as numpy rounds.
 * @param {number} value
 */
export function roundEven(value) {
  const low = Math.floor(value);
  const rest = value - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low;
}

/**
 * The greys of all stored values, inverted once where the film or (not both) the reader asks for it.
 * @param {Voi} voi
 * @param {Pick<Pane, "scale" | "offset" | "inverted">} pane
 * @param {boolean} inverted
 */
export function greyTable(voi, pane, inverted) {
  const negative = pane.inverted !== inverted;
  const greys = new Float32Array(VALUES);
  for (let stored = 0; stored < VALUES; stored += 1) {
    const grey = greyAt(voi, stored * pane.scale + pane.offset);
    greys[stored] = negative ? 1 - grey : grey;
  }
  return greys;
}

/**
 * Grey as one of 256 levels, in float32 as numpy does it.
 * @param {number} grey
 */
export function levelOf(grey) {
  return Math.floor(Math.fround(Math.fround(grey * 255) + 0.5));
}

/**
 * The greys as opaque pixels of a canvas.
 * @param {Float32Array} greys
 */
export function pixelTable(greys) {
  const pixels = new Uint32Array(VALUES);
  for (let stored = 0; stored < VALUES; stored += 1) pixels[stored] = 0xff000000 | (levelOf(greys[stored]) * 0x010101);
  return pixels;
}

/**
 * A view of the scene as it is used here: tables decoded once.
 * @param {NamedWindow | TableData} data
 * @returns {NamedVoi}
 */
export function readView(data) {
  if (!("values" in data)) return data;
  const bytes = bytesOf(data.values);
  const table = new Uint16Array(bytes.length / 2);
  for (let at = 0; at < table.length; at += 1) table[at] = bytes[2 * at] | (bytes[2 * at + 1] << 8);
  return { name: data.name, first: data.first, bits: data.bits, table };
}

/**
 * The window that a drag begins from: the view itself, or the reach of its table.
 * @param {Voi} voi
 * @returns {VoiWindow}
 */
export function asWindow(voi) {
  if (!isTable(voi)) return { centre: voi.centre, width: voi.width, function: voi.function };
  const reach = voi.table.length - 1;
  return { centre: voi.first + reach / 2, width: Math.max(reach, 1), function: "LINEAR_EXACT" };
}

/**
 * @param {VoiWindow["function"]} shape
 * @param {Pick<Pane, "scale">} pane
 */
export function narrowest(shape, pane) {
  return shape === "LINEAR" ? 1 : Math.max(Math.abs(pane.scale), 1e-6);
}

/**
 * A window moved by shares of the film's own range: wider, and its centre higher.
 * @param {VoiWindow} window
 * @param {Pick<Pane, "scale">} pane
 * @param {number} reach
 * @param {number} wider
 * @param {number} higher
 * @returns {VoiWindow}
 */
export function moved(window, pane, reach, wider, higher) {
  const width = Math.max(window.width + wider * reach, narrowest(window.function, pane));
  return { ...window, width, centre: window.centre + higher * reach };
}
