import assert from "node:assert/strict";
import { test } from "node:test";

import { halved, levelsOf, plainValues, undelta, unpackBits } from "../../chexview/viewer/assets/viewer/codec.js";

test("differences add up to the values of chexview/viewer/pixel_coding.py", () => {
  // Rows 10, 12, 11 and 65535, 0, 300: differences 10, 2, -1 and -1 (mod 65536), 1, 300; zigzag 20, 4, 1 and 1, 2, 600.
  const low = [20, 4, 1, 1, 2, 600 & 255], high = [0, 0, 0, 0, 0, 600 >> 8];
  assert.deepEqual([...undelta(Uint8Array.from([...low, ...high]), 2, 3)], [10, 12, 11, 65535, 0, 300]);
});

test("plain values have their low byte first", () => {
  assert.deepEqual([...plainValues(Uint8Array.from([1, 2, 255, 255]), 1, 2)], [513, 65535]);
});

test("what is too short or too long is refused", () => {
  assert.throws(() => undelta(new Uint8Array(7), 2, 2), /another size/);
  assert.throws(() => plainValues(new Uint8Array(9), 2, 2), /another size/);
  assert.throws(() => unpackBits(new Uint8Array(2), 8), /another size/);
});

test("bits come from the highest place down", () => {
  assert.deepEqual([...unpackBits(Uint8Array.from([0b10100000, 0b10000000]), 9)], [1, 0, 1, 0, 0, 0, 0, 0, 1]);
});

test("a level is halved to rounded means; an odd last row and column fall away", () => {
  const next = halved({ width: 3, height: 3, data: Uint16Array.from([1, 2, 9, 3, 5, 9, 9, 9, 9]), mask: null });
  assert.deepEqual([next.width, next.height, ...next.data], [1, 1, 3]);
  assert.equal(next.mask, null);
});

test("padding has no part in a mean, and is left only where all four are padding", () => {
  const data = Uint16Array.from([100, 40, 7, 7, 60, 20, 7, 7]);
  const mask = Uint8Array.from([1, 0, 1, 1, 0, 0, 1, 1]);
  const next = halved({ width: 4, height: 2, data, mask });
  assert.deepEqual([...next.data], [40, 7]);
  assert.deepEqual([...(next.mask ?? [])], [0, 1]);
});

test("levels go down to a small one", () => {
  const sizes = levelsOf({ width: 800, height: 400, data: new Uint16Array(320000), mask: null }).map(({ width, height }) => [width, height]);
  assert.deepEqual(sizes, [[800, 400], [400, 200], [200, 100]]);
});
