import assert from "node:assert/strict";
import { test } from "node:test";

import { cellAt, cellEdges, cellWords, coloursOver, entryOf, fade, readHeat, spread, weights } from "../../chexview/viewer/assets/viewer/heat.js";

const WHOLE = { left: 0, top: 0, right: 1, bottom: 1 };

/** @param {number[]} values */
function packed(values) {
  return btoa(String.fromCharCode(...new Uint8Array(Float32Array.from(values).buffer)));
}

test("weights are Catmull-Rom's: they add up to 1 and meet every cell at its centre", () => {
  const { cell, weight } = weights(0, 1, 70, 7, false);
  for (let at = 0; at < 70; at += 1) {
    assert.ok(Math.abs(weight.subarray(4 * at, 4 * at + 4).reduce((sum, value) => sum + value, 0) - 1) < 1e-6);
    for (const index of cell.subarray(4 * at, 4 * at + 4)) assert.ok(index >= 0 && index < 7);
  }
  // Half way between two cells the four weights are -1/16, 9/16, 9/16, -1/16.
  assert.deepEqual([...weights(0.5, 0.5, 1, 4, false).weight], [-0.0625, 0.5625, 0.5625, -0.0625]);
});

test("a map goes through its values on any grid", () => {
  for (const cells of [1, 5, 20]) {
    const values = Array.from({ length: cells * cells }, (_, at) => Math.sin(7 * at));
    const out = spread(values, cells, cells, WHOLE, cells, cells, false);
    for (let at = 0; at < out.length; at += 1) assert.ok(Math.abs(out[at] - values[at]) < 1e-6, `${cells} cells, cell ${at}`);
  }
});

test("a constant map stays constant, and a part of the square shows its part", () => {
  const flat = spread(new Array(400).fill(2.5), 20, 20, { left: 0.1, top: 0.2, right: 0.9, bottom: 0.7 }, 33, 21, false);
  for (const value of flat) assert.ok(Math.abs(value - 2.5) < 1e-5);
  assert.deepEqual([...spread([1, 2, 3, 4], 2, 2, { left: 0.5, top: 0, right: 1, bottom: 1 }, 2, 2, true)], [2, 2, 4, 4]);
});

test("a colour depends on the value and the scale alone", () => {
  assert.deepEqual([-9, -3, 0, 1.5, 3, 9].map((value) => entryOf(value, 3)), [0, 0, 128, 191, 255, 255]);
  assert.equal(entryOf(1, 4), entryOf(2, 8));
});

test("under the threshold nothing is drawn, a little over it all", () => {
  assert.deepEqual([fade(0.29, 0.3, 0.08), fade(-0.36, 0.3, 0.08), fade(0.01, 0.05, 0.08)], [0, 1, 1]);
  const colours = new Uint8Array(1024).fill(200);
  const cut = coloursOver({ colours, floor: 0.08 }, 0.5);
  assert.deepEqual([cut[4 * 128 + 3], cut[4 * 255 + 3], cut[3], cut[4 * 128]], [0, 200, 200, 200]);
  assert.equal(colours[4 * 128 + 3], 200);
});

test("cells are found under the film's pixels", () => {
  const heat = { rectangle: { left: 0.25, top: 0, right: 0.75, bottom: 1 }, rows: 2, columns: 4 };
  const film = { rows: 100, columns: 100 };
  assert.deepEqual([[0.5, 0.5], [99, 0.5], [0.5, 99], [99, 500]].map(([x, y]) => cellAt(film, heat, x, y)), [1, 2, 5, 6]);
  assert.deepEqual(cellEdges(4, 0.25, 0.75), [0, 0.5, 1]);
});

test("what a cell says is in the legend's unit, with what it adds and its weight", () => {
  const heat = readHeat({
    rectangle: WHOLE, rows: 1, columns: 2, colours: btoa(""), floor: 0.08, words: "", checkpoint: "c",
    findings: [{ name: "Edema", title: "Edema", unit: "log-odds", score: "64 %", flagged: true, total: "0.58", scale: 15, maps: packed([8, 0]), contributions: packed([0.2, 0]) }],
  });
  const [edema] = heat.findings;
  assert.equal(cellWords(edema, 0), "Edema: map +8.00 here, adds +0.20 to log-odds 0.58 (weight 2.5 %)");
  assert.equal(cellWords(edema, 1), "Edema: map 0.00 here, adds 0.00 to log-odds 0.58");
  assert.equal(heat.byName.get("Edema"), edema);
});
