/* Draws films on a 2D canvas with a table of all 65536 greys, at the display's resolution: for machines without a GPU. */

import { inverse } from "./geometry.js";
import { pixelTable } from "./window.js";

/** @import { Drawing, Painter, Rect } from "./types.js" */
/** @typedef {{near: Int32Array, low: Int32Array, high: Int32Array, share: Float32Array, from: number, to: number}} Axis */
/** @typedef {{size: number, stride: number, full: number, step: number}} Run */

/**
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
export function context2d(canvas, settings) {
  const context = canvas.getContext("2d", settings);
  if (!context) throw new Error("this browser draws nothing");
  return context;
}

/** @implements {Painter} */
export class CanvasPainter {
  /** @type {"2d"} */
  name = "2d";
  /** @type {Map<string, {data: ImageData, words: Uint32Array, width: number, height: number}>} */
  images = new Map();
  /** @type {WeakMap<Float32Array, Uint32Array>} */
  tables = new WeakMap();

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = context2d(canvas, { alpha: false, willReadFrequently: true });
  }

  takes() {
    return true;
  }

  begin() {
    this.context.fillStyle = "#000";
    this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /**
   * One film in its rectangle; ``fine`` mixes the four nearest pixels, else the nearest alone is taken.
   * @param {Drawing} drawing
   */
  draw({ film, greys, at, rect, key, fine }) {
    const image = this.image(key, rect);
    const out = image.words;
    out.fill(0xff000000);
    const number = levelFor(at.s, film.levels.length);
    const level = film.levels[number], whole = film.levels[0], step = 2 ** number;
    const { across, down } = inverse(at);
    const alongX = { size: level.width, stride: 1, full: whole.width, step };
    const alongY = { size: level.height, stride: level.width, full: whole.height, step };
    const turned = at.a === 0;
    const xs = turned ? axis(down[0], down[2], rect.x, rect.width, alongY) : axis(across[0], across[2], rect.x, rect.width, alongX);
    const ys = turned ? axis(across[1], across[2], rect.y, rect.height, alongX) : axis(down[1], down[2], rect.y, rect.height, alongY);
    const table = this.pixels(greys);
    if (fine && at.s !== 1 && !film.masked) mixed(out, image.width, level.data, table, xs, ys);
    else nearest(out, image.width, level.data, level.mask, table, xs, ys);
    this.context.putImageData(image.data, rect.x, rect.y);
  }

  /**
   * @param {string} key
   * @param {Rect} rect
   */
  image(key, rect) {
    const known = this.images.get(key);
    if (known && known.width === rect.width && known.height === rect.height) return known;
    const data = new ImageData(rect.width, rect.height);
    const made = { data, words: new Uint32Array(data.data.buffer), width: rect.width, height: rect.height };
    this.images.set(key, made);
    return made;
  }

  /** @param {Float32Array} greys */
  pixels(greys) {
    let table = this.tables.get(greys);
    if (!table) this.tables.set(greys, (table = pixelTable(greys)));
    return table;
  }

  /** @param {Rect} rect */
  read(rect) {
    return this.context.getImageData(rect.x, rect.y, rect.width, rect.height).data;
  }

  flush() {}

  release() {}
}

/**
 * The level whose pixels are at most as large as the screen's.
 * @param {number} scale
 * @param {number} count
 */
function levelFor(scale, count) {
  return Math.min(Math.max(Math.floor(-Math.log2(scale) + 0.25), 0), count - 1);
}

/**
 * For each screen pixel along one axis: where its nearest and its two neighbours lie in the data, and how they mix.
 * @param {number} slope
 * @param {number} start
 * @param {number} first
 * @param {number} count
 * @param {Run} run
 * @returns {Axis}
 */
function axis(slope, start, first, count, { size, stride, full, step }) {
  const near = new Int32Array(count), low = new Int32Array(count), high = new Int32Array(count), share = new Float32Array(count);
  let from = count, to = 0;
  for (let at = 0; at < count; at += 1) {
    const place = slope * (first + at + 0.5) + start;
    if (place < 0 || place >= full) continue;
    from = Math.min(from, at);
    to = at + 1;
    const here = place / step;
    near[at] = Math.min(Math.floor(here), size - 1) * stride;
    const below = Math.floor(here - 0.5);
    low[at] = Math.min(Math.max(below, 0), size - 1) * stride;
    high[at] = Math.min(below + 1, size - 1) * stride;
    share[at] = here - 0.5 - below;
  }
  return { near, low, high, share, from, to };
}

/**
 * @param {Uint32Array} out
 * @param {number} width
 * @param {Uint16Array} data
 * @param {Uint8Array | null} mask
 * @param {Uint32Array} table
 * @param {Axis} xs
 * @param {Axis} ys
 */
function nearest(out, width, data, mask, table, xs, ys) {
  for (let y = ys.from; y < ys.to; y += 1) {
    const row = ys.near[y], line = y * width;
    if (mask) {
      for (let x = xs.from; x < xs.to; x += 1) {
        const place = row + xs.near[x];
        if (!mask[place]) out[line + x] = table[data[place]];
      }
    } else for (let x = xs.from; x < xs.to; x += 1) out[line + x] = table[data[row + xs.near[x]]];
  }
}

/**
 * @param {Uint32Array} out
 * @param {number} width
 * @param {Uint16Array} data
 * @param {Uint32Array} table
 * @param {Axis} xs
 * @param {Axis} ys
 */
function mixed(out, width, data, table, xs, ys) {
  const { low, high, share } = xs;
  for (let y = ys.from; y < ys.to; y += 1) {
    const top = ys.low[y], bottom = ys.high[y], t = ys.share[y], line = y * width;
    for (let x = xs.from; x < xs.to; x += 1) {
      const left = low[x], right = high[x], s = share[x];
      const above = data[top + left] + (data[top + right] - data[top + left]) * s;
      const below = data[bottom + left] + (data[bottom + right] - data[bottom + left]) * s;
      out[line + x] = table[(above + (below - above) * t + 0.5) | 0];
    }
  }
}
