import assert from "node:assert/strict";
import { test } from "node:test";

import { UPRIGHT, placed, rotated } from "../../chexview/viewer/assets/viewer/geometry.js";
import { coveredWords, keptInside, objection, promptFor, regionOf, resultOf, sameRegion, withPoint } from "../../chexview/viewer/assets/viewer/marks.js";

/** @import { Mark, Pane, Point, Turn, View } from "../../chexview/viewer/assets/viewer/types.js" */

const film = { rows: 1000, columns: 800, display_rows: 1000, display_columns: 800, spacing: null };
const measured = { ...film, spacing: { row_mm: 0.2, column_mm: 0.1, words: "detector plane" } };
/** @type {(kind: Mark["kind"], points: Point[], axis?: 0 | 1) => Mark} */
const mark = (kind, points, axis = 0) => ({ kind, points, axis });

/** @param {Turn} turn */
function at(turn) {
  /** @type {View} */
  const view = { chosen: "", window: null, invert: false, turn, mode: "fit", zoom: 1, centre: [0.5, 0.5] };
  return placed(film, view, { x: 0, y: 0, width: 500, height: 500 });
}

test("a length is in millimetres of its plane, or in square pixels", () => {
  const points = /** @type {Point[]} */ ([[0, 0], [300, 200]]);
  assert.deepEqual(resultOf(measured, mark("length", points)), { value: 50, unit: "mm", text: "50.0 mm, detector plane" });
  assert.equal(resultOf({ ...film, display_rows: 2000 }, mark("length", points)).value, 500);
});

test("an angle is the one on the patient", () => {
  const right = resultOf(film, mark("angle", [[0, 10], [0, 0], [10, 0]]));
  assert.ok(Math.abs(right.value - 90) < 1e-9);
  const oblique = resultOf(measured, mark("angle", [[20, 0], [0, 0], [20, 10]]));
  assert.ok(Math.abs(oblique.value - 45) < 1e-9);
});

test("a cardiothoracic ratio counts what is level", () => {
  const points = /** @type {Point[]} */ ([[400, 500], [340, 500], [400, 560], [580, 560], [200, 620], [700, 620]]);
  const { value, text } = resultOf(measured, mark("ratio", points));
  assert.equal(value, 240 / 500);
  assert.equal(text, "CTR 0.48 = (6 + 18) / 50 mm");
  assert.match(resultOf(film, mark("ratio", [...points.slice(0, 4), [1, 1], [1, 1]])).text, /no width/);
});

test("a stroke of the ratio that goes down is refused, on the screen as it is turned", () => {
  const begun = mark("ratio", [[400, 500]]);
  assert.equal(objection(begun, [300, 520], at(UPRIGHT), 1), "");
  assert.match(objection(begun, [405, 700], at(UPRIGHT), 1), /goes down/);
  assert.match(objection(begun, [400, 500], at(UPRIGHT), 1), /no length/);
  assert.match(objection(mark("ratio", [[400, 500]], 1), [300, 520], at(rotated(UPRIGHT)), 1), /goes down/);
  assert.equal(objection(mark("ratio", [[400, 500]], 1), [405, 700], at(rotated(UPRIGHT)), 1), "");
  assert.equal(objection(mark("ratio", []), [0, 0], at(UPRIGHT), 1), "");
  assert.equal(objection(mark("length", [[400, 500]]), [400, 900], at(UPRIGHT), 1), "");
});

test("the end of a ratio's stroke lies level with its start, and both move together later", () => {
  const ended = withPoint(mark("ratio", [[400, 500]]), 1, [300, 530]);
  assert.deepEqual(ended.points, [[400, 500], [300, 500]]);
  assert.deepEqual(withPoint(ended, 0, [410, 470]).points, [[410, 470], [300, 470]]);
  assert.deepEqual(withPoint(mark("ratio", [[400, 500]], 1), 1, [430, 300]).points, [[400, 500], [400, 300]]);
  assert.deepEqual(withPoint(mark("length", [[1, 2]]), 1, [3, 4]).points, [[1, 2], [3, 4]]);
});

test("each point of a mark has its prompt", () => {
  assert.equal(promptFor("ratio", 5), "Ratio, 3 of 3: across to the inner edge of the ribs on the right");
  assert.equal(promptFor("angle", 0), "Angle: set a point on the first arm");
});

test("a region is cut off at the film's edges, and its answer is that of this very region", () => {
  const drawn = mark("region", [[900, 250], [400, -50]]);
  const region = regionOf(film, drawn);
  assert.deepEqual(region, { left: 0.5, top: 0, width: 0.5, height: 0.25 });
  const pane = /** @type {Pane} */ (/** @type {unknown} */ ({ ...film, id: "a" }));
  const answers = [{ ...region, film: "b", words: { Edema: "1 %" } }, { ...region, width: 0.5 + 1e-12, film: "a", words: { Edema: "41 % to 19 %" } }];
  assert.equal(coveredWords(pane, drawn, answers, "Edema"), "41 % to 19 %");
  assert.equal(coveredWords(pane, mark("region", [[900, 251], [400, -50]]), answers, "Edema"), "");
  assert.ok(!sameRegion(region, { ...region, top: 0.01 }));
});

test("words beside a mark stay inside the pane of their film", () => {
  const pane = { x: 100, y: 0, width: 300, height: 200 };
  assert.deepEqual(keptInside([150, 50], [80, 20], pane, 2), [150, 50]);
  assert.deepEqual(keptInside([380, 195], [80, 20], pane, 2), [318, 178]);
  assert.deepEqual(keptInside([20, -9], [80, 20], pane, 2), [102, 2]);
  assert.deepEqual(keptInside([150, 50], [500, 20], pane, 2), [102, 50]);
});
