/* The viewer: one for each place on a page, kept while the place is there, whatever data come. */

import { called } from "../calls.js";
import { element, part, takeFocus } from "../dom.js";
import { FILM_ACTIVE, FINDING_CHOSEN, announce } from "../events.js";
import { Actions } from "./actions.js";
import { awaitFilm } from "./arrivals.js";
import { CanvasPainter, context2d } from "./canvas.js";
import { filmOf } from "./codec.js";
import { heatControls, windowControls } from "./controls.js";
import { findingPanel } from "./finding_panel.js";
import { helpPanel, listen } from "./keys.js";
import { drawLens, lensOf, readOut } from "./lens.js";
import { measures, promptFor } from "./marks.js";
import { drawOver, markWords } from "./overlay.js";
import { arrange, memory, readPanes, slotsOf } from "./panes.js";
import { Pointers } from "./pointers.js";
import { download, measurementsTable, picture } from "./saving.js";
import { testHooks } from "./test_hooks.js";
import { toolBar } from "./tool_bar.js";
import { WebglPainter } from "./webgl.js";

/** @import { ComponentArguments, Film, Painter, SceneData } from "./types.js" */
/** @import { RegionQuestion } from "./state.js" */
/** @import { Slot } from "./panes.js" */

const SLOW = 40;
const FRAMES = 3;
const TRIES = 2;
const PATIENCE = 12_000;
const SETTLED = 130;
/** @type {WeakMap<ShadowRoot | HTMLElement, Viewer>} */
const viewers = new WeakMap();

export class Viewer extends Actions {
  root = element("div", "root viewer");
  stage = element("div", "stage");
  films = element("canvas", "films");
  over = element("canvas", "over");
  prompt = element("div", "prompt");
  line = element("div", "line");
  spoken = element("div", "unseen");
  /** @type {Painter | null} */
  painter = null;
  dirty = { film: false, over: false };
  timed = 0;
  /** @type {Map<string, number>} how often a film did not come, by pane; and which addresses were reported */
  losses = new Map();
  frames = { drawn: 0, times: /** @type {number[]} */ ([]) };
  /** @type {ResizeObserverSize | undefined} */
  exact;
  /** @type {number | null} */
  soon = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  settle;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  saying;
  /** @type {(id: string) => void} */
  lost = () => {};
  /** @type {(question: RegionQuestion) => void} */
  ask = () => {};

  /** @param {ShadowRoot | HTMLElement} parent */
  constructor(parent) {
    super();
    this.toolBar = toolBar(this);
    this.windowControls = windowControls(this);
    this.heatControls = heatControls(this);
    this.findingPanel = findingPanel(this);
    this.panel = helpPanel(() => this.help(false));
    this.build();
    listen(this.root, this.stage, this, new Pointers(this, this.stage));
    parent.append(this.root);
    this.onFinding = (/** @type {Event} */ event) => { if (event instanceof CustomEvent) this.hear(event.detail); };
    window.addEventListener(FINDING_CHOSEN, this.onFinding);
    this.watcher = new ResizeObserver(([entry]) => {
      this.exact = entry.devicePixelContentBoxSize?.[0];
      this.measure();
    });
    try { this.watcher.observe(this.stage, { box: "device-pixel-content-box" }); } catch { this.watcher.observe(this.stage); }
    Object.assign(parent instanceof ShadowRoot ? parent.host : parent, { __chexview: testHooks(this) });
  }

  build() {
    const { stage } = this;
    stage.tabIndex = 0;
    stage.setAttribute("role", "application");
    stage.setAttribute("aria-roledescription", "film viewer");
    stage.setAttribute("aria-description", "Press the question mark for the keys");
    stage.append(this.films, this.over, this.prompt);
    this.spoken.setAttribute("aria-live", "polite");
    const body = element("div", "body");
    body.append(stage, this.findingPanel.part, this.panel);
    this.root.append(this.toolBar.bar, this.heatControls.part, body, this.line, this.windowControls.part, this.spoken);
  }

  /**
   * Takes new data; what the reader chose stays until the server says otherwise.
   * @param {SceneData} scene
   */
  update(scene) {
    const before = this.scene;
    this.scene = scene;
    const panes = readPanes(scene.panes, this.panes);
    const seated = panes.length > 0 && panes.length === this.panes.length && panes.every((pane, at) => pane === this.panes[at]) && scene.layout === before.layout;
    this.panes = panes;
    if (scene.layout !== before.layout) this.layout = scene.layout;
    if (scene.linked !== before.linked) this.linked = scene.linked;
    if (scene.chosen !== before.chosen) { this.chosen = scene.chosen ?? ""; this.apart.clear(); }
    if (scene.painter !== before.painter && this.painter) this.repaint();
    const ids = (/** @type {SceneData} */ { panes: some }) => some.map(({ id }) => id).join();
    if (ids(before) !== ids(scene)) {
      this.history.clear();
      this.pending = this.cursor = this.pointer = null;
      this.refusal = "";
      this.number = 0;
    }
    this.openHeat();
    if (seated) this.redraw();
    else this.seat();
    this.askRegions();
  }

  /** Seats the panes in the layout, and gets their films. */
  seat() {
    const old = this.slots;
    this.slots = slotsOf(this.panes, this.layout, this.number);
    for (const slot of this.slots) slot.film = old.find((other) => other.pane.id === slot.pane.id)?.film ?? null;
    const first = this.layout === "pair" ? this.slots.at(0) : this.slots.at(-1);
    this.active = this.slots.find(({ key }) => key === this.active?.key) ?? first ?? null;
    if (this.active) announce(FILM_ACTIVE, { film: this.active.pane.id });
    if (this.pending) this.drop();
    this.cursor = this.pointer = null;
    this.stage.setAttribute("aria-label", this.slots.map(({ pane }) => pane.alt || pane.title).join("; ") || "No film");
    if (this.linked && this.active) this.follow(this.active);
    this.slots.forEach((slot) => this.get(slot));
    this.measure();
  }

  /** @param {Slot} slot */
  get(slot) {
    const entry = filmOf(slot.pane);
    const { pixels } = slot.pane;
    const come = (/** @type {Film} */ film) => {
      if (slot.pane.pixels !== pixels || !this.slots.includes(slot)) return;
      Object.assign(slot, { film, trouble: "" });
      this.losses.clear();
      this.redraw();
    };
    if (entry.film) come(entry.film);
    else entry.promise.then(come, () => { if (this.slots.includes(slot)) this.miss(slot); });
  }

  /**
   * A film that did not come is asked for again once; after that, something must be done.
   * @param {Slot} slot
   */
  miss(slot) {
    const { id, pixels } = slot.pane;
    const times = (this.losses.get(id) ?? 0) + 1;
    const trouble = (/** @type {string} */ words) => {
      slot.trouble = words;
      this.say(words);
      this.redraw();
    };
    const over = () => { if (!slot.film) trouble("The film did not come. Allow cookies of this page, then reload it"); };
    if (times > TRIES) {
      over();
      return;
    }
    trouble("The film is being fetched again");
    if (!this.losses.has(pixels)) this.lost(id);
    this.losses.set(id, times).set(pixels, 1);
    setTimeout(over, PATIENCE);
  }

  /** Fits the canvases to the stage, in device pixels. */
  measure() {
    const box = this.stage.getBoundingClientRect();
    if (!box.width || !box.height) return;
    const ratio = window.devicePixelRatio || 1;
    const pixels = (/** @type {number} */ length, /** @type {number | undefined} */ exact) =>
      exact !== undefined && Math.abs(exact - length * ratio) < 1 ? exact : Math.round(length * ratio);
    const width = pixels(box.width, this.exact?.inlineSize), height = pixels(box.height, this.exact?.blockSize);
    this.px = width / box.width;
    for (const canvas of [this.films, this.over]) {
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    }
    arrange(this.slots, width, height, this.px);
    this.redraw();
  }

  /**
   * A painter for these films; a canvas that had one kind never has the other, so that it is replaced.
   * @returns {Painter}
   */
  paint() {
    if (this.painter) return this.painter;
    const wanted = this.scene.painter || (memory.soft ? "2d" : "webgl");
    const painter = wanted === "webgl" ? WebglPainter.on(this.films, Boolean(this.scene.painter)) : null;
    if (painter) {
      this.films.addEventListener("webglcontextlost", () => { if (this.painter === painter) this.soften(); }, { once: true });
    } else if (wanted === "webgl") memory.soft = true;
    this.painter = painter ?? new CanvasPainter(this.renewed());
    return this.painter;
  }

  renewed() {
    const canvas = element("canvas", "films");
    Object.assign(canvas, { width: this.films.width, height: this.films.height });
    this.films.replaceWith(canvas);
    this.films = canvas;
    return canvas;
  }

  /** Goes over to the 2D canvas, in this tab for good. */
  soften() {
    memory.soft = true;
    this.repaint();
  }

  repaint() {
    const old = this.painter;
    this.painter = null;
    this.timed = 0;
    this.renewed();
    old?.release();
    this.redraw();
  }

  /** @param {"film" | "over"} what */
  redraw(what = "film") {
    this.dirty.over = true;
    if (what === "film") this.dirty.film = true;
    this.soon ??= requestAnimationFrame(() => {
      this.soon = null;
      this.frame();
    });
  }

  frame() {
    if (!this.films.width) return;
    const begun = performance.now();
    const { film, over } = this.dirty;
    this.dirty = { film: false, over: false };
    if (film) {
      this.drawFilms(false);
      this.judge(begun);
      clearTimeout(this.settle);
      if (this.painter?.name === "2d") this.settle = setTimeout(() => this.drawFilms(true), SETTLED);
    }
    if (over) this.drawOverlay();
    this.frames.drawn += 1;
    this.frames.times = [...this.frames.times.slice(-239), performance.now() - begun];
    this.show();
  }

  /** @param {boolean} fine */
  drawFilms(fine) {
    let painter = this.paint();
    const films = this.slots.flatMap((slot) => (slot.film ? [{ slot, film: slot.film }] : []));
    if (!films.every(({ film }) => painter.takes(film))) {
      this.soften();
      painter = this.paint();
    }
    painter.begin();
    for (const { slot, film } of films) {
      painter.draw({ film, greys: this.greysOf(slot), at: slot.at, rect: slot.rect, key: slot.key, fine });
    }
    const lens = this.lens();
    if (lens?.slot.film) {
      painter.draw({ film: lens.slot.film, greys: this.greysOf(lens.slot), at: lens.at, rect: lens.rect, key: "lens", fine: true });
    }
  }

  /** @param {Slot} slot */
  greysOf(slot) {
    return this.held === "original" ? slot.greys(slot.pane.views[0], false) : slot.greys();
  }

  /**
   * Times the first frames: where three after the first are slow, there is no GPU behind WebGL.
   * @param {number} begun
   */
  judge(begun) {
    if (!this.judging) return;
    this.painter?.flush();
    const quick = performance.now() - begun <= SLOW;
    this.timed = this.timed && quick ? FRAMES + 1 : this.timed + 1;
    if (this.timed <= FRAMES) this.redraw();
    else if (!quick) this.soften();
  }

  get judging() {
    return this.painter?.name === "webgl" && !this.scene.painter && this.timed <= FRAMES && this.slots.some(({ film }) => film);
  }

  /** Whether everything that changed is drawn. */
  isSettled() {
    return this.soon === null && !this.dirty.film && !this.judging;
  }

  drawOverlay() {
    const context = context2d(this.over);
    context.clearRect(0, 0, this.over.width, this.over.height);
    const state = this.state();
    for (const slot of this.slots) drawOver(context, slot, state);
    const lens = this.lens();
    if (lens) drawLens(context, lens, state);
  }

  lens() {
    const point = this.tool === "lens" ? this.pointer ?? this.crosshair() : null;
    return point?.slot.film ? lensOf(point, this.px) : null;
  }

  show() {
    this.toolBar.show();
    this.windowControls.show();
    this.heatControls.show();
    this.findingPanel.show();
    this.showLine();
    this.stage.dataset.tool = this.tool;
  }

  /** What is under the pointer, below the films; and what a measuring tool wants next, on them. */
  showLine() {
    const point = this.pointer ?? this.crosshair();
    this.line.textContent = point ? readOut(point, this.state()) : "";
    const prompt = measures(this.tool) && this.slots.some(({ film }) => film) ? promptFor(this.tool, this.pending?.mark.points.length ?? 0) : "";
    this.prompt.textContent = this.refusal || prompt;
    this.prompt.classList.toggle("refused", Boolean(this.refusal));
    this.prompt.hidden = !prompt;
  }

  showHelp() {
    this.panel.hidden = !this.helping;
    const focused = this.helping ? part(this.panel, "button") : this.stage;
    focused.focus({ preventScroll: true });
  }

  /** @param {string} words */
  say(words) {
    clearTimeout(this.saying);
    this.saying = setTimeout(() => { this.spoken.textContent = words; }, 250);
  }

  /** @param {RegionQuestion} question */
  askRegion(question) {
    this.ask(question);
  }

  fullScreen() {
    const tree = this.root.getRootNode();
    if (tree instanceof ShadowRoot && tree.fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen().catch(() => this.say("Full screen is not allowed here"));
  }

  savePicture() {
    this.drawFilms(true);
    const made = picture(this.films, this.over, this.slots, this.state(), this.scene.notice);
    made.toBlob((blob) => { if (blob) download(blob, "chexview-film.png"); }, "image/png");
    this.say("Picture saved");
  }

  saveMeasurements() {
    const films = this.slots.filter(({ bare }) => !bare);
    const table = measurementsTable(films, (film, mark) => markWords(films[film], mark, this.state()));
    download(new Blob([table], { type: "text/csv" }), "chexview-measurements.csv");
    this.say("Measurements saved");
  }

  release() {
    window.removeEventListener(FINDING_CHOSEN, this.onFinding);
    this.watcher.disconnect();
    if (this.soon !== null) cancelAnimationFrame(this.soon);
    clearTimeout(this.settle);
    this.painter?.release();
    this.root.remove();
  }
}

/** @param {ComponentArguments<SceneData>} component */
export default function mount({ data, parentElement, setTriggerValue }) {
  let viewer = viewers.get(parentElement);
  if (!viewer) viewers.set(parentElement, (viewer = new Viewer(parentElement)));
  const shown = viewer;
  requestAnimationFrame(() => takeFocus(shown.stage));
  const draw = () => {
    shown.lost = (id) => setTriggerValue("lost", id);
    shown.ask = (question) => setTriggerValue("region", question);
    shown.update(data);
    awaitFilm(shown);
  };
  return called(parentElement, draw, () => {
    viewers.delete(parentElement);
    shown.release();
  });
}
