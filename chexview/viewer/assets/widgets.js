/* What Streamlit's own widgets leave undone for readers of a screen: a place for files that has a name is no mere decoration. */

const PLACES = '[data-testid="stFileUploaderDropzone"][role="presentation"]';
let isWatching = false, isDue = false;

function mend() {
  isDue = false;
  for (const place of document.querySelectorAll(PLACES)) place.setAttribute("role", "group");
}

/** Mends what is on the page, and what comes onto it later. */
export function mendWidgets() {
  mend();
  if (isWatching) return;
  isWatching = true;
  new MutationObserver(() => {
    if (!isDue) requestAnimationFrame(mend);
    isDue = true;
  }).observe(document.body, { childList: true, subtree: true });
}
