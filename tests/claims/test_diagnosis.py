"""Each diagnosis once, in the words a person reads; the corpora have the mass of them."""

from __future__ import annotations

import pytest

import autodiff
from autodiff.report import Diagnosis

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
DENSE = """
X = [[0.5, -1.2], [1.1, 0.4], [-0.6, 0.9]]
W = [[0.4, -0.2], [-0.5, 0.3]]
b = [0.1, 0.2]
Z = X @ W + b
H = tanh(Z)
L = sum(H**2)
"""

SAID = [
    (PATHS, "dL/da == (1 - tanh(d)^2) * w4 * w2", "missing-path",
     "the claim lacks L → d → b → a, which contributes 0.41633"),
    (PATHS, "dd/da == 2*w3*w1 + w4*w2", "double-path",
     "the claim counts twice d → b → a, which contributes 0.55"),
    (PATHS, "dd/da == w3*w1 - w4*w2", "path-sign",
     "the claim has the wrong sign on d → c → a, which contributes -0.28"),
    (PATHS, "dL/da == dL/dd * (w3*w1 + w4)", "missing-factor",
     "the factor dc/da = w2 is left out"),
    (PATHS, "dL/da == dL/dd * (w3*w1 + w4/w2)", "wrong-weight",
     "the factor dc/da = w2 is inverted"),
    (PATHS, "dL/dd == tanh(d)^2 - 1", "sign",
     "the sign is wrong: the claim is minus the right value"),
    (PATHS, "dL/dd == 2 - 2*tanh(d)^2", "factor", "the claim is 2 times the right value"),
    (PATHS, "dL/dd == 1.0000001 * (1 - tanh(d)^2)", "factor",
     "the claim is 1.0000001 times the right value"),
    (PATHS, "dL/dd == 1.5 - tanh(d)^2", "offset", "the claim is too large by 0.5"),
    (PATHS, "dL/dc == dL/dd * w3", "other-name", "this is dL/db, the derivative by b"),
    (PATHS, "dL/dw2 == dL/dd * w4", "missing-factor",
     "this is dL/dc: the factor dc/dw2 is left out"),
    (PATHS, "dL/da == ∂d/∂b * ∂b/∂a + ∂d/∂c * ∂c/∂a", "missing-factor",
     "this is dd/da: the factor dL/dd is left out"),
    (PATHS, "∂d/∂b == dL/db", "edit", None),
    ("x = 2\nu = x**2\nL = x*u", "dL/dx == u", "partial-total",
     "this is ∂L/∂x, by the statement of L alone; dL/dx sums over all paths"),
    ("x = 2\ny = 3\nL = sin(x*y)", "dL/dx == y*sin(x*y)", "edit",
     "cos is meant in place of sin"),
    ("x = 2\ny = 3\nz = 4\nL = x*y**2 + z*y", "dL/dy == 2*x*y + x", "edit",
     "z is meant in place of x"),
    ("w = 2\nx = 1.5\nL = w*relu(x)", "dL/dx == w", "wrong-branch",
     "right on the file's side of relu in L (line 3), wrong on the other"),
    (DENSE, "dL/dW == dL/dZ.T @ X", "transposed",
     "the claim is the transpose of the right value"),
    (DENSE, "dL/dX == dL/dZ @ W", "transposed", "W should be transposed: W.T"),
    (DENSE, "dL/db == dL/dZ", "missing-sum", "a sum is missing: sum(…, axis=0)"),
    (DENSE, "dL/dZ == 2*H*(1 + H**2)", "wrong-weight", "in dH/dZ a term has the wrong sign"),
    ("x = [1, 2]\nh = tanh(x)\nL = sum(h)", "dh/dx == 1 - h**2", "shape",
     "dh/dx is the Jacobian, of shape (2, 2); the claim is its diagonal: diag(…)"),
    ("x = [1, 2, 4, 3]\nL = mean(x**2)", "dL/dx == 2*x", "factor",
     "the claim is 4 times the right value; x has 4 elements along an axis"),
    ("A = [[2, 1], [0, 3]]\nx = [1, 2]\nL = x @ A @ x", "dL/dx == 2*A@x", "assumption",
     "right where A is symmetric, which is not so in the file"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "text", "code", "message"), SAID, ids=[s[1] for s in SAID])
def test_what_is_said(model: str, text: str, code: str, message: str | None) -> None:
    found = autodiff.loads(f"{model}\n{text}").claims(prove=False)[-1]
    assert found.status in {"fails", "point-only"}
    assert found.diagnosis is not None
    if message is not None:
        assert found.diagnosis == Diagnosis(code, message)


def test_the_first_wrong_step_is_named() -> None:
    model = f"{DENSE}\ndZ1 = 2*H*(1 - H)\ndL/dZ == dZ1\ndL/dW == X.T @ dZ1\ndL/dX == dZ1 @ W\n"
    first, second, third = autodiff.loads(model).claims(prove=False)
    assert first.diagnosis is not None
    assert first.diagnosis.code not in {"follows", "first-wrong"}
    assert first.diagnosis.message.endswith("line 11 follows from it")
    assert second.diagnosis is not None
    assert second.diagnosis.code == "follows"
    # It does not follow: W is not transposed, whatever dZ1 is.
    assert third.diagnosis is None or third.diagnosis.code != "follows"


def test_what_fits_one_point_alone_is_no_explanation() -> None:
    # At the file's point the claim is twice the gradient, and nowhere else.
    found = autodiff.loads("x = 2\nL = x**2\ndL/dx == x**3 + exp(x - 2) - 1").claims()[0]
    assert found.diagnosis is None or found.diagnosis.code != "factor"


def test_nothing_is_said_where_nothing_fits() -> None:
    found = autodiff.loads("x = 2\ny = 3\nL = sin(x)*y\ndL/dx == atan(x**3 + y)/7 + y").claims()[0]
    assert found.status == "fails"
    assert found.diagnosis is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("dL/dx == -6", "sign"),
        ("dL/dx == 12", "factor"),
        ("dL/dx == 3", "factor"),
        ("dL/dx == 6.1", None),
    ],
)
def test_a_number_is_explained_by_what_is_simple(text: str, code: str | None) -> None:
    found = autodiff.loads(f"x = 3\nL = x**2\n{text}").claims()[0]
    assert found.status == "fails"
    assert (found.diagnosis and found.diagnosis.code) == code
