// Computes the model again for other values, and writes every number that depends on them.
// `program` is what gradpath wrote for this model, or null.

const BEHIND = 400; // milliseconds after which a change is told to a screen reader

function parsed(told) { // JSON has no inf
  return told === "inf" ? Infinity : told === "-inf" ? -Infinity : Number(told);
}

class Model {
  constructor() {
    this.point = data.point.map(parsed);
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
    const ways = new Map(data.edges.map((ends, k) => [ends.map(drawnAs).join(" "), k]));
    this.drawn = [...document.querySelectorAll("svg [data-shows]")].map((row) => {
      const { edge, name } = row.parentElement.dataset, kind = row.dataset.shows[0];
      const place = kind === "w" ? ways.get(edge) : names.get(name);
      return { cell: row, kind, place, first: row.textContent };
    });
    const grouped = new Set(this.columns.flat());
    this.single = this.cells.filter((entry) => !grouped.has(entry));
  }

  run(x) {
    const out = program(x);
    const sums = data.names.map(() => 0), sizes = data.names.map(() => 0);
    sums[0] = sizes[0] = 1; // the output; every name comes before what it is computed from
    data.edges.forEach(([of, wrt], k) => {
      if (out.weights[k] === null) return; // the branch that a where leaves out
      sums[wrt] += sums[of] * out.weights[k];
      sizes[wrt] += sizes[of] * Math.abs(out.weights[k]);
    });
    const contributions = data.paths.map((places) => {
      let product = 1;
      for (let k = 1; k < places.length; k++) {
        const weight = out.weights[this.edge.get(`${places[k - 1]}>${places[k]}`)];
        if (weight === null) return null;
        product *= weight;
      }
      return product;
    });
    return { ...out, sums, sizes, contributions };
  }

  wrong() { // whether this browser's arithmetic gives other numbers than gradpath's
    const { values, adjoints, sizes } = this.run(this.point);
    const far = (a, b, size) => !(a === b || Math.abs(a - b) <= 1e-9 * size || (a !== a && b !== b));
    const value = parsed(data.expected.value);
    if (far(values[0], value, Math.abs(value))) return true;
    return data.expected.adjoints.some(([name, told]) => {
      return far(adjoints[name], parsed(told), sizes[name]);
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
      const more = "; its slope there is a convention";
      said.add(kind === "kink" ? `${place}a kink, ${message}${more}` : `${place}${message}`);
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
