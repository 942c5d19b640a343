"""SymPy's word on models whose derivatives were worked out elsewhere."""

from __future__ import annotations

from pathlib import Path

import mpmath
import pytest
import sympy
from asking import ask, close, difference

import autodiff
from autodiff import symbolic
from autodiff.symbolic import rules

SAMPLES = Path(__file__).parent.parent.parent / "samples"

TWO_PATHS = """
a = 2.0
w1 = 0.3
w2 = -1.1
w3 = 0.5
w4 = 0.7
f(z) = tanh(z)
b = w1 * a
c = w2 * a
d = w3 * b + w4 * c
L = f(d)
"""


def exact(x: float) -> sympy.Rational:
    return sympy.Rational(*x.as_integer_ratio())


def test_two_paths_against_a_plain_sympy_script() -> None:
    names = ("a", "w1", "w2", "w3", "w4")
    symbols = sympy.symbols(names, real=True)
    a, w1, w2, w3, w4 = symbols
    output = sympy.tanh(w3 * (w1 * a) + w4 * (w2 * a))
    point = dict(zip(symbols, map(exact, (2.0, 0.3, -1.1, 0.5, 0.7)), strict=True))
    asked = ask(TWO_PATHS)
    for symbol in symbols:
        assert close(asked[symbol.name], output.diff(symbol).subs(point).evalf(45), 34)
    assert asked.found.reason == ""
    assert all(asked.coverage(n) == 1.0 for n in names)


@pytest.mark.parametrize(
    ("name", "text", "plain"),
    [
        (
            "a",
            "(w1·w3 + w2·w4)·(1 − tanh(a·w1·w3 + a·w2·w4)²)",
            "(w1*w3 + w2*w4)*(1 - tanh(a*w1*w3 + a*w2*w4)**2)",
        ),
        (
            "w1",
            "a·w3·(1 − tanh(a·w1·w3 + a·w2·w4)²)",
            "a*w3*(1 - tanh(a*w1*w3 + a*w2*w4)**2)",
        ),
    ],
)
def test_closed_forms_read_as_in_a_text_book(name: str, text: str, plain: str) -> None:
    assert ask(TWO_PATHS).text(name) == text
    assert ask(TWO_PATHS, ascii=True).text(name) == plain


@pytest.mark.parametrize(
    ("expression", "text", "plain"),
    [
        ("x**3", "3·x²", "3*x**2"),
        ("x**-2", "−2/x³", "-2/x**3"),
        ("sqrt(x)", "1/(2·√x)", "1/(2*sqrt(x))"),
        ("sqrt(x + 1)", "1/(2·√(x + 1))", "1/(2*sqrt(x + 1))"),
        ("x**y", "y·x**(y − 1)", "y*x**(y - 1)"),
        ("abs(x)", "sign(x)", "sign(x)"),
        ("abs(x)**3", "3·|x|²·sign(x)", "3*abs(x)**2*sign(x)"),
        ("y / x", "−y/x²", "-y/x**2"),
        ("0.5 * x", "1/2", "1/2"),
        ("0.1 * x", "0.1", "0.1"),
        ("0.1 * x**2", "2·0.1·x", "2*0.1*x"),
        ("pi * x", "π", "pi"),
        ("erf(x)", "2·exp(−x²)/√π", "2*exp(-x**2)/sqrt(pi)"),
        ("lgamma(x)", "digamma(x)", "digamma(x)"),
        ("where(x > y, x * y, y)", "where(y < x, y, 0)", "where(y < x, y, 0)"),
        ("maximum(x, y)", "where(y < x, 1, 0)", "where(y < x, 1, 0)"),
        ("floor(x) * x", "floor(x)", "floor(x)"),
        ("log(x) - log(y)", "1/x", "1/x"),
    ],
)
def test_closed_forms_of_single_operations(expression: str, text: str, plain: str) -> None:
    model = f"x = 1.5\ny = 0.25\nL = {expression} + 0*y"
    assert ask(model).text("x") == text
    assert ask(model, ascii=True).text("x") == plain


def test_large_models_have_no_closed_form_and_the_same_digits() -> None:
    n = 40
    lines = ["v0 = 0.5", *(f"v{i + 1} = sin(v{i}) * v{i} + 0.7" for i in range(n))]
    asked = ask("\n".join(lines), of=f"v{n}")
    assert asked.text("v0") is None

    def model(x: mpmath.mpf) -> mpmath.mpf:
        for _ in range(n):
            x = mpmath.sin(x) * x + mpmath.mpf(0.7)
        return x

    assert close(asked["v0"], difference(model, [0.5], 0))


def test_an_inner_name_is_an_input_of_its_own() -> None:
    asked = ask("a = 2\nb = a**2\nc = b * 3\nL = c * b + a", wrt=["b", "c", "a", "L"])
    assert asked["b"] == 3 * 4 + 12
    assert asked["c"] == 4
    assert asked["a"] == 24 * 4 + 1
    assert asked["L"] == 1
    assert asked.text("c") == "a²"


def test_what_does_not_reach_the_output_has_derivative_0() -> None:
    asked = ask("a = 2\nb = 3\nu = [1, 2]\nL = a**2\nafter = L * b")
    assert asked["b"] == 0
    assert list(asked["u"]) == [0, 0]


def test_the_point_is_the_exact_binary_one() -> None:
    # 0.1 is 0.1000000000000000055511151231257827…
    asked = ask("x = 0.1\nL = x**2")
    assert mpmath.nstr(asked["x"], 30) == "0.200000000000000011102230246252"


@pytest.mark.parametrize("digits", [15, 30, 50, 100])
def test_as_many_digits_as_asked_for(digits: int) -> None:
    asked = ask("x = 0.3\nL = exp(sin(x)) / x", digits=digits)
    with mpmath.workdps(digits + 20):
        x = mpmath.mpf(0.3)
        wanted = mpmath.exp(mpmath.sin(x)) * (mpmath.cos(x) / x - 1 / x**2)
    assert close(asked["x"], wanted, digits - 1)


def test_statements_beyond_the_limit_are_told() -> None:
    asked = ask("a = 1\nb = a\nc = b\nL = c", limits=symbolic.Limits(statements=3))
    assert asked["a"] is None
    assert asked.coverage("a") == 0.0
    assert (
        asked.found.reason
        == "the output depends on 4 statements; the limit is 3 (--limit sympy=N allows more)"
    )


def test_many_different_statements_are_taken_operation_by_operation() -> None:
    model = "a = 0.5\nb = sin(a) * a\nc = b / (a + 1)\nL = c * exp(b)"
    whole = ask(model)
    parts = ask(model, limits=symbolic.Limits(forms=0))
    assert close(whole["a"], parts["a"])


def test_mpmath_keeps_its_precision() -> None:
    before = mpmath.mp.prec
    ask("x = 1e-8\nL = (1 - cos(x)) / x**2")
    assert mpmath.mp.prec == before


# ---- without closed forms


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.grad")), ids=lambda path: path.stem)
def test_a_check_needs_no_closed_form(path: Path) -> None:
    program = autodiff.load(path)
    whole, brief = program.gradient(paths=None), program.gradient(paths=None, closed=False)
    for name, gradient in whole.gradients.items():
        assert gradient.check is not None
        assert brief.gradients[name].check == gradient.check._replace(expression="")
    assert brief.notes == whole.notes


def test_without_closed_forms_a_cancelled_singularity_is_noted_all_the_same() -> None:
    asked = ask("x = 0\nL = sqrt(x)**2", closed=False)
    assert len(asked.found.notes) == 1
    assert ask("x = 2\nL = x**2", closed=False).text("x") is None


def test_models_share_their_forms() -> None:
    forms = [
        autodiff.loads(f"a = 2\nb = 3\nL = {text}").model.statements[2].form
        for text in ("tanh(a) * b", "(tanh(b) ) * a", "tanh(a) + b")
    ]
    first, same, other = map(rules.shared, forms)
    assert first is same
    assert first is not other
