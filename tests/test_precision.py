"""As many digits as were asked for: values, gradients, paths, verdicts, and what is refused."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from cases import arrays, scalars
from engine import report

import autodiff
from autodiff.tape import Tape

ROOT = Path(__file__).parent.parent
DIGITS = 40
STEP = mpmath.mpf(10) ** -25  # a central difference errs by about its square


def precise(text: str, digits: int = DIGITS, **options: Any) -> Any:
    return report(text, precision=digits, **options)


def mpf(value: Any) -> Any:
    return mpmath.mpf(str(value))


def off(got: Any, want: Any) -> Any:
    return abs(mpf(got) - want) / abs(want) if want else abs(mpf(got))


# ---- against differences of formulas that share nothing with the engine


@pytest.mark.parametrize(
    ("text", "formula"), [row[1:] for row in scalars.CASES], ids=[row[0] for row in scalars.CASES]
)
def test_scalar_models_to_forty_digits(text: str, formula: Any) -> None:
    found = precise(text, check=True, closed=False)
    floats = report(text)
    with mpmath.workdps(100):
        point = {name: mpf(value) for name, value in found.point.items()}
        # A formula in Python has constants of its own; where one is 0.1, it is no tenth there.
        decimal = off(found.value, formula(mpmath.mp, **point)) < mpmath.mpf("1e-38")
        # The model has at the most lost what float64 would, and no rule is another here.
        assert decimal or found.value == pytest.approx(Decimal(floats.value), rel=Decimal("1e-9"))
        for name, gradient in found.gradients.items():
            assert gradient.check.verdict == "agrees"
            if not decimal:
                continue
            x = point[name]
            h = STEP * (max(1, abs(x)) if x == 0 or abs(x) > 1e-6 else abs(x))
            up, down = (formula(mpmath.mp, **(point | {name: x + s * h})) for s in (1, -1))
            # A function as steep as log at 1e-300 is no worse: its step is as small.
            assert off(gradient.value, (up - down) / (2 * h)) < mpmath.mpf("1e-34"), name


def test_most_formulas_are_decimal() -> None:
    # Or the test above would look at nothing.
    count = 0
    for _, text, formula in scalars.CASES:
        found = precise(text, paths=None)
        with mpmath.workdps(100):
            point = {name: mpf(value) for name, value in found.point.items()}
            count += off(found.value, formula(mpmath.mp, **point)) < mpmath.mpf("1e-38")
    assert count > 0.9 * len(scalars.CASES)


@pytest.mark.parametrize("text", [row[1] for row in arrays.CASES], ids=[r[0] for r in arrays.CASES])
def test_models_of_arrays_are_those_of_floats(text: str) -> None:
    found, floats = precise(text, 25), report(text)
    assert float(found.value) == pytest.approx(floats.value, rel=1e-12)
    for name, gradient in found.gradients.items():
        assert gradient.shape == floats.gradients[name].shape
        got = np.array(gradient.value, dtype=float)
        np.testing.assert_allclose(got, floats.gradients[name].value, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(np.array(gradient.paths.sum, dtype=float), got, rtol=1e-12)


MODELS = {
    "chain": "x = 0.1\ny = sin(x)*x\nL = exp(y)*pi + y",
    "layer": "x = [0.1, 0.2]\nW = [[1, 2], [3, 0.3]]\nh = tanh(W @ x)\nL = sum(h**2) + mean(h)",
    "softmax": "z = [0.1, -0.7, 2]\np = softmax(z)\nL = -log(p[1])",
    "norm": "v = [0.3, 0.4, 1.1]\nL = norm(v) + logsumexp(v)",
    "branch": "x = -0.1\nL = where(x > 0, sqrt(x), x**2)",
    "gamma": "x = 2.3\nL = lgamma(x)*digamma(x) + erf(x)",
    "cancels": "x = 0.3\nL = x - x + 0*x",
}


@pytest.mark.parametrize("text", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("digits", [1, 5, 16, 50, 200])
def test_sympy_agrees_at_every_precision(text: str, digits: int) -> None:
    found = precise(text, digits, check=True)
    assert found.dtype == f"mpmath-{digits}"
    for gradient in found.gradients.values():
        assert gradient.check.verdict == "agrees", gradient.check
        error = gradient.check.error
        scale = mpf(np.max(np.abs(np.array(gradient.paths.absolute_sum, dtype=float))))
        assert mpf(error) <= 1000 * mpmath.mpf(10) ** -digits * max(1, scale)


@pytest.mark.parametrize("nodes", ["names", "all"])
def test_contributions_add_up_to_all_digits(nodes: str) -> None:
    text = "x = 0.3\na = x*x\nb = sin(a) + a\nL = a*b + x"
    found = precise(text, 60, nodes=nodes, paths="all").gradients["x"]
    with mpmath.workdps(70):
        total = sum(mpf(path.contribution) for path in found.paths.shown)
        assert abs(total - mpf(found.value)) < mpmath.mpf("1e-58")
        for path in found.paths.shown:
            product = mpmath.fprod(map(mpf, path.weights))
            assert abs(product - mpf(path.contribution)) < mpmath.mpf("1e-58")


# ---- which numbers are meant


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("L = 0.1", "0.1"),
        ("x = 0.1\nL = 3*x", "0.3"),
        ("x = 1\nL = x*0.1", "0.1"),
        ("x = [0.1, 0.2]\nL = sum(x)", "0.3"),
        ("x = 0.12345678901234567890123456789\nL = x", "0.12345678901234567890123456789"),
        ("x = 1\nL = x*0.12345678901234567890123456789", "0.12345678901234567890123456789"),
        ("x = 1e-400\nL = 10*x", "1e-399"),
        ("x = 0.1 + 0.2\nL = x", "0.3"),
        ("L = 3.141592653589793", "3.141592653589793"),  # not pi
        ("f(x) = x*0.1\na = 3\nL = f(a)", "0.3"),
    ],
)
def test_numbers_are_the_decimals_that_were_typed(text: str, value: str) -> None:
    assert precise(text).value == Decimal(value)


def test_constants_are_worked_out_to_all_digits() -> None:
    with mpmath.workdps(60):
        want = mpmath.sqrt(2 * mpmath.pi)
    assert precise("x = sqrt(2*pi)\nL = x").value == Decimal(mpmath.nstr(want, DIGITS))


def test_what_is_given_is_the_shortest_decimal_of_its_float() -> None:
    found = precise("x = 1\nL = sum(x)*3", values={"x": [0.1]})
    assert found.value == Decimal("0.3")
    found = precise("L = 3*x", set=[("x", "0.1000000000000000000000000000000005")])
    assert found.value == Decimal("0.3000000000000000000000000000000015")


def test_data_are_the_same_numbers_at_every_precision() -> None:
    text = "x = randn(3, seed=1)\nL = sum(x)"
    exact = sum(map(Decimal, autodiff.loads(text)["x"].tolist()))
    assert abs(precise(text).value - exact) < Decimal("1e-27")  # Decimal adds to 28 digits


# ---- where there is no number


def test_a_kink_is_judged_from_both_sides() -> None:
    found = precise("x = 0.1\nL = 3*abs(x - 0.1)", check=True).gradients["x"].check
    assert (found.verdict, found.left, found.right, found.line) == ("kink", -3, 3, 2)


def test_a_derivative_across_a_kink_is_found() -> None:
    found = precise("x = 0\nL = relu(x) - relu(-x)", check=True).gradients["x"]
    assert (found.value, found.check.verdict) == (1, "agrees")


def test_kinks_of_arrays() -> None:
    found = precise("x = [0.0, 2, 2]\nL = max(x) + sum(abs(x))", check=True).gradients["x"].check
    assert found.verdict == "kink"
    assert found.left.tolist() == [-1, 1, 1]
    assert found.right.tolist() == [1, 2, 2]


def test_an_infinite_slope_is_infinite() -> None:
    found = precise("x = 0\nL = sqrt(x)", check=True)
    assert found.status == "failed"
    assert found.gradients["x"].value == math.inf
    assert found.gradients["x"].check.reason == "the slope of sqrt in L by x is inf"
    assert found.to_json()["gradients"]["x"]["value"] == "inf"


@pytest.mark.parametrize(
    ("text", "code"),
    [("x = -0.1\nL = sqrt(x)", "domain"), ("x = [0.1, -2]\nL = sum(log(x))", "domain")],
)
def test_outside_a_domain_is_an_error_as_ever(text: str, code: str) -> None:
    with pytest.raises(autodiff.ModelErrors) as caught:
        precise(text)
    assert [p.code for p in caught.value.problems] == [code]
    with pytest.raises(autodiff.ModelErrors) as floats:
        report(text)
    assert str(caught.value.problems[0]) == str(floats.value.problems[0])


@pytest.mark.parametrize(
    "text",
    [
        "b = 0\nx = [1, 2]\nL = sum(where(x > 0, x, x/b))",
        "b = 0\nx = 1\nL = where(x > 0, x, 1/b)",
        "x = [-1, -4]\nL = sum(where(x > 0, sqrt(x), x))",
        "b = 0\nx = [1, 2]\nL = sum((x/b)[0:0]) + sum(x)",
    ],
)
def test_what_is_not_taken_spoils_nothing(text: str) -> None:
    found = precise(text, check=True)
    assert np.ravel(found.gradients["x"].value).tolist() == ([1, 1] if "[" in text else [1])
    assert {g.check.verdict for g in found.gradients.values()} <= {"agrees"}


def test_no_path() -> None:
    found = precise("x = 0.1\ny = [1, 2]\nL = x", check=True).gradients["y"]
    assert (found.relation, found.value.tolist()) == ("no path", [0, 0])


def test_numbers_beyond_floats_are_numbers() -> None:
    found = precise("x = 2\nL = exp(10000*x)", check=True)
    assert found.value.adjusted() == 8685
    assert found.gradients["x"].check.verdict == "agrees"
    assert found.status == "ok"


def test_beyond_every_range_is_infinite() -> None:
    found = precise("x = 4\nL = exp(exp(exp(exp(x))))")
    assert (found.value, found.status) == (math.inf, "failed")


def test_digits_that_cancel_are_told() -> None:
    # Sixty digits cancel, ten of which nobody asked for; the rule is right all the same.
    text = "x = 1e-30\nL = ((1 + x)**2 - 1)/x"
    for digits, lost in ((15, 15.0), (50, 50.0), (200, 50.0)):
        found = precise(text, digits, check=True).gradients["x"]
        assert found.check.verdict == "inexact"
        assert found.check.digits_lost == pytest.approx(lost, abs=2)
    assert abs(found.value - 1) < Decimal("1e-27")  # the difference is of Decimal's 28 digits


def test_a_wrong_rule_is_still_convicted(monkeypatch: pytest.MonkeyPatch) -> None:
    from autodiff.ops import TABLE

    row = TABLE["sin"]
    wrong = row.partials[0]
    partials = (lambda m, y, x: wrong(m, y, x) * (1 + m.asarray(2.0) ** -130),)
    object.__setattr__(row, "partials", partials)
    try:
        found = precise("x = 0.1\nL = sin(x)", 50, check=True).gradients["x"].check
        floats = report("x = 0.1\nL = sin(x)", check=True).gradients["x"].check
    finally:
        object.__setattr__(row, "partials", (wrong,))
    assert found.verdict == "differs"  # in the fortieth digit
    assert floats.verdict == "agrees"


# ---- the report


def test_a_report_holds_decimals_and_json_strings() -> None:
    found = precise("x = 0.1\nv = [0.1, 0.2]\nL = x**2 + sum(v)", check=True)
    assert isinstance(found.value, Decimal)
    assert found.point["x"] == Decimal("0.1")
    assert found.digits == DIGITS
    data = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert data["dtype"] == "mpmath-40"
    assert data["output"]["value"] == "0.31"
    assert data["gradients"]["x"]["value"] == "0.2"
    assert data["gradients"]["v"]["value"] == ["1", "1"]
    assert data["gradients"]["x"]["paths"]["shown"][0]["weights"] == ["0.2"]


def test_views_show_all_digits_that_were_asked_for() -> None:
    from click.testing import CliRunner

    from cli.main import gradpath

    def shown(*options: str) -> str:
        text = "x = 0.1\ny = sin(x)\nL = y**2 + x"
        run = CliRunner().invoke(gradpath, ["grad", "-", "--precision", "30", *options], input=text)
        assert run.exit_code == 0
        return run.output

    with mpmath.workdps(40):
        want = mpmath.nstr(mpmath.sin(mpmath.mpf(2) / 10) + 1, 30)
        weight = mpmath.nstr(mpmath.cos(mpmath.mpf(1) / 10), 30)
    for form in ("text", "markdown", "csv", "json"):
        assert want in shown("--format", form)
    assert weight in shown("--full")
    assert weight not in shown()


def test_the_readers_own_precision_does_not_matter() -> None:
    text = "x = 0.1\nL = sin(x)"
    want = precise(text, 60, check=True).to_json()
    with mpmath.workdps(3):
        assert precise(text, 60, check=True).to_json() == want
        assert mpmath.mp.dps == 3


def test_the_recorded_tape_stays_as_it_is() -> None:
    program = autodiff.loads("x = 0.1\nL = sin(x)")
    before = list(program.tape.values)
    program.gradient(precision=30)
    assert program.tape.values == before
    assert isinstance(program.tape, Tape)
    assert program.gradient(check=False).dtype == "float64"


def test_claims_are_verified_as_ever() -> None:
    found = precise("x = 0.1\nL = x**2\ndL/dx == 2*x")
    assert [claim.status for claim in found.claims] == ["verified"]


@pytest.mark.parametrize("digits", [0, -1, 10_001, 2.5, "50"])
def test_nonsense_is_refused(digits: Any) -> None:
    with pytest.raises(autodiff.UsageError, match="from 1 to 10,000"):
        precise("x = 1\nL = x", digits)


def test_ten_thousand_digits() -> None:
    found = precise("x = 2\nL = sqrt(x)", 10_000, check=True)
    assert len(found.value.as_tuple().digits) == 10_000
    assert found.gradients["x"].check.verdict == "agrees"


def test_floats_import_none_of_it() -> None:
    code = (
        "import sys, autodiff\n"
        "autodiff.loads('x = 0.1\\nL = sin(x)').gradient(check=False).to_json()\n"
        "autodiff.loads('x = [0.1, 2]\\nL = sum(x)').gradient(check=False).to_json()\n"
        "print(*{'decimal', 'mpmath', 'autodiff.exact', 'autodiff.backends.precise'}"
        " & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == []
