/* A film that is uploaded to an empty page: asked for while the upload is under way, and shown before the page is drawn for it. */

/** @import { Viewer } from "./viewer.js" */
/** @import { SceneData } from "./types.js" */

const UPLOADER = '[data-testid="stFileUploader"]';
/** How often one upload's film is asked for; the server answers each time within some seconds. */
const TRIES = 60;

/** @type {WeakMap<Viewer, Arriving>} */
const known = new WeakMap();

/** Listens for the choice of a file as long as the viewer is on the page. */
class Arriving {
  asked = "";

  /** @param {Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.hear = (/** @type {Event} */ event) => {
      if (!viewer.root.isConnected) this.end();
      else if (isOneFile(event)) this.ask(viewer.scene.arrival);
    };
    for (const kind of ["change", "drop"]) window.addEventListener(kind, this.hear, true);
  }

  end() {
    for (const kind of ["change", "drop"]) window.removeEventListener(kind, this.hear, true);
  }

  /** @param {string} address */
  async ask(address) {
    if (!address || address === this.asked) return;
    this.asked = address;
    for (let tries = TRIES; tries && this.viewer.scene.arrival === address; tries -= 1) {
      const answer = await fetch(new URL(address, document.baseURI), { credentials: "same-origin" }).catch(() => null);
      if (answer?.status === 200) return this.show(await answer.json());
      if (answer?.status !== 204) break;
    }
    this.asked = "";
  }

  /** @param {SceneData} scene */
  show(scene) {
    if (this.viewer.panes.length) return;
    this.viewer.update(scene);
    this.viewer.show();
    document.documentElement.dataset.film = "early";
  }
}

/**
 * Whether one file, and no folder, is brought to the page's uploader: of several, nobody knows here which comes first.
 * @param {Event} event
 */
function isOneFile(event) {
  const { target } = event;
  if (!(target instanceof Element) || !target.closest(UPLOADER)) return false;
  if (target instanceof HTMLInputElement) return target.files?.length === 1;
  const items = event instanceof DragEvent ? event.dataTransfer?.items : undefined;
  return items?.length === 1 && Boolean(items[0].webkitGetAsEntry()?.isFile);
}

/**
 * Shows the film that comes next to a viewer that has none, if its scene says where to ask; from the page's own scene on, the page counts.
 * @param {Viewer} viewer
 */
export function awaitFilm(viewer) {
  delete document.documentElement.dataset.film;
  if (!viewer.scene.arrival) return;
  if (!known.has(viewer)) known.set(viewer, new Arriving(viewer));
  setTimeout(() => viewer.paint());
}
