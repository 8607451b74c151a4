/* Draws what lies over the films on one canvas: heatmap, boxes, measurements, letters of the sides, words in the corners. */

import { short } from "../numbers.js";
import { degrees, isMirrored, toScreen } from "./geometry.js";
import { drawHeat } from "./heat.js";
import { POINTS, coveredWords, drawMark, pill, resultOf, withPoint } from "./marks.js";
import { isTable } from "./window.js";

/** @import { Box, Covered, Edges, Finding, Held, Mark, Pane, Placement, Point, Preferences, Rect, Turn, Voi } from "./types.js" */
/** @import { Slot } from "./panes.js" */
/**
 * @typedef {object} OverlayState
 * @property {number} px
 * @property {Held} held
 * @property {Preferences} preferences
 * @property {{slot: Slot, mark: Mark, live: Point | null} | null} pending
 * @property {{slot: Slot, x: number, y: number} | null} cursor
 * @property {Slot | null} active
 * @property {boolean} several
 * @property {Covered[]} covered
 * @property {boolean} regions
 * @property {(pane: Pane) => Finding | null} findingOf
 */
/** @typedef {(text: string, x: number, y: number, align: CanvasTextAlign, colour?: string, size?: number, weight?: string) => void} Write */

const PALE = "#C9C5BC";
const MODEL_BOX = "#F2D5FF";
const READER_BOX = "#7CE3FF";

/**
 * Everything over one slot. ``held`` is "hide" or "original" while such a key is down.
 * @param {CanvasRenderingContext2D} context
 * @param {Slot} slot
 * @param {OverlayState} state
 */
export function drawOver(context, slot, state) {
  const { rect, pane } = slot;
  const { px, held } = state;
  context.save();
  context.beginPath();
  context.rect(rect.x, rect.y, rect.width, rect.height);
  context.clip();
  const at = slot.at;
  const finding = slot.film && shownFinding(slot, state);
  if (finding) drawHeat(context, pane, finding, at, state.preferences);
  const boxes = slot.film && !held && !slot.bare && state.preferences.boxes ? pane.boxes : [];
  for (const box of boxes) drawBox(context, pane, box, at, px, rect);
  if (slot.film && !held) {
    for (const mark of slot.marks) drawMark(context, mark, at, px, markWords(slot, mark, state), rect);
    if (state.pending?.slot === slot) {
      const { mark, live } = state.pending;
      const drawn = live ? withPoint(mark, mark.points.length, live) : mark;
      drawMark(context, drawn, at, px, drawn.points.length === POINTS[drawn.kind] ? resultOf(pane, drawn).text : "", rect);
    }
    if (state.cursor?.slot === slot) drawCursor(context, toScreen(at, state.cursor.x, state.cursor.y), px);
  }
  const badges = finding ? [badgeWords(finding)] : boxes.some((box) => box.by_model) ? ["AI"] : [];
  drawWords(context, slot, at, state, badges);
  if (state.active === slot && state.several) outline(context, rect, px);
  context.restore();
}

/**
 * Whose heatmap this is and how the finding scored: never a picture without its name.
 * @param {Finding} finding
 */
export function badgeWords(finding) {
  return `AI \u00b7 ${finding.title} ${finding.score}${finding.flagged ? ", flagged" : ""}`;
}

/**
 * What stands beside a finished mark; beside a region, what covering it does to the finding that is chosen.
 * @param {Slot} slot
 * @param {Mark} mark
 * @param {Pick<OverlayState, "covered" | "findingOf" | "regions">} state
 */
export function markWords({ pane }, mark, { covered, findingOf, regions }) {
  if (mark.kind !== "region" || !regions) return resultOf(pane, mark).text;
  const finding = findingOf(pane);
  if (!finding) return resultOf(pane, mark).text;
  const change = coveredWords(pane, mark, covered, finding.name);
  return change ? `${finding.title} without this: ${change}` : "Reading without this region \u2026";
}

/**
 * The finding whose heatmap lies over the slot now; null where none does.
 * @param {Slot} slot
 * @param {Pick<OverlayState, "preferences" | "held" | "findingOf">} state
 */
export function shownFinding(slot, { preferences, held, findingOf }) {
  if (slot.bare || held || !preferences.heat || !slot.pane.heat) return null;
  return findingOf(slot.pane);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Pane} pane
 * @param {Box} box
 * @param {Placement} at
 * @param {number} px
 * @param {Rect} rect
 */
function drawBox(context, pane, box, at, px, rect) {
  const corner = (/** @type {number} */ x, /** @type {number} */ y) => toScreen(at, x * pane.columns, y * pane.rows);
  const [x, y] = corner(box.left, box.top), [X, Y] = corner(box.left + box.width, box.top + box.height);
  const left = Math.min(x, X), top = Math.min(y, Y);
  const colour = box.by_model ? MODEL_BOX : READER_BOX;
  for (const [stroke, width] of /** @type {[string, number][]} */ ([["rgba(0, 0, 0, 0.65)", 3.4], [colour, 1.5]])) {
    context.strokeStyle = stroke;
    context.lineWidth = width * px;
    context.strokeRect(left, top, Math.abs(X - x), Math.abs(Y - y));
  }
  if (box.label) pill(context, box.label, left, top - 12 * px, px, colour, rect);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Point} place
 * @param {number} px
 */
function drawCursor(context, [x, y], px) {
  for (const [colour, width] of /** @type {[string, number][]} */ ([["rgba(0, 0, 0, 0.7)", 3], ["#fff", 1]])) {
    context.strokeStyle = colour;
    context.lineWidth = width * px;
    context.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + 3 * px * dx, y + 3 * px * dy);
      context.lineTo(x + 12 * px * dx, y + 12 * px * dy);
    }
    context.stroke();
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Rect} rect
 * @param {number} px
 */
function outline(context, rect, px) {
  context.strokeStyle = "rgba(134, 187, 168, 0.75)";
  context.lineWidth = px;
  context.strokeRect(rect.x + px / 2, rect.y + px / 2, rect.width - px, rect.height - px);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Slot} slot
 * @param {Placement} at
 * @param {OverlayState} state
 * @param {string[]} badges
 */
function drawWords(context, slot, at, state, badges) {
  const { rect, pane, view } = slot;
  const { px, held } = state;
  const right = rect.x + rect.width, bottom = rect.y + rect.height;
  /** @type {Write} */
  const write = (text, x, y, align, colour = PALE, size = 12, weight = "") => {
    context.font = `${weight} ${size * px}px system-ui, sans-serif`;
    context.textAlign = align;
    context.textBaseline = "middle";
    context.lineWidth = 3 * px;
    context.lineJoin = "round";
    context.strokeStyle = "rgba(0, 0, 0, 0.8)";
    context.strokeText(text, x, y);
    context.fillStyle = colour;
    context.fillText(text, x, y);
  };
  if (!slot.film) {
    write(slot.trouble || "Loading the film", rect.x + rect.width / 2, rect.y + rect.height / 2, "center", PALE, 13);
    return;
  }
  const edge = 10 * px;
  const original = held === "original";
  const room = badges.reduce((left, text) => left - badge(context, text, right - edge, rect.y + 15 * px, px), rect.width - 4 * edge);
  const heading = original || slot.bare ? "Original" : pane.title;
  const named = fitted(context, heading, Math.min(room, rect.width * 0.7), px);
  if (heading) write(named, rect.x + edge, rect.y + 15 * px, "left");
  const widest = Math.max(context.measureText(named).width, rect.width - 4 * edge - room);
  const turned = turnWords(view.turn, view.invert && !original);
  if (turned) write(turned, rect.x + edge, rect.y + 33 * px, "left", "#F0C674");
  letters(pane.edges, view.turn, rect, px, write, widest > rect.width / 2 - edge - 12 * px);
  const window = original ? windowWords(pane.views[0], pane.views[0].name) : windowWords(slot.voi, view.window ? "" : slot.named.name);
  write(fitted(context, window, rect.width * 0.6, px), rect.x + edge, bottom - 31 * px, "left");
  write(`${Math.round(at.s * 100)} %`, rect.x + edge, bottom - 14 * px, "left");
  scaleBar(context, pane, at, right - edge, bottom - 14 * px, px, write);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} room
 * @param {number} px
 */
function fitted(context, text, room, px) {
  context.font = `${12 * px}px system-ui, sans-serif`;
  let shown = text;
  while (shown.length > 1 && context.measureText(shown).width > room) shown = `${shown.slice(0, -2)}\u2026`;
  return shown;
}

/**
 * @param {Turn} turn
 * @param {boolean} invert
 */
export function turnWords(turn, invert) {
  const angle = degrees(turn);
  return [isMirrored(turn) ? "mirrored" : "", angle ? `turned ${angle}\u00b0` : "", invert ? "inverted" : ""].filter(Boolean).join(", ");
}

/**
 * @param {Voi} voi
 * @param {string} name "" for the reader's own window
 */
function windowWords(voi, name) {
  const before = name ? `${name}: ` : "";
  return isTable(voi) ? `${before}table` : `${before}C ${short(voi.centre)}  W ${short(voi.width)}`;
}

/**
 * Draws a badge and says how wide it is.
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} right
 * @param {number} y
 * @param {number} px
 */
function badge(context, text, right, y, px) {
  context.font = `600 ${12 * px}px system-ui, sans-serif`;
  const wide = context.measureText(text).width + 14 * px;
  context.fillStyle = "#E9E7E2";
  context.beginPath();
  context.roundRect(right - wide, y - 10 * px, wide, 20 * px, 3 * px);
  context.fill();
  context.fillStyle = "#111110";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, right - wide / 2, y + 0.5 * px);
  return wide;
}

/**
 * The letters of the header on the edges of the screen where the film's edges are now.
 * @param {Edges} edges
 * @param {Turn} turn
 * @param {Rect} rect
 * @param {number} px
 * @param {Write} write
 * @param {boolean} crowded whether words stand where the upper letter would, so that it goes below them
 */
function letters(edges, [a, b, c, d], rect, px, write, crowded) {
  const edgeAt = (/** @type {number} */ dx, /** @type {number} */ dy) => {
    const x = a * dx + c * dy, y = b * dx + d * dy;
    return x < 0 ? edges.left : x > 0 ? edges.right : y < 0 ? edges.top : edges.bottom;
  };
  const x = rect.x + rect.width / 2, y = rect.y + rect.height / 2;
  const put = (/** @type {string} */ letter, /** @type {Point} */ place) => letter && write(letter, ...place, "center", "#E9E7E2", 15, "600");
  put(edgeAt(-1, 0), [rect.x + 15 * px, y]);
  put(edgeAt(1, 0), [rect.x + rect.width - 15 * px, y]);
  put(edgeAt(0, -1), [x, rect.y + (crowded ? 40 : 16) * px]);
  put(edgeAt(0, 1), [x, rect.y + rect.height - 16 * px]);
}

/**
 * A ruler across the screen of a round length that suits the scale, and the plane in which it is true.
 * @param {CanvasRenderingContext2D} context
 * @param {Pane} pane
 * @param {Placement} at
 * @param {number} right
 * @param {number} y
 * @param {number} px
 * @param {Write} write
 */
function scaleBar(context, pane, at, right, y, px, write) {
  if (!pane.spacing) return;
  const perPixel = at.a ? pane.spacing.column_mm / (at.s * at.sx) : pane.spacing.row_mm / (at.s * at.sy);
  const longest = perPixel * 130 * px;
  const length = [100, 50, 20, 10, 5, 2, 1, 0.5].find((mm) => mm <= longest);
  if (!length) return;
  const wide = length / perPixel;
  for (const [colour, width] of /** @type {[string, number][]} */ ([["rgba(0, 0, 0, 0.8)", 4], [PALE, 1.5]])) {
    context.strokeStyle = colour;
    context.lineWidth = width * px;
    context.beginPath();
    context.moveTo(right - wide, y - 4 * px);
    context.lineTo(right - wide, y);
    context.lineTo(right, y);
    context.lineTo(right, y - 4 * px);
    context.stroke();
  }
  write(`${length} mm, ${pane.spacing.words}`, right, y - 16 * px, "right", PALE, 11);
}
