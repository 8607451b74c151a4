import assert from "node:assert/strict";
import { test } from "node:test";

import { asWindow, greyAt, greyTable, levelOf, moved, narrowest, readView, roundEven } from "../../chexview/viewer/assets/viewer/window.js";

/** @import { VoiWindow } from "../../chexview/viewer/assets/viewer/types.js" */

const film = { scale: 1, offset: 0, inverted: false };
/** @type {(shape: VoiWindow["function"], centre: number, width: number) => VoiWindow} */
const window = (shape, centre, width) => ({ function: shape, centre, width });

test("LINEAR is that of PS3.3 C.11.2.1.2.1", () => {
  // C 2048, W 4096: x <= 0 is black, x > 4095 white, between ((x - 2047.5) / 4095 + 0.5).
  const voi = window("LINEAR", 2048, 4096);
  assert.deepEqual([0, 4095, 5000, -3].map((value) => greyAt(voi, value)), [0, 1, 1, 0]);
  assert.ok(Math.abs(greyAt(voi, 2047.5) - 0.5) < 1e-12);
  // C 0, W 1 of the same section: x <= -0.5 is black, above white.
  assert.deepEqual([-1, -0.5, 0].map((value) => greyAt(window("LINEAR", 0, 1), value)), [0, 0, 1]);
});

test("LINEAR_EXACT and SIGMOID are those of C.11.2.1.3", () => {
  assert.deepEqual([-100, 0, 100].map((value) => greyAt(window("LINEAR_EXACT", 0, 200), value)), [0, 0.5, 1]);
  assert.equal(greyAt(window("SIGMOID", 40, 10), 40), 0.5);
  assert.ok(Math.abs(greyAt(window("SIGMOID", 0, 4), 1) - 1 / (1 + Math.exp(-1))) < 1e-15);
  assert.equal(greyAt(window("SIGMOID", 0, 1e-3), -1e9), greyAt(window("SIGMOID", 0, 1e-3), -1e12));
});

test("a table is looked up at the nearest value, halves to the even one, and held at its ends", () => {
  const voi = { name: "", first: 10, bits: 8, table: Uint16Array.from([0, 51, 255]) };
  assert.deepEqual([0, 10, 10.5, 11.5, 99].map((value) => greyAt(voi, value)), [0, 0, 0, 1, 1]);
  assert.deepEqual([0.5, 1.5, 2.5, -0.5, 2.6].map(roundEven), [0, 2, 2, 0, 3]);
});

test("a film is inverted once, whoever asks for it", () => {
  const voi = window("LINEAR_EXACT", 32767.5, 65535);
  const tables = [[false, false], [true, false], [false, true], [true, true]].map(([own, chosen]) => greyTable(voi, { ...film, inverted: own }, chosen)[65535]);
  assert.deepEqual(tables, [1, 0, 0, 1]);
});

test("grey goes to 256 levels with halves up", () => {
  assert.deepEqual([0, 0.5 / 255, 0.499 / 255, 1].map(levelOf), [0, 1, 0, 255]);
});

test("a table of the scene is two bytes a value", () => {
  const view = readView({ name: "t", first: -5, bits: 16, values: btoa(String.fromCharCode(1, 2, 255, 255)) });
  assert.ok("table" in view);
  assert.deepEqual([...view.table], [513, 65535]);
  assert.deepEqual(asWindow(view), { centre: -4.5, width: 1, function: "LINEAR_EXACT" });
});

test("a drag never makes a window narrower than it can be", () => {
  assert.equal(moved(window("LINEAR", 0, 5), film, 1000, -1, 0.5).width, 1);
  assert.deepEqual(moved(window("LINEAR_EXACT", 10, 50), { scale: 0.25 }, 100, 0.1, -0.2), window("LINEAR_EXACT", -10, 60));
  assert.equal(narrowest("SIGMOID", { scale: -0.25 }), 0.25);
});
