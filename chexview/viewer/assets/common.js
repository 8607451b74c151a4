/* What the small components share; it is joined in front of each. Words come in as words and are only ever set as text. */
const FLAG = '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3 1h1.6v14H3zM5.4 2h8.1l-2.2 3.2 2.2 3.3H5.4z"/></svg>';

function element(tag, name, text) {
  const made = document.createElement(tag);
  made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
}

/* Whether the page is light, by Streamlit's own colour. */
function light(parent) {
  const parts = getComputedStyle(parent.host || parent).getPropertyValue("--st-background-color").trim().match(/^#(..)(..)(..)/);
  return Boolean(parts) && parseInt(parts[2], 16) > 127;
}

/* The component's own element, made once; keys pressed in it are not Streamlit's. */
function rootOf(parent) {
  const known = parent.querySelector(".root");
  if (known) return known;
  const root = element("div", "root");
  root.addEventListener("keydown", (event) => event.stopPropagation());
  parent.appendChild(root);
  return root;
}
