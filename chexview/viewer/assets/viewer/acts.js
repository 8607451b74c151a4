/* What the reader can do: each act is one method, whether a key, a button or the pointer asked for it. */
class Acts {
  /* Sets the view of a slot, and of those linked to it. */
  change(slot, view) {
    slot.view = view;
    if (this.linked) this.follow(slot);
    this.redraw();
  }

  follow(slot) {
    for (const other of this.slots) if (other !== slot) other.view = linkedView(slot, other);
  }

  /* One act on the active slot, which can be undone. */
  step(act) {
    if (!this.active) return;
    this.remember();
    this.change(this.active, act(this.active));
  }

  remember() {
    this.history.remember(this.slots);
    this.lastStep = performance.now();
  }

  /* Remembers only the first of many small steps in a row. */
  rememberSoon() {
    if (performance.now() - (this.lastStep ?? -1e9) > 600) this.remember();
    this.lastStep = performance.now();
  }

  undo() {
    if (this.pending) {
      const { mark } = this.pending;
      if (mark.points.length < 2) return this.drop();
      this.pending = { ...this.pending, mark: { ...mark, points: mark.points.slice(0, -1) } };
    } else if (this.history.undo()) this.say("Undone");
    return this.redraw();
  }

  reset() {
    this.remember();
    this.pending = null;
    for (const slot of this.slots) { slot.view = freshView(slot.pane); slot.marks = []; }
    this.say("View and measurements reset");
    this.redraw();
  }

  take(tool) {
    this.tool = tool;
    this.pending = this.cursor = null;
    this.say(tool in POINTS ? promptFor(tool, 0) : TOOLS[tool].title);
    this.redraw();
  }

  activate(slot) {
    if (this.active === slot) return;
    this.active = slot;
    this.redraw("over");
  }

  zoom(factor) {
    const { active: slot } = this;
    if (!slot) return;
    this.rememberSoon();
    this.change(slot, zoomed(slot.pane, slot.view, slot.rect, factor, slot.rect.x + slot.rect.width / 2, slot.rect.y + slot.rect.height / 2));
    this.say(`${Math.round(slot.at.s * 100)} percent`);
  }

  turn(how) {
    this.step((slot) => ({ ...slot.view, turn: how(slot.view.turn) }));
    const { turn, invert } = this.active.view;
    this.say(turnWords(turn, invert) || "upright");
  }

  /* The arrow keys: the crosshair of a tool that has one, the window with Shift, else the place. */
  arrow(dx, dy, shift) {
    const { active: slot } = this;
    if (!slot) return;
    if (this.tool in POINTS || this.tool === "lens") return this.moveCursor(slot, dx, dy, shift ? 1 : 10);
    this.rememberSoon();
    if (!shift) return this.change(slot, panned(slot.pane, slot.view, slot.rect, -dx * STEP * this.px, -dy * STEP * this.px));
    const brighter = slot.pane.inverted !== slot.view.invert ? -1 : 1;
    const window = moved(asWindow(slot.voi), slot.pane, slot.automatic.width, dx * 0.02, dy * 0.02 * brighter);
    this.change(slot, { ...slot.view, window });
    return this.say(`Centre ${short(window.centre)}, width ${short(window.width)}`);
  }

  moveCursor(slot, dx, dy, step) {
    const now = this.cursor?.slot === slot ? toScreen(slot.at, this.cursor.x, this.cursor.y) : null;
    const { rect } = slot;
    const X = now ? now[0] + dx * step * this.px : rect.x + rect.width / 2;
    const Y = now ? now[1] + dy * step * this.px : rect.y + rect.height / 2;
    const [x, y] = toFilm(slot.at, Math.min(Math.max(X, rect.x), rect.x + rect.width - 1), Math.min(Math.max(Y, rect.y), rect.y + rect.height - 1));
    this.cursor = { slot, x, y };
    this.pointer = null;
    if (this.pending?.slot === slot) this.pending.live = [x, y];
    this.say(readOut(this.crosshair(), this.state()));
    this.redraw(this.tool === "lens" ? "film" : "over");
  }

  setAtCursor() {
    if (this.cursor && this.tool in POINTS) this.setPoint(this.cursor.slot, [this.cursor.x, this.cursor.y]);
  }

  /* Where the pointer is; null where it is not on a film. */
  hover(point) {
    this.pointer = point;
    if (point) this.cursor = null;
    if (point && this.pending?.slot === point.slot) this.aim(point.slot, toFilm(point.slot.at, point.X, point.Y));
    else if (this.tool === "lens") this.redraw();
    else this.line.textContent = this.lineWords();
  }

  aim(slot, place) {
    if (this.pending?.slot !== slot) return;
    this.pending.live = place;
    this.redraw("over");
  }

  /* The next point of the mark that is being made; the last one finishes it. */
  setPoint(slot, place) {
    const kind = this.tool;
    const begun = this.pending?.slot === slot ? this.pending.mark : { kind, points: [], axis: slot.at.a ? 0 : 1 };
    const mark = withPoint(begun, begun.points.length, place);
    if (mark.points.length === POINTS[kind]) {
      this.remember();
      this.pending = null;
      slot.marks = [...slot.marks.filter((other) => kind !== "region" || other.kind !== kind), mark];
      if (kind === "region") this.ask(slot.pane.id, regionOf(slot.pane, mark));
      this.say(resultOf(slot.pane, mark).text);
    } else {
      this.pending = { slot, mark, live: place };
      this.say(promptFor(kind, mark.points.length));
    }
    this.redraw("over");
  }

  movePoint(slot, { mark, point }, place) {
    slot.marks = slot.marks.map((other, at) => (at === mark ? withPoint(other, point, place) : other));
    this.redraw("over");
  }

  removeMark() {
    if (this.pending) return this.drop();
    if (!this.active?.marks.length) return undefined;
    this.remember();
    this.active.marks = this.active.marks.slice(0, -1);
    this.say("Measurement removed");
    return this.redraw("over");
  }

  drop() {
    this.pending = null;
    this.redraw("over");
  }

  escape() {
    if (this.helping) this.help(false);
    else if (this.pending) this.drop();
    else return false;
    return true;
  }

  help(show = !this.helping) {
    this.helping = show;
    this.panel.hidden = !show;
    (show ? this.panel.querySelector("button") : this.stage).focus({ preventScroll: true });
  }

  hold(kind) {
    if (this.held === kind) return;
    const films = this.held === "original" || kind === "original";
    this.held = kind;
    this.redraw(films ? "film" : "over");
  }

  chooseView(name) {
    if (name === OWN) return;
    this.step((slot) => ({ ...slot.view, chosen: name, window: null }));
    this.say(name);
  }

  nextView(by) {
    const names = this.active?.pane.views.map(({ name }) => name) ?? [];
    if (names.length) this.chooseView(names[(names.indexOf(this.active.voi.name) + by + names.length) % names.length]);
  }

  /* The centre or the width as it was typed. */
  setWindow(part) {
    this.step((slot) => {
      const window = { ...asWindow(slot.voi), ...part };
      return { ...slot.view, window: { ...window, width: Math.max(window.width, narrowest(window.function, slot.pane)) } };
    });
  }

  prefer(changed) {
    Object.assign(this.prefs, changed);
    if ("heat" in changed) this.say(`Heatmap ${changed.heat ? "on" : "off"}`);
    this.redraw("over");
  }

  nudge(name, by) {
    const floor = name === "threshold" ? this.active?.pane.heat?.floor ?? 0 : 0.05;
    const value = Math.max(this.prefs[name], floor) + by;
    this.prefer({ [name]: Math.round(Math.min(Math.max(value, floor), name === "threshold" ? 0.95 : 1) * 100) / 100 });
  }

  /* The finding whose heatmap belongs to a pane: its own, else the chosen one, else the first. */
  findingOf(pane) {
    const wanted = this.apart.get(pane.id) ?? this.chosen;
    return pane.heat?.byName.has(wanted) ? wanted : pane.heat?.findings[0]?.name ?? "";
  }

  /* Tells the whole page which finding was chosen; this viewer hears it like everyone else. */
  choose(name) {
    const film = this.slots.length > 1 && !this.linked ? this.active.pane.id : null;
    window.dispatchEvent(new CustomEvent(EVENT, { detail: { film, name } }));
  }

  heard(told) {
    if (typeof told?.name !== "string") return;
    if (told.film === null || told.film === undefined || this.panes.length === 1) {
      if (told.film && told.film !== this.panes[0].id) return;
      this.chosen = told.name;
      this.apart.clear();
    } else if (this.panes.some(({ id }) => id === told.film)) this.apart.set(told.film, told.name);
    else return;
    if (this.prefs.heat) this.say(this.active?.pane.heat?.byName.get(told.name)?.title ?? "");
    this.redraw("over");
  }

  nextFinding(by) {
    const pane = this.active?.pane;
    const names = pane?.heat?.findings.map(({ name }) => name) ?? [];
    if (names.length) this.choose(names[(names.indexOf(this.findingOf(pane)) + by + names.length) % names.length]);
  }

  /* The original beside itself is of no use without its overlay. */
  setLayout(layout) {
    this.layout = layout;
    if (layout === "beside") this.prefs.heat = true;
    this.history.clear();
    this.seat();
    this.say(LAYOUTS[layout]);
  }

  nextLayout() {
    const known = Object.keys(LAYOUTS).filter((name) => name !== "pair" || this.panes.length > 1);
    this.setLayout(known[(known.indexOf(this.layout) + 1) % known.length]);
  }

  /* The next pane: the other one of two, or the next of the scene. */
  nextPane() {
    if (this.layout === "pair" && this.slots.length > 1) this.activate(this.slots[(this.active.number + 1) % 2]);
    else if (this.panes.length > 1) {
      this.number = (this.number + 1) % this.panes.length;
      this.history.clear();
      this.seat();
    }
    this.say(this.active?.pane.title ?? "");
  }

  setLinked(linked) {
    this.linked = linked;
    if (linked && this.active) this.follow(this.active);
    this.say(linked ? "Panes linked" : "Panes not linked");
    this.redraw();
  }

  fullScreen() {
    if (this.root.getRootNode().fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen?.().catch(() => this.say("Full screen is not allowed here"));
  }
}
