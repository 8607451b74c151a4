/* The viewer: one for each place on a page, kept while the place is there, whatever data come. */
const EVENT = "chexview:finding";
const SLOW = 40;
const FRAMES = 3;
const TRIES = 2;
const PATIENCE = 12_000;
const SETTLED = 130;
const viewers = new WeakMap();

class Viewer extends Acts {
  constructor(parent) {
    super();
    Object.assign(this, { parent, panes: [], slots: [], told: {}, tool: "window", layout: "one", linked: true, prefs: memory.prefs });
    Object.assign(this, { active: null, pending: null, cursor: null, pointer: null, held: "", helping: false, px: 1, chosen: "", apart: new Map() });
    Object.assign(this, { history: new History(), painter: null, dirty: { film: false, over: false }, timed: 0, number: 0, losses: new Map() });
    this.frames = { drawn: 0, times: [] };
    this.build();
    this.onFinding = (event) => this.heard(event.detail);
    window.addEventListener(EVENT, this.onFinding);
    this.watcher = new ResizeObserver(([{ devicePixelContentBoxSize: exact }]) => { this.exact = exact?.[0]; this.measure(); });
    try { this.watcher.observe(this.stage, { box: "device-pixel-content-box" }); } catch { this.watcher.observe(this.stage); }
    (parent.host ?? parent).__chexview = hooks(this);
  }

  build() {
    const root = (this.root = element("div", "root viewer"));
    this.toolBar = toolBar(this);
    this.stage = element("div", "stage");
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "application");
    this.stage.setAttribute("aria-roledescription", "film viewer");
    this.stage.setAttribute("aria-description", "Press the question mark for the keys");
    this.films = element("canvas", "films");
    this.over = element("canvas", "over");
    this.stage.append(this.films, this.over);
    this.line = element("div", "line");
    this.spoken = element("div", "unseen");
    this.spoken.setAttribute("aria-live", "polite");
    this.controls = controls(this);
    this.panel = helpPanel(() => this.help(false));
    const desk = element("div", "desk");
    desk.append(this.stage, this.panel);
    root.append(this.toolBar.bar, desk, this.line, this.controls.bar, this.spoken);
    this.pointers = new Pointers(this, this.stage);
    listen(root, this.stage, this);
    this.parent.append(root);
  }

  /* Takes new data; what the reader chose stays until the server says otherwise. */
  update(data, lost) {
    this.lost = lost;
    const before = this.told;
    this.told = data;
    const panes = readPanes(data.panes, this.panes);
    const seated = before.panes && panes.length === this.panes.length && panes.every((pane, at) => pane === this.panes[at]) && data.layout === before.layout;
    this.panes = panes;
    if (data.layout !== before.layout) this.layout = data.layout;
    if (data.linked !== before.linked) this.linked = data.linked;
    if (data.chosen !== before.chosen) { this.chosen = data.chosen; this.apart.clear(); }
    if (data.painter !== before.painter && this.painter) this.repaint();
    const same = before.panes?.map(({ id }) => id).join() === data.panes.map(({ id }) => id).join();
    if (!same) { this.history.clear(); this.pending = this.cursor = this.pointer = null; this.number = 0; }
    if (seated) this.redraw();
    else this.seat();
  }

  /* Seats the panes in the layout, and gets their films. */
  seat() {
    const old = this.slots;
    this.slots = slotsOf(this.panes, this.layout, this.number);
    for (const slot of this.slots) slot.film = old.find((other) => other.pane.id === slot.pane.id)?.film ?? null;
    this.active = this.slots.find(({ key }) => key === this.active?.key) ?? this.slots.at(-1) ?? null;
    if (this.pending) this.drop();
    this.cursor = this.pointer = null;
    this.stage.setAttribute("aria-label", this.slots.map(({ pane }) => pane.alt || pane.title).join("; ") || "No film");
    if (this.linked && this.active) this.follow(this.active);
    this.slots.forEach((slot) => this.get(slot));
    this.measure();
  }

  get(slot) {
    const entry = filmOf(slot.pane);
    const { pixels } = slot.pane;
    const come = (film) => {
      if (slot.pane.pixels !== pixels || !this.slots.includes(slot)) return;
      Object.assign(slot, { film, trouble: "" });
      this.losses.clear();
      this.redraw();
    };
    if (entry.film) return come(entry.film);
    return entry.promise.then(come, () => this.slots.includes(slot) && this.miss(slot));
  }

  /* A film that did not come is asked for again once; after that, something must be done. */
  miss(slot) {
    const { id } = slot.pane;
    const times = (this.losses.get(id) ?? 0) + 1;
    const trouble = (words) => { slot.trouble = words; this.say(words); this.redraw(); };
    const over = () => slot.film || trouble("The film did not come. Allow cookies of this page, then reload it");
    if (times > TRIES) return over();
    trouble("The film is being fetched again");
    if (!this.losses.has(slot.pane.pixels)) this.lost(id);
    this.losses.set(id, times).set(slot.pane.pixels, 1);
    return setTimeout(over, PATIENCE);
  }

  /* Fits the canvases to the stage, in device pixels. */
  measure() {
    const box = this.stage.getBoundingClientRect();
    if (!box.width || !box.height) return;
    const ratio = window.devicePixelRatio || 1;
    const pixels = (length, exact) => (Math.abs(exact - length * ratio) < 1 ? exact : Math.round(length * ratio));
    const width = pixels(box.width, this.exact?.inlineSize), height = pixels(box.height, this.exact?.blockSize);
    this.px = width / box.width;
    for (const canvas of [this.films, this.over]) if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    arrange(this.slots, width, height, this.px);
    this.redraw();
  }

  /* A painter for these films; a canvas that had one kind never has the other, so that it is replaced. */
  paint() {
    if (this.painter) return this.painter;
    const wanted = this.told.painter || (memory.soft ? "2d" : "webgl");
    const painter = wanted === "webgl" ? WebglPainter.on(this.films, Boolean(this.told.painter)) : null;
    if (painter) this.films.addEventListener("webglcontextlost", () => this.painter === painter && this.soften(), { once: true });
    if (!painter && wanted === "webgl") memory.soft = true;
    this.painter = painter ?? new CanvasPainter(this.renewed());
    return this.painter;
  }

  renewed() {
    const canvas = element("canvas", "films");
    Object.assign(canvas, { width: this.films.width, height: this.films.height });
    this.films.replaceWith(canvas);
    return (this.films = canvas);
  }

  /* Goes over to the 2D canvas, in this tab for good. */
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

  redraw(what = "film") {
    this.dirty.over = true;
    if (what === "film") this.dirty.film = true;
    this.soon ??= requestAnimationFrame(() => { this.soon = null; this.frame(); });
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

  drawFilms(fine) {
    let painter = this.paint();
    const shown = this.slots.filter(({ film }) => film);
    if (painter.takes && !shown.every(({ film }) => painter.takes(film))) { this.soften(); painter = this.paint(); }
    painter.begin();
    for (const slot of shown) painter.draw({ ...this.painted(slot), at: slot.at, rect: slot.rect, key: slot.key, fine });
    const lens = this.lens();
    if (lens) painter.draw({ ...this.painted(lens.slot), at: lens.at, rect: lens.rect, key: "lens", fine: true });
  }

  painted(slot) {
    const original = this.held === "original";
    return { film: slot.film, greys: original ? slot.greys(slot.pane.views[0], false) : slot.greys() };
  }

  /* Times the first frames: where three after the first are slow, there is no GPU behind WebGL. */
  judge(begun) {
    if (!this.judging) return;
    this.painter.flush();
    const quick = performance.now() - begun <= SLOW;
    this.timed = this.timed && quick ? FRAMES + 1 : this.timed + 1;
    if (this.timed <= FRAMES) this.redraw();
    else if (!quick) this.soften();
  }

  get judging() {
    return this.painter?.name === "webgl" && !this.told.painter && this.timed <= FRAMES && this.slots.some(({ film }) => film);
  }

  drawOverlay() {
    const context = this.over.getContext("2d");
    context.clearRect(0, 0, this.over.width, this.over.height);
    const state = this.state();
    for (const slot of this.slots) drawOver(context, slot, state);
    const lens = this.lens();
    if (lens) drawLens(context, lens, state);
  }

  state() {
    const { px, held, prefs, pending, cursor, active } = this;
    return { px, held, prefs, pending, cursor, active, several: this.slots.length > 1, findingOf: (pane) => this.findingOf(pane) };
  }

  lens() {
    const point = this.tool === "lens" && (this.pointer ?? this.crosshair());
    return point && point.slot.film ? lensOf(point, this.px) : null;
  }

  crosshair() {
    if (!this.cursor) return null;
    const [X, Y] = toScreen(this.cursor.slot.at, this.cursor.x, this.cursor.y);
    return { slot: this.cursor.slot, X, Y };
  }

  show() {
    this.toolBar.show();
    this.controls.show();
    this.line.textContent = this.lineWords();
    this.stage.dataset.tool = this.tool;
  }

  lineWords() {
    const { pending, tool } = this;
    const prompt = tool in POINTS ? promptFor(tool, pending?.mark.points.length ?? 0) : "";
    const point = this.pointer ?? this.crosshair();
    const told = point ? readOut(point, this.state()) : "";
    return [prompt, told].filter(Boolean).join("  \u00b7  ");
  }

  say(words) {
    clearTimeout(this.saying);
    this.saying = setTimeout(() => { this.spoken.textContent = words; }, 250);
  }

  slotAt(X, Y) {
    return this.slots.find(({ rect }) => X >= rect.x && Y >= rect.y && X < rect.x + rect.width && Y < rect.y + rect.height) ?? null;
  }

  release() {
    window.removeEventListener(EVENT, this.onFinding);
    this.watcher.disconnect();
    cancelAnimationFrame(this.soon);
    clearTimeout(this.settle);
    this.painter?.release();
    this.root.remove();
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  let viewer = viewers.get(parentElement);
  if (!viewer) viewers.set(parentElement, (viewer = new Viewer(parentElement)));
  const token = (viewer.token = {});
  viewer.ask = (film, region) => region.width > 0 && region.height > 0 && setTriggerValue("region", { film, ...region });
  viewer.update(data, (id) => setTriggerValue("lost", id));
  return () => {
    if (viewer.token !== token) return;
    viewers.delete(parentElement);
    viewer.release();
  };
}
