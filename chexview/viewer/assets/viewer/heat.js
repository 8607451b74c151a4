/* A class map over a film, exactly as chexview/viewer/heatmap.py spreads and paints it: Catmull-Rom between the centres of
   the cells, mirrored at the edges, signed colours. A colour depends on the map's value and the scale's end alone, whatever
   the grid. A layer is a small canvas that fills the film edge to edge. */

import { element } from "../dom.js";
import { bytesOf, floatsOf, signed } from "../numbers.js";
import { context2d } from "./canvas.js";
import { toScreen } from "./geometry.js";

/** @import { Finding, Heat, HeatData, Pane, Placement, Point, Preferences, Rectangle } from "./types.js" */

const LAYER = 640;
const FADE = 0.05;

/**
 * A pane's heat as it is used here: colours and findings by name.
 * @param {HeatData} data
 * @returns {Heat}
 */
export function readHeat(data) {
  const findings = data.findings.map((finding) => ({
    ...finding, maps: floatsOf(finding.maps), contributions: floatsOf(finding.contributions),
  }));
  return { ...data, colours: bytesOf(data.colours), findings, byName: new Map(findings.map((finding) => [finding.name, finding])) };
}

/**
 * Four weights and their cells for each of ``pixels`` places from ``start`` to ``stop`` of the square; or the nearest cell.
 * @param {number} start
 * @param {number} stop
 * @param {number} pixels
 * @param {number} cells
 * @param {boolean} nearest
 */
export function weights(start, stop, pixels, cells, nearest) {
  const period = Math.max(1, 2 * (cells - 1));
  const cell = new Int32Array(4 * pixels), weight = new Float32Array(4 * pixels);
  for (let at = 0; at < pixels; at += 1) {
    const place = (start + ((at + 0.5) / pixels) * (stop - start)) * cells - 0.5;
    if (nearest) {
      cell[4 * at] = Math.min(Math.max(Math.floor(place + 0.5), 0), cells - 1);
      weight[4 * at] = 1;
      continue;
    }
    const first = Math.floor(place), t = place - first;
    const four = [((-0.5 * t + 1) * t - 0.5) * t, (1.5 * t - 2.5) * t * t + 1, ((-1.5 * t + 2) * t + 0.5) * t, (0.5 * t - 0.5) * t * t];
    for (let k = 0; k < 4; k += 1) {
      const folded = (((first + k - 1) % period) + period) % period;
      cell[4 * at + k] = cells > 1 ? Math.min(folded, period - folded) : 0;
      weight[4 * at + k] = four[k];
    }
  }
  return { cell, weight };
}

/**
 * The values of a grid, row after row, over ``wide`` x ``tall`` places of the film.
 * @param {ArrayLike<number>} values
 * @param {number} rows
 * @param {number} columns
 * @param {Rectangle} rectangle
 * @param {number} wide
 * @param {number} tall
 * @param {boolean} nearest
 */
export function spread(values, rows, columns, rectangle, wide, tall, nearest) {
  const across = weights(rectangle.left, rectangle.right, wide, columns, nearest);
  const down = weights(rectangle.top, rectangle.bottom, tall, rows, nearest);
  const lines = new Float32Array(rows * wide);
  for (let row = 0; row < rows; row += 1) {
    for (let x = 0; x < wide; x += 1) {
      let sum = 0;
      for (let k = 4 * x; k < 4 * x + 4; k += 1) sum += across.weight[k] * values[row * columns + across.cell[k]];
      lines[row * wide + x] = sum;
    }
  }
  const out = new Float32Array(wide * tall);
  for (let y = 0; y < tall; y += 1) {
    for (let k = 4 * y; k < 4 * y + 4; k += 1) {
      const weight = down.weight[k], line = down.cell[k] * wide;
      if (weight) for (let x = 0; x < wide; x += 1) out[y * wide + x] += weight * lines[line + x];
    }
  }
  return out;
}

/**
 * The entry of the 256 colours for a value, by the value and the scale's end alone.
 * @param {number} value
 * @param {number} scale
 */
export function entryOf(value, scale) {
  const share = Math.min(Math.max(value / scale, -1), 1);
  return Math.round(((share + 1) / 2) * 255);
}

/**
 * How much of its opacity a share of the scale keeps: none under the threshold, all a little over it.
 * @param {number} share
 * @param {number} threshold
 * @param {number} floor
 */
export function fade(share, threshold, floor) {
  if (threshold <= floor) return 1;
  const part = Math.min(Math.max((Math.abs(share) - threshold) / FADE, 0), 1);
  return part * part * (3 - 2 * part);
}

/**
 * The 256 colours with the threshold in them.
 * @param {Pick<Heat, "colours" | "floor">} heat
 * @param {number} threshold
 */
export function coloursOver(heat, threshold) {
  const colours = heat.colours.slice();
  for (let entry = 0; entry < 256; entry += 1) {
    colours[4 * entry + 3] = Math.round(colours[4 * entry + 3] * fade((entry / 255) * 2 - 1, threshold, heat.floor));
  }
  return colours;
}

/**
 * The layer of a finding, made once for each finding, threshold and kind of drawing.
 * @param {Pane} pane
 * @param {Heat} heat
 * @param {Finding} finding
 * @param {Preferences} preferences
 */
function heatLayer(pane, heat, finding, { threshold, grid }) {
  const wanted = `${finding.name} ${threshold} ${grid}`;
  if (heat.layer?.wanted === wanted) return heat.layer.canvas;
  const shrink = LAYER / Math.max(pane.display_columns, pane.display_rows);
  const wide = Math.max(1, Math.round(pane.display_columns * shrink)), tall = Math.max(1, Math.round(pane.display_rows * shrink));
  const values = spread(finding.maps, heat.rows, heat.columns, heat.rectangle, wide, tall, grid);
  const colours = new Uint32Array(coloursOver(heat, threshold).buffer);
  const image = new ImageData(wide, tall);
  const pixels = new Uint32Array(image.data.buffer);
  for (let at = 0; at < values.length; at += 1) pixels[at] = colours[entryOf(values[at], finding.scale)];
  const canvas = element("canvas");
  canvas.width = wide;
  canvas.height = tall;
  context2d(canvas).putImageData(image, 0, 0);
  heat.layer = { wanted, canvas };
  return canvas;
}

/**
 * Draws the layer, and the cells' edges where they are wanted, into the film's place.
 * @param {CanvasRenderingContext2D} context
 * @param {Pane} pane
 * @param {Finding} finding
 * @param {Placement} at
 * @param {Preferences} preferences
 */
export function drawHeat(context, pane, finding, at, preferences) {
  const { heat } = pane;
  if (!heat) return;
  const layer = heatLayer(pane, heat, finding, preferences);
  context.save();
  context.transform(at.s * at.a, at.s * at.c, at.s * at.b, at.s * at.d, at.tx, at.ty);
  context.globalAlpha = preferences.opacity;
  context.imageSmoothingEnabled = true;
  context.drawImage(layer, -at.wide / 2, -at.tall / 2, at.wide, at.tall);
  context.restore();
  if (preferences.grid) drawGrid(context, heat, at);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Heat} heat
 * @param {Placement} at
 */
function drawGrid(context, heat, at) {
  const { left, right, top, bottom } = heat.rectangle;
  /** @type {(x: number, y: number) => Point} */
  const film = (x, y) => toScreen(at, (x * at.wide) / at.sx, (y * at.tall) / at.sy);
  context.save();
  context.beginPath();
  for (const x of cellEdges(heat.columns, left, right)) { context.moveTo(...film(x, 0)); context.lineTo(...film(x, 1)); }
  for (const y of cellEdges(heat.rows, top, bottom)) { context.moveTo(...film(0, y)); context.lineTo(...film(1, y)); }
  context.lineWidth = 1;
  context.strokeStyle = "rgba(255, 255, 255, 0.34)";
  context.stroke();
  context.restore();
}

/**
 * Where the edges of cells cross the film, as shares of it.
 * @param {number} cells
 * @param {number} start
 * @param {number} stop
 */
export function cellEdges(cells, start, stop) {
  const all = Array.from({ length: cells + 1 }, (_, cell) => (cell / cells - start) / (stop - start));
  return all.filter((share) => share >= -1e-9 && share <= 1 + 1e-9);
}

/**
 * The number of the cell under a place of the film.
 * @param {Pick<Pane, "rows" | "columns">} pane
 * @param {Pick<Heat, "rectangle" | "rows" | "columns">} heat
 * @param {number} x
 * @param {number} y
 */
export function cellAt(pane, heat, x, y) {
  const { left, right, top, bottom } = heat.rectangle;
  /** @type {(share: number, start: number, stop: number, cells: number) => number} */
  const index = (share, start, stop, cells) => Math.min(Math.max(Math.floor((start + share * (stop - start)) * cells), 0), cells - 1);
  return index(y / pane.rows, top, bottom, heat.rows) * heat.columns + index(x / pane.columns, left, right, heat.columns);
}

/**
 * What a cell's map is, in the unit of the colour bar, and what it adds to the sum: its map times its weight.
 * @param {Finding} finding
 * @param {number} cell
 */
export function cellWords(finding, cell) {
  const value = finding.maps[cell], adds = finding.contributions[cell];
  const weight = Math.abs(value) > 1e-6 ? adds / value : null;
  const times = weight === null ? "" : ` (weight ${Number((100 * weight).toPrecision(2))} %)`;
  return `${finding.title}: map ${signed(value)} here, adds ${signed(adds)} to ${finding.unit} ${finding.total}${times}`;
}

/**
 * Paints the colour bar; what lies under the threshold shows the bar's own grey.
 * @param {HTMLCanvasElement} canvas 256 pixels wide, 1 high
 * @param {Heat} heat
 * @param {Preferences} preferences
 */
export function paintBar(canvas, heat, preferences) {
  const context = context2d(canvas);
  const colours = coloursOver(heat, preferences.threshold);
  const image = context.createImageData(256, 1);
  for (let at = 0; at < colours.length; at += 1) image.data[at] = at % 4 === 3 ? colours[at] * preferences.opacity : colours[at];
  context.clearRect(0, 0, 256, 1);
  context.putImageData(image, 0, 0);
}
