"""What may be said of a claim: statuses, what is assumed, kinks, tolerances, counterexamples."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff
from autodiff.errors import ModelErrors
from autodiff.report import ClaimResult

PASS = {"proved", "verified", "value"}
FAIL = {"fails", "point-only"}

PATHS = """
a = 2
w1 = 0.5
w2 = 0.7
w3 = 1.1
w4 = -0.4
b = w1*a
c = w2*a
d = w3*b + w4*c
L = tanh(d)
"""
SOFTMAX = "z = [1, 2, 0.5]\ny = [0, 1, 0]\np = softmax(z)\nL = -sum(y * log(p))\n"


def claim(model: str, text: str, **options: object) -> ClaimResult:
    """What becomes of the last claim."""
    return autodiff.loads(f"{model}\n{text}").claims(**options)[-1]  # type: ignore[arg-type]  # as given


def status(model: str, text: str, **options: object) -> str:
    return claim(model, text, **options).status


# ---- derivative terms


@pytest.mark.parametrize(
    "text",
    [
        "dL/dc == dL/dd * dd/dc",
        "dd/da == w1*w3 + w2*w4",
        "∂d/∂c == w4",
        "dL/dL == 1",
        "∂L/∂a == 0",  # a does not stand in the statement of L
        "db/dc == 0",
        "dL/da == ∂L/∂d * (∂d/∂b * ∂b/∂a + ∂d/∂c * ∂c/∂a)",
        "dL/da * a == dL/dw1 * w1 + dL/dw2 * w2",
        "d == w3*b + w4*c == a*(w1*w3 + w2*w4)",
    ],
)
def test_total_and_partial_derivatives(text: str) -> None:
    assert status(PATHS, text) in PASS


def test_a_name_that_is_computed_is_an_input_of_its_own() -> None:
    assert status("x = 2\ny = x**2\nL = y*x", "dL/dy == x") in PASS
    assert status("x = 2\ny = x**2\nL = y*x", "dL/dy == x + y*dx/dx") in FAIL


def test_derivatives_of_arrays_are_jacobians() -> None:
    assert status(SOFTMAX, "dp/dz == diag(p) - outer(p, p)") in PASS
    assert status(SOFTMAX, "dL/dz == dL/dp @ dp/dz") in PASS
    assert status("x = [1, 2]\nL = sum(x)\n", "dx/dx == eye(2)") == "value"


def test_an_element_of_a_derivative() -> None:
    assert status(SOFTMAX, "dL/dz[0] == p[0] - y[0]") == "verified"
    assert status(SOFTMAX, "dL/dz[0] == p[1] - y[0]") == "fails"


# ---- identities


def test_a_claim_is_an_identity() -> None:
    found = claim("a = 2\nb = 3\nL = a*b", "dL/db == a**2 / 2")
    assert found.status == "point-only"
    assert found.counterexample is not None
    left, right = found.counterexample.left, found.counterexample.right
    assert list(found.counterexample.settings) == ["a"]
    a = float(found.counterexample.settings["a"])
    assert (left, right) == (a, a**2 / 2)


def test_a_counterexample_can_be_retyped() -> None:
    model, text = "x = [1, 2]\nk = 1.0\nL = k*sum(x**2)", "dL/dx == 2*x"
    found = claim(model, text)
    assert found.counterexample is not None
    again = autodiff.loads(f"{model}\n{text}", set=[*found.counterexample.settings.items()])
    assert again.claims()[0].status == "fails"


def test_one_part_in_ten_million_is_seen() -> None:
    assert status(PATHS, "dL/dc == dL/dd * dd/dc") in PASS
    assert status(PATHS, "dL/dc == dL/dd * dd/dc * (1 + 1e-7)") == "fails"


def test_cancellation_is_no_difference() -> None:
    # In float64 the left side is 0 and the right one 5e-9; 30 digits more are lost at 1e-20.
    assert status("x = 1e-20\nL = x", "(1 - cos(x)) / x == 2*sin(x/2)**2 / x") in PASS
    assert status("x = 1e-20\nL = x", "(1 - cos(x)) / x == sin(x/2)**2 / x") in FAIL


def test_numbers_are_the_decimals_they_are_written_as() -> None:
    # The float 0.1 is not a tenth, and math.pi not π: the 17th digit would differ.
    assert status("x = 1.5\nL = 0.1*x**2", "dL/dx == x/5") in PASS
    assert status("x = 1.5\nL = cos(x + pi)", "dL/dx == sin(x)") in PASS
    assert status("x = 1.5\nL = log(x)", "L == log(x*e) - 1") in PASS


def test_signs_hold() -> None:
    assert status("x = 2\nL = log(x**2)", "L == 2*log(x)") in PASS
    assert status("x = -2\nL = sqrt(x**2)", "L == -x") in PASS
    assert status("x = 0\nL = sqrt(x**2 + 1)", "L == 1 + x") in FAIL


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("w = 2\nx = 1.5\nL = w*relu(x)", "dL/dx == w"),
        ("w = 2\nx = 1.5\nL = w*abs(x)", "dL/dx == w"),
        ("w = 2\nx = 1.5\nL = w*leaky_relu(x, 0.1)", "dL/dx == w"),
        ("w = 2\nx = 1.5\nL = maximum(w*x, 1)", "dL/dx == w"),
        ("w = 2\nx = 0.5\nL = w*clip(x, -1, 1)", "dL/dx == w"),
        ("w = 2\nx = 0.5\nL = where(x > 100, x**2, w*x)", "dL/dx == w"),
        ("w = 2\nx = 0.5\nL = where(w*x < -7, x**2, w*x)", "dL/dx == w"),
        ("x = [1, 5, 2]\nL = max(x)**2", "dL/dx[1] == 2*x[1]"),
        ("e1 = 0.4\nk = 1.5\nL = where(abs(e1) <= k, e1**2/2, k*(abs(e1) - k/2))",
         "dL/de1 == where(abs(e1) <= k, e1, k)"),
    ],
)  # fmt: skip
def test_both_sides_of_a_branch_are_visited(model: str, text: str) -> None:
    assert status(model, text) == "point-only"


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("w = 2\nx = 1.5\nL = w*relu(x)", "dL/dx == w*(x > 0)"),
        ("w = 2\nx = 1.5\nL = w*abs(x)", "dL/dx == w*sign(x)"),
        ("w = 2\nx = 0.5\nL = w*clip(x, -1, 1)", "dL/dx == w*(x > -1)*(x < 1)"),
        ("e1 = 0.4\nk = 1.5\nL = where(abs(e1) <= k, e1**2/2, k*(abs(e1) - k/2))",
         "dL/de1 == where(abs(e1) <= k, e1, k*sign(e1))"),
    ],
)  # fmt: skip
def test_claims_that_branch_as_the_model_does(model: str, text: str) -> None:
    assert status(model, text) in PASS


def test_the_point_is_left_out_where_it_sits_on_a_kink() -> None:
    found = claim("x = 0\nw = 3\nL = w*relu(x)", "dL/dx == w*(x >= 0)")
    assert found.status == "verified"  # by convention the gradient at 0 is 0
    assert "kink" in found.message


def test_a_value_at_a_kink_is_the_derivative_where_there_is_one() -> None:
    model = "x = 0\nL = relu(x) - relu(-x)"
    assert status(model, "dL/dx == 1") == "value"
    assert status(model, "dL/dx == 0") == "fails"  # which convention would give


def test_where_both_sides_are_undefined_nothing_is_said() -> None:
    found = claim("x = 1\nL = x", "sqrt(x - 1) / (x - 1) == 1 / sqrt(x - 1)")
    assert found.status == "undecided"
    assert "neither side is finite" in found.message


@pytest.mark.parametrize("right", ["log(x - 3)", "x**(9**9**9)", "1 / (x - 2)"])
def test_a_side_that_is_undefined_where_the_other_is_not_is_wrong(right: str) -> None:
    found = claim("x = 2\nL = x**2", f"dL/dx == {right}")
    assert found.status == "fails"
    assert found.message == "the right side is not finite at the file's point"


def test_what_is_finite_in_many_digits_alone_is_compared() -> None:
    assert status("x = 3\nL = x**2", "dL/dx == exp(exp(exp(x)))") == "fails"


# ---- values and tolerances


def test_a_number_speaks_of_the_point() -> None:
    assert status("x = [1, 2, 3]\nL = sum(x**2)", "dL/dx == [2, 4, 6]") == "value"
    assert status("x = 2\nL = x**2", "dL/dx == 4 * (1 + 1e-8)") == "fails"
    assert status("x = 2\nL = x**2", "dL/dx == 4 * (1 + 1e-10)") == "value"


def test_zero_is_zero_however_it_was_rounded() -> None:
    model = "u = [0.8, -0.3, 1.1]\nL = sum(u) / norm(u)"
    assert status(model, "dot(u, dL/du) == 0") == "value"
    assert status(model, "dot(u, dL/du) == 1e-12") == "fails"


def test_close_allows_a_tolerance_at_the_point() -> None:
    assert status("x = 2\nL = exp(x)", "close(dL/dx, 7.4, 0.01)") == "value"
    assert status("x = 2\nL = exp(x)", "close(dL/dx, 7.4, 1e-4)") == "fails"
    assert status("x = 2\nL = exp(x)", "close(dL/dx, L)") == "value"


def test_a_rounded_number_is_told_of_close() -> None:
    assert "close(" in claim("x = 3\nL = log(x)", "dL/dx == 0.3333").message


def test_rtol_is_a_tolerance_for_all() -> None:
    model, text = "x = 2\nL = x**2", "dL/dx == 2.0000001*x"
    assert status(model, text) == "fails"
    assert status(model, text, rtol=1e-6) == "verified"


# ---- shapes


def test_shapes_are_compared_first() -> None:
    model = "W = [[1, 2], [3, 4], [5, 6]]\nx = [1, 2]\nz = W @ x\nL = sum(z**2)"
    found = claim(model, "dL/dW == outer(x, 2*z)")
    assert found.status == "fails"
    assert found.message == "claimed (2, 3), dL/dW is (3, 2)"


def test_a_number_stands_for_every_element() -> None:
    assert status("x = [1, 2]\nk = 3\nL = k*sum(x)", "dL/dx == k") in PASS
    assert status("x = [1, 2]\nk = 3\nL = k*sum(x)", "dL/dx == 3") == "value"


def test_a_side_that_cannot_be_computed_fails_alone() -> None:
    program = autodiff.loads(f"{SOFTMAX}dL/dz == p @ eye(2)\ndL/dz == p - y")
    first, second = program.claims()
    assert first.status == "fails"
    assert "shapes" in first.message
    assert second.status == "verified"


def test_a_claim_with_an_unknown_name_is_an_error_of_the_model() -> None:
    with pytest.raises(ModelErrors) as caught:
        autodiff.loads("x = 1\nL = x\ndL/dq == 1")
    assert caught.value.problems[0].code == "unknown-name"


# ---- what is assumed


@pytest.mark.parametrize(
    ("model", "text", "assumed"),
    [
        (SOFTMAX, "dL/dz == p - y", "y sums to 1"),
        ("A = [[2, 1], [1, 3]]\nx = [1, 2]\nL = x @ A @ x", "dL/dx == 2*A@x", "A is symmetric"),
        ("x = [1, 2, 4]\nn = 3\nL = mean(x)", "dL/dx == 1/n + 0*x", "n is 3, the length"),
        ("s = sqrt(2*pi)\nx = 1.5\nL = exp(-x)/s", "L == exp(-x)/sqrt(2*pi)", "s is 2.50663"),
        ("q = [0.6, 0.8]\nL = sum(q)", "dot(q, q) * L == L", "q has length 1"),
        ("R = [[0, -1], [1, 0]]\nx = [1, 2]\nL = sum(x)", "R @ R.T @ x == x", "R is orthogonal"),
        ("Y = [[0, 1], [1, 0]]\nL = norm(Y)", "sum(Y, 1)*L == [1, 1]*L", "in every row"),
    ],
)  # fmt: skip
def test_what_is_special_about_the_file_may_be_needed(model: str, text: str, assumed: str) -> None:
    found = claim(model, text, prove=False)
    assert found.status == "verified"
    assert found.message.startswith("given that ")
    assert assumed in found.message


def test_only_what_is_needed_is_assumed() -> None:
    found = claim(f"A = [[2, 1], [1, 3]]\n{SOFTMAX}", "dL/dz + 0*A[0, 0] == p - y")
    assert found.message == "given that y sums to 1"


def test_an_assumption_does_not_save_what_is_wrong() -> None:
    assert status(SOFTMAX, "dL/dz == p - 2*y") == "fails"
    assert status("A = [[2, 1], [1, 3]]\nx = [1, 2]\nL = x @ A @ x", "dL/dx == A@x") == "fails"
    # c is typed as a measure, not as a count, although x has two elements.
    assert status("x = [1, 2]\nc = 2.0\nL = c*sum(x)", "dL/dx == c**2 / 2") == "point-only"


# ---- the report


def test_a_chain_is_a_claim_each() -> None:
    program = autodiff.loads("x = 3\nL = x**2\ndL/dx == 2*x == 3*x")
    assert [c.status in PASS for c in program.claims()] == [True, False]


def test_a_claim_has_a_place_and_fails_the_report() -> None:
    program = autodiff.loads("x = 3\nL = x**2\n  dL/dx == 3*x  # wrong")
    report = program.gradient(paths=None)
    (found,) = report.claims
    assert (found.line, found.column, found.end, found.text) == (3, 3, 15, "dL/dx == 3*x")
    assert report.status == "failed"


def test_claims_from_a_second_text() -> None:
    program = autodiff.loads("x = 3\nL = x**2", claims="# by hand\ndL/dx == 2*x\ndL/dx == x")
    first, second = program.claims()
    assert first.status == "proved"
    assert (second.status, second.line, second.source) == ("fails", 3, "<claims>")


def test_a_second_text_holds_claims_alone() -> None:
    with pytest.raises(ModelErrors) as caught:
        autodiff.loads("x = 3\nL = x**2", claims="y = 2\ndL/dx == 2*x\ndL/dq == 1")
    assert [p.code for p in caught.value.problems] == ["statement", "unknown-name"]
    assert all(p.source is not None and p.source.name == "<claims>" for p in caught.value.problems)


def test_the_same_seed_gives_the_same_result() -> None:
    text = f"{SOFTMAX}dL/dz == p - 2*y\ndL/dz == p - y\ndp/dz == diag(p)"
    assert autodiff.loads(text).claims(seed=3) == autodiff.loads(text).claims(seed=3)


def test_without_a_proof_sympy_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    from autodiff import symbolic

    def refuse(*_: object) -> bool:
        raise AssertionError

    monkeypatch.setattr(symbolic, "prove", refuse)
    assert status("x = 3\nL = x**2", "dL/dx == 2*x", prove=False) == "verified"


def test_a_model_too_large_for_many_digits_can_only_be_convicted() -> None:
    model = "W = randn(400, 400, seed=1)\nx = randn(400, seed=2)\nz = W @ (W @ x)\nL = sum(z**2)"
    found = claim(model, "dL/dz == 2*z")
    assert found.status == "undecided"
    assert "limit" in found.message
    assert status(model, "dL/dz == 2.00001*z") == "fails"
    assert status(model, "dL/dx == 2*(W.T @ W.T @ z)") == "undecided"


# ---- laws

NUMBERS = st.floats(0.25, 4.0).map(lambda x: round(x, 3))
FORMULAS = {  # f(x, y): its derivative by x, by hand
    "x*y**2": "y**2",
    "sin(x*y)": "y*cos(x*y)",
    "exp(-x/y)": "-exp(-x/y)/y",
    "x**y": "y*x**y/x",
    "log(x**2 + y)": "2*x/(x**2 + y)",
    "sqrt(x*y)": "sqrt(y/x)/2",
    "atan2(x, y)": "y/(x**2 + y**2)",
    "sigmoid(x - y)": "sigmoid(x - y)*sigmoid(y - x)",
    "tanh(x)*y": "y/cosh(x)**2",
}


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(FORMULAS)), NUMBERS, NUMBERS, st.sampled_from([1e-7, -1e-3, 1.0]))
def test_true_claims_pass_and_scaled_ones_fail(f: str, x: float, y: float, error: float) -> None:
    model, slope = f"x = {x}\ny = {y}\nL = {f}", FORMULAS[f]
    assert status(model, f"dL/dx == {slope}", prove=False) == "verified"
    found = claim(model, f"dL/dx == ({slope}) * {1 + error!r}", prove=False)
    assert found.status == "fails"
    assert found.diagnosis is not None
    assert math.isclose(found.counterexample.right / found.counterexample.left, 1 + error)  # type: ignore[union-attr]  # it fails at the point


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(sorted(FORMULAS)), NUMBERS, NUMBERS)
def test_what_is_right_at_one_point_alone_is_caught(f: str, x: float, y: float) -> None:
    # 1 at the file's point, something else anywhere near it.
    model, slope = f"x = {x}\ny = {y}\nL = {f}", FORMULAS[f]
    assert status(model, f"dL/dx == ({slope}) * (y / {y})", prove=False) == "point-only"
