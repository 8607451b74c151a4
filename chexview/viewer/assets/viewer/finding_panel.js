/* The findings beside the films in full screen, where the page's own list is not seen. */

import { FLAG, element } from "../dom.js";
import { press } from "./icons.js";

/** @import { Actions } from "./actions.js" */

/** @param {Actions} viewer */
export function findingPanel(viewer) {
  const part = element("aside", "findings");
  part.setAttribute("aria-label", "Findings");
  const title = element("strong", "film");
  const list = element("div", "list");
  part.append(title, list);
  let drawn = "";
  const show = () => {
    const pane = viewer.active?.pane;
    const heat = pane?.heat;
    part.classList.toggle("empty", !heat);
    if (!pane || !heat) return;
    const chosen = viewer.findingOf(pane)?.name;
    if (drawn !== pane.text) {
      drawn = pane.text;
      title.textContent = pane.title;
      list.replaceChildren(...heat.findings.map((finding) => {
        const row = element("button", finding.flagged ? "entry flagged" : "entry");
        row.type = "button";
        row.dataset.finding = finding.name;
        const flag = element("span", "flag");
        if (finding.flagged) {
          flag.innerHTML = FLAG;
          flag.append(element("span", "unseen", "flagged"));
        }
        row.append(flag, element("span", "name", finding.title), element("span", "score", finding.score));
        row.addEventListener("click", () => viewer.choose(finding.name));
        return row;
      }));
    }
    for (const row of list.children) if (row instanceof HTMLElement) press(row, row.dataset.finding === chosen);
  };
  return { part, show };
}
