/* What the components of a page tell each other on its window, without the server. */

/** A finding was chosen: ``{film, name}``; ``film`` is the id of a pane, or null for all. */
export const FINDING_CHOSEN = "chexview:finding";

/** A pane became the active one: ``{film}``, its id. */
export const FILM_ACTIVE = "chexview:active";

/** Another film of the list is wanted: ``{step}``, 1 for the next and -1 for the previous one. */
export const FILM_WANTED = "chexview:film";

/**
 * @param {string} name
 * @param {object} detail
 */
export function announce(name, detail) {
  window.dispatchEvent(new CustomEvent(name, { detail }));
}
