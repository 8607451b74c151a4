/* The magnifier, and what is read under the pointer. */
const LENS = 230;
const PART = 0.46;
const TIMES = 2;

/* The lens at a point: a square on the canvas, and the film's place in it, closer by ``TIMES`` than around it. */
function lensOf({ slot, X, Y }, px) {
  const { rect } = slot;
  const side = Math.round(Math.min(LENS * px, rect.width * PART, rect.height * PART));
  const x = Math.round(Math.min(Math.max(X - side / 2, rect.x), rect.x + rect.width - side));
  const y = Math.round(Math.min(Math.max(Y - side / 2, rect.y), rect.y + rect.height - side));
  const around = slot.at;
  const s = around.s * TIMES;
  const at = { ...around, s, tx: X - (X - around.tx) * TIMES, ty: Y - (Y - around.ty) * TIMES };
  return { slot, at, rect: { x, y, width: side, height: side } };
}

/* The overlay inside the lens is the heatmap alone; marks around it would lie in the wrong place. */
function drawLens(context, { slot, at, rect }, state) {
  context.save();
  context.clearRect(rect.x, rect.y, rect.width, rect.height);
  context.beginPath();
  context.rect(rect.x, rect.y, rect.width, rect.height);
  context.clip();
  const name = shownFinding(slot, state);
  if (name) drawHeat(context, slot.pane, slot.pane.heat, name, at, state.prefs);
  context.strokeStyle = "#E9E7E2";
  context.lineWidth = 2 * state.px;
  context.strokeRect(rect.x, rect.y, rect.width, rect.height);
  context.restore();
}

/* The place and the value under a point of the screen, and what the heatmap's cell adds; "" beside the film. */
function readOut({ slot, X, Y }, state) {
  if (!slot.film) return "";
  const { pane, film } = slot;
  const [x, y] = toFilm(slot.at, X, Y).map(Math.floor);
  if (x < 0 || y < 0 || x >= pane.columns || y >= pane.rows) return "";
  const [whole] = film.levels;
  const at = y * whole.width + x;
  const value = whole.mask?.[at] ? "padding" : `value ${short(whole.data[at] * pane.scale + pane.offset)}`;
  const name = shownFinding(slot, state);
  return [`x ${x}, y ${y}`, value, name ? cellWords(pane, pane.heat, name, x + 0.5, y + 0.5) : ""].filter(Boolean).join("  \u00b7  ");
}
