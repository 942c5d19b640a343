// Lights up a path wherever it is shown: in the drawings, the formula and the table.
// `data` is what gradpath says of the page.

const root = document.documentElement;
const lights = new Map(); // per path everything that shows it
let pinned = null, pointed = null, lit = [];

function shows(path, element) {
  if (!lights.has(path)) lights.set(path, []);
  lights.get(path).push(element);
}

for (const element of document.querySelectorAll("[data-path]")) {
  shows(Number(element.dataset.path), element);
}

const drawn = new Map(); // per name, and per edge as "of wrt", its parts of the drawings

for (const part of document.querySelectorAll("svg [data-name], svg [data-edge]")) {
  const key = part.dataset.name ?? part.dataset.edge;
  if (!drawn.has(key)) drawn.set(key, []);
  drawn.get(key).push(part);
}

const folded = new Map(data.folded.flatMap(([name, places]) => places.map((place) => [place, name])));

function drawnAs(place) { // the name in the drawings of one of data.names
  return folded.get(place) ?? data.names[place];
}

data.paths.forEach((places, path) => {
  const names = places.map(drawnAs);
  names.forEach((name, k) => {
    for (const key of k ? [name, `${names[k - 1]} ${name}`] : [name]) {
      for (const part of drawn.get(key) ?? []) shows(path, part);
    }
  });
});

function light() {
  for (const element of lit) element.classList.remove("lit");
  const path = pointed ?? pinned;
  lit = path === null ? [] : lights.get(path) ?? [];
  for (const element of lit) element.classList.add("lit");
  root.classList.toggle("lighting", path !== null);
}

function pin(path) {
  pinned = pinned === path ? null : path;
  for (const button of document.querySelectorAll("button[data-path]")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.path) === pinned));
  }
  light();
}

function pathAt(target) {
  const element = target instanceof Element ? target.closest("[data-path]") : null;
  return element === null ? null : Number(element.dataset.path);
}

for (const kind of ["mouseover", "focusin"]) {
  document.addEventListener(kind, (event) => {
    pointed = pathAt(event.target);
    light();
  });
}
for (const kind of ["mouseleave", "focusout"]) {
  document.addEventListener(kind, () => {
    pointed = null;
    light();
  });
}
document.addEventListener("click", (event) => {
  const path = pathAt(event.target);
  if (path !== null) pin(path);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && (pinned !== null || pointed !== null)) {
    pointed = null;
    pin(pinned);
  }
});

// Of a drawing that is wider than its frame the output is seen first. What scrolls is a stop for the
// Tab key, and what does not is none.

const frames = document.querySelectorAll(".wide");

function fit() {
  for (const frame of frames) {
    const wide = frame.scrollWidth > frame.clientWidth;
    if (wide || frame.scrollHeight > frame.clientHeight) frame.tabIndex = 0;
    else frame.removeAttribute("tabindex");
    const output = frame.querySelector(".output .box");
    if (output === null || !wide) continue;
    const { left, width } = output.getBoundingClientRect();
    frame.scrollLeft += left + width / 2 - frame.getBoundingClientRect().left - frame.clientWidth / 2;
  }
}

for (const way of document.querySelectorAll("input[name=way]")) way.addEventListener("change", fit);
window.addEventListener("resize", fit);
fit();
