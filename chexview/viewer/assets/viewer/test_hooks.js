/* What tests read of a viewer, on its host element: nothing here changes anything. */

import { element } from "../dom.js";
import { context2d } from "./canvas.js";
import { toScreen } from "./geometry.js";
import { drawHeat } from "./heat.js";
import { resultOf } from "./marks.js";
import { badgeWords, markWords, shownFinding, turnWords } from "./overlay.js";
import { isTable } from "./window.js";

/** @import { Viewer } from "./viewer.js" */
/** @import { Slot } from "./panes.js" */

/** @param {Viewer} viewer */
export function testHooks(viewer) {
  const heatOf = (/** @type {Slot} */ slot) => {
    const { rect } = slot;
    const canvas = element("canvas");
    Object.assign(canvas, { width: rect.width, height: rect.height });
    const context = context2d(canvas);
    context.translate(-rect.x, -rect.y);
    const finding = shownFinding(slot, viewer.state());
    if (finding) drawHeat(context, slot.pane, finding, slot.at, viewer.preferences);
    return { width: rect.width, height: rect.height, data: context.getImageData(0, 0, rect.width, rect.height).data };
  };
  return {
    ready: (/** @type {number} */ number) => Boolean(viewer.slots[number]?.film) && viewer.isSettled(),
    get painter() {
      return viewer.painter?.name ?? "";
    },
    readPane: (/** @type {number} */ number) => {
      const { rect } = viewer.slots[number];
      viewer.drawFilms(true);
      return { width: rect.width, height: rect.height, data: viewer.painter?.read(rect) };
    },
    readHeat: (/** @type {number} */ number) => heatOf(viewer.slots[number]),
    state: (/** @type {number} */ number) => {
      const slot = viewer.slots[number];
      const { pane, view, voi, at, rect, trouble } = slot;
      const state = viewer.state();
      const results = slot.marks.map((mark) => ({ kind: mark.kind, points: mark.points, ...resultOf(pane, mark), words: markWords(slot, mark, state) }));
      const window = isTable(voi) ? null : { centre: voi.centre, width: voi.width };
      const { tool, layout, linked, preferences, held } = viewer;
      const shown = shownFinding(slot, state);
      return {
        id: pane.id, view, window, scale: at.s, rect, results, finding: viewer.findingOf(pane)?.name ?? "", tool, layout, linked,
        preferences, held, trouble, turned: turnWords(view.turn, view.invert), badge: shown ? badgeWords(shown) : "",
      };
    },
    toScreen: (/** @type {number} */ number, /** @type {number} */ x, /** @type {number} */ y) => {
      const [X, Y] = toScreen(viewer.slots[number].at, x, y);
      const box = viewer.stage.getBoundingClientRect();
      return [box.left + X / viewer.px, box.top + Y / viewer.px];
    },
    get frames() {
      return viewer.frames;
    },
  };
}
