/* The panes of a scene: which are shown where, what the reader has made of each, and what is linked. What the reader does
   to a film is remembered by the pane's id as long as the tab is open, so that it is there again when the film is. */

import { UPRIGHT, placed } from "./geometry.js";
import { readHeat } from "./heat.js";
import { asWindow, greyTable, isTable, narrowest, readView } from "./window.js";

/** @import { Film, LayoutName, Mark, NamedVoi, Pane, PaneData, Preferences, Rect, View, Voi, VoiWindow } from "./types.js" */
/** @typedef {{key: string, id: string, view: View, marks: Mark[]}} Remembered */

/** @type {Map<string, View>} */
const views = new Map();
/** @type {Map<string, Mark[]>} */
const marksOf = new Map();
/**
 * ``soft``: WebGL is slow or missing in this tab; ``opened``: films that opened with their heatmap.
 * @type {{soft: boolean, preferences: Preferences, opened: Set<string>}}
 */
export const memory = {
  soft: false,
  preferences: { heat: false, opacity: 0.75, threshold: 0, grid: false, boxes: true },
  opened: new Set(),
};
const GAP = 2;
const NARROW = 560;

/**
 * @param {Pane} pane
 * @returns {View}
 */
export function freshView(pane) {
  const [first] = pane.views;
  return { chosen: first.name, window: null, invert: false, turn: UPRIGHT, mode: "fit", zoom: 1, centre: [0.5, 0.5] };
}

/**
 * The panes of the scene as they are used here; what did not change is kept, with what was decoded of it.
 * @param {PaneData[]} scene
 * @param {Pane[]} known
 * @returns {Pane[]}
 */
export function readPanes(scene, known) {
  return scene.map((data) => {
    const text = JSON.stringify(data);
    const old = known.find((pane) => pane.text === text);
    if (old) return old;
    return { ...data, text, views: data.views.map(readView), heat: data.heat && readHeat(data.heat) };
  });
}

/** A place for a pane on the canvas. A bare one shows no overlay, and looks its own way unless it is linked. */
export class Slot {
  /** @type {Film | null} */
  film = null;
  trouble = "";
  /** @type {Rect} */
  rect = { x: 0, y: 0, width: 1, height: 1 };
  /** @type {{voi: Voi, invert: boolean, pane: Pane, greys: Float32Array} | null} */
  table = null;

  /**
   * @param {Pane} pane
   * @param {boolean} bare
   * @param {number} number
   */
  constructor(pane, bare, number) {
    this.pane = pane;
    this.bare = bare;
    this.number = number;
    this.key = bare ? `${pane.id}/bare` : pane.id;
  }

  get view() {
    return views.get(this.key) ?? freshView(this.pane);
  }

  set view(view) {
    views.set(this.key, view);
  }

  get marks() {
    return marksOf.get(this.pane.id) ?? [];
  }

  set marks(marks) {
    marksOf.set(this.pane.id, marks);
  }

  /**
   * The view's window or table: the reader's own, else the one chosen by name.
   * @returns {Voi}
   */
  get voi() {
    return this.view.window ?? this.named;
  }

  /**
   * The view chosen by name, whatever window the reader has made since.
   * @returns {NamedVoi}
   */
  get named() {
    return this.pane.views.find((view) => view.name === this.view.chosen) ?? this.pane.views[0];
  }

  /**
   * The width of the film's robust range, in which drags and links are measured, and its middle.
   * @returns {VoiWindow}
   */
  get automatic() {
    const found = this.pane.views.findLast((view) => view.name === "automatic") ?? this.pane.views[0];
    return isTable(found) ? asWindow(found) : found;
  }

  get at() {
    return placed(this.pane, this.view, this.rect);
  }

  /**
   * The table of greys, made again only where the window, the film or the inversion changed.
   * @param {Voi} voi
   * @param {boolean} invert
   */
  greys(voi = this.voi, invert = this.view.invert) {
    const { pane } = this;
    if (this.table?.voi !== voi || this.table.invert !== invert || this.table.pane !== pane) {
      this.table = { voi, invert, pane, greys: greyTable(voi, pane, invert) };
    }
    return this.table.greys;
  }
}

/**
 * The slots of a layout, in the order in which they stand.
 * @param {Pane[]} panes
 * @param {LayoutName} layout
 * @param {number} active
 */
export function slotsOf(panes, layout, active) {
  const main = panes[Math.min(active, panes.length - 1)];
  if (!main) return [];
  if (layout === "pair" && panes.length > 1) return panes.slice(0, 2).map((pane, number) => new Slot(pane, false, number));
  if (layout === "beside") return [new Slot(main, true, 0), new Slot(main, false, 1)];
  return [new Slot(main, false, 0)];
}

/**
 * Gives each slot its part of the canvas: side by side, or one above the other where it is narrow.
 * @param {Slot[]} slots
 * @param {number} width
 * @param {number} height
 * @param {number} px
 */
export function arrange(slots, width, height, px) {
  const gap = Math.round(GAP * px), count = slots.length;
  const stacked = count > 1 && width < NARROW * px;
  slots.forEach((slot, at) => {
    const length = stacked ? height : width;
    const start = Math.round(((length + gap) * at) / count), end = Math.round(((length + gap) * (at + 1)) / count) - gap;
    slot.rect = stacked
      ? { x: 0, y: start, width, height: Math.max(end - start, 1) }
      : { x: start, y: 0, width: Math.max(end - start, 1), height };
  });
}

/**
 * What of one slot's view another takes over: place and size, and the window as a share of each film's own range.
 * @param {Slot} from
 * @param {Slot} to
 * @returns {View}
 */
export function linkedView(from, to) {
  const view = { ...to.view, mode: from.view.mode, zoom: from.view.zoom, centre: from.view.centre, invert: from.view.invert };
  if (from.pane === to.pane) return { ...view, turn: from.view.turn, chosen: from.view.chosen, window: from.view.window };
  const { window } = from.view;
  if (!window) {
    const same = to.pane.views.some((other) => other.name === from.view.chosen);
    return same ? { ...view, chosen: from.view.chosen, window: null } : view;
  }
  const own = from.automatic, others = to.automatic;
  const factor = others.width / own.width;
  const centre = others.centre + (window.centre - own.centre) * factor;
  return { ...view, window: { ...window, centre, width: Math.max(window.width * factor, narrowest(window.function, to.pane)) } };
}

/** What can be undone: views and marks of what is shown, before and after. */
export class History {
  /** @type {Remembered[][]} */
  past = [];

  /** @param {Slot[]} slots */
  remember(slots) {
    const now = slots.map((slot) => ({ key: slot.key, id: slot.pane.id, view: slot.view, marks: slot.marks }));
    this.past = [...this.past.slice(-99), now];
  }

  /** Goes back one step; false where there is none. */
  undo() {
    const before = this.past.pop();
    before?.forEach(({ key, id, view, marks }) => {
      views.set(key, view);
      marksOf.set(id, marks);
    });
    return Boolean(before);
  }

  clear() {
    this.past = [];
  }
}
