import assert from "node:assert/strict";
import { test } from "node:test";

import { csvCell, measurementsTable } from "../../chexview/viewer/assets/viewer/saving.js";

/** @import { Mark } from "../../chexview/viewer/assets/viewer/types.js" */

const spacing = { row_mm: 0.2, column_mm: 0.1, words: "detector plane" };
const pane = { title: "=film, \"a\".png", rows: 10, columns: 10, display_rows: 10, display_columns: 10, spacing };

test("a cell of the table is quoted where it must be, and never a formula", () => {
  assert.deepEqual(['a,b', 'say "x"', "=1+1", "-3", -3, "two\nlines", "plain"].map(csvCell), [
    '"a,b"', '"say ""x"""', "'=1+1", "'-3", "-3", '"two\nlines"', "plain",
  ]);
});

test("measurements are one a line, in the unit and the plane that they are true in", () => {
  /** @type {Mark[]} */
  const marks = [
    { kind: "length", points: [[0, 0], [30, 20]], axis: 0 },
    { kind: "angle", points: [[0, 10], [0, 0], [20, 0]], axis: 0 },
  ];
  const lines = measurementsTable([{ pane, marks }], (film, { kind }) => `${kind} of ${film}`).split("\r\n");
  assert.deepEqual(lines, [
    "film,measurement,value,unit,plane,points in stored pixels (x y),said",
    `"'=film, ""a"".png",length,5,mm,detector plane,"0.0 0.0; 30.0 20.0",length of 0`,
    `"'=film, ""a"".png",angle,90,degrees,,"0.0 10.0; 0.0 0.0; 20.0 0.0",angle of 0`,
    "",
  ]);
});
