"""mpmath's raw numbers: the functions that SymPy's expressions are evaluated with.

A number is mpmath's own tuple (sign, mantissa, exponent, bits); its functions on tuples are
twice as fast as the mpf class. All take ``(…, prec, rnd)`` and round in the direction ``rnd``
("d" towards zero, "u" away from it): `chain` evaluates everything twice, with directions
swapped, and only digits that both agree on are believed.

What is not a real number here raises one of the kinds of `Trouble`. Nothing hangs:
arguments whose exponential would not fit into memory raise `Beyond`.
"""

from __future__ import annotations

from typing import Any

from mpmath import libmp, mp
from mpmath.libmp import fone, fzero, mpf_add, mpf_div, mpf_mul, mpf_neg, mpf_sub

Number = Any  # mpmath's (sign, mantissa, exponent, bits)

LARGEST = 4096  # bits before the binary point that exp, sin, … take: float64 has 1024
LOWEST_POLYGAMMA = -1000  # mpmath steps up from there one by one


class Trouble(Exception):
    """Why there is no number. Also stands in the number's place, in what depends on it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.where = -1


class Singular(Trouble):
    """Infinite or undefined here: 1/0, log(0), sqrt(-1)."""


class Kinked(Trouble):
    """No derivative here: abs at 0, a tie of maximum, a jump of floor."""


class Jumping(Trouble):
    """No derivative here, nor a one-sided one: the value itself jumps."""


class Beyond(Trouble):
    """More than was asked for: too large a number, too many of them, no rule for it."""


# Functions of matrices that are no formula of their elements.
NO_FORMULA = {
    "eigh": "eigenvalues of matrices larger than 2×2 have no formula",
    "svd": "singular values of matrices with more than 2 rows and columns have no formula",
    "inv": "inverses of such large matrices are not expanded",
    "cholesky": "factors of such large matrices are not expanded",
    "sort": "sorting so many elements is not expanded",
}

# The derivative along an edge that is not there: of the branch not taken. Equal to 0, but told
# from a 0 that was computed, which does not make up for an infinite factor (sqrt(x)**2 at 0).
NO_EDGE: Number = (*fzero,)


def is_special(x: Number) -> bool:
    """Whether x is infinite or NaN."""
    return not x[1] and bool(x[2])


def magnitude(x: Number) -> int:
    """The smallest n with |x| < 2**n, for x != 0."""
    return int(x[2] + x[3])


def bounded(x: Number) -> Number:
    if x[2] + x[3] > LARGEST and x[1]:
        raise Beyond("a number too large to evaluate")
    return x


# Written out, with int.bit_length: 1.6 times as fast as mpmath's own, and most of the time
# of a check goes here. Results are the same to the bit.


def _rounded(sign: int, man: int, exp: int, prec: int, rnd: str) -> Number:
    """A positive mantissa as a number: rounded, and made odd as mpmath wants it."""
    bits = man.bit_length()
    if bits > prec:
        bits -= prec
        man = man >> bits if rnd == "d" else -(-man >> bits)
        exp += bits
        bits = man.bit_length()
    if not man & 1:
        zeros = (man & -man).bit_length() - 1
        man >>= zeros
        exp += zeros
        bits -= zeros
    return (sign, man, exp, bits)


def multiply(a: Number, b: Number, prec: int, rnd: str) -> Number:
    asign, aman, aexp, _ = a
    bsign, bman, bexp, _ = b
    man = aman * bman
    if not man:
        return mpf_mul(a, b, prec, rnd)
    # `_rounded`, a call less.
    exp = aexp + bexp
    bits = man.bit_length()
    if bits > prec:
        bits -= prec
        man = man >> bits if rnd == "d" else -(-man >> bits)
        exp += bits
        bits = man.bit_length()
    if not man & 1:
        zeros = (man & -man).bit_length() - 1
        man >>= zeros
        exp += zeros
        bits -= zeros
    return (asign ^ bsign, man, exp, bits)


def add(a: Number, b: Number, prec: int, rnd: str) -> Number:
    asign, aman, aexp, abits = a
    bsign, bman, bexp, _ = b
    shift = aexp - bexp
    if not aman or not bman or not -FAR < shift < FAR:
        return mpf_add(a, b, prec, rnd)
    if shift > 0:
        aman <<= shift
        aexp = bexp
    elif shift:
        bman <<= -shift
    if asign == bsign:
        return _rounded(asign, aman + bman, aexp, prec, rnd)
    man = aman - bman
    if man > 0:
        return _rounded(asign, man, aexp, prec, rnd)
    if man:
        return _rounded(bsign, -man, aexp, prec, rnd)
    # Rounded operands that cancel to nothing say nothing about the difference. A rounded
    # one has about prec bits; floats and their sums and products have few.
    if abits > prec - 20:
        CANCELLED.append(prec)
    return fzero


def subtract(a: Number, b: Number, prec: int, rnd: str) -> Number:
    bsign, bman, bexp, bits = b
    return add(a, (1 - bsign, bman, bexp, bits) if bman else mpf_neg(b), prec, rnd)


FAR = 2000  # bits by which exponents may differ; mpmath's own addition takes more

# Precisions at which rounded numbers cancelled to nothing; read and emptied by `chain`.
CANCELLED: list[int] = []

divide = mpf_div


def scale(a: Number, b: Number, prec: int, rnd: str) -> Number:
    """a·b, where either may be the derivative of a branch not taken."""
    return NO_EDGE if a is NO_EDGE or b is NO_EDGE else multiply(a, b, prec, rnd)


def unscale(a: Number, b: Number, prec: int, rnd: str) -> Number:
    return NO_EDGE if a is NO_EDGE else mpf_div(a, b, prec, rnd)


def negative(x: Number, prec: int, rnd: str) -> Number:
    return x if x is NO_EDGE else mpf_neg(x)


def magnitude_of(x: Number, prec: int, rnd: str) -> Number:
    return libmp.mpf_abs(x)


def _transcendental(function: Any, large: Any = None) -> Any:
    """``function`` with its direction of rounding made to show.

    At x != 0 none of these has a short result. Where mpmath's is short (cos(1e-30) is 1,
    exp(1e-30) is 1 + 1e-30) one unit in its last place stands for what was rounded off.
    ``large`` takes over from 2**64 on.
    """

    def evaluate(x: Number, prec: int, rnd: str) -> Number:
        if x[2] + x[3] > 64 and x[1]:
            bounded(x)
            y = large(x, prec, rnd) if large else function(x, prec, rnd)
        else:
            y = function(x, prec, rnd)
        if y[3] < prec and y[1] and x[1]:
            unit = (y[0] ^ (rnd == "d"), 1, y[2] + y[3] - prec, 1)
            y = mpf_add(y, unit, prec, rnd)
        return y

    return evaluate


def _large_exp(x: Number, prec: int, rnd: str) -> Number:
    # mpmath raises e to large integers by squaring: a quarter of a second at 2**3000.
    half = (0, 1, -1, 1)
    shifted = libmp.mpf_exp(mpf_sub(x, half), prec + 10)
    return mpf_mul(shifted, libmp.mpf_exp(half, prec + 10), prec, rnd)


def _large_sinh(x: Number, prec: int, rnd: str) -> Number:
    half = libmp.mpf_shift(_large_exp(libmp.mpf_abs(x), prec, rnd), -1)
    return mpf_neg(half) if x[0] else half


exp = _transcendental(libmp.mpf_exp, _large_exp)
sin = _transcendental(libmp.mpf_sin)
cos = _transcendental(libmp.mpf_cos)


def cos_and_sin(x: Number, prec: int, rnd: str) -> tuple[Number, Number]:
    """Both for little more than the price of one: a derivative needs the other."""
    if x[2] + x[3] < -8:
        return cos(x, prec, rnd), sin(x, prec, rnd)
    pair: tuple[Number, Number] = libmp.mpf_cos_sin(bounded(x), prec, rnd)
    return pair


def first(pair: tuple[Number, Number], prec: int, rnd: str) -> Number:
    return pair[0]


def second(pair: tuple[Number, Number], prec: int, rnd: str) -> Number:
    return pair[1]


tan = _transcendental(libmp.mpf_tan)
asin = _transcendental(libmp.mpf_asin)
acos = _transcendental(libmp.mpf_acos)
atan = _transcendental(libmp.mpf_atan)
sinh = _transcendental(libmp.mpf_sinh, _large_sinh)
cosh = _transcendental(
    libmp.mpf_cosh, lambda x, prec, rnd: libmp.mpf_abs(_large_sinh(x, prec, rnd))
)
tanh = _transcendental(libmp.mpf_tanh)
asinh = _transcendental(libmp.mpf_asinh)
acosh = _transcendental(libmp.mpf_acosh)
atanh = _transcendental(libmp.mpf_atanh)
erf = _transcendental(libmp.mpf_erf)


def log(x: Number, prec: int, rnd: str) -> Number:
    if not x[1] and not x[2]:
        raise Singular("log(0)")
    return libmp.mpf_log(x, prec, rnd)


def sqrt(x: Number, prec: int, rnd: str) -> Number:
    return libmp.mpf_sqrt(x, prec, rnd)


def atan2(y: Number, x: Number, prec: int, rnd: str) -> Number:
    if not y[1] and not x[1]:
        raise Singular("atan2(0, 0)")
    return libmp.mpf_atan2(y, x, prec, rnd)


def erfc(x: Number, prec: int, rnd: str) -> Number:
    if x[1] and not x[0] and x[2] + x[3] > 400:
        raise Beyond("a number too small to evaluate")
    return _erfc(x, prec, rnd)


_erfc = _transcendental(libmp.mpf_erfc)


def lgamma(x: Number, prec: int, rnd: str) -> Number:
    """log|Γ(x)|, where mpmath's is complex for x < 0."""
    bounded(x)
    if not x[1] or (x[0] and x[2] >= 0):
        raise Singular("lgamma at a pole")
    if not x[0]:
        return libmp.mpf_loggamma(x, prec, rnd)
    if x[2] + x[3] > 20:
        raise Beyond("lgamma so far below 0 is not evaluated")
    return libmp.mpf_log(libmp.mpf_abs(libmp.mpf_gamma(x, prec + 10, rnd)), prec, rnd)


def gamma(x: Number, prec: int, rnd: str) -> Number:
    if not x[1] or (x[0] and x[2] >= 0):
        raise Singular("gamma at a pole")
    if x[2] + x[3] > 20:
        raise Beyond("gamma of so large a number is not evaluated")
    return libmp.mpf_gamma(x, prec, rnd)


def sinc(x: Number, prec: int, rnd: str) -> Number:
    """sin(πx)/(πx), and 1 at 0."""
    if not x[1]:
        return fone
    with mp.workprec(prec + 20):
        found = mp.sinpi(mp.make_mpf(bounded(x))) / (mp.pi * mp.make_mpf(x))
    return libmp.mpf_pos(found._mpf_, prec, rnd)


def sinc_slope(x: Number, prec: int, rnd: str) -> Number:
    """(cos(πx) - sinc(x))/x, and 0 at 0; near it the difference is of the size of x²."""
    if not x[1]:
        return fzero
    with mp.workprec(prec + 20 + max(0, -2 * magnitude(bounded(x)))):
        at = mp.make_mpf(x)
        found = (mp.cospi(at) - mp.sinpi(at) / (mp.pi * at)) / at
    return libmp.mpf_pos(found._mpf_, prec, rnd)


def ndtri(p: Number, prec: int, rnd: str) -> Number:
    """sqrt(2)·erfinv(2p - 1); 2p - 1 keeps the digits of a small p if there is room for the 1."""
    if not p[1] or p[0] or libmp.mpf_cmp(p, fone) >= 0:
        raise Singular("ndtri outside of 0 < p < 1")
    with mp.workprec(prec + 20 + max(0, -magnitude(p))):
        found = mp.sqrt(2) * mp.erfinv(2 * mp.make_mpf(p) - 1)
    return libmp.mpf_pos(found._mpf_, prec, rnd)


def erfinv(x: Number, prec: int, rnd: str) -> Number:
    if x[1] and libmp.mpf_cmp(libmp.mpf_abs(x), fone) >= 0:
        raise Singular("erfinv outside of -1 < x < 1")
    if not x[1]:
        return fzero
    with mp.workprec(prec + 20):
        found = mp.erfinv(mp.make_mpf(x))
    return libmp.mpf_pos(found._mpf_, prec, rnd)


def polygamma(n: int) -> Any:
    def evaluate(x: Number, prec: int, rnd: str) -> Number:
        bounded(x)
        if not x[1] or (x[0] and x[2] >= 0):
            raise Singular("polygamma at a pole")
        if n == 0:
            return libmp.mpf_psi0(x, prec, rnd)
        if x[0] and libmp.mpf_lt(x, libmp.from_int(LOWEST_POLYGAMMA)):
            raise Beyond("polygamma so far below 0 is not evaluated")
        return libmp.mpf_psi(n, x, prec, rnd)

    return evaluate


def power(x: Number, y: Number, prec: int, rnd: str) -> Number:
    """x**y over the reals; 0**0 is 1."""
    if is_special(x) or is_special(y):
        return libmp.mpf_pow(x, y, prec, rnd)
    if not y[1]:
        return fone
    if not x[1]:
        if y[0]:
            raise Singular("0 to a negative power")
        return fzero
    whole = y[2] >= 0
    if whole and magnitude(y) <= 64:
        return libmp.mpf_pow_int(x, libmp.to_int(y), prec, rnd)
    if x[0] and not whole:
        raise Singular("a negative number to a power that is no integer")
    if y[2] == -1 and magnitude(y) <= 64:
        return libmp.mpf_pow(x, y, prec, rnd)
    bounded(y)
    size = libmp.mpf_abs(x)
    if size == fone:
        result = fone
    else:
        # exp(y·log|x|) is as far off, relatively, as its argument absolutely.
        extra = prec + 20
        rough = libmp.mpf_mul(y, libmp.mpf_log(size, 20), 20)
        extra += max(0, magnitude(bounded(rough)))
        result = libmp.mpf_exp(
            libmp.mpf_mul(y, libmp.mpf_log(size, extra, rnd), extra, rnd), prec, rnd
        )
    odd = whole and y[2] == 0
    return mpf_neg(result) if x[0] and odd else result


def integer_power(x: Number, n: int, prec: int, rnd: str) -> Number:
    if not x[1] and n < 0 and not x[2]:
        raise Singular("0 to a negative power")
    if x[1] and n.bit_length() + abs(magnitude(x)).bit_length() > LARGEST:
        raise Beyond("a number too large to evaluate")
    return libmp.mpf_pow_int(x, n, prec, rnd)
