/* Dark, light, or as the system has it: Streamlit keeps the choice by page and reads it when a page loads. */

import { element, rootOf } from "./dom.js";
import { mendWidgets } from "./widgets.js";

/** @import { ComponentArguments } from "./viewer/types.js" */
/** @typedef {{label: string, choices: Record<string, string>, paths: string[]}} Themes */

/** @param {string} path */
const keyOf = (path) => `stActiveTheme-${path}-v2`;

/**
 * @param {Themes} data
 * @returns {string[]}
 */
function addresses(data) {
  const base = location.pathname.replace(/[^/]*$/, "");
  return data.paths.map((path) => base + path);
}

/** @param {ComponentArguments<Themes>} component */
export default function mount({ data, parentElement }) {
  mendWidgets();
  const root = rootOf(parentElement);
  const group = element("div", "themes");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", data.label);
  const now = localStorage.getItem(keyOf(location.pathname)) ?? '"Dark"';
  for (const [value, words] of Object.entries(data.choices)) {
    const button = element("button", "", words);
    button.type = "button";
    button.setAttribute("aria-pressed", String(now === JSON.stringify(value)));
    button.addEventListener("click", () => {
      for (const address of addresses(data)) localStorage.setItem(keyOf(address), JSON.stringify(value));
      location.reload();
    });
    group.append(button);
  }
  root.replaceChildren(group);
}
