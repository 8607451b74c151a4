/* Which of Streamlit's calls of a component is in force: the newest, whatever the order in which they come.

   A component is called again when its data change. While its module is still being loaded, an older call may come after the
   newer one; its cleanup is then run at once, with the component still on the page. A call that was followed by another is not
   cleaned up otherwise, and the last one is when the component has left the page. */

/** @typedef {{draw: () => void}} Call */

/** @type {WeakMap<ShadowRoot | HTMLElement, Call[]>} the call in force, and those that came in this very task, in their order */
const known = new WeakMap();

/**
 * Draws what a call brought, and gives the call's cleanup, which draws what is in force where the call turns out to be an older one.
 * @param {ShadowRoot | HTMLElement} parent
 * @param {() => void} draw
 * @param {() => void} [release] ends what the component does outside its own elements
 */
export function called(parent, draw, release) {
  const call = { draw };
  const calls = known.get(parent) ?? [];
  known.set(parent, calls);
  calls.push(call);
  setTimeout(() => calls.splice(0, calls.indexOf(call)));
  draw();
  return () => {
    const at = calls.indexOf(call);
    if (at < 0) return;
    const wasLast = at === calls.length - 1;
    if (parent.isConnected) {
      calls.splice(at, 1);
      if (wasLast) calls.at(-1)?.draw();
    } else if (wasLast) {
      calls.length = 0;
      known.delete(parent);
      release?.();
    }
  };
}
