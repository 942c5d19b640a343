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

data.paths.forEach((places, path) => {
  const names = places.map((place) => folded.get(place) ?? data.names[place]);
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

// Of a drawing that is wider than its frame the output is seen first.

function centre() {
  for (const frame of document.querySelectorAll(".drawing .wide")) {
    const { left, width } = frame.querySelector(".output .box").getBoundingClientRect();
    const middle = frame.getBoundingClientRect().left + frame.clientWidth / 2;
    frame.scrollLeft += left + width / 2 - middle;
  }
}

for (const way of document.querySelectorAll("input[name=way]")) way.addEventListener("change", centre);
centre();
