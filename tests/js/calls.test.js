import assert from "node:assert/strict";
import { test } from "node:test";

import { called } from "../../chexview/viewer/assets/calls.js";

/** A component on a page: what it drew, whether it was released, and how it is called and how it leaves. */
function component() {
  const parent = /** @type {HTMLElement} */ (/** @type {unknown} */ ({ isConnected: true }));
  const drawn = /** @type {string[]} */ ([]);
  const released = /** @type {string[]} */ ([]);
  return {
    drawn,
    released,
    call: (/** @type {string} */ name) => called(parent, () => drawn.push(name), () => released.push(name)),
    leave: () => Object.assign(parent, { isConnected: false }),
  };
}

const task = () => new Promise((resolve) => { setTimeout(resolve, 2); });

test("what was drawn last is what is newest, also where the older call comes after the newer one", async () => {
  const { drawn, released, call, leave } = component();
  const newer = call("newer");
  await task();
  call("older")();
  assert.deepEqual(drawn, ["newer", "older", "newer"]);
  await task();
  leave();
  newer();
  assert.deepEqual(released, ["newer"]);
});

test("two older calls, cleaned up after both came, leave the newest in force", async () => {
  for (const pause of [async () => {}, task]) {
    const { drawn, call } = component();
    call("newest");
    await pause();
    const cleanups = ["first", "second"].map(call);
    for (const cleanup of cleanups) cleanup();
    assert.equal(drawn.at(-1), "newest");
  }
});

test("an older call that comes first is followed by the newer one, and releases nothing", async () => {
  const { drawn, released, call, leave } = component();
  call("older")();
  const newer = call("newer");
  assert.deepEqual([drawn, released], [["older", "newer"], []]);
  leave();
  newer();
  assert.deepEqual(released, ["newer"]);
});

test("of calls in their order the last one's cleanup releases, once; a call after the end is drawn and released", async () => {
  const { drawn, released, call, leave } = component();
  const cleanups = [];
  for (const name of ["a", "b", "c"]) {
    cleanups.push(call(name));
    await task();
  }
  leave();
  for (const cleanup of [...cleanups, ...cleanups]) cleanup();
  assert.deepEqual([drawn, released], [["a", "b", "c"], ["c"]]);
  call("late")();
  assert.deepEqual([drawn.at(-1), released], ["late", ["c", "late"]]);
});
