/* A film with one finding's heatmap over it. Opacity and on/off never leave the browser. */
const views = new WeakMap();

function make(parent) {
  const root = document.createElement("div");
  root.className = "root";
  root.innerHTML = `
    <div class="box"><div class="stage">
      <div class="words" role="status">Loading the film</div>
      <img class="film" draggable="false"><img class="heat" draggable="false" hidden>
    </div></div>
    <div class="bar">
      <button class="switch" role="switch" aria-checked="false"><span class="track"></span><span class="label"></span></button>
      <label class="opacity">Opacity <input type="range" min="5" max="100" step="5" value="75"></label>
      <span class="scale"><span class="low"></span><span class="colours" role="img"><span></span></span><span class="high"></span></span>
      <span class="note"></span>
    </div>`;
  parent.appendChild(root);
  const $ = (name) => root.querySelector(name);
  const view = { root, $, on: false, told: null, lost: () => {} };
  const show = () => {
    const usable = Boolean(view.told && view.told.overlay);
    const on = view.on && usable;
    $(".heat").hidden = !on;
    $(".heat").style.opacity = $(".colours span").style.opacity = $("input").value / 100;
    $(".switch").setAttribute("aria-checked", String(on));
    $(".bar").style.display = usable ? "" : "none";
    for (const part of [$(".opacity"), $(".scale")]) part.classList.toggle("off", !on);
    $("input").disabled = !on;
  };
  $(".switch").addEventListener("click", () => { view.on = !view.on; show(); });
  $("input").addEventListener("input", show);
  root.addEventListener("keydown", (event) => event.stopPropagation());
  const film = $(".film");
  film.addEventListener("load", () => { $(".words").hidden = true; view.asked = false; });
  for (const img of [film, $(".heat")]) {
    img.addEventListener("error", () => {
      if (view.asked) { $(".words").hidden = false; $(".words").textContent = "The film could not be loaded. Allow cookies of this page, then reload it."; return; }
      view.asked = true;
      view.lost();
    });
  }
  view.show = show;
  return view;
}

function source(img, path) {
  const url = path ? new URL(path, document.baseURI).href : "";
  if (url && img.src !== url) img.src = url;
  if (!url) img.removeAttribute("src");
}

export default function ({ data, parentElement, setTriggerValue }) {
  let view = views.get(parentElement);
  if (!view) views.set(parentElement, (view = make(parentElement)));
  const { $ } = view;
  view.told = data;
  view.lost = () => setTriggerValue("lost", Date.now());
  $(".stage").style.setProperty("--aspect", String(data.columns / data.rows));
  $(".film").alt = data.alt;
  $(".heat").alt = data.heat_alt;
  source($(".film"), data.film);
  source($(".heat"), data.overlay);
  $(".switch .label").textContent = data.label;
  $(".low").textContent = data.low;
  $(".high").textContent = data.high;
  $(".colours span").style.backgroundImage = `linear-gradient(to right, ${data.colours.join(",")})`;
  $(".colours").setAttribute("aria-label", data.scale_alt);
  $(".note").textContent = data.note;
  view.show();
}
