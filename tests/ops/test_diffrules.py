"""The functions that DiffRules.jl has rules for: which row each is, or how a model writes it.

DiffRules (JuliaDiff/DiffRules.jl, src/rules.jl) is the list that several of Julia's programs
differentiate by. Every one of its functions is either a row or said in terms of rows, and then its
derivative is compared with differences in 40 digits; what is left out is listed with the reason.
"""

from __future__ import annotations

import mpmath
import pytest

import autodiff
from autodiff.ops import lookup

# Its names beside ours, where they differ.
ROWS = {
    **dict.fromkeys(
        (
            *("sqrt", "cbrt", "log", "log10", "log2", "log1p", "exp", "expm1", "sin", "cos"),
            *("tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
            *("abs", "hypot", "gamma", "lgamma", "erf", "erfinv", "erfc", "digamma"),
            *("polygamma", "beta", "lbeta", "transpose"),
        )
    ),
    "abs2": "square",
    "inv": "reciprocal",
    "atan of two": "atan2",
    "max": "maximum",
    "min": "minimum",
    "pow": "power",
}

# What a model writes for it, at which x, and the same in mpmath.
WRITTEN = {
    "exp2": ("2**x", 0.7, lambda x: 2**x),
    "sec": ("1/cos(x)", 0.7, mpmath.sec),
    "csc": ("1/sin(x)", 0.7, mpmath.csc),
    "cot": ("1/tan(x)", 0.7, mpmath.cot),
    "asec": ("acos(1/x)", 1.7, mpmath.asec),
    "acsc": ("asin(1/x)", 1.7, mpmath.acsc),
    "acot": ("atan(1/x)", 0.7, mpmath.acot),
    "sech": ("1/cosh(x)", 0.7, mpmath.sech),
    "csch": ("1/sinh(x)", 0.7, mpmath.csch),
    "coth": ("1/tanh(x)", 0.7, mpmath.coth),
    "asech": ("acosh(1/x)", 0.7, mpmath.asech),
    "acsch": ("asinh(1/x)", 0.7, mpmath.acsch),
    "acoth": ("atanh(1/x)", 1.7, mpmath.acoth),
    "sinpi": ("sin(pi*x)", 0.3, mpmath.sinpi),
    "cospi": ("cos(pi*x)", 0.3, mpmath.cospi),
    "sind": ("sin(x*pi/180)", 30.5, lambda x: mpmath.sin(mpmath.radians(x))),
    "acosd": ("acos(x)*180/pi", 0.3, lambda x: mpmath.degrees(mpmath.acos(x))),
    "deg2rad": ("x*pi/180", 30.5, mpmath.radians),
    "rad2deg": ("x*180/pi", 0.7, mpmath.degrees),
    "left division": ("3/x", 0.7, lambda x: 3 / x),
    "mod": ("x - 3*floor(x/3)", 7.5, lambda x: x - 3 * mpmath.floor(x / 3)),
    "erfcinv": ("erfinv(1 - x)", 0.3, lambda x: mpmath.erfinv(1 - x)),
    "erfcx": ("exp(x**2)*erfc(x)", 0.7, lambda x: mpmath.exp(x**2) * mpmath.erfc(x)),
    "trigamma": ("polygamma(1, x)", 1.7, lambda x: mpmath.polygamma(1, x)),
}

# Solutions of differential equations and inverses that derivations on paper keep as letters.
LEFT_OUT = {
    **dict.fromkeys(("airyai", "airyaiprime", "airybi", "airybiprime"), "Airy functions: physics"),
    **dict.fromkeys(
        ("besselj0", "besselj1", "bessely0", "bessely1", "besselj", "besseli", "bessely"),
        "Bessel functions: physics",
    ),
    **dict.fromkeys(("besselk", "hankelh1", "hankelh2"), "Bessel functions: physics"),
    **dict.fromkeys(("erfi", "dawson"), "of imaginary argument: no density has them"),
    "invdigamma": "an inverse found by iteration",
    "rem2pi": "rounding of an argument, not a function of its own",
}


@pytest.mark.parametrize("name", ROWS)
def test_it_is_a_row(name):
    assert lookup(ROWS[name] or name) is not None


@pytest.mark.parametrize("name", WRITTEN)
def test_it_is_written_by_rows(name):
    text, x, function = WRITTEN[name]
    value, found = autodiff.loads(f"L = {text}", values={"x": x}).value_and_gradient()
    with mpmath.workdps(40):
        assert value == pytest.approx(float(function(mpmath.mpf(x))), rel=1e-13)
        assert found["x"] == pytest.approx(float(mpmath.diff(function, mpmath.mpf(x))), rel=1e-12)


@pytest.mark.parametrize("name", LEFT_OUT)
def test_it_is_not_there(name):
    assert lookup(name) is None
