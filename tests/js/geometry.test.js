import assert from "node:assert/strict";
import { test } from "node:test";

import { UPRIGHT, degrees, fitScale, flipped, inverse, isMirrored, panned, placed, rotated, toFilm, toScreen, zoomed } from "../../chexview/viewer/assets/viewer/geometry.js";

/** @import { Point, Turn, View } from "../../chexview/viewer/assets/viewer/types.js" */

const pane = { rows: 100, columns: 200, display_rows: 160, display_columns: 200 };
const rect = { x: 10, y: 20, width: 400, height: 400 };
/** @type {View} */
const fit = { chosen: "", window: null, invert: false, turn: UPRIGHT, mode: "fit", zoom: 1, centre: [0.5, 0.5] };
/** @type {Turn[]} */
const turns = [UPRIGHT, rotated(UPRIGHT), rotated(rotated(UPRIGHT)), flipped(UPRIGHT), rotated(flipped(UPRIGHT)), flipped(rotated(UPRIGHT))];

/**
 * @param {Point} actual
 * @param {Point} expected
 */
function near(actual, expected) {
  assert.ok(Math.hypot(actual[0] - expected[0], actual[1] - expected[1]) < 1e-9, `${actual} is not ${expected}`);
}

test("a whole film fits its rectangle and stands in its middle, pixels as tall as they are", () => {
  const at = placed(pane, fit, rect);
  assert.equal(at.s, 2);
  near(toScreen(at, 0, 0), [10, 60]);
  near(toScreen(at, 200, 100), [410, 380]);
  assert.equal(fitScale(pane, rotated(UPRIGHT), { x: 0, y: 0, width: 160, height: 100 }), 0.5);
});

test("the film comes back from the screen, however it is turned", () => {
  for (const turn of turns) {
    const at = placed(pane, { ...fit, turn, mode: "free", zoom: 1.7, centre: [0.3, 0.8] }, rect);
    near(toFilm(at, ...toScreen(at, 12.5, 71)), [12.5, 71]);
    const { across, down } = inverse(at);
    const [X, Y] = toScreen(at, 12.5, 71);
    near([across[0] * X + across[1] * Y + across[2], down[0] * X + down[1] * Y + down[2]], [12.5, 71]);
  }
});

test("a quarter turn moves the upper left corner to the upper right", () => {
  const at = placed(pane, { ...fit, turn: rotated(UPRIGHT) }, rect);
  const [x, y] = toScreen(at, 0, 0);
  assert.ok(x > rect.x + rect.width / 2 && y < rect.y + rect.height / 2);
  assert.deepEqual([UPRIGHT, rotated(UPRIGHT), rotated(rotated(UPRIGHT)), rotated(rotated(rotated(UPRIGHT)))].map(degrees), [0, 90, 180, 270]);
  assert.ok(isMirrored(flipped(UPRIGHT)) && !isMirrored(rotated(UPRIGHT)));
  assert.deepEqual(rotated(rotated(rotated(rotated(UPRIGHT)))).map((value) => value + 0), UPRIGHT);
});

test("a zoom keeps what lies under the pointer, and ends somewhere", () => {
  for (const turn of turns) {
    const view = { ...fit, turn };
    const before = toFilm(placed(pane, view, rect), 150, 200);
    const after = zoomed(pane, view, rect, 1.6, 150, 200);
    near(toFilm(placed(pane, after, rect), 150, 200), before);
  }
  assert.equal(placed(pane, zoomed(pane, fit, rect, 1e6, 200, 200), rect).s, 24);
  assert.equal(placed(pane, zoomed(pane, fit, rect, 1e-6, 200, 200), rect).s, 0.5);
});

test("a pan moves the film by as many pixels, and never off the screen's middle", () => {
  const near100 = panned(pane, { ...fit, mode: "free", zoom: 3 }, rect, 30, -20);
  const [x, y] = toScreen(placed(pane, { ...fit, mode: "free", zoom: 3 }, rect), 50, 50);
  near(toScreen(placed(pane, near100, rect), 50, 50), [x + 30, y - 20]);
  assert.deepEqual(panned(pane, fit, rect, 1e6, 1e6).centre, [0, 0]);
});

test("at whole scales the film's pixels lie on the screen's", () => {
  const at = placed({ ...pane, display_rows: 101, rows: 101 }, { ...fit, mode: "real" }, rect);
  for (const value of toScreen(at, 0, 0)) assert.equal(value, Math.round(value));
});
