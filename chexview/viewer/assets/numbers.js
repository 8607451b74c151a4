/* Numbers as a reader sees them, as chexview/text/numbers.py writes them; and numbers as they come from the server. */

export const MINUS = "\u2212";

/**
 * A number with its sign; zero has none.
 * @param {number} value
 * @param {number} [digits]
 */
export function signed(value, digits = 2) {
  const text = Math.abs(value).toFixed(digits);
  return Number(text) === 0 ? text : (value < 0 ? MINUS : "+") + text;
}

/**
 * A number as short as it can be said to the precision that matters.
 * @param {number} value
 */
export function short(value) {
  const size = Math.abs(value);
  const text = size >= 1000 || Number.isInteger(value) ? String(Math.round(size)) : String(Number(size.toPrecision(4)));
  return value < 0 && Number(text) !== 0 ? MINUS + text : text;
}

/**
 * @param {string} base64
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/**
 * Numbers of four bytes each, the low one first.
 * @param {string} base64
 * @returns {Float32Array<ArrayBuffer>}
 */
export function floatsOf(base64) {
  const bytes = new DataView(bytesOf(base64).buffer);
  return Float32Array.from({ length: bytes.byteLength / 4 }, (_, at) => bytes.getFloat32(4 * at, true));
}
