/* The tools that dragging on a film can be, and the layouts: their names and keys. */

/** @import { LayoutName, ToolName } from "./types.js" */

/** @type {Record<ToolName, {title: string, key: string}>} */
export const TOOLS = {
  window: { title: "Window: drag across for width, up for brighter", key: "w" },
  pan: { title: "Pan", key: "p" },
  lens: { title: "Magnifier", key: "m" },
  length: { title: "Length", key: "l" },
  angle: { title: "Angle", key: "a" },
  ratio: { title: "Cardiothoracic ratio, in three strokes", key: "c" },
  region: { title: "Region: a box on the film", key: "e" },
};

/** @type {Record<LayoutName, string>} */
export const LAYOUTS = { one: "One film", beside: "Original beside overlay", pair: "Two films" };

export const TOOL_NAMES = /** @type {ToolName[]} */ (Object.keys(TOOLS));
export const LAYOUT_NAMES = /** @type {LayoutName[]} */ (Object.keys(LAYOUTS));
