/* What the pointer does on the films: the left button uses the chosen tool, the middle or right one (or Shift or Space)
   pans, the wheel zooms; one finger is the left button, two fingers pinch and pan. */
const TOOLS = {
  window: { title: "Window: drag across for width, up for brighter", key: "w" },
  pan: { title: "Pan", key: "p" },
  lens: { title: "Magnifier", key: "m" },
  length: { title: "Length", key: "l" },
  angle: { title: "Angle", key: "a" },
  ratio: { title: "Cardiothoracic ratio, in three strokes", key: "c" },
  region: { title: "Region: what would the score be without it?", key: "e" },
};
const REACH_PIXELS = 420;
const NEAR = 9;
const STILL = 4;

class Pointers {
  constructor(viewer, stage) {
    Object.assign(this, { viewer, stage, down: new Map(), act: null, space: false });
    stage.addEventListener("pointerdown", (event) => this.press(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    for (const kind of ["pointerup", "pointercancel"]) stage.addEventListener(kind, (event) => this.lift(event));
    stage.addEventListener("pointerleave", () => this.viewer.hover(null));
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    stage.addEventListener("contextmenu", (event) => event.preventDefault());
    stage.addEventListener("dblclick", () => viewer.tool in POINTS || viewer.step((slot) => ({ ...slot.view, mode: "fit" })));
  }

  place(event) {
    const box = this.stage.getBoundingClientRect();
    return [(event.clientX - box.left) * this.viewer.px, (event.clientY - box.top) * this.viewer.px];
  }

  press(event) {
    const { viewer } = this;
    const [X, Y] = this.place(event);
    const slot = viewer.slotAt(X, Y);
    this.stage.focus({ preventScroll: true });
    if (!slot) return;
    event.preventDefault();
    viewer.activate(slot);
    try { this.stage.setPointerCapture(event.pointerId); } catch { /* made by a test, or gone already */ }
    this.down.set(event.pointerId, { X, Y });
    if (this.down.size === 2) {
      if (viewer.pending?.fresh) viewer.drop();
      this.act = this.pinch(slot);
      return;
    }
    if (this.down.size > 2 || !slot.film) return;
    const panning = event.button !== 0 || event.shiftKey || this.space || viewer.tool === "pan";
    if (panning) this.act = this.panning(slot);
    else if (viewer.tool === "window") this.act = this.windowing(slot);
    else if (viewer.tool in POINTS) this.act = this.measuring(slot, X, Y);
    else viewer.hover({ slot, X, Y });
  }

  move(event) {
    const [X, Y] = this.place(event);
    const known = this.down.get(event.pointerId);
    if (known) {
      const step = { dx: X - known.X, dy: Y - known.Y, X, Y };
      Object.assign(known, { X, Y });
      this.act?.move?.(step);
    }
    const slot = this.act?.slot ?? this.viewer.slotAt(X, Y);
    this.viewer.hover(slot && { slot, X, Y });
  }

  lift(event) {
    if (!this.down.delete(event.pointerId)) return;
    const { act } = this;
    if (this.down.size === 0 || act?.fingers) this.act = null;
    act?.end?.(this.place(event));
    if (event.pointerType === "touch" && this.viewer.tool !== "lens") this.viewer.hover(null);
  }

  /* Remembers what was there before the first movement, for undo. */
  once() {
    let done = false;
    return () => { if (!done) this.viewer.remember(); done = true; };
  }

  panning(slot) {
    const before = this.once();
    return { slot, move: ({ dx, dy }) => { before(); this.viewer.change(slot, panned(slot.pane, slot.view, slot.rect, dx, dy)); } };
  }

  windowing(slot) {
    const before = this.once();
    const reach = slot.automatic.width / (REACH_PIXELS * this.viewer.px);
    return {
      slot,
      move: ({ dx, dy }) => {
        before();
        const brighter = slot.pane.inverted !== slot.view.invert ? -1 : 1;
        this.viewer.change(slot, { ...slot.view, window: moved(asWindow(slot.voi), slot.pane, reach, dx, dy * brighter) });
      },
    };
  }

  pinch(slot) {
    const before = this.once();
    const both = () => {
      const [one, two] = [...this.down.values()];
      return { X: (one.X + two.X) / 2, Y: (one.Y + two.Y) / 2, apart: Math.hypot(one.X - two.X, one.Y - two.Y) };
    };
    let last = both();
    const move = () => {
      if (this.down.size !== 2) return;
      before();
      const now = both();
      const pannedView = panned(slot.pane, slot.view, slot.rect, now.X - last.X, now.Y - last.Y);
      const factor = now.apart / Math.max(last.apart, 1);
      this.viewer.change(slot, zoomed(slot.pane, pannedView, slot.rect, factor, now.X, now.Y));
      last = now;
    };
    return { slot, move, fingers: true };
  }

  /* A press sets a point, a drag sets the next one where it ends; a press near a point of a mark moves that point. */
  measuring(slot, X, Y) {
    const { viewer } = this;
    const grabbed = viewer.pending ? null : this.grab(slot, X, Y);
    if (grabbed) {
      const before = this.once();
      return { slot, move: (to) => { before(); viewer.movePoint(slot, grabbed, toFilm(slot.at, to.X, to.Y)); } };
    }
    viewer.setPoint(slot, toFilm(slot.at, X, Y));
    return {
      slot,
      move: (to) => viewer.aim(slot, toFilm(slot.at, to.X, to.Y)),
      end: ([toX, toY]) => {
        const far = Math.hypot(toX - X, toY - Y) > STILL * viewer.px;
        if (far && viewer.pending?.slot === slot) viewer.setPoint(slot, toFilm(slot.at, toX, toY));
      },
    };
  }

  grab(slot, X, Y) {
    const at = slot.at;
    for (const [mark, { points }] of slot.marks.entries()) {
      const point = points.findIndex(([x, y]) => {
        const [px, py] = toScreen(at, x, y);
        return Math.hypot(px - X, py - Y) < NEAR * this.viewer.px;
      });
      if (point >= 0) return { mark, point };
    }
    return null;
  }

  wheel(event) {
    event.preventDefault();
    const [X, Y] = this.place(event);
    const slot = this.viewer.slotAt(X, Y);
    if (!slot?.film) return;
    const unit = event.deltaMode === 1 ? 33 : event.deltaMode === 2 ? 400 : 1;
    const factor = Math.exp(-Math.min(Math.max(event.deltaY * unit, -240), 240) * (event.ctrlKey ? 0.01 : 0.0016));
    this.viewer.activate(slot);
    this.viewer.rememberSoon();
    this.viewer.change(slot, zoomed(slot.pane, slot.view, slot.rect, factor, X, Y));
    this.viewer.hover({ slot, X, Y });
  }
}
