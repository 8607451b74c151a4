/* The magnifier, and what is read under the pointer. */

import { short } from "../numbers.js";
import { toFilm } from "./geometry.js";
import { cellAt, cellWords, drawHeat } from "./heat.js";
import { shownFinding } from "./overlay.js";

/** @import { Slot } from "./panes.js" */
/** @import { OverlayState } from "./overlay.js" */
/** @import { Placement, Rect } from "./types.js" */
/** @typedef {{slot: Slot, X: number, Y: number}} ScreenPoint a place on the canvas, in device pixels */
/** @typedef {{slot: Slot, at: Placement, rect: Rect}} Lens */

const LENS = 230;
const PART = 0.46;
const TIMES = 2;

/**
 * The lens at a point: a square on the canvas, and the film's place in it, closer by ``TIMES`` than around it.
 * @param {ScreenPoint} point
 * @param {number} px
 * @returns {Lens}
 */
export function lensOf({ slot, X, Y }, px) {
  const { rect } = slot;
  const side = Math.round(Math.min(LENS * px, rect.width * PART, rect.height * PART));
  const x = Math.round(Math.min(Math.max(X - side / 2, rect.x), rect.x + rect.width - side));
  const y = Math.round(Math.min(Math.max(Y - side / 2, rect.y), rect.y + rect.height - side));
  const around = slot.at;
  const s = around.s * TIMES;
  const at = { ...around, s, tx: X - (X - around.tx) * TIMES, ty: Y - (Y - around.ty) * TIMES };
  return { slot, at, rect: { x, y, width: side, height: side } };
}

/**
 * The overlay inside the lens is the heatmap alone; marks around it would lie in the wrong place.
 * @param {CanvasRenderingContext2D} context
 * @param {Lens} lens
 * @param {OverlayState} state
 */
export function drawLens(context, { slot, at, rect }, state) {
  context.save();
  context.clearRect(rect.x, rect.y, rect.width, rect.height);
  context.beginPath();
  context.rect(rect.x, rect.y, rect.width, rect.height);
  context.clip();
  const finding = shownFinding(slot, state);
  if (finding) drawHeat(context, slot.pane, finding, at, state.preferences);
  context.strokeStyle = "#E9E7E2";
  context.lineWidth = 2 * state.px;
  context.strokeRect(rect.x, rect.y, rect.width, rect.height);
  context.restore();
}

/**
 * The place and the value under a point of the screen, and what the heatmap's cell adds; "" beside the film.
 * @param {ScreenPoint} point
 * @param {OverlayState} state
 */
export function readOut({ slot, X, Y }, state) {
  if (!slot.film) return "";
  const { pane, film } = slot;
  const [x, y] = toFilm(slot.at, X, Y).map(Math.floor);
  if (x < 0 || y < 0 || x >= pane.columns || y >= pane.rows) return "";
  const [whole] = film.levels;
  const at = y * whole.width + x;
  const value = whole.mask?.[at] ? "padding" : `value ${short(whole.data[at] * pane.scale + pane.offset)}`;
  const finding = shownFinding(slot, state);
  const cell = finding && pane.heat ? cellWords(finding, cellAt(pane, pane.heat, x + 0.5, y + 0.5)) : "";
  return [cell, `x ${x}, y ${y}`, value].filter(Boolean).join("  \u00b7  ");
}
