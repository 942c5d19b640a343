// What JavaScript's Math lacks of the functions of the rows (see javascript.py), each right to
// about 1e-12 of its value, or to 1e-14 next to a zero. A heading names a function and those that
// it calls; a page gets the ones it needs. Formulas: Abramowitz & Stegun, Handbook of
// Mathematical Functions, ch. 6 (gamma), 7 (erf), 23 (zeta).

// @round
function round(x) { // half to even
  const low = Math.floor(x), over = x - low;
  return over < 0.5 || (over === 0.5 && low % 2 === 0) ? low : low + 1;
}

// @power
function power(x, y) { // Math.pow(1, NaN) and Math.pow(-1, Infinity) are NaN, in IEEE 1
  if (x === 1 || y === 0 || (x === -1 && Math.abs(y) === Infinity)) return 1;
  return Math.pow(x, y);
}

// @sinpi
function sinpi(x) { // x - whole is exact: pi times a large x has no digits left
  const whole = Math.round(x);
  return (whole % 2 ? -1 : 1) * Math.sin(Math.PI * (x - whole));
}

// @sinc sinpi
function sinc(x) {
  return x === 0 ? 1 : sinpi(x) / (Math.PI * x);
}

// @sinc_slope sinc
function sinc_slope(x) {
  if (Math.abs(x) < 0.5) { // the quotient below has no digits left near 0
    const square = Math.PI * Math.PI * x * x;
    let term = -Math.PI * Math.PI * x / 3, total = 0;
    for (let k = 1; k < 16; k++) {
      total += term;
      term *= -square / (2 * k * (2 * k + 3));
    }
    return total;
  }
  const whole = Math.round(x);
  const cosine = (whole % 2 ? -1 : 1) * Math.cos(Math.PI * (x - whole));
  return (cosine - sinc(x)) / x;
}

// @gauss
function gauss(x) { // exp(-x*x): the square of the leading half is exact
  const high = Math.fround(x);
  return Math.exp(-high * high) * Math.exp(-(x - high) * (x + high));
}

// @erf erfc gauss
function erf(x) {
  const size = Math.abs(x);
  if (size > 2) return Math.sign(x) * (1 - erfc(size));
  let term = x, total = 0; // a series of one sign (7.1.6)
  for (let n = 1; n < 60; n++) {
    total += term;
    term *= 2 * x * x / (2 * n + 1);
  }
  return 2 / Math.sqrt(Math.PI) * gauss(x) * total;
}

// @erfc erf gauss
function erfc(x) {
  if (x < 2) return 1 - erf(x);
  if (x > 28) return 0;
  let below = x; // a continued fraction (7.1.14), from its far end
  for (let n = 80; n > 0; n--) below = x + n / 2 / below;
  return gauss(x) / Math.sqrt(Math.PI) / below;
}

// @erfcinv erfc gauss
function erfcinv(c) { // 0 < c <= 1/2, by Newton's method on the logarithm, which is nearly a parabola
  const high = -Math.log(c);
  let z = Math.sqrt(Math.max(high - Math.log(Math.PI * high) / 2, 0.1));
  for (let k = 0; k < 8; k++) {
    const here = erfc(z);
    z += Math.log(here / c) * here / gauss(z) * Math.sqrt(Math.PI) / 2;
  }
  return z;
}

// @erfinv erf erfcinv gauss
function erfinv(x) {
  const size = Math.abs(x);
  if (!(size < 1)) return size === 1 ? x * Infinity : NaN;
  if (size > 0.5) return Math.sign(x) * erfcinv(1 - size);
  let y = x * Math.sqrt(Math.PI) / 2;
  for (let k = 0; k < 4; k++) { // Halley's method
    const step = (erf(y) - x) / gauss(y) * Math.sqrt(Math.PI) / 2;
    y -= step / (1 + y * step);
  }
  return y;
}

// @ndtri erfinv erfcinv
function ndtri(p) {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : NaN;
  if (p <= 0.25) return -Math.SQRT2 * erfcinv(2 * p);
  if (p >= 0.75) return Math.SQRT2 * erfcinv(2 * (1 - p));
  return Math.SQRT2 * erfinv(2 * p - 1);
}

// @nearby
function nearby(z) { // log(gamma(2 + z)) for |z| <= 1/2 (6.1.33): (zeta(k) - 1)/k (-z)^k
  const zeta = [
    0.32246703342411322, 0.067352301053198095, 0.020580808427784548, 0.0073855510286739853,
    0.0028905103307415233, 0.001192753911703261, 0.00050966952474304242, 0.00022315475845357938,
    9.9457512781808534e-5, 4.4926236738133142e-5, 2.0507212775670692e-5, 9.4394882752683959e-6,
    4.3748667899074878e-6, 2.0392157538013662e-6, 9.5514121304074198e-7, 4.492469198764566e-7,
    2.1207184805554666e-7, 1.00432248239681e-7, 4.7698101693639806e-8, 2.2711094608943165e-8,
    1.0838659214896954e-8, 5.1834750419700467e-9, 2.4836745438024783e-9, 1.1921401405860912e-9,
  ];
  let total = 0;
  for (let k = zeta.length - 1; k >= 0; k--) total = zeta[k] - z * total;
  return z * (0.42278433509846714 + z * total); // 1 - Euler's constant
}

// @stirling
function stirling(x) { // what is left of log(gamma(x)) after Stirling's formula, from 10 on (6.1.40)
  const b = [
    0.083333333333333333, -0.0027777777777777778, 0.00079365079365079365, -0.00059523809523809524,
    0.00084175084175084175, -0.0019175269175269175, 0.0064102564102564103, -0.029550653594771242,
    0.17964437236883057,
  ];
  let total = 0;
  for (let k = b.length - 1; k >= 0; k--) total = b[k] + total / (x * x);
  return total / x;
}

// @lgamma nearby stirling sinpi
function lgamma(x) {
  if (x === Infinity || x === -Infinity) return Infinity;
  if (x <= 0) {
    if (x === Math.floor(x)) return Infinity;
    return Math.log(Math.PI / Math.abs(sinpi(x))) - lgamma(1 - x);
  }
  if (x < 0.5) return nearby(x) - Math.log1p(x) - Math.log(x);
  if (x < 1.5) return nearby(x - 1) - Math.log1p(x - 1);
  if (x >= 15) {
    return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + stirling(x);
  }
  let product = 1;
  while (x >= 2.5) product *= --x;
  return Math.log(product) + nearby(x - 2);
}

// @gamma nearby sinpi
function gamma(x) {
  if (x > 171.7) return Infinity;
  if (x < 0) {
    if (x === Math.floor(x)) return NaN;
    return Math.PI / sinpi(x) / gamma(1 - x);
  }
  if (x < 0.5) return Math.exp(nearby(x)) / (1 + x) / x;
  if (x < 1.5) return Math.exp(nearby(x - 1)) / x;
  let product = 1;
  while (x >= 2.5) product *= --x;
  return product * (x === 2 ? 1 : Math.exp(nearby(x - 2)));
}

// @digamma
function digamma(x) {
  if (x <= 0) {
    if (x === Math.floor(x)) return NaN;
    return digamma(1 - x) - Math.PI / Math.tan(Math.PI * (x - Math.round(x)));
  }
  const zero = 1.4616321449683622, rest = 9.5499954299656977e-17;
  if (Math.abs(x - zero) < 0.3) { // Taylor's series at the zero, which the sum below would lose
    const c = [
      0.96767224544762117, -0.44276316898359211, 0.25849976095565101, -0.16394270544240653,
      0.10782405069126237, -0.072199561256454711, 0.048804288164143107, -0.033161126474847359,
      0.022597648232218105, -0.015424765904948959, 0.010538791616612175, -0.0072045343863568682,
      0.0049267813957298534, -0.0033698016554393281, 0.0023051263267349278, -0.0015769367714301973,
      0.0010788252019162966, -0.00073807093899600513, 0.00050495326583460204,
      -0.0003454680251063077, 0.00023635601564027053, -0.00016170622091974803,
    ];
    const d = x - zero - rest;
    let total = 0;
    for (let k = c.length - 1; k >= 0; k--) total = d * (c[k] + total);
    return total;
  }
  let shift = 0;
  for (; x < 12; x++) shift -= 1 / x;
  const b = [
    0.083333333333333333, -0.0083333333333333333, 0.0039682539682539683, -0.0041666666666666667,
    0.0075757575757575758, -0.021092796092796093, 0.083333333333333333, -0.44325980392156863,
  ];
  let total = 0;
  for (let k = b.length - 1; k >= 0; k--) total = (b[k] + total) / (x * x);
  return shift + Math.log(x) - 1 / (2 * x) - total;
}

// @polygamma digamma
function polygamma(n, x) {
  if (n === 0) return digamma(x);
  if ((x <= 0 && x === Math.floor(x)) || x < -1e5) return NaN; // a pole, or too far to walk
  if (x === Infinity) return 0;
  const term = (q) => { // n!/q^(n + 1), which neither factor can spoil
    let product = 1 / q;
    for (let k = 1; k <= n; k++) product *= k / q;
    return product;
  };
  let total = 0; // Hurwitz' zeta function: terms one by one, then Euler's and Maclaurin's sum
  for (; x < n + 12; x++) total += term(x);
  const b = [
    0.16666666666666667, -0.033333333333333333, 0.02380952380952381, -0.033333333333333333,
    0.075757575757575758, -0.25311355311355311, 1.1666666666666667, -7.092156862745098,
    54.971177944862155, -529.12424242424242, 6192.1231884057971, -86580.253113553114,
  ];
  let rest = x / n + 0.5, factor = (n + 1) / (2 * x);
  for (let k = 1; k <= b.length; k++) {
    rest += b[k - 1] * factor;
    factor *= (n + 2 * k) * (n + 2 * k + 1) / ((2 * k + 1) * (2 * k + 2)) / (x * x);
  }
  return (n % 2 ? 1 : -1) * (total + term(x) * rest);
}

// @lbeta lgamma stirling
function lbeta(x, y) {
  const a = Math.min(x, y), b = Math.max(x, y);
  if (b === Infinity) return -Infinity;
  if (b < 10) return lgamma(a) + lgamma(b) - lgamma(a + b);
  // Of the two large logarithms only the difference counts.
  const tail = stirling(b) - stirling(a + b) - (b - 0.5) * Math.log1p(a / b);
  if (a < 10) return lgamma(a) + tail - a * Math.log(a + b) + a;
  return Math.log(2 * Math.PI / a) / 2 + stirling(a) + tail - a * Math.log1p(b / a);
}

// @beta lbeta gamma
function beta(x, y) {
  if (Math.max(x, y) < 10) return gamma(x) / gamma(x + y) * gamma(y);
  return Math.exp(lbeta(x, y));
}
