"""Arrays, element by element, against differences in high precision."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from asking import ask, close

import autodiff
from autodiff import symbolic
from autodiff.replay import high_precision

LOGISTIC = """
X = [[1, 0.5], [1, -1.5], [1, 2.25], [1, 0.1]]
y = [1, 0, 1, 0]
w = [0.3, -0.8]
z = X @ w
p = sigmoid(z)
L = -mean(y * log(p) + (1 - y) * log(1 - p)) + 0.1 * sum(w**2)
"""
NETWORK = """
X = [[0.5, -1.2, 0.3], [1.1, 0.4, -0.7]]
labels = [[1, 0], [0, 1]]
W1 = [[0.4, -0.2, 0.7], [-0.5, 0.3, 0.2], [0.1, 0.8, -0.3]]
b1 = [0.1, -0.1, 0.2]
W2 = [[0.3, -0.7], [-0.4, 0.5], [0.9, -0.1]]
b2 = [0.05, 0.1]
h = tanh(X @ W1 + b1)
L = -mean(sum(labels * log_softmax(h @ W2 + b2, axis=1), axis=1))
"""
MIXTURE = """
x = [[3.6], [1.8], [3.3], [2.25]]
logits = [0.1, 0.5]
mu = [2.0, 4.0]
s = [-1.0, -0.5]
z = (x - mu) / exp(s)
L = sum(logsumexp(log_softmax(logits) - s - z**2 / 2 - log(2*pi) / 2, axis=1))
"""
RNN = """
W = [[0.5, -0.4], [0.3, 0.6]]
u = [0.8, -0.5]
x = [0.9, -0.4, 0.1]
h = [0.1, 0.2]
step(h, input) = tanh(W @ h + u * input)
h1 = step(h, x[0])
h2 = step(h1, x[1])
h3 = step(h2, x[2])
L = sum(h3**2)
"""
REDUCTIONS = """
x = [[0.5, -1.5, 2.0], [1.25, 0.75, -0.5]]
L = prod(x[0]) + max(x) - min(x, axis=0)[1] + var(x, ddof=1) + std(x[1]) + norm(x) + \
    sum(cumsum(x, axis=1) ** 2) + mean(x, axis=0) @ [1, 2, 3] + logsumexp(x[:, 0]) + \
    norm(x, axis=1) @ [1, 2] + cumsum(x)[3]
"""
SHAPES = """
x = [[0.5, -1.5, 2.0], [1.25, 0.75, -0.5]]
v = [0.1, 0.2]
L = sum(sin(x.T) @ v) + trace(x[:, :2]) + sum(diag(v) @ x) + dot(v, v) + \
    sum(outer(v, x[0]) ** 2) + sum(concat([x[0], v]) ** 3) + sum(stack([v, v]) @ v) + \
    sum(reshape(x, 3, 2)[1:, ::-1] ** 2) + sum(where(x > 0, x, x**2)) + x[-1, -1]
"""


MATRICES = """
A = [[2.0, -0.5, 0.25], [0.75, 1.5, -1.0], [0.1, 0.2, 3.0]]
b = [0.5, -1.0, 2.0]
B = [[1.5, 0.5], [-0.25, 2.0]]
S = A @ A.T
L = det(A) + logdet(S) + sum(inv(A) * A.T) + solve(A, b) @ b + sum(solve(A, A.T)) + \
    sum(cholesky(S) @ b) + sum(matrix_power(B, 3)) + sum(matrix_power(B, -2)) + \
    eigvalsh(B) @ [1, 2] + svdvals(B) @ [3, 1] + svdvals(A[:, :2]) @ [1, 2] + norm(B, 2) + \
    norm(B, "nuc") + norm(A, 1) + norm(A, -inf) + norm(b, 3) + norm(b, inf) + norm(A, "fro")
"""
PRODUCTS = """
A = [[2.0, -0.5, 0.25], [0.75, 1.5, -1.0]]
b = [0.5, -1.0, 2.0]
C = A @ A.T
L = einsum("ij,j->", A, b) + einsum("ii", C) + sum(einsum("ij,kj->ik", A, A) ** 2) + \
    einsum("i,ij,jk,k->", A[:, 0], C, C, A[:, 1]) + sum(kron(A, b) ** 2) + \
    cross(A[0], b) @ b ** 2 + \
    cross(A[:, 0], A[:, 1]) + sum(inner(A, b) ** 2) + vdot(A, A) + sum(tril(C) * triu(C, -1))
"""
MOVED = """
x = [[0.5, -1.5, 2.0], [1.25, 0.75, -0.5]]
L = sum(tile(x, (2, 2)) ** 3) + sum(repeat(x, 2, axis=1) @ arange(6)) + \
    take(x, [1, 1, 4]) @ [1, 2, 3] + \
    sum(cumprod(x, axis=1) ** 2) + cumprod(x)[3] + \
    sum(sort(x) @ [1, 2, 4]) + sort(x, axis=None) @ arange(6) + \
    sum(expand_dims(x, 0) ** 2) + sum(squeeze(x[:1]) ** 3) + sum(swapaxes(x, 0, 1) @ [1, 2]) + \
    sum(broadcast_to(x, (2, 2, 3)) ** 2) + sum(one_hot([0, 2], 3) * x)
"""
SPECIAL = """
x = [0.3, 0.7]
y = [1.5, 0.25]
L = sum(gamma(x - 2) + beta(x, y) + lbeta(x, y) + polygamma(2, x) + erfinv(x)) + \
    sum(ndtri(x) + xlogy(x, y)) + \
    sum(entr(x) + sinc(x) + logit(x) + norm_pdf(x, y, 2) + norm_cdf(x, 0, y)) + \
    sum(norm_logpdf(x, 1, y)) + \
    mse(x, y) + huber(x, y, 0.7) + binary_cross_entropy(x, [0, 1]) + cosine_similarity(x, y)
"""
LOSSES = """
z = [[0.3, 0.7, -1.0], [2.0, 0.5, 0.1]]
p = [[0.2, 0.3, 0.5], [0, 1, 0]]
q = [[0.5, 0.25, 0.25], [0.125, 0.5, 0.375]]
L = cross_entropy(z, p) + kl_div(log(q), softmax(z)) + sum(cosine_similarity(z, q))
"""


def differences(text: str, name: str, of: str = "L") -> Any:
    """Five-point differences of the tape itself, run on mpmath with 120 digits."""
    from autodiff.backends import mp

    program = autodiff.loads(text)
    tape = program.tape
    leaf, output = (tape.vertex[program.model.index[n]] for n in (name, of))
    start = np.array(tape.values[leaf], dtype=np.float64)
    out = np.empty(start.shape, dtype=object)
    kept = list(tape.values)

    def value(element: tuple[int, ...], shift: Any) -> Any:
        moved = mp.asarray(start).copy() if start.shape else mpmath.mpf(float(start))
        if start.shape:
            moved[element] += shift
        else:
            moved += shift
        tape.values[leaf] = moved
        try:
            return high_precision(tape).values[output]
        finally:
            tape.values[leaf] = kept[leaf]

    with mpmath.workdps(120):
        h = mpmath.mpf(10) ** -20
        for element in np.ndindex(*start.shape):
            total = sum(
                weight * value(element, steps * h)
                for steps, weight in ((1, 8), (-1, -8), (2, -1), (-2, 1))
            )
            out[element] = total / (12 * h)
    return out


@pytest.mark.parametrize(
    "text",
    [
        *(LOGISTIC, NETWORK, MIXTURE, RNN, REDUCTIONS, SHAPES),
        *(MATRICES, PRODUCTS, MOVED, SPECIAL, LOSSES),
    ],
    ids=[
        *("logistic", "network", "mixture", "rnn", "reductions", "shapes"),
        *("matrices", "products", "moved", "special", "losses"),
    ],
)
def test_against_differences(text: str) -> None:
    asked = ask(text)
    assert asked.found.reason == ""
    for name in asked.index:
        assert asked.coverage(name) == 1.0
        assert close(asked[name], differences(text, name)), name


def test_shapes_are_the_leaves() -> None:
    asked = ask("x = [[1, 2, 3]]\ns = 2\nL = sum(x * s)")
    assert asked["x"].shape == (1, 3)
    assert asked["x"].dtype == object
    assert isinstance(asked["s"], mpmath.mpf)
    assert asked["s"] == 6


def test_inner_arrays_too() -> None:
    asked = ask("x = [1, 2, 3]\ny = x**2\nL = sum(y**2)", wrt=["y"])
    assert list(asked["y"]) == [2, 8, 18]


def test_products_with_zeros() -> None:
    assert list(ask("x = [0, 2, 3]\nL = prod(x)")["x"]) == [6, 0, 0]
    assert list(ask("x = [0, 0, 3]\nL = prod(x)")["x"]) == [0, 0, 0]


def test_one_element_on_a_kink() -> None:
    asked = ask("x = [0, 2, -3]\nL = sum(abs(x))")
    assert list(asked["x"]) == [None, 1, -1]
    assert asked.coverage("x") == 2 / 3
    assert "abs" in asked.found.reason


def test_ties_that_do_not_win_are_no_kink() -> None:
    assert list(ask("x = [1, 1, 5]\nL = max(x)")["x"]) == [0, 0, 1]
    assert list(ask("x = [1, 5, 5]\nL = max(x)")["x"]) == [0, None, None]


def test_elements_nobody_reads() -> None:
    asked = ask("x = zeros(1000, 1000) + 0\ny = randn(500, 500, seed=1)\nL = y[2, 3]**2")
    assert asked["y"][2, 3] != 0
    assert (asked["y"][:2] == 0).all()
    assert asked.coverage("y") == 1.0


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("A = ones(256, 784)\nB = ones(784, 256)\nL = sum(A @ B)", "51,380,224"),
        ("A = ones(300, 1, 300)\nB = ones(300, 1)\nL = sum(A * B)", "54,000,000"),
        ("x = ones(300000)\nL = sum(x)", ""),
        ("x = ones(300000)\nL = prod(x)", ""),
        ("x = ones(300000)\nL = sum(cumsum(x))", ""),
        ("x = ones(1000, 1000)\nL = norm(x @ x[0])", ""),
    ],
)
def test_too_large_to_expand_is_told_at_once(text: str, number: str) -> None:
    asked = ask(text + " + 0")
    for name in asked.index:
        assert asked[name] is None
        assert asked.coverage(name) == 0.0
    assert asked.found.reason.startswith("too large to expand")
    assert number in asked.found.reason
    assert "200,000" in asked.found.reason


def test_what_does_not_go_through_the_large_part_is_checked() -> None:
    asked = ask("A = ones(300, 300)\nc = 3\nL = sum(A @ A) + c**2")
    assert asked["A"] is None
    assert asked["c"] is None  # its statement has the large part in it
    asked = ask("A = ones(300, 300)\nc = 3\nbig = sum(A @ A)\nL = big + c**2")
    assert asked["A"] is None
    assert asked["c"] == 6


def test_limits_are_counts() -> None:
    text = "x = [1, 2, 3, 4]\nL = sum(x**2)"
    assert ask(text, limits=symbolic.Limits(partials=8))["x"] is not None
    asked = ask(text, limits=symbolic.Limits(partials=7))
    assert asked["x"] is None
    assert "the limit is 7" in asked.found.reason


def test_data_inside_a_statement() -> None:
    asked = ask("a = 2\nL = sum(a * linspace(0, 1, 3) + a * randn(3, seed=4) * [1, 2, 4])")
    draws = np.random.default_rng(4).standard_normal(3)
    assert abs(asked["a"] - (1.5 + draws @ [1, 2, 4])) < 1e-14


def test_given_values_are_constants(tmp_path: Any) -> None:
    np.save(tmp_path / "t.npy", np.array([1.5, -2.0, 0.25]))
    program = autodiff.loads('a = 2\nL = sum(load("t.npy") * a**2)', folder=tmp_path)
    index = program.model.index
    found = symbolic.reference(program.tape, index["L"], [index["a"]])
    assert found.adjoints[index["a"]] == -1
