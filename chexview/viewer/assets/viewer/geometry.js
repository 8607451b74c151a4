/* Where a film lies on the screen. Film places are in stored pixels, x across and y down, (0, 0) the outer corner of the
   first; screen places are in device pixels of the canvas. A turn is a matrix [a, b, c, d] of 0 and 1 with a sign:
   across the screen a x + b y, down the screen c x + d y. */

/** @import { Pane, Placement, Point, Rect, Turn, View } from "./types.js" */
/** @typedef {Pick<Pane, "rows" | "columns" | "display_rows" | "display_columns">} Shape */

/** @type {Turn} */
export const UPRIGHT = [1, 0, 0, 1];
const CLOSEST = 24;

/**
 * A film's turn, mirrored left and right as the screen has it.
 * @param {Turn} turn
 * @returns {Turn}
 */
export function flipped([a, b, c, d]) {
  return [-a, -b, c, d];
}

/**
 * A film's turn, a quarter further clockwise as the screen has it.
 * @param {Turn} turn
 * @returns {Turn}
 */
export function rotated([a, b, c, d]) {
  return [-c, -d, a, b];
}

/** @param {Turn} turn */
export function isMirrored([a, b, c, d]) {
  return a * d - b * c < 0;
}

/**
 * Degrees clockwise by which the film was turned, once it was mirrored where it is.
 * @param {Turn} turn
 */
export function degrees(turn) {
  const sign = isMirrored(turn) ? -1 : 1;
  return (Math.round(Math.atan2(sign * turn[2], sign * turn[0]) / (Math.PI / 2)) * 90 + 360) % 360;
}

/**
 * The scale at which the whole film fits its rectangle.
 * @param {Shape} pane
 * @param {Turn} turn
 * @param {Rect} rect
 */
export function fitScale(pane, turn, rect) {
  const [wide, tall] = turn[0] ? [pane.display_columns, pane.display_rows] : [pane.display_rows, pane.display_columns];
  return Math.max(Math.min(rect.width / wide, rect.height / tall), 1e-3);
}

/**
 * The place of a pane by its view: scale, turn, shift. At whole scales film pixels lie on the screen's.
 * @param {Shape} pane
 * @param {Pick<View, "turn" | "mode" | "zoom" | "centre">} view
 * @param {Rect} rect
 * @returns {Placement}
 */
export function placed(pane, view, rect) {
  const [a, b, c, d] = view.turn;
  const fit = fitScale(pane, view.turn, rect);
  const s = view.mode === "real" ? 1 : view.mode === "fit" ? fit : view.zoom * fit;
  const centre = view.mode === "fit" ? [0.5, 0.5] : view.centre;
  const u = (centre[0] - 0.5) * pane.display_columns, v = (centre[1] - 0.5) * pane.display_rows;
  const at = {
    s, a, b, c, d, fit,
    sx: pane.display_columns / pane.columns, sy: pane.display_rows / pane.rows,
    wide: pane.display_columns, tall: pane.display_rows,
    tx: rect.x + rect.width / 2 - s * (a * u + b * v),
    ty: rect.y + rect.height / 2 - s * (c * u + d * v),
  };
  if (Math.abs(s - Math.round(s)) < 1e-9 && s >= 1) {
    const corner = [at.tx - s * (a * at.wide + b * at.tall) / 2, at.ty - s * (c * at.wide + d * at.tall) / 2];
    at.tx += Math.round(corner[0]) - corner[0];
    at.ty += Math.round(corner[1]) - corner[1];
  }
  return at;
}

/**
 * @param {Placement} at
 * @param {number} x
 * @param {number} y
 * @returns {Point}
 */
export function toScreen(at, x, y) {
  const u = x * at.sx - at.wide / 2, v = y * at.sy - at.tall / 2;
  return [at.s * (at.a * u + at.b * v) + at.tx, at.s * (at.c * u + at.d * v) + at.ty];
}

/**
 * @param {Placement} at
 * @param {number} X
 * @param {number} Y
 * @returns {Point}
 */
export function toFilm(at, X, Y) {
  const p = (X - at.tx) / at.s, q = (Y - at.ty) / at.s;
  return [(at.a * p + at.c * q + at.wide / 2) / at.sx, (at.b * p + at.d * q + at.tall / 2) / at.sy];
}

/**
 * The film's x and y as sums over the screen's: x = across[0] X + across[1] Y + across[2], likewise y.
 * @param {Placement} at
 */
export function inverse(at) {
  const { a, b, c, d, s, sx, sy, tx, ty } = at;
  return {
    across: [a / s / sx, c / s / sx, (at.wide / 2 - (a * tx + c * ty) / s) / sx],
    down: [b / s / sy, d / s / sy, (at.tall / 2 - (b * tx + d * ty) / s) / sy],
  };
}

/**
 * The view after a zoom by a factor about a place on the screen, which keeps what it shows.
 * @param {Shape} pane
 * @param {View} view
 * @param {Rect} rect
 * @param {number} factor
 * @param {number} X
 * @param {number} Y
 * @returns {View}
 */
export function zoomed(pane, view, rect, factor, X, Y) {
  const at = placed(pane, view, rect);
  const s = Math.min(Math.max(at.s * factor, at.fit * 0.25), Math.max(CLOSEST, at.fit));
  const p = (X - at.tx) / at.s, q = (Y - at.ty) / at.s;
  const shift = [X - s * p, Y - s * q];
  return { ...view, mode: "free", zoom: s / at.fit, centre: onFilm(at, (rect.x + rect.width / 2 - shift[0]) / s, (rect.y + rect.height / 2 - shift[1]) / s) };
}

/**
 * The view after a pan by device pixels.
 * @param {Shape} pane
 * @param {View} view
 * @param {Rect} rect
 * @param {number} dx
 * @param {number} dy
 * @returns {View}
 */
export function panned(pane, view, rect, dx, dy) {
  const at = placed(pane, view, rect);
  const mode = view.mode === "real" ? "real" : "free";
  const centre = onFilm(at, (rect.x + rect.width / 2 - at.tx - dx) / at.s, (rect.y + rect.height / 2 - at.ty - dy) / at.s);
  return { ...view, mode, zoom: at.s / at.fit, centre };
}

/**
 * A place in turned film pixels from the middle as shares of the film; never off the film.
 * @param {Placement} at
 * @param {number} p
 * @param {number} q
 * @returns {Point}
 */
function onFilm(at, p, q) {
  const share = (/** @type {number} */ value, /** @type {number} */ length) => Math.min(Math.max(value / length + 0.5, 0), 1);
  return [share(at.a * p + at.c * q, at.wide), share(at.b * p + at.d * q, at.tall)];
}
