/* Elements of a page. Words come in as words and are only ever set as text. */

/** The flag of what lies over its threshold. */
export const FLAG = '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3 1h1.6v14H3zM5.4 2h8.1l-2.2 3.2 2.2 3.3H5.4z"/></svg>';

/**
 * A new element.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [name] its class
 * @param {string} [text]
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, name = "", text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
}

/**
 * A part of an element that must be there.
 * @param {ParentNode} parent
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function part(parent, selector) {
  const found = parent.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`there is no ${selector}`);
  return found;
}

/**
 * Whether the page is light, by Streamlit's own colour.
 * @param {ShadowRoot | HTMLElement} parent
 */
export function isLight(parent) {
  const host = parent instanceof ShadowRoot ? parent.host : parent;
  const parts = getComputedStyle(host).getPropertyValue("--st-background-color").trim().match(/^#(..)(..)(..)/);
  return Boolean(parts) && parseInt(parts?.[2] ?? "0", 16) > 127;
}

/**
 * The component's own element, made once; keys pressed in it are not Streamlit's.
 * @param {ShadowRoot | HTMLElement} parent
 * @returns {HTMLElement}
 */
export function rootOf(parent) {
  const known = parent.querySelector(".root");
  if (known instanceof HTMLElement) return known;
  const root = element("div", "root");
  root.addEventListener("keydown", (event) => event.stopPropagation());
  parent.appendChild(root);
  return root;
}

/**
 * What has the focus inside a component.
 * @param {HTMLElement} root
 * @returns {HTMLElement | null}
 */
export function focusedIn(root) {
  const tree = root.getRootNode();
  const focused = tree instanceof ShadowRoot || tree instanceof Document ? tree.activeElement : null;
  return focused instanceof HTMLElement && root.contains(focused) ? focused : null;
}

/** What is chosen here goes away and a film comes: the film takes the focus, so that the keyboard stays where the reader is. */
export function leaveFocusToFilm() {
  document.documentElement.dataset.focus = "film";
}

/**
 * Takes the focus where it was left for the film, as soon as what had it has gone and nothing else has it.
 * @param {HTMLElement} film
 * @param {number} [tries]
 */
export function takeFocus(film, tries = 150) {
  const { dataset } = document.documentElement;
  if (dataset.focus !== "film" || !film.isConnected) return;
  const isFree = !document.activeElement || document.activeElement === document.body;
  if (isFree || !tries) delete dataset.focus;
  if (isFree) film.focus({ preventScroll: true });
  else if (tries) setTimeout(() => takeFocus(film, tries - 1), 100);
}

/**
 * Gives the focus back to what was drawn anew.
 * @param {HTMLElement} root
 * @param {string} name of the data attribute
 * @param {string | undefined} value
 */
export function refocus(root, name, value) {
  if (!value) return;
  const again = root.querySelector(`[data-${name}="${CSS.escape(value)}"]`);
  if (again instanceof HTMLElement) again.focus({ preventScroll: true });
}
