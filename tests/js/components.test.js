import assert from "node:assert/strict";
import { test } from "node:test";

import { neighbour } from "../../chexview/viewer/assets/chooser.js";
import { cellText } from "../../chexview/viewer/assets/findings.js";
import { keyFor } from "../../chexview/viewer/assets/viewer/keys.js";

test("the next film is the next of the list that can be opened", () => {
  const items = ["a", "b", "c", "d"].map((id) => ({ id, title: id, status: "", picture: id === "c" ? null : "x", flags: 0 }));
  const films = { items, chosen: "b", label: "", cards: false };
  assert.deepEqual([1, -1].map((step) => neighbour(films, step)), ["d", "a"]);
  assert.equal(neighbour({ ...films, chosen: "d" }, 1), null);
  assert.deepEqual([1, -1].map((step) => neighbour({ ...films, chosen: "filtered away" }, step)), ["a", "d"]);
});

test("a contribution is written as its cell has room for it", () => {
  assert.deepEqual([0.234, -0.006, 0].map((value) => cellText(value, false)), ["+0.23", "\u22120.01", "0.00"]);
  assert.deepEqual([0.234, -0.016, 0.004].map((value) => cellText(value, true)), ["+23", "\u22122", ""]);
});

test("a letter is one key with and without capitals, where Shift means nothing", () => {
  const key = (/** @type {string} */ name, shiftKey = false) => keyFor({ key: name, shiftKey })?.keys[0];
  assert.deepEqual([key("T"), key("t"), key("V", true), key("PageUp"), key("q")], ["t", "t", "v", "PageDown", undefined]);
});
