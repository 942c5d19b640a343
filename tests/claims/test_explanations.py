"""What an explanation must not overlook: other branches, other names, arbitrary values."""

from __future__ import annotations

import pytest

import autodiff
from autodiff.report import ClaimResult, Diagnosis


def found(model: str, claim: str) -> ClaimResult:
    return autodiff.loads(f"{model}\n{claim}").claims(prove=False)[-1]


def test_an_explanation_holds_on_both_sides_of_a_branch() -> None:
    # For u > v the claim is half of the slope; for u < v it is all of it.
    result = found("u = 2\nv = -1\nL = maximum(u, v) + abs(u - v)", "dL/du == sign(u - v)")
    assert result.diagnosis is not None
    assert result.diagnosis.code == "missing-path"


def test_a_comparison_the_wrong_way_round_is_no_partial_derivative() -> None:
    model = "w = 0.4\nx = 0.5\nm = w*x\nL = maximum(0, 1 - m) + w**2"
    result = found(model, "dL/dw == where(m > 1, -x, 0) + 2*w")
    assert result.diagnosis == Diagnosis("edit", "< is meant in place of >")


def test_nothing_is_no_derivative_by_another_name() -> None:
    # dq/dL is 0 as well, for q does not depend on L.
    result = found("x = 2\na = 3\nq = x**2 + a\nL = q*a", "dq/dx == x - x")
    assert result.status == "fails"
    assert result.diagnosis is None or result.diagnosis.code not in {"other-name", "missing-factor"}


def test_digits_lost_at_a_point_far_out_do_not_hide_the_explanation() -> None:
    model = "s = 12\nt = 3\nL = t*(1 + erf(-s))"  # 1e-64 of fifty digits
    result = found(model, "dL/dt == -(1 + erf(-s))")
    assert result.diagnosis == Diagnosis(
        "sign", "the sign is wrong: the claim is minus the right value"
    )


@pytest.mark.parametrize(
    ("model", "claim", "code", "message"),
    [
        ("a = 0.3\nx = 2\nL = (1 - a)*x**3", "dL/dx == 3*a*x**2",
         "wrong-weight", "(1 − a) is meant in place of a"),
        ("x = [1, 2, 5]\nk = [2, 3]\nL = sum((k[0]*x[0:2] - k[1]*x[1:3])**3)",
         "dL/dk[1] == -3*sum((k[1]*x[0:2] - k[0]*x[1:3])**2*x[1:3])",
         "edit", "k[1] and k[0] have changed places"),
        ("c = 0.4\no = 0.7\nL = o*tanh(c)", "dL/dc == o*(1 - c**2)",
         "edit", "tanh(c) is meant in place of c"),
        ("s = [1, 2, 4]\nr = 3\nL = r*logsumexp(s/r)", "dL/ds == softmax(s)",
         "edit", "s/r is meant in place of s"),
        ("x = 2\ny = 3\nL = x**(1/3) + y*sin(x)", "dL/dx == x**(-0.66)/3 + y*cos(x)",
         "edit", "2/3 is meant in place of 0.66"),
        ("k = 3\nL = lgamma(k)*k", "dL/dk == lgamma(k) + k*lgamma(k)",
         "edit", "digamma is meant in place of lgamma"),
        ("X = [[1, 2], [3, 5], [4, 7]]\nw = [0.3, 0.1]\nz = X @ w\nL = sum(z**2)",
         "dL/dw == 2*z", "missing-factor", "this is dL/dz: the factor dz/dw is left out"),
        ("X = [[1, 2], [3, 5], [4, 7]]\nw = [0.3, 0.1]\nz = X @ w\nL = sum(z**2)",
         "dL/dw == 2*X @ z", "transposed", "X should be transposed: X.T"),
        ("X = [[1, 2], [3, 5], [4, 7]]\nb = [1, 2]\nL = sum((X + b)**2)",
         "dL/db == 2*sum(X + b, axis=1)", "edit", "0 is meant in place of 1"),
        ("X = [[1, 2], [3, 5], [4, 7]]\nw = [0.3, 0.1]\ny = [1, 2, 1]\nr = X @ w - y\n"
         "L = mean(r**2) + sum(w**2)",
         "dL/dw == 2*X.T @ r + 2*w", "factor", "the claim takes 3 times L → r → w"),
    ],
    ids=lambda text: text if isinstance(text, str) and "==" in text else "",
)  # fmt: skip
def test_what_is_said(model: str, claim: str, code: str, message: str | None) -> None:
    result = found(model, claim)
    assert result.status in {"fails", "point-only"}
    assert result.diagnosis is not None
    assert result.diagnosis.code == code
    if message is not None:
        assert result.diagnosis.message == message


@pytest.mark.parametrize(
    ("model", "claim"),
    [
        # An operation that does nothing at these values was not written for them.
        ("g = [1, 1]\nx = [2, 3]\nL = sum((g*x)**2)", "dL/dx == 2*g*x"),
        ("b = [0, 0]\nx = [2, 3]\nz = x + b\nL = sum(z**2)", "dL/db == 2*x"),
        ("v = [0.6, 0.8]\nu = v/norm(v)", "du/dv == eye(2) - outer(u, u)"),
    ],
)
def test_a_neutral_value_is_one_of_many(model: str, claim: str) -> None:
    assert found(model, claim).status == "point-only"


def test_ones_that_only_sum_are_constants() -> None:
    model = "one = [1, 1, 1]\nx = [2, 3, 5]\nL = one @ x**2"
    result = found(model, "dL/dx == 2*x")
    assert result.status == "verified"
    assert result.message == "given that one is as in the file"
