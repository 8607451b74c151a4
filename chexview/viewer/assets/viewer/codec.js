/* Films from the server: fetched once, added up again from their differences, and halved into smaller levels. */

/** @import { Film, Level, Pane } from "./types.js" */
/** @typedef {{film: Film | null, promise: Promise<Film>}} Entry */

/** @type {Map<string, Entry>} */
const filmCache = new Map();
const CACHE_BYTES = 320 * 2 ** 20;
const SMALLEST_LEVEL = 192;

/**
 * Zigzag differences, low bytes then high bytes, to values (see chexview/viewer/pixel_coding.py).
 * @param {Uint8Array} bytes
 * @param {number} rows
 * @param {number} columns
 */
export function undelta(bytes, rows, columns) {
  const count = rows * columns;
  if (bytes.length !== 2 * count) throw new Error("a film of another size came");
  const values = new Uint16Array(count);
  for (let row = 0, at = 0; row < rows; row += 1) {
    let value = 0;
    for (const end = at + columns; at < end; at += 1) {
      const folded = bytes[at] | (bytes[count + at] << 8);
      value = (value + ((folded >>> 1) ^ -(folded & 1))) & 65535;
      values[at] = value;
    }
  }
  return values;
}

/**
 * Values as they are, two bytes each, the low one first.
 * @param {Uint8Array} bytes
 * @param {number} rows
 * @param {number} columns
 */
export function plainValues(bytes, rows, columns) {
  if (bytes.length !== 2 * rows * columns) throw new Error("a film of another size came");
  return new Uint16Array(bytes.buffer, bytes.byteOffset, rows * columns);
}

/**
 * Bits, the first in the highest place, to a byte of 0 or 1 each.
 * @param {Uint8Array} bytes
 * @param {number} count
 */
export function unpackBits(bytes, count) {
  if (bytes.length !== Math.ceil(count / 8)) throw new Error("a mask of another size came");
  const mask = new Uint8Array(count);
  for (let at = 0; at < count; at += 1) mask[at] = (bytes[at >> 3] >> (7 - (at & 7))) & 1;
  return mask;
}

/**
 * The next level: means of 2 x 2 pixels. With padding, means of what is not; padding only where all four are.
 * @param {Level} level
 * @returns {Level}
 */
export function halved({ width, height, data, mask }) {
  const w = width >> 1, h = height >> 1;
  const next = { width: w, height: h, data: new Uint16Array(w * h), mask: mask ? new Uint8Array(w * h) : null };
  for (let y = 0, to = 0; y < h; y += 1) {
    let from = 2 * y * width;
    for (let x = 0; x < w; x += 1, to += 1, from += 2) {
      const below = from + width;
      if (!mask || !next.mask) {
        next.data[to] = (data[from] + data[from + 1] + data[below] + data[below + 1] + 2) >> 2;
        continue;
      }
      let sum = 0, seen = 0;
      for (const at of [from, from + 1, below, below + 1]) if (!mask[at]) { sum += data[at]; seen += 1; }
      next.data[to] = seen ? Math.round(sum / seen) : data[from];
      next.mask[to] = seen ? 0 : 1;
    }
  }
  return next;
}

/**
 * The film and its smaller levels, the largest first.
 * @param {Level} whole
 */
export function levelsOf(whole) {
  const levels = [whole];
  for (let last = whole; Math.min(last.width, last.height) > SMALLEST_LEVEL; levels.push(last)) last = halved(last);
  return levels;
}

/**
 * @param {string} address
 * @returns {Promise<Uint8Array>}
 */
async function fetched(address) {
  const answer = await fetch(new URL(address, document.baseURI), { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/**
 * @param {Pane} pane
 * @returns {Promise<Film>}
 */
async function loadFilm(pane) {
  const [planes, bits] = await Promise.all([fetched(pane.pixels), pane.mask ? fetched(pane.mask) : null]);
  const { rows, columns } = pane;
  const mask = bits && unpackBits(bits, rows * columns);
  const data = (pane.coding === "plain" ? plainValues : undelta)(planes, rows, columns);
  const levels = levelsOf({ width: columns, height: rows, data, mask });
  const bytes = levels.reduce((sum, level) => sum + level.data.byteLength + (level.mask?.byteLength ?? 0), 0);
  return { levels, bytes, masked: Boolean(mask) };
}

/**
 * The film of a pane, from memory where it is known; what has not been used for longest is let go.
 * @param {Pane} pane
 * @returns {Entry}
 */
export function filmOf(pane) {
  const known = filmCache.get(pane.pixels);
  filmCache.delete(pane.pixels);
  /** @type {Entry} */
  const entry = known ?? { film: null, promise: loadFilm(pane) };
  filmCache.set(pane.pixels, entry);
  if (!known) {
    entry.promise.then(
      (film) => {
        entry.film = film;
        letGo(entry);
      },
      () => filmCache.delete(pane.pixels),
    );
  }
  return entry;
}

/**
 * Lets films go, the longest unused first, until the rest fits; never the newest.
 * @param {Entry} newest
 */
function letGo(newest) {
  let held = [...filmCache.values()].reduce((sum, other) => sum + (other.film?.bytes ?? 0), 0);
  for (const [address, other] of filmCache) {
    if (held <= CACHE_BYTES || other === newest) break;
    held -= other.film?.bytes ?? 0;
    filmCache.delete(address);
  }
}
