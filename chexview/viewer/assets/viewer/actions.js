/* What the reader can do: each action is one method, whether a key, a button or the pointer asked for it. */

import { FILM_WANTED, FINDING_CHOSEN, announce } from "../events.js";
import { short } from "../numbers.js";
import { panned, zoomed } from "./geometry.js";
import { measures } from "./marks.js";
import { Measuring } from "./measuring.js";
import { badgeWords, turnWords } from "./overlay.js";
import { freshView, memory } from "./panes.js";
import { LAYOUTS, LAYOUT_NAMES } from "./tools.js";
import { asWindow, moved, narrowest } from "./window.js";

/** @import { Held, LayoutName, Preferences, Turn, View, VoiWindow } from "./types.js" */
/** @import { Slot } from "./panes.js" */

/** Device pixels by which an arrow key pans. */
const STEP = 40;

export class Actions extends Measuring {
  /**
   * One action on the active slot, which can be undone.
   * @param {(slot: Slot) => View} act
   */
  step(act) {
    if (!this.active) return;
    this.remember();
    this.change(this.active, act(this.active));
  }

  undo() {
    if (this.pending) {
      const { mark } = this.pending;
      if (mark.points.length < 2) return this.drop();
      this.pending = { ...this.pending, mark: { ...mark, points: mark.points.slice(0, -1) } };
      this.refusal = "";
    } else if (this.history.undo()) {
      this.say("Undone");
      this.askRegions();
    }
    return this.redraw();
  }

  reset() {
    this.remember();
    this.pending = null;
    for (const slot of this.slots) { slot.view = freshView(slot.pane); slot.marks = []; }
    this.askRegions();
    this.say("View and measurements reset");
    this.redraw();
  }

  /** @param {number} factor */
  zoom(factor) {
    const { active: slot } = this;
    if (!slot) return;
    this.rememberSoon();
    const { rect } = slot;
    this.change(slot, zoomed(slot.pane, slot.view, rect, factor, rect.x + rect.width / 2, rect.y + rect.height / 2));
    this.say(`${Math.round(slot.at.s * 100)} percent`);
  }

  /** @param {(turn: Turn) => Turn} how */
  turn(how) {
    this.step((slot) => ({ ...slot.view, turn: how(slot.view.turn) }));
    if (this.active) this.say(turnWords(this.active.view.turn, this.active.view.invert) || "upright");
  }

  invert() {
    this.step((slot) => ({ ...slot.view, invert: !slot.view.invert }));
  }

  fit() {
    this.step((slot) => ({ ...slot.view, mode: "fit" }));
  }

  /** One pixel of the film on one of the screen. */
  real() {
    this.step((slot) => ({ ...slot.view, mode: "real", centre: slot.view.mode === "fit" ? [0.5, 0.5] : slot.view.centre }));
  }

  /**
   * The arrow keys: the crosshair of a tool that has one, the window with Shift, else the place.
   * @param {number} dx
   * @param {number} dy
   * @param {boolean} shift
   */
  arrow(dx, dy, shift) {
    const { active: slot } = this;
    if (!slot) return;
    if (measures(this.tool) || this.tool === "lens") {
      this.moveCursor(slot, dx, dy, shift ? 1 : 10);
      return;
    }
    this.rememberSoon();
    if (!shift) {
      this.change(slot, panned(slot.pane, slot.view, slot.rect, -dx * STEP * this.px, -dy * STEP * this.px));
      return;
    }
    const brighter = slot.pane.inverted !== slot.view.invert ? -1 : 1;
    const window = moved(asWindow(slot.voi), slot.pane, slot.automatic.width, dx * 0.02, dy * 0.02 * brighter);
    this.change(slot, { ...slot.view, window });
    this.say(`Centre ${short(window.centre)}, width ${short(window.width)}`);
  }

  escape() {
    if (this.helping) this.help(false);
    else if (this.pending) this.drop();
    else return false;
    return true;
  }

  help(show = !this.helping) {
    this.helping = show;
    this.showHelp();
  }

  /** @param {Held} kind */
  hold(kind) {
    if (this.held === kind) return;
    const films = this.held === "original" || kind === "original";
    this.held = kind;
    this.redraw(films ? "film" : "over");
  }

  /** @param {string} name */
  chooseView(name) {
    this.step((slot) => ({ ...slot.view, chosen: name, window: null }));
    this.say(name);
  }

  /** @param {number} by */
  nextView(by) {
    const names = this.active?.pane.views.map(({ name }) => name) ?? [];
    const now = this.active && !this.active.view.window ? names.indexOf(this.active.named.name) : -1;
    if (names.length) this.chooseView(names[(now + by + names.length) % names.length]);
  }

  /**
   * The centre or the width as it was typed.
   * @param {Partial<VoiWindow>} part
   */
  setWindow(part) {
    this.step((slot) => {
      const window = { ...asWindow(slot.voi), ...part };
      return { ...slot.view, window: { ...window, width: Math.max(window.width, narrowest(window.function, slot.pane)) } };
    });
  }

  /** @param {Partial<Preferences>} changed */
  prefer(changed) {
    Object.assign(this.preferences, changed);
    const finding = this.active && this.findingOf(this.active.pane);
    if ("heat" in changed) this.say(changed.heat && finding ? badgeWords(finding) : `Heatmap ${changed.heat ? "on" : "off"}`);
    this.redraw("over");
  }

  /**
   * @param {"opacity" | "threshold"} name
   * @param {number} by
   */
  nudge(name, by) {
    const floor = name === "threshold" ? this.active?.pane.heat?.floor ?? 0 : 0.05;
    const value = Math.max(this.preferences[name], floor) + by;
    this.prefer({ [name]: Math.round(Math.min(Math.max(value, floor), name === "threshold" ? 0.95 : 1) * 100) / 100 });
  }

  /**
   * Tells the whole page which finding was chosen; this viewer hears it like everyone else.
   * @param {string} name
   */
  choose(name) {
    const film = this.slots.length > 1 && !this.linked && this.active ? this.active.pane.id : null;
    announce(FINDING_CHOSEN, { film, name });
  }

  /** @param {{film?: string | null, name?: unknown} | null} detail */
  hear(detail) {
    if (typeof detail?.name !== "string") return;
    const { film, name } = detail;
    if (film === null || film === undefined || this.panes.length === 1) {
      if (film && film !== this.panes[0].id) return;
      this.chosen = name;
      this.apart.clear();
    } else if (this.panes.some(({ id }) => id === film)) this.apart.set(film, name);
    else return;
    const finding = this.active && this.findingOf(this.active.pane);
    if (this.preferences.heat && finding) this.say(badgeWords(finding));
    this.redraw("over");
  }

  /**
   * The next finding of the list, or the previous one.
   * @param {number} by
   */
  nextFinding(by) {
    const pane = this.active?.pane;
    const names = pane?.heat?.findings.map(({ name }) => name) ?? [];
    const now = pane ? this.findingOf(pane)?.name ?? "" : "";
    if (names.length) this.choose(names[(names.indexOf(now) + by + names.length) % names.length]);
  }

  /** Shows the heatmap of a film that opens with it; once, so that the reader's switch counts from then on. */
  openHeat() {
    const first = this.panes.at(0);
    if (!this.scene.heat_on || !first?.heat || memory.opened.has(first.id)) return;
    memory.opened.add(first.id);
    this.preferences.heat = true;
  }

  /**
   * Asks the list of films for its next one, or its previous one.
   * @param {number} step
   */
  nextFilm(step) {
    announce(FILM_WANTED, { step });
  }

  /**
   * The original beside itself is of no use without its overlay.
   * @param {LayoutName} layout
   */
  setLayout(layout) {
    this.layout = layout;
    if (layout === "beside") this.preferences.heat = true;
    this.history.clear();
    this.seat();
    this.say(LAYOUTS[layout]);
  }

  nextLayout() {
    const known = LAYOUT_NAMES.filter((name) => name !== "pair" || this.panes.length > 1);
    this.setLayout(known[(known.indexOf(this.layout) + 1) % known.length]);
  }

  /** The next pane: the other one of two, or the next of the scene. */
  nextPane() {
    if (this.layout === "pair" && this.slots.length > 1 && this.active) this.activate(this.slots[(this.active.number + 1) % 2]);
    else if (this.panes.length > 1) {
      this.number = (this.number + 1) % this.panes.length;
      this.history.clear();
      this.seat();
    }
    this.say(this.active?.pane.title ?? "");
  }

  /** @param {boolean} linked */
  setLinked(linked) {
    this.linked = linked;
    if (linked && this.active) this.follow(this.active);
    this.say(linked ? "Panes linked" : "Panes not linked");
    this.redraw();
  }
}
