// Numbers as gradpath writes them, but with a minus sign that is one.

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

function odd(x) { // what is not finite, or not there
  if (x === null || x === undefined) return "–";
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
