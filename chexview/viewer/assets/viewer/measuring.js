/* Tools that set points: measurements, and regions that the page is asked about. */

import { toFilm, toScreen } from "./geometry.js";
import { readOut } from "./lens.js";
import { POINTS, coveredWords, measures, objection, promptFor, regionOf, withPoint } from "./marks.js";
import { markWords } from "./overlay.js";
import { ViewerState } from "./state.js";
import { TOOLS } from "./tools.js";

/** @import { Mark, Point, ToolName } from "./types.js" */
/** @import { ScreenPoint } from "./lens.js" */
/** @import { Slot } from "./panes.js" */

export class Measuring extends ViewerState {
  /** @param {ToolName} tool */
  take(tool) {
    this.tool = tool;
    this.pending = this.cursor = null;
    this.refusal = "";
    this.say(measures(tool) ? promptFor(tool, 0) : TOOLS[tool].title);
    this.redraw();
  }

  /**
   * @param {Slot} slot
   * @param {number} dx
   * @param {number} dy
   * @param {number} step
   */
  moveCursor(slot, dx, dy, step) {
    const now = this.cursor?.slot === slot ? toScreen(slot.at, this.cursor.x, this.cursor.y) : null;
    const { rect } = slot;
    const X = now ? now[0] + dx * step * this.px : rect.x + rect.width / 2;
    const Y = now ? now[1] + dy * step * this.px : rect.y + rect.height / 2;
    const [x, y] = toFilm(slot.at, Math.min(Math.max(X, rect.x), rect.x + rect.width - 1), Math.min(Math.max(Y, rect.y), rect.y + rect.height - 1));
    this.cursor = { slot, x, y };
    this.pointer = null;
    if (this.pending?.slot === slot) this.pending.live = [x, y];
    const point = this.crosshair();
    if (point) this.say(readOut(point, this.state()));
    this.redraw(this.tool === "lens" ? "film" : "over");
  }

  setAtCursor() {
    if (this.cursor && measures(this.tool)) this.setPoint(this.cursor.slot, [this.cursor.x, this.cursor.y]);
  }

  /**
   * Where the pointer is; null where it is not on a film.
   * @param {ScreenPoint | null} point
   */
  hover(point) {
    this.pointer = point;
    if (point) this.cursor = null;
    if (point && this.pending?.slot === point.slot) this.aim(point.slot, toFilm(point.slot.at, point.X, point.Y));
    else if (this.tool === "lens") this.redraw();
    else this.showLine();
  }

  /**
   * @param {Slot} slot
   * @param {Point} place
   */
  aim(slot, place) {
    if (this.pending?.slot !== slot) return;
    this.pending.live = place;
    this.redraw("over");
  }

  /**
   * The next point of the mark that is being made; the last one finishes it.
   * @param {Slot} slot
   * @param {Point} place
   */
  setPoint(slot, place) {
    if (!measures(this.tool)) return;
    const kind = this.tool;
    /** @type {Mark} */
    const begun = this.pending?.slot === slot ? this.pending.mark : { kind, points: [], axis: slot.at.a ? 0 : 1 };
    this.refusal = objection(begun, place, slot.at, this.px);
    if (this.refusal) {
      this.say(this.refusal);
      this.redraw("over");
      return;
    }
    const mark = withPoint(begun, begun.points.length, place);
    if (mark.points.length === POINTS[kind]) {
      this.remember();
      this.pending = null;
      slot.marks = [...slot.marks.filter((other) => kind !== "region" || other.kind !== kind), mark];
      if (kind === "region") this.askRegions();
      this.say(markWords(slot, mark, this.state()));
    } else {
      this.pending = { slot, mark, live: place };
      this.say(promptFor(kind, mark.points.length));
    }
    this.redraw("over");
  }

  /**
   * @param {Slot} slot
   * @param {number} mark
   * @param {number} point
   * @param {Point} place
   */
  movePoint(slot, mark, point, place) {
    slot.marks = slot.marks.map((other, at) => {
      if (at !== mark || objection({ ...other, points: other.points.slice(0, point) }, place, slot.at, this.px)) return other;
      return withPoint(other, point, place);
    });
    this.redraw("over");
  }

  removeMark() {
    if (this.pending) {
      this.drop();
      return;
    }
    if (!this.active?.marks.length) return;
    this.remember();
    this.active.marks = this.active.marks.slice(0, -1);
    this.askRegions();
    this.say("Measurement removed");
    this.redraw("over");
  }

  /** Asks the page about every region whose answer is not here yet, once; and says which are gone. */
  askRegions() {
    if (!this.scene.regions) return;
    for (const { pane, marks, bare } of this.slots) {
      if (bare || !pane.heat) continue;
      const mark = marks.find(({ kind }) => kind === "region");
      const region = mark ? regionOf(pane, mark) : { left: 0, top: 0, width: 0, height: 0 };
      const text = JSON.stringify(region);
      const known = this.scene.covered.some(({ film }) => film === pane.id);
      const answered = mark ? Boolean(coveredWords(pane, mark, this.scene.covered, this.findingOf(pane)?.name ?? "")) : !known;
      if (answered) this.sentRegions.delete(pane.id);
      else if (this.sentRegions.get(pane.id) !== text) {
        this.sentRegions.set(pane.id, text);
        this.askRegion({ film: pane.id, ...region });
      }
    }
  }

  drop() {
    this.pending = null;
    this.refusal = "";
    this.redraw("over");
  }
}
