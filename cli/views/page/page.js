// The page at work: lights up paths, and computes the model again for other values.
// `program` is what gradpath wrote for this model, or null; `data` what it says of the page.

const data = JSON.parse(document.getElementById("data").textContent);
const root = document.documentElement;

// ---- paths that light up

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

data.paths.forEach((places, path) => {
  const names = places.map((place) => data.names[place]);
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

// ---- numbers as gradpath writes them

function rounded(x, count) { // |x| to so many digits, half to even: [digits, power of ten]
  const [mantissa, power] = Math.abs(x).toExponential(60).split("e");
  const all = mantissa.replace(".", ""), kept = all.slice(0, count), rest = all.slice(count);
  const half = /^50*$/.test(rest);
  if (half ? Number(all[count - 1] ?? 0) % 2 === 0 : rest < "5") return [kept, Number(power)];
  const up = String(BigInt(kept || "0") + 1n).padStart(kept.length, "0");
  const longer = up.length > count;
  return [longer ? up.slice(0, Math.max(count, 1)) : up, Number(power) + (longer ? 1 : 0)];
}

function signed(x, text) {
  return x < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

function odd(x) { // what is not finite
  return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "−inf";
}

function number(x, count = 6) { // C's %g
  if (!Number.isFinite(x)) return odd(x);
  if (x === 0) return "0";
  let [digits, power] = rounded(x, count);
  digits = digits.replace(/0+$/, "");
  if (power < -4 || power >= count) {
    const tail = digits.length > 1 ? `.${digits.slice(1)}` : "";
    const size = String(Math.abs(power)).padStart(2, "0");
    return signed(x, `${digits[0]}${tail}e${power < 0 ? "−" : "+"}${size}`);
  }
  if (power < 0) return signed(x, `0.${"0".repeat(-power - 1)}${digits}`);
  const whole = digits.slice(0, power + 1).padEnd(power + 1, "0"), part = digits.slice(power + 1);
  return signed(x, part ? `${whole}.${part}` : whole);
}

function fixed(x, decimals) { // C's %f
  if (!Number.isFinite(x)) return odd(x);
  const power = x === 0 ? 0 : Number(Math.abs(x).toExponential(60).split("e")[1]);
  const count = power + 1 + decimals;
  let text = "0";
  if (x !== 0 && count >= 0) {
    const [digits, at] = rounded(x, count);
    text = digits.padEnd(at + 1 + decimals, "0");
  }
  text = text.padStart(decimals + 1, "0");
  const whole = text.slice(0, text.length - decimals), part = text.slice(text.length - decimals);
  return signed(x, decimals ? `${whole}.${part}` : whole);
}

function column(values, count = 6) { // below each other: equal decimals where none is lost
  const sizes = values.map(Math.abs).filter((x) => x > 0 && x < Infinity);
  const most = Math.max(...sizes), least = Math.min(...sizes);
  const plain = () => values.map((x) => number(x, count));
  if (!sizes.length || most < 1e-4 || most >= 1e7) return plain();
  const decimals = Math.max(0, count - 1 - Math.floor(Math.log10(most)));
  if (least < 10 ** (2 - decimals)) return plain();
  const texts = values.map((x) => fixed(x, decimals));
  const finite = texts.filter((_, k) => Number.isFinite(values[k]));
  if (!finite[0].includes(".")) return texts;
  const spare = Math.min(...finite.map((text) => /0*$/.exec(text)[0].length));
  const cut = spare === decimals ? spare + 1 : spare;
  return texts.map((text, k) => {
    return Number.isFinite(values[k]) ? text.slice(0, text.length - cut) : text;
  });
}

// ---- the model for other values

const BEHIND = 400; // milliseconds after which a change is told to a screen reader

function number_of(told) { // JSON has no inf
  return told === "inf" ? Infinity : told === "-inf" ? -Infinity : Number(told);
}

class Model {
  constructor() {
    this.point = data.point.map(number_of);
    this.x = [...this.point];
    this.edge = new Map(data.edges.map(([of, wrt], k) => [`${of}>${wrt}`, k]));
    this.fields = [...document.querySelectorAll("input[data-leaf]")];
    this.state = document.getElementById("state");
    this.remarks = document.getElementById("remarks");
    const cells = [...document.querySelectorAll("[data-r]")];
    this.cells = cells.map((cell) => ({
      cell,
      kind: cell.dataset.r[0],
      place: Number(cell.dataset.r.slice(1)),
      first: cell.textContent,
    }));
    this.columns = [...document.querySelectorAll("table.paths")].map((table) => {
      return this.cells.filter(({ cell }) => cell.closest("td.n") && table.contains(cell));
    });
    const names = new Map(data.names.map((name, k) => [name, k]));
    this.drawn = [...document.querySelectorAll("svg [data-shows]")].map((row) => {
      const part = row.parentElement, kind = row.dataset.shows[0];
      const [of, wrt] = (part.dataset.edge ?? part.dataset.name).split(" ").map((n) => names.get(n));
      return { cell: row, kind, place: kind === "w" ? this.edge.get(`${of}>${wrt}`) : of,
        first: row.textContent };
    }).filter(({ place }) => place !== undefined);
    const grouped = new Set(this.columns.flat());
    this.single = this.cells.filter((entry) => !grouped.has(entry));
  }

  run(x) {
    const out = program(x);
    const sums = data.names.map(() => 0), sizes = data.names.map(() => 0);
    sums[0] = sizes[0] = 1; // the output; every name comes before what it is computed from
    data.edges.forEach(([of, wrt], k) => {
      sums[wrt] += sums[of] * out.weights[k];
      sizes[wrt] += sizes[of] * Math.abs(out.weights[k]);
    });
    const contributions = data.paths.map((places) => {
      let product = 1;
      for (let k = 1; k < places.length; k++) {
        product *= out.weights[this.edge.get(`${places[k - 1]}>${places[k]}`)];
      }
      return product;
    });
    return { ...out, sums, sizes, contributions };
  }

  wrong() { // whether this browser's arithmetic gives other numbers than gradpath's
    const { values, adjoints, sizes } = this.run(this.point);
    const far = (a, b, size) => !(a === b || Math.abs(a - b) <= 1e-9 * size || (a !== a && b !== b));
    const value = number_of(data.expected.value);
    if (far(values[0], value, Math.abs(value))) return true;
    return data.expected.adjoints.some(([name, told]) => {
      return far(adjoints[name], number_of(told), sizes[name]);
    });
  }

  start() {
    for (const input of this.fields) {
      input.disabled = false;
      if (input.type === "range") {
        const place = Number(input.dataset.leaf), at = this.point[place];
        const step = 10 ** Math.floor(Math.log10(Math.max(Math.abs(at), 0.1) / 5));
        input.min = String(at - 100 * step);
        input.max = String(at + 100 * step);
        input.step = String(step);
        input.value = String(at);
      }
      input.addEventListener("input", () => this.moved(input));
    }
    document.getElementById("reset").addEventListener("click", () => this.reset());
  }

  moved(input) {
    const place = Number(input.dataset.leaf), typed = input.type === "number";
    const to = input.value.trim() === "" ? NaN : Number(input.value);
    if (typed) input.setAttribute("aria-invalid", String(!Number.isFinite(to)));
    if (!Number.isFinite(to)) return;
    // A slider knows a hundred places on either side: 0.3, not 0.30000000000000004.
    this.x[place] = typed ? to : Number(to.toPrecision(12));
    for (const other of this.fields) {
      if (other !== input && Number(other.dataset.leaf) === place) {
        other.value = String(this.x[place]);
        other.removeAttribute("aria-invalid");
      }
    }
    this.update();
  }

  reset() {
    this.x = [...this.point];
    for (const input of this.fields) {
      input.value = String(this.x[Number(input.dataset.leaf)]);
      input.removeAttribute("aria-invalid");
    }
    for (const { cell, first } of [...this.cells, ...this.drawn]) cell.textContent = first;
    root.classList.remove("changed");
    this.tell("These are the file's values.");
    this.remarks.replaceChildren();
  }

  update() {
    if (this.x.every((x, k) => x === this.point[k])) return this.reset();
    const out = this.run(this.x);
    const at = ({ kind, place }) => {
      if (kind === "v") return out.values[place];
      if (kind === "a") return out.adjoints[place];
      if (kind === "w") return out.weights[place];
      if (kind === "c") return out.contributions[place];
      const [name, paths] = data.gradients[place];
      if (kind === "s") return out.sums[name];
      return out.sums[name] - paths.reduce((sum, path) => sum + out.contributions[path], 0);
    };
    for (const entry of this.single) {
      entry.cell.textContent = number(at(entry), entry.kind === "w" ? 4 : 6);
    }
    for (const entry of this.drawn) {
      const text = number(at(entry), 4).replace(/−/g, "-");
      entry.cell.textContent = entry.first.replace(/[^= ]*$/, text);
    }
    for (const entries of this.columns) {
      const texts = column(entries.map(at));
      entries.forEach(({ cell }, k) => { cell.textContent = texts[k]; });
    }
    root.classList.add("changed");
    this.note(out.remarks);
    const moved = data.leaves.flatMap((name, k) => {
      return this.x[k] === this.point[k] ? [] : [`${data.names[name]} = ${number(this.x[k])}`];
    });
    const shown = moved.length > 4 ? `${moved.length} values changed` : moved.join(", ");
    this.tell(`${data.names[0]} = ${number(out.values[0])} with ${shown}. ` +
      "Verdicts, claims and formulas of SymPy are about the file's values.");
  }

  note(holds) {
    const said = new Set();
    data.remarks.forEach(({ kind, line, message }, k) => {
      if (!holds[k]) return;
      const place = line === null ? "" : `line ${line}: `;
      said.add(kind === "kink" ? `${place}a kink, ${message}` : `${place}${message}`);
    });
    const items = [...said].map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    });
    const before = [...this.remarks.children].map((item) => item.textContent).join("\n");
    if (before !== [...said].join("\n")) this.remarks.replaceChildren(...items);
  }

  tell(sentence) {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => { this.state.textContent = sentence; }, BEHIND);
  }
}

if (program !== null) {
  const model = new Model();
  if (model.wrong()) {
    model.state.textContent = "This browser's arithmetic does not give gradpath's numbers, " +
      "so the page does not compute the model again.";
  } else {
    model.start();
  }
}
