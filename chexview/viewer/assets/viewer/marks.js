/* Measurements: their points in stored film pixels, what they come to, and how they are drawn. */
const POINTS = { length: 2, angle: 3, ratio: 6, region: 2 };
const MARK = "#9BE8B4";

/* What the next point is; of strokes that count across the screen alone, the end lies level with the start. */
const PROMPTS = {
  length: ["Length: set the first end", "Length: set the other end"],
  region: ["Region: set a corner of what is to be covered", "Region: set the opposite corner"],
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

/* What the next point of a mark is, in words. */
function promptFor(kind, points) {
  return PROMPTS[kind][points];
}

/* A mark with one of its points put, a new one or an old one; a ratio's strokes stay level on the screen they began on. */
function withPoint(mark, number, place) {
  const points = mark.points.slice();
  points[number] = place;
  const partner = number ^ 1, off = mark.axis ? 0 : 1;
  const levelled = (point, like) => point.map((value, axis) => (axis === off ? like[axis] : value));
  if (mark.kind === "ratio" && points[partner]) {
    if (number > partner && !mark.points[number]) points[number] = levelled(place, points[partner]);
    else points[partner] = levelled(points[partner], place);
  }
  return { ...mark, points };
}

/* Millimetres of a step across and down the stored film; square display pixels where the spacing is not known. */
function unitsOf(pane) {
  if (pane.spacing) return { x: pane.spacing.column_mm, y: pane.spacing.row_mm, name: "mm", plane: pane.spacing.words };
  return { x: pane.display_columns / pane.columns, y: pane.display_rows / pane.rows, name: "px", plane: "" };
}

function lengthOf(pane, [x, y], [X, Y]) {
  const units = unitsOf(pane);
  return Math.hypot((X - x) * units.x, (Y - y) * units.y);
}

/* The angle at the second point, 0 to 180 degrees, as it is on the patient. */
function angleOf(pane, [first, corner, second]) {
  const units = unitsOf(pane);
  const arm = ([x, y]) => [(x - corner[0]) * units.x, (y - corner[1]) * units.y];
  const [a, b] = [arm(first), arm(second)];
  return Math.abs(Math.atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1])) * (180 / Math.PI);
}

/* The cardiothoracic ratio: both distances from the midline over the width of the chest, each along one axis of the film. */
function ratioOf(pane, { points, axis }) {
  const unit = unitsOf(pane)[axis ? "y" : "x"];
  const [right, left, chest] = [0, 2, 4].map((at) => Math.abs(points[at + 1][axis] - points[at][axis]) * unit);
  return { right, left, chest, ratio: chest > 0 ? (right + left) / chest : NaN };
}

/* A region in shares of the film, cut off at its edges. */
function regionOf(pane, { points: [[x, y], [X, Y]] }) {
  const share = (value, whole) => Math.min(Math.max(value / whole, 0), 1);
  const [left, right] = [share(Math.min(x, X), pane.columns), share(Math.max(x, X), pane.columns)];
  const [top, bottom] = [share(Math.min(y, Y), pane.rows), share(Math.max(y, Y), pane.rows)];
  return { left, top, width: right - left, height: bottom - top };
}

/* What a finished mark says: a number for tests, words for people. */
function resultOf(pane, mark) {
  const units = unitsOf(pane);
  if (mark.kind === "length") {
    const value = lengthOf(pane, ...mark.points);
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
  const told = [right, left, chest].map((value) => value.toFixed(0));
  const text = Number.isNaN(ratio) ? "no width of the chest" : `CTR ${ratio.toFixed(2)} = (${told[0]} + ${told[1]}) / ${told[2]} ${units.name}`;
  return { value: ratio, unit: "", text };
}

/* Draws a mark, finished or not; ``px`` is the size of a CSS pixel. */
function drawMark(context, pane, mark, at, px, live) {
  const { points } = live ? withPoint(mark, mark.points.length, live) : mark;
  const screen = points.map(([x, y]) => toScreen(at, x, y));
  context.save();
  context.lineCap = "round";
  for (const [colour, width] of [["rgba(0, 0, 0, 0.7)", 3.6], [MARK, 1.5]]) {
    context.strokeStyle = colour;
    context.lineWidth = width * px;
    context.beginPath();
    strokes(context, mark.kind, screen, px);
    context.stroke();
  }
  if (points.length === POINTS[mark.kind]) {
    const place = mark.kind === "ratio" ? screen[4] : screen.at(-1);
    pill(context, resultOf(pane, { ...mark, points }).text, place[0] + 10 * px, place[1] + 14 * px, px, MARK);
  }
  context.restore();
}

function strokes(context, kind, screen, px) {
  const cross = ([x, y]) => {
    context.moveTo(x - 4 * px, y);
    context.lineTo(x + 4 * px, y);
    context.moveTo(x, y - 4 * px);
    context.lineTo(x, y + 4 * px);
  };
  screen.forEach(cross);
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

/* Words on a dark ground, kept inside the canvas. */
function pill(context, text, x, y, px, colour, align = "left") {
  context.font = `${12 * px}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  context.textAlign = "left";
  const wide = context.measureText(text).width + 12 * px, tall = 19 * px;
  const wanted = align === "right" ? x - wide : align === "middle" ? x - wide / 2 : x;
  const left = Math.min(Math.max(wanted, 2 * px), context.canvas.width - wide - 2 * px);
  const top = Math.min(Math.max(y - tall / 2, 2 * px), context.canvas.height - tall - 2 * px);
  context.fillStyle = "rgba(12, 12, 11, 0.78)";
  context.beginPath();
  context.roundRect(left, top, wide, tall, 4 * px);
  context.fill();
  context.fillStyle = colour;
  context.fillText(text, left + 6 * px, top + tall / 2 + 0.5 * px);
}
