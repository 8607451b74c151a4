/* Draws what lies over the films on one canvas: heatmap, boxes, measurements, letters of the sides, words in the corners. */
const PALE = "#C9C5BC";
const BOX = "#F2D5FF";

/* Everything over one slot. ``held`` is "hide" or "original" while such a key is down. */
function drawOver(context, slot, state) {
  const { rect, pane } = slot;
  const { px, held } = state;
  context.save();
  context.beginPath();
  context.rect(rect.x, rect.y, rect.width, rect.height);
  context.clip();
  const at = slot.at;
  const name = slot.film && shownFinding(slot, state);
  if (name) drawHeat(context, pane, pane.heat, name, at, state.prefs);
  const boxes = slot.film && !held && !slot.bare && state.prefs.boxes ? pane.boxes : [];
  for (const box of boxes) drawBox(context, pane, box, at, px);
  if (slot.film && !held) {
    for (const mark of slot.marks) drawMark(context, pane, mark, at, px);
    if (state.pending?.slot === slot) drawMark(context, pane, state.pending.mark, at, px, state.pending.live);
    if (state.cursor?.slot === slot) drawCursor(context, toScreen(at, state.cursor.x, state.cursor.y), px);
  }
  drawWords(context, slot, at, state, Boolean(name) || boxes.some((box) => box.by_model));
  if (state.active === slot && state.several) outline(context, rect, px);
  context.restore();
}

/* The finding whose heatmap lies over the slot now; "" where none does. */
function shownFinding(slot, { prefs, held, findingOf }) {
  if (slot.bare || held || !prefs.heat || !slot.pane.heat) return "";
  return findingOf(slot.pane);
}

function drawBox(context, pane, box, at, px) {
  const corner = (x, y) => toScreen(at, x * pane.columns, y * pane.rows);
  const [x, y] = corner(box.left, box.top), [X, Y] = corner(box.left + box.width, box.top + box.height);
  const place = [Math.min(x, X), Math.min(y, Y), Math.abs(X - x), Math.abs(Y - y)];
  for (const [colour, width] of [["rgba(0, 0, 0, 0.65)", 3.4], [BOX, 1.5]]) {
    context.strokeStyle = colour;
    context.lineWidth = width * px;
    context.strokeRect(...place);
  }
  if (box.label) pill(context, box.label, place[0], place[1] - 12 * px, px, BOX);
}

function drawCursor(context, [x, y], px) {
  for (const [colour, width] of [["rgba(0, 0, 0, 0.7)", 3], ["#fff", 1]]) {
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

function outline(context, rect, px) {
  context.strokeStyle = "rgba(134, 187, 168, 0.75)";
  context.lineWidth = px;
  context.strokeRect(rect.x + px / 2, rect.y + px / 2, rect.width - px, rect.height - px);
}

function drawWords(context, slot, at, state, overlaid) {
  const { rect, pane, view } = slot;
  const { px, held } = state;
  const right = rect.x + rect.width, bottom = rect.y + rect.height;
  const words = (text, x, y, align, colour = PALE, size = 12, weight = "") => {
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
    words(slot.trouble || "Loading the film", rect.x + rect.width / 2, rect.y + rect.height / 2, "center", PALE, 13);
    return;
  }
  const edge = 10 * px;
  const original = held === "original";
  const heading = original || slot.bare ? "Original" : pane.title;
  if (heading) words(fitted(context, heading, rect.width * 0.6, px), rect.x + edge, rect.y + 15 * px, "left");
  const turned = turnWords(view.turn, view.invert && !original);
  if (turned) words(turned, rect.x + edge, rect.y + 33 * px, "left", "#F0C674");
  if (overlaid) badge(context, right - edge, rect.y + 15 * px, px);
  letters(pane.edges, view.turn, rect, px, words);
  const window = original ? windowWords(pane.views[0], true) : windowWords(slot.voi, !view.window);
  words(fitted(context, window, rect.width * 0.6, px), rect.x + edge, bottom - 31 * px, "left");
  words(`${Math.round(at.s * 100)} %`, rect.x + edge, bottom - 14 * px, "left");
  scaleBar(context, pane, at, right - edge, bottom - 14 * px, px, words);
}

function fitted(context, text, room, px) {
  context.font = `${12 * px}px system-ui, sans-serif`;
  let shown = text;
  while (shown.length > 1 && context.measureText(shown).width > room) shown = `${shown.slice(0, -2)}\u2026`;
  return shown;
}

function turnWords(turn, invert) {
  const angle = degrees(turn);
  return [isMirrored(turn) ? "mirrored" : "", angle ? `turned ${angle}\u00b0` : "", invert ? "inverted" : ""].filter(Boolean).join(", ");
}

function windowWords(voi, named) {
  const name = named ? `${voi.name}: ` : "";
  return voi.table ? `${name}table` : `${name}C ${short(voi.centre)}  W ${short(voi.width)}`;
}

function badge(context, right, y, px) {
  context.font = `600 ${11 * px}px system-ui, sans-serif`;
  const wide = context.measureText("AI").width + 12 * px;
  context.fillStyle = "#E9E7E2";
  context.beginPath();
  context.roundRect(right - wide, y - 9 * px, wide, 18 * px, 3 * px);
  context.fill();
  context.fillStyle = "#111110";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText("AI", right - wide / 2, y + 0.5 * px);
}

/* The letters of the header on the edges of the screen where the film's edges are now. */
function letters(edges, [a, b, c, d], rect, px, words) {
  const at = (dx, dy) => {
    const x = a * dx + c * dy, y = b * dx + d * dy;
    return x < 0 ? edges.left : x > 0 ? edges.right : y < 0 ? edges.top : edges.bottom;
  };
  const middle = [rect.x + rect.width / 2, rect.y + rect.height / 2];
  const put = (letter, x, y) => letter && words(letter, x, y, "center", "#E9E7E2", 15, "600");
  put(at(-1, 0), rect.x + 15 * px, middle[1]);
  put(at(1, 0), rect.x + rect.width - 15 * px, middle[1]);
  put(at(0, -1), middle[0], rect.y + 16 * px);
  put(at(0, 1), middle[0], rect.y + rect.height - 16 * px);
}

/* A ruler across the screen of a round length that suits the scale, and the plane in which it is true. */
function scaleBar(context, pane, at, right, y, px, words) {
  if (!pane.spacing) return;
  const perPixel = at.a ? pane.spacing.column_mm / (at.s * at.sx) : pane.spacing.row_mm / (at.s * at.sy);
  const longest = perPixel * 130 * px;
  const length = [100, 50, 20, 10, 5, 2, 1, 0.5].find((mm) => mm <= longest);
  if (!length) return;
  const wide = length / perPixel;
  for (const [colour, width] of [["rgba(0, 0, 0, 0.8)", 4], [PALE, 1.5]]) {
    context.strokeStyle = colour;
    context.lineWidth = width * px;
    context.beginPath();
    context.moveTo(right - wide, y - 4 * px);
    context.lineTo(right - wide, y);
    context.lineTo(right, y);
    context.lineTo(right, y - 4 * px);
    context.stroke();
  }
  words(`${length} mm, ${pane.spacing.words}`, right, y - 16 * px, "right", PALE, 11);
}
