/* Measurements: their points in stored film pixels, what they come to, and how they are drawn. */

import { toScreen } from "./geometry.js";

/** @import { Rect, Covered, Mark, MarkKind, MarkResult, Pane, Placement, Point, Region, ToolName } from "./types.js" */
/** @typedef {Pick<Pane, "rows" | "columns" | "display_rows" | "display_columns" | "spacing">} Measured */

/** @type {Record<MarkKind, number>} */
export const POINTS = { length: 2, angle: 3, ratio: 6, region: 2 };
const MARK = "#9BE8B4";
const SHORTEST = 3;

/**
 * What the next point is; of strokes that count across the screen alone, the end lies level with the start.
 * @type {Record<MarkKind, string[]>}
 */
const PROMPTS = {
  length: ["Length: set the first end", "Length: set the other end"],
  region: ["Region: set a corner", "Region: set the opposite corner"],
  angle: ["Angle: set a point on the first arm", "Angle: set the corner", "Angle: set a point on the second arm"],
  ratio: [
    "Ratio, 1 of 3: start on the midline of the spine",
    "Ratio, 1 of 3: across to the heart's border farthest to the left of the picture",
    "Ratio, 2 of 3: start on the midline of the spine again",
    "Ratio, 2 of 3: across to the heart's border farthest to the right of the picture",
    "Ratio, 3 of 3: start on the inner edge of the ribs on the left, where the chest is widest",
    "Ratio, 3 of 3: across to the inner edge of the ribs on the right",
  ],
};

/**
 * What the next point of a mark is, in words.
 * @param {MarkKind} kind
 * @param {number} points set already
 */
export function promptFor(kind, points) {
  return PROMPTS[kind][points];
}

/**
 * Whether a tool sets points.
 * @param {ToolName} tool
 * @returns {tool is MarkKind}
 */
export function measures(tool) {
  return tool in POINTS;
}

/**
 * Why the next point of a mark cannot lie there, in one sentence; "" where it can. A ratio's strokes go across.
 * @param {Mark} mark
 * @param {Point} place
 * @param {Placement} at
 * @param {number} px device pixels in a CSS pixel
 */
export function objection(mark, place, at, px) {
  const number = mark.points.length;
  if (mark.kind !== "ratio" || number % 2 === 0) return "";
  const [x, y] = toScreen(at, ...mark.points[number - 1]), [X, Y] = toScreen(at, ...place);
  if (Math.abs(Y - y) > Math.abs(X - x)) return "This stroke goes down rather than across: set its end beside its start";
  return Math.abs(X - x) < SHORTEST * px ? "This stroke has no length: set its end farther across" : "";
}

/**
 * A mark with one of its points put, a new one or an old one; a ratio's strokes stay level on the screen they began on.
 * @param {Mark} mark
 * @param {number} number
 * @param {Point} place
 * @returns {Mark}
 */
export function withPoint(mark, number, place) {
  const points = mark.points.slice();
  points[number] = place;
  const partner = number ^ 1;
  /** @type {(point: Point, like: Point) => Point} */
  const levelled = (point, like) => (mark.axis ? [like[0], point[1]] : [point[0], like[1]]);
  if (mark.kind === "ratio" && points[partner]) {
    if (number > partner && !mark.points[number]) points[number] = levelled(place, points[partner]);
    else points[partner] = levelled(points[partner], place);
  }
  return { ...mark, points };
}

/**
 * Millimetres of a step across and down the stored film; square display pixels where the spacing is not known.
 * @param {Measured} pane
 */
function unitsOf(pane) {
  if (pane.spacing) return { x: pane.spacing.column_mm, y: pane.spacing.row_mm, name: "mm", plane: pane.spacing.words };
  return { x: pane.display_columns / pane.columns, y: pane.display_rows / pane.rows, name: "px", plane: "" };
}

/**
 * @param {Measured} pane
 * @param {Point[]} ends
 */
function lengthOf(pane, [[x, y], [X, Y]]) {
  const units = unitsOf(pane);
  return Math.hypot((X - x) * units.x, (Y - y) * units.y);
}

/**
 * The angle at the second point, 0 to 180 degrees, as it is on the patient.
 * @param {Measured} pane
 * @param {Point[]} points
 */
function angleOf(pane, [first, corner, second]) {
  const units = unitsOf(pane);
  const arm = (/** @type {Point} */ [x, y]) => [(x - corner[0]) * units.x, (y - corner[1]) * units.y];
  const [a, b] = [arm(first), arm(second)];
  return Math.abs(Math.atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1])) * (180 / Math.PI);
}

/**
 * The cardiothoracic ratio: both distances from the midline over the width of the chest, each along one axis of the film.
 * @param {Measured} pane
 * @param {Mark} mark
 */
function ratioOf(pane, { points, axis }) {
  const unit = unitsOf(pane)[axis ? "y" : "x"];
  const [right, left, chest] = [0, 2, 4].map((at) => Math.abs(points[at + 1][axis] - points[at][axis]) * unit);
  return { right, left, chest, ratio: chest > 0 ? (right + left) / chest : NaN };
}

/**
 * A region in shares of the film, cut off at its edges.
 * @param {Pick<Pane, "rows" | "columns">} pane
 * @param {Mark} mark
 * @returns {Region}
 */
export function regionOf(pane, { points: [[x, y], [X, Y]] }) {
  const share = (/** @type {number} */ value, /** @type {number} */ whole) => Math.min(Math.max(value / whole, 0), 1);
  const [left, right] = [share(Math.min(x, X), pane.columns), share(Math.max(x, X), pane.columns)];
  const [top, bottom] = [share(Math.min(y, Y), pane.rows), share(Math.max(y, Y), pane.rows)];
  return { left, top, width: right - left, height: bottom - top };
}

/**
 * Whether two regions are one; the server's numbers went through JSON.
 * @param {Region} one
 * @param {Region} other
 */
export function sameRegion(one, other) {
  return (/** @type {const} */ (["left", "top", "width", "height"])).every((side) => Math.abs(one[side] - other[side]) < 1e-9);
}

/**
 * What covering a region does to a finding's score, of that very region; "" until it is known.
 * @param {Pane} pane
 * @param {Mark} mark
 * @param {Covered[]} covered
 * @param {string} finding
 */
export function coveredWords(pane, mark, covered, finding) {
  const region = regionOf(pane, mark);
  return covered.find((known) => known.film === pane.id && sameRegion(known, region))?.words[finding] ?? "";
}

/**
 * What a finished mark says: a number for tables, words for people.
 * @param {Measured} pane
 * @param {Mark} mark
 * @returns {MarkResult}
 */
export function resultOf(pane, mark) {
  const units = unitsOf(pane);
  if (mark.kind === "length") {
    const value = lengthOf(pane, mark.points);
    const text = units.name === "mm" ? `${value.toFixed(1)} mm, ${units.plane}` : `${value.toFixed(0)} px`;
    return { value, unit: units.name, text };
  }
  if (mark.kind === "region") {
    const { width, height } = regionOf(pane, mark);
    return { value: width * height, unit: "", text: `covered: ${(100 * width).toFixed(0)} x ${(100 * height).toFixed(0)} % of the film` };
  }
  if (mark.kind === "angle") {
    const value = angleOf(pane, mark.points);
    return { value, unit: "degrees", text: `${value.toFixed(1)}\u00b0` };
  }
  const { right, left, chest, ratio } = ratioOf(pane, mark);
  const [r, l, c] = [right, left, chest].map((value) => value.toFixed(0));
  const text = Number.isNaN(ratio) ? "no width of the chest" : `CTR ${ratio.toFixed(2)} = (${r} + ${l}) / ${c} ${units.name}`;
  return { value: ratio, unit: "", text };
}

/**
 * Draws a mark, finished or not; ``px`` is the size of a CSS pixel, ``words`` what stands beside a finished one, inside ``rect``.
 * @param {CanvasRenderingContext2D} context
 * @param {Mark} mark
 * @param {Placement} at
 * @param {number} px
 * @param {string} words
 * @param {Rect} rect
 */
export function drawMark(context, mark, at, px, words, rect) {
  const screen = mark.points.map(([x, y]) => toScreen(at, x, y));
  context.save();
  context.lineCap = "round";
  for (const [colour, width] of /** @type {[string, number][]} */ ([["rgba(0, 0, 0, 0.7)", 3.6], [MARK, 1.5]])) {
    context.strokeStyle = colour;
    context.lineWidth = width * px;
    context.beginPath();
    traceMark(context, mark.kind, screen, px);
    context.stroke();
  }
  if (screen.length === POINTS[mark.kind]) {
    const [X, Y] = mark.kind === "ratio" ? screen[4] : screen[screen.length - 1];
    pill(context, words, X + 10 * px, Y + 14 * px, px, MARK, rect);
  }
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {MarkKind} kind
 * @param {Point[]} screen
 * @param {number} px
 */
function traceMark(context, kind, screen, px) {
  for (const [x, y] of screen) {
    context.moveTo(x - 4 * px, y);
    context.lineTo(x + 4 * px, y);
    context.moveTo(x, y - 4 * px);
    context.lineTo(x, y + 4 * px);
  }
  if (kind === "region") {
    const [[x, y], [X, Y]] = [screen[0], screen[1] ?? screen[0]];
    context.rect(Math.min(x, X), Math.min(y, Y), Math.abs(X - x), Math.abs(Y - y));
    return;
  }
  const pairs = kind === "angle" ? [[0, 1], [1, 2]] : [[0, 1], [2, 3], [4, 5]];
  for (const [from, to] of pairs) {
    if (!screen[to]) continue;
    context.moveTo(...screen[from]);
    context.lineTo(...screen[to]);
  }
}

/**
 * Where something of a size stands that would like to begin at a place, but must lie inside a rectangle.
 * @param {Point} wish
 * @param {Point} size
 * @param {Rect} rect
 * @param {number} edge
 * @returns {Point}
 */
export function keptInside([x, y], [wide, tall], rect, edge) {
  const least = [rect.x + edge, rect.y + edge];
  const most = [rect.x + rect.width - wide - edge, rect.y + rect.height - tall - edge];
  return [Math.max(least[0], Math.min(x, most[0])), Math.max(least[1], Math.min(y, most[1]))];
}

/**
 * Words on a dark ground, kept inside the film's pane.
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {number} px
 * @param {string} colour
 * @param {Rect} rect
 */
export function pill(context, text, x, y, px, colour, rect) {
  context.font = `${12 * px}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  context.textAlign = "left";
  const wide = context.measureText(text).width + 12 * px, tall = 19 * px;
  const [left, top] = keptInside([x, y - tall / 2], [wide, tall], rect, 2 * px);
  context.fillStyle = "rgba(12, 12, 11, 0.78)";
  context.beginPath();
  context.roundRect(left, top, wide, tall, 4 * px);
  context.fill();
  context.fillStyle = colour;
  context.fillText(text, left + 6 * px, top + tall / 2 + 0.5 * px);
}
