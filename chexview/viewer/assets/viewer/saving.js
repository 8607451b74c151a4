/* What is saved of the viewer: a picture of what is shown with its legend, and the measurements as a table. */

import { element } from "../dom.js";
import { context2d } from "./canvas.js";
import { scaleEnds } from "./controls.js";
import { coloursOver } from "./heat.js";
import { badgeWords, shownFinding } from "./overlay.js";
import { resultOf } from "./marks.js";

/** @import { OverlayState } from "./overlay.js" */
/** @import { Slot } from "./panes.js" */
/** @import { Finding, Heat, Mark, Pane, Preferences } from "./types.js" */

const LINE = 18;
const BAR = { width: 220, height: 10 };
const COLUMNS = ["film", "measurement", "value", "unit", "plane", "points in stored pixels (x y)", "said"];
/** @type {Record<Mark["kind"], string>} */
const NAMES = { length: "length", angle: "angle", ratio: "cardiothoracic ratio", region: "region covered, share of the film" };

/**
 * The picture: films, what lies over them, and a foot with the colours, their finding, their source and the notice.
 * @param {HTMLCanvasElement} films
 * @param {HTMLCanvasElement} over
 * @param {Slot[]} slots
 * @param {OverlayState} state
 * @param {string} notice
 */
export function picture(films, over, slots, state, notice) {
  const { px } = state;
  const shown = slots.find((slot) => shownFinding(slot, state));
  const finding = shown ? shownFinding(shown, state) : null, heat = shown?.pane.heat ?? null;
  const lines = finding && heat ? legendLines(finding, heat, notice) : [notice];
  const legend = finding && heat ? 2 * LINE : 0;
  const foot = Math.round((legend + lines.length * LINE + 12) * px);
  const canvas = element("canvas");
  Object.assign(canvas, { width: films.width, height: films.height + foot });
  const context = context2d(canvas);
  context.fillStyle = "#141413";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(films, 0, 0);
  context.drawImage(over, 0, 0);
  let y = films.height + (LINE / 2 + 6) * px;
  context.textBaseline = "middle";
  context.font = `${12 * px}px system-ui, sans-serif`;
  if (finding && heat) {
    drawBar(context, heat, state.preferences, finding, y, px);
    y += 2 * LINE * px;
  }
  context.fillStyle = "#C9C5BC";
  context.textAlign = "left";
  for (const line of lines) {
    context.fillText(line, 10 * px, y, canvas.width - 20 * px);
    y += LINE * px;
  }
  return canvas;
}

/**
 * @param {Finding} finding
 * @param {Heat} heat
 * @param {string} notice
 */
function legendLines(finding, heat, notice) {
  return [`Heatmap: ${badgeWords(finding)}; ${finding.unit} ${finding.total}. ${heat.words}. Checkpoint ${heat.checkpoint}.`, notice];
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Heat} heat
 * @param {Preferences} preferences
 * @param {Finding} finding
 * @param {number} y
 * @param {number} px
 */
function drawBar(context, heat, preferences, finding, y, px) {
  const left = 10 * px, wide = BAR.width * px, tall = BAR.height * px;
  const colours = coloursOver(heat, preferences.threshold);
  context.fillStyle = "#55534f";
  context.fillRect(left, y - tall / 2, wide, tall);
  for (let entry = 0; entry < 256; entry += 1) {
    const [red, green, blue, alpha] = colours.subarray(4 * entry, 4 * entry + 4);
    context.fillStyle = `rgba(${red}, ${green}, ${blue}, ${(alpha / 255) * preferences.opacity})`;
    context.fillRect(left + (entry * wide) / 256, y - tall / 2, wide / 256, tall);
  }
  context.fillStyle = "#C9C5BC";
  const [low, high] = scaleEnds(finding);
  const under = y + LINE * px * 0.85;
  for (const [text, x, align] of /** @type {[string, number, CanvasTextAlign][]} */ (
    [[low, left, "left"], ["0", left + wide / 2, "center"], [high, left + wide, "right"], [`map, ${finding.unit}`, left + wide + 10 * px, "left"]]
  )) {
    context.textAlign = align;
    context.fillText(text, x, under);
  }
}

/**
 * A cell of a CSV: quoted where it must be, and never a formula where a spreadsheet opens it.
 * @param {string | number} value
 */
export function csvCell(value) {
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * The measurements of films as CSV, one a line; lengths in the unit and plane that they are true in.
 * @param {{pane: Pick<Pane, "title" | "rows" | "columns" | "display_rows" | "display_columns" | "spacing">, marks: Mark[]}[]} films
 * @param {(film: number, mark: Mark) => string} words what stands beside a mark on the film
 */
export function measurementsTable(films, words) {
  const lines = films.flatMap(({ pane, marks }, film) => marks.map((mark) => {
    const { value, unit } = resultOf(pane, mark);
    const points = mark.points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("; ");
    const plane = unit === "mm" ? pane.spacing?.words ?? "" : "";
    return [pane.title, NAMES[mark.kind], Number.isFinite(value) ? Number(value.toPrecision(6)) : "", unit, plane, points, words(film, mark)];
  }));
  return `${[COLUMNS, ...lines].map((line) => line.map(csvCell).join(",")).join("\r\n")}\r\n`;
}

/**
 * Hands a file to the reader; its name says nothing of the film.
 * @param {Blob} blob
 * @param {string} name
 */
export function download(blob, name) {
  const link = element("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
