/* What the pointer does on the films: the left button uses the chosen tool, the middle or right one (or Shift or Space)
   pans, the wheel zooms; one finger is the left button, two fingers pinch and pan. */

import { panned, toFilm, toScreen, zoomed } from "./geometry.js";
import { measures } from "./marks.js";
import { asWindow, moved } from "./window.js";

/** @import { Actions } from "./actions.js" */
/** @import { Slot } from "./panes.js" */
/** @import { Point } from "./types.js" */
/** @typedef {{dx: number, dy: number, X: number, Y: number}} Step */
/** @typedef {{slot: Slot, move?: (step: Step) => void, end?: (place: Point) => void, fingers?: boolean}} Drag */

const REACH_PIXELS = 420;
const NEAR = 9;
const STILL = 4;

export class Pointers {
  /** @type {Map<number, {X: number, Y: number}>} */
  down = new Map();
  /** @type {Drag | null} */
  drag = null;
  space = false;

  /**
   * @param {Actions} viewer
   * @param {HTMLElement} stage
   */
  constructor(viewer, stage) {
    this.viewer = viewer;
    this.stage = stage;
    stage.addEventListener("pointerdown", (event) => this.press(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    stage.addEventListener("pointerup", (event) => this.lift(event));
    stage.addEventListener("pointercancel", (event) => this.lift(event));
    stage.addEventListener("pointerleave", () => this.viewer.hover(null));
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    stage.addEventListener("contextmenu", (event) => event.preventDefault());
    stage.addEventListener("dblclick", () => {
      if (!measures(viewer.tool)) viewer.step((slot) => ({ ...slot.view, mode: "fit" }));
    });
  }

  /**
   * @param {MouseEvent} event
   * @returns {Point}
   */
  place(event) {
    const box = this.stage.getBoundingClientRect();
    return [(event.clientX - box.left) * this.viewer.px, (event.clientY - box.top) * this.viewer.px];
  }

  /** @param {PointerEvent} event */
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
      this.drag = this.pinch(slot);
      return;
    }
    if (this.down.size > 2 || !slot.film) return;
    const panning = event.button !== 0 || event.shiftKey || this.space || viewer.tool === "pan";
    if (panning) this.drag = this.panning(slot);
    else if (viewer.tool === "window") this.drag = this.windowing(slot);
    else if (measures(viewer.tool)) this.drag = this.measuring(slot, X, Y);
    else viewer.hover({ slot, X, Y });
  }

  /** @param {PointerEvent} event */
  move(event) {
    const [X, Y] = this.place(event);
    const known = this.down.get(event.pointerId);
    if (known) {
      const step = { dx: X - known.X, dy: Y - known.Y, X, Y };
      Object.assign(known, { X, Y });
      this.drag?.move?.(step);
    }
    const slot = this.drag?.slot ?? this.viewer.slotAt(X, Y);
    this.viewer.hover(slot && { slot, X, Y });
  }

  /** @param {PointerEvent} event */
  lift(event) {
    if (!this.down.delete(event.pointerId)) return;
    const { drag } = this;
    if (this.down.size === 0 || drag?.fingers) this.drag = null;
    drag?.end?.(this.place(event));
    if (event.pointerType === "touch" && this.viewer.tool !== "lens") this.viewer.hover(null);
  }

  /** Remembers what was there before the first movement, for undo. */
  once() {
    let done = false;
    return () => {
      if (!done) this.viewer.remember();
      done = true;
    };
  }

  /**
   * @param {Slot} slot
   * @returns {Drag}
   */
  panning(slot) {
    const before = this.once();
    return {
      slot,
      move: ({ dx, dy }) => {
        before();
        this.viewer.change(slot, panned(slot.pane, slot.view, slot.rect, dx, dy));
      },
    };
  }

  /**
   * @param {Slot} slot
   * @returns {Drag}
   */
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

  /**
   * @param {Slot} slot
   * @returns {Drag}
   */
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

  /**
   * A press sets a point, a drag sets the next one where it ends; a press near a point of a mark moves that point.
   * @param {Slot} slot
   * @param {number} X
   * @param {number} Y
   * @returns {Drag}
   */
  measuring(slot, X, Y) {
    const { viewer } = this;
    const grabbed = viewer.pending ? null : this.grab(slot, X, Y);
    if (grabbed) {
      const before = this.once();
      return {
        slot,
        move: (to) => {
          before();
          viewer.movePoint(slot, grabbed.mark, grabbed.point, toFilm(slot.at, to.X, to.Y));
        },
        end: () => viewer.askRegions(),
      };
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

  /**
   * The point of a finished mark that is near.
   * @param {Slot} slot
   * @param {number} X
   * @param {number} Y
   */
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

  /** @param {WheelEvent} event */
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
