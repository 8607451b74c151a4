/* What the viewer shows and what the reader has made of it. */

import { FILM_ACTIVE, announce } from "../events.js";
import { toScreen } from "./geometry.js";
import { History, linkedView, memory } from "./panes.js";

/** @import { Finding, Held, LayoutName, Mark, Pane, Point, SceneData, ToolName, View } from "./types.js" */
/** @import { ScreenPoint } from "./lens.js" */
/** @import { OverlayState } from "./overlay.js" */
/** @import { Slot } from "./panes.js" */
/** @typedef {{film: string, left: number, top: number, width: number, height: number}} RegionQuestion no width: the region is gone */

/** @type {SceneData} */
const EMPTY = { panes: [], chosen: "", linked: true, layout: "one", painter: "", regions: false, covered: [], heat_on: false, arrival: "", notice: "" };

/** The state; the actions that change it build on it, and ``Viewer`` draws it. */
export class ViewerState {
  scene = EMPTY;
  /** @type {Pane[]} */
  panes = [];
  /** @type {Slot[]} */
  slots = [];
  /** @type {Slot | null} */
  active = null;
  /** @type {ToolName} */
  tool = "window";
  /** @type {LayoutName} */
  layout = "one";
  linked = true;
  preferences = memory.preferences;
  /** @type {{slot: Slot, mark: Mark, live: Point | null} | null} */
  pending = null;
  refusal = "";
  /** @type {{slot: Slot, x: number, y: number} | null} */
  cursor = null;
  /** @type {ScreenPoint | null} */
  pointer = null;
  /** @type {Held} */
  held = "";
  helping = false;
  px = 1;
  chosen = "";
  /** @type {Map<string, string>} findings by pane, where they are not the chosen one */
  apart = new Map();
  history = new History();
  number = 0;
  lastStep = -1e9;
  /** @type {Map<string, string>} the region last sent to the page, by film */
  sentRegions = new Map();

  /* What ``Viewer`` does. */
  /** @param {"film" | "over"} [what] */
  redraw(what) { void what; }
  seat() {}
  showLine() {}
  showHelp() {}
  fullScreen() {}
  /** @param {string} words */
  say(words) { void words; }
  /** @param {RegionQuestion} question */
  askRegion(question) { void question; }

  /**
   * @param {number} X
   * @param {number} Y
   */
  slotAt(X, Y) {
    return this.slots.find(({ rect }) => X >= rect.x && Y >= rect.y && X < rect.x + rect.width && Y < rect.y + rect.height) ?? null;
  }

  /** @returns {OverlayState} */
  state() {
    const { px, held, preferences, pending, cursor, active, scene } = this;
    const { covered, regions } = scene;
    return { px, held, preferences, pending, cursor, active, covered, regions, several: this.slots.length > 1, findingOf: (pane) => this.findingOf(pane) };
  }

  /**
   * Sets the view of a slot, and of those linked to it.
   * @param {Slot} slot
   * @param {View} view
   */
  change(slot, view) {
    slot.view = view;
    if (this.linked) this.follow(slot);
    this.redraw();
  }

  /** @param {Slot} slot */
  follow(slot) {
    for (const other of this.slots) if (other !== slot) other.view = linkedView(slot, other);
  }

  remember() {
    this.history.remember(this.slots);
    this.lastStep = performance.now();
  }

  /** Remembers only the first of many small steps in a row. */
  rememberSoon() {
    if (performance.now() - this.lastStep > 600) this.remember();
    this.lastStep = performance.now();
  }

  /** @param {Slot} slot */
  activate(slot) {
    if (this.active === slot) return;
    this.active = slot;
    announce(FILM_ACTIVE, { film: slot.pane.id });
    this.redraw("over");
  }

  /** @returns {ScreenPoint | null} */
  crosshair() {
    if (!this.cursor) return null;
    const [X, Y] = toScreen(this.cursor.slot.at, this.cursor.x, this.cursor.y);
    return { slot: this.cursor.slot, X, Y };
  }

  /**
   * The finding whose heatmap belongs to a pane: its own, else the chosen one, else the first of its list.
   * @param {Pane} pane
   * @returns {Finding | null}
   */
  findingOf(pane) {
    const wanted = this.apart.get(pane.id) ?? this.chosen;
    return pane.heat?.byName.get(wanted) ?? pane.heat?.findings[0] ?? null;
  }
}
