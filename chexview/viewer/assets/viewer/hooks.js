/* What tests read of a viewer, on its host element: nothing here changes anything. */
function hooks(viewer) {
  const heatOf = (slot) => {
    const { rect } = slot;
    const canvas = element("canvas");
    Object.assign(canvas, { width: rect.width, height: rect.height });
    const context = canvas.getContext("2d");
    context.translate(-rect.x, -rect.y);
    const name = shownFinding(slot, viewer.state());
    if (name) drawHeat(context, slot.pane, slot.pane.heat, name, slot.at, viewer.prefs);
    return { width: rect.width, height: rect.height, data: context.getImageData(0, 0, rect.width, rect.height).data };
  };
  return {
    ready: (number) => Boolean(viewer.slots[number]?.film) && !viewer.soon && !viewer.dirty.film && !viewer.judging,
    get painter() {
      return viewer.painter?.name ?? "";
    },
    readPane: (number) => {
      const { rect } = viewer.slots[number];
      viewer.drawFilms(true);
      return { width: rect.width, height: rect.height, data: viewer.painter.read(rect) };
    },
    readHeat: (number) => heatOf(viewer.slots[number]),
    state: (number) => {
      const slot = viewer.slots[number];
      const { pane, view, voi, at, rect } = slot;
      const results = slot.marks.map((mark) => ({ kind: mark.kind, ...resultOf(pane, mark) }));
      const window = voi.table ? null : { centre: voi.centre, width: voi.width };
      const { tool, layout, linked, prefs, held } = viewer;
      return { id: pane.id, view, window, scale: at.s, rect, results, finding: viewer.findingOf(pane), tool, layout, linked, prefs, held, trouble: slot.trouble, turned: turnWords(view.turn, view.invert) };
    },
    toScreen: (number, x, y) => {
      const [X, Y] = toScreen(viewer.slots[number].at, x, y);
      const box = viewer.stage.getBoundingClientRect();
      return [box.left + X / viewer.px, box.top + Y / viewer.px];
    },
    get frames() {
      return viewer.frames;
    },
  };
}
