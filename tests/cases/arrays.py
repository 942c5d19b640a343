"""Models of arrays, each beside the same formula written for another program.

``CASES`` are for HIPS autograd: a function of ``np`` (autograd's NumPy) and the leaves in their
order. ``TORCH`` are for PyTorch, with the leaves by name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Case = tuple[str, str, Callable[..., Any]]

X23 = "x = [[0.3, -1.2, 2.1], [0.7, 0.5, -0.4]]\n"
P23 = "x = [[0.3, 1.2, 2.1], [0.7, 0.5, 0.4]]\n"  # positive
C23 = "c = [[1, -2, 0.5], [3, 0.25, -1]]\n"
X4 = "x = [0.4, -1.3, 2.2, 0.9]\n"
X234 = "x = reshape(linspace(-1.7, 2.3, 24), 2, 3, 4)\n"


def _softmax(np: Any, x: Any, axis: int = -1) -> Any:
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def _logsumexp(np: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))


def _reductions() -> list[Case]:
    """Every reduction over every choice of axes, weighed so that no two elements are alike."""
    functions: dict[str, Callable[..., Any]] = {
        "sum": lambda np, x, **k: np.sum(x, **k),
        "mean": lambda np, x, **k: np.mean(x, **k),
        "prod": lambda np, x, **k: np.prod(x, **k),
        "max": lambda np, x, **k: np.max(x, **k),
        "min": lambda np, x, **k: np.min(x, **k),
        "var": lambda np, x, **k: np.var(x, **k),
        "std": lambda np, x, **k: np.std(x, **k),
        "norm": lambda np, x, **k: np.sqrt(np.sum(x * x, **k)),
        "logsumexp": _logsumexp,
    }
    choices: list[tuple[str, dict[str, Any]]] = [
        ("", {}),
        ("axis=0", {"axis": 0}),
        ("axis=-1", {"axis": -1}),
        ("axis=1, keepdims=True", {"axis": 1, "keepdims": True}),
        ("axis=(0, 2)", {"axis": (0, 2)}),
        ("axis=(-1, 0), keepdims=True", {"axis": (-1, 0), "keepdims": True}),
        ("keepdims=True", {"keepdims": True}),
    ]
    found: list[Case] = []
    for name, f in functions.items():
        for written, given in choices:
            if name == "prod" and isinstance(given.get("axis"), tuple):
                continue  # autograd's prod takes one axis

            def formula(np: Any, x: Any, w: Any, f: Any = f, given: Any = given) -> Any:
                y = f(np, x, **given)
                return np.sum(w * np.sin(y)) + np.sum(y * y)

            call = f"{name}(x{', ' + written if written else ''})"
            shape = _shape(given)
            weights = "1" if not shape else f"reshape(arange(1, {_size(shape)} + 1), {shape})"
            model = f"{X234}y = {call}\nw = {weights}\nL = sum(w * sin(y)) + sum(y * y)"
            found.append((call, model, formula))
    return found


def _shape(given: dict[str, Any]) -> tuple[int, ...]:
    shape = (2, 3, 4)
    axis = given.get("axis")
    axes = (
        range(3)
        if axis is None
        else [a % 3 for a in (axis if isinstance(axis, tuple) else (axis,))]
    )
    if given.get("keepdims"):
        return tuple(1 if k in axes else n for k, n in enumerate(shape))
    return tuple(n for k, n in enumerate(shape) if k not in axes)


def _size(shape: tuple[int, ...]) -> int:
    n = 1
    for side in shape:
        n *= side
    return n


PLAIN: list[Case] = [
    ("dot with itself", X4 + "L = x @ x", lambda np, x: np.dot(x, x)),
    ("weighted sum", X23 + C23 + "L = sum(c * x)", lambda np, x, c: np.sum(c * x)),
    (
        "column times row",
        "u = [[1], [2], [3]]\nv = [4, 5]\nL = sum((u * v)**2)",
        lambda np, u, v: np.sum((u * v) ** 2),
    ),
    (
        "row minus column",
        "u = [[1.5], [2]]\nv = [4, 5, 6]\nL = sum(exp((u - v)/3))",
        lambda np, u, v: np.sum(np.exp((u - v) / 3)),
    ),
    (
        "number with matrix",
        "a = 1.7\n" + X23 + "L = sum((a * x + a)**2 / a)",
        lambda np, a, x: np.sum((a * x + a) ** 2 / a),
    ),
    (
        "number from an array",
        X4 + "a = x[1] * x[2]\nL = sum(a * x) + a**2",
        lambda np, x: np.sum(x[1] * x[2] * x) + (x[1] * x[2]) ** 2,
    ),
    (
        "array from numbers",
        "a = 2\nb = 3\nx = [a, b, a * b]\nL = x @ [1, 2, 3] + sum(x**2)",
        lambda np, a, b: a + 2 * b + 3 * a * b + a**2 + b**2 + (a * b) ** 2,
    ),
    (
        "matrix from numbers",
        "a = 2\nb = 3\nM = [[a, b], [a*b, 1]]\nL = sum(M @ M)",
        lambda np, a, b: (a * a + b * a * b) + (a * b + b) + (a * b * a + a * b) + (a * b * b + 1),
    ),
    ("constant array in place", "a = 2\nx = [1, 2] * a\nL = sum(x**2)", lambda np, a: 5 * a * a),
    (
        "constant noise in place",
        "a = 2\nx = arange(4) * a\nL = sum(x**2)",
        lambda np, a: 14 * a * a,
    ),
    (
        "matrix-vector",
        "W = [[1, 2], [3, 4], [5, 6]]\nv = [0.5, -1]\nL = sum(tanh(W @ v))",
        lambda np, W, v: np.sum(np.tanh(np.dot(W, v))),
    ),
    (
        "vector-matrix",
        "W = [[1, 2], [3, 4], [5, 6]]\nv = [0.5, -1, 2]\nL = sum((v @ W)**2)",
        lambda np, W, v: np.sum(np.dot(v, W) ** 2),
    ),
    (
        "matrix-matrix",
        "A = [[1, 2], [3, 4]]\nB = [[0.5, -1], [2, 1]]\nL = sum((A @ B) * (B @ A))",
        lambda np, A, B: np.sum(np.dot(A, B) * np.dot(B, A)),
    ),
    (
        "quadratic form",
        "A = [[2, 1], [0, 3]]\nx = [0.7, -1.1]\nL = x @ A @ x",
        lambda np, A, x: np.dot(np.dot(x, A), x),
    ),
    ("gram", X23 + "L = sum((x @ x.T)**2)", lambda np, x: np.sum(np.dot(x, x.T) ** 2)),
    ("frobenius by trace", X23 + "L = trace(x.T @ x)", lambda np, x: np.trace(np.dot(x.T, x))),
    (
        "stack of matrices",
        "A = reshape(linspace(-1, 1, 12), 2, 2, 3)\nB = reshape(linspace(0, 2, 6), 3, 2)\n"
        "L = sum(sin(A @ B))",
        lambda np, A, B: np.sum(np.sin(np.matmul(A, B))),
    ),
    (
        "both stacked",
        "A = reshape(linspace(-1, 1, 12), 2, 2, 3)\nB = reshape(linspace(0, 2, 12), 2, 3, 2)\n"
        "L = sum(cos(A @ B))",
        lambda np, A, B: np.sum(np.cos(np.matmul(A, B))),
    ),
    (
        "outer",
        X4 + "y = [1, -2]\nL = sum(exp(outer(x, y) / 4))",
        lambda np, x, y: np.sum(np.exp(np.outer(x, y) / 4)),
    ),
    ("dot", X4 + "y = [1, 2, 3, 4]\nL = dot(x, y)**2", lambda np, x, y: np.dot(x, y) ** 2),
    ("diag of a vector", X4 + "L = sum(diag(x) @ diag(x))", lambda np, x: np.sum(x * x)),
    (
        "diag of a matrix",
        "x = [[1, 2], [3, 4]]\nL = sum(diag(x)**3)",
        lambda np, x: x[0, 0] ** 3 + x[1, 1] ** 3,
    ),
    ("transpose", X23 + "L = sum(x.T[0] * x.T[2])", lambda np, x: np.sum(x[:, 0] * x[:, 2])),
    (
        "transpose axes",
        X234 + "L = sum(transpose(x, (2, 0, 1))[1]**3)",
        lambda np, x: np.sum(np.transpose(x, (2, 0, 1))[1] ** 3),
    ),
    (
        "reshape",
        X23 + "L = sum(reshape(x, 3, 2)[1]**2)",
        lambda np, x: np.sum(np.reshape(x, (3, 2))[1] ** 2),
    ),
    (
        "concat",
        X4 + "y = [1, 2]\nz = concat([x, y, x])\nL = sum(z * arange(10))",
        lambda np, x, y: np.sum(np.concatenate([x, y, x]) * np.arange(10.0)),
    ),
    (
        "concat columns",
        X23 + "z = concat([x, x**2], axis=1)\nL = sum(z[:, 1:5]**2)",
        lambda np, x: np.sum(np.concatenate([x, x**2], axis=1)[:, 1:5] ** 2),
    ),
    (
        "stack",
        X4 + "z = stack([x, x**2], axis=1)\nL = sum(z @ [1, 3])",
        lambda np, x: np.sum(x + 3 * x**2),
    ),
    ("slice", X4 + "L = sum(x[1:] * x[:-1])", lambda np, x: np.sum(x[1:] * x[:-1])),
    ("slice backwards", X4 + "L = sum(x[::-1] * x)", lambda np, x: np.sum(x[::-1] * x)),
    ("slice by two", X4 + "L = prod(x[::2])", lambda np, x: x[0] * x[2]),
    ("element", X23 + "L = x[1, 2] * x[0, -1]", lambda np, x: x[1, 2] * x[0, -1]),
    (
        "row and column",
        X23 + "L = sum(x[0]) * sum(x[:, 1])",
        lambda np, x: np.sum(x[0]) * np.sum(x[:, 1]),
    ),
    ("new axis", X4 + "L = sum((x[:, None] - x)**2)", lambda np, x: np.sum((x[:, None] - x) ** 2)),
    ("same element twice", X4 + "L = x[0] * x[0] + x[0]", lambda np, x: x[0] ** 2 + x[0]),
    (
        "pairwise distances",
        "x = [[0, 1], [2, 0.5], [1, 3]]\nd = x[:, None] - x[None]\n"
        "L = sum(sqrt(sum(d**2, axis=-1) + 1))",
        lambda np, x: np.sum(np.sqrt(np.sum((x[:, None] - x[None]) ** 2, axis=-1) + 1)),
    ),
    ("cumsum", X4 + "L = sum(cumsum(x)**2)", lambda np, x: np.sum(np.cumsum(x) ** 2)),
    (
        "cumsum along an axis",
        X23 + "L = sum(cumsum(x, axis=1)**2)",
        lambda np, x: np.sum(np.cumsum(x, axis=1) ** 2),
    ),
    (
        "where",
        X4 + "L = sum(where(x > 0, x**2, -3*x))",
        lambda np, x: np.sum(np.where(x > 0, x**2, -3 * x)),
    ),
    (
        "where guards a log",
        X4 + "L = sum(where(x > 0, log(x), x))",
        lambda np, x: np.log(x[0]) + x[1] + np.log(x[2]) + np.log(x[3]),
    ),
    (
        "where guards a root",
        "x = [-4, 0.25, 9]\nL = sum(where(x > 0, sqrt(x), 0) * x)",
        lambda np, x: x[1] ** 1.5 + x[2] ** 1.5,
    ),
    (
        "where of numbers and arrays",
        X4 + "a = 2\nL = sum(where(x > 0, a, x))",
        lambda np, x, a: 3 * a + x[1],
    ),
    (
        "where broadcasts",
        X23 + "b = [1, 2, 3]\nL = sum(where(x > 0, b, x)**2)",
        lambda np, x, b: np.sum(np.where(x > 0, b + 0 * x, x) ** 2),
    ),
    ("indicator", X4 + "L = sum((x > 0) * x**3)", lambda np, x: np.sum((x > 0) * x**3)),
    (
        "maximum",
        X23 + C23 + "L = sum(maximum(x, c)**2)",
        lambda np, x, c: np.sum(np.maximum(x, c) ** 2),
    ),
    (
        "minimum with a row",
        X23 + "r = [0.1, 0.2, 0.3]\nL = sum(minimum(x, r) * x)",
        lambda np, x, r: np.sum(np.minimum(x, r) * x),
    ),
    ("clip", X4 + "L = sum(clip(x, -1, 1)**2)", lambda np, x: np.sum(np.clip(x, -1.0, 1.0) ** 2)),
    ("relu", X23 + "L = sum(relu(x)**2)", lambda np, x: np.sum(np.maximum(x, 0) ** 2)),
    ("abs", X23 + "L = sum(abs(x)**1.5)", lambda np, x: np.sum(np.abs(x) ** 1.5)),
    ("power of an array", P23 + "L = sum(x**2.5)", lambda np, x: np.sum(x**2.5)),
    ("array power", P23 + "p = [1, 2, 0.5]\nL = sum(x**p)", lambda np, x, p: np.sum(x**p)),
    ("integer power", X23 + "L = sum(x**3)", lambda np, x: np.sum(x**3)),
    (
        "softmax",
        X4 + "L = softmax(x) @ [1, 2, 3, 4]",
        lambda np, x: np.dot(_softmax(np, x), np.arange(1.0, 5.0)),
    ),
    (
        "softmax axis 0",
        X23 + C23 + "L = sum(softmax(x, axis=0) * c)",
        lambda np, x, c: np.sum(_softmax(np, x, 0) * c),
    ),
    (
        "log_softmax",
        X23 + C23 + "L = sum(log_softmax(x) * c)",
        lambda np, x, c: np.sum(np.log(_softmax(np, x)) * c),
    ),
    (
        "cross entropy",
        X23 + "y = [[0, 0, 1], [1, 0, 0]]\nL = -mean(sum(y * log_softmax(x), axis=1))",
        lambda np, x, y: -np.mean(np.sum(y * np.log(_softmax(np, x)), axis=1)),
    ),
    ("prod with a zero", "x = [2, 0, 3]\nL = prod(x)", lambda np, x: x[0] * x[1] * x[2]),
    (
        "prod with two zeros",
        "x = [2, 0, 0]\nL = prod(x) + sum(x)",
        lambda np, x: x[0] * x[1] * x[2] + np.sum(x),
    ),
    (
        "var with ddof",
        X4 + "L = var(x, ddof=1) + std(x, ddof=1)",
        lambda np, x: np.var(x) * 4 / 3 + np.sqrt(np.var(x) * 4 / 3),
    ),
    (
        "layer norm",
        X23 + "m = mean(x, axis=1, keepdims=True)\ns = std(x, axis=1, keepdims=True)\n"
        "z = (x - m) / (s + 1e-5)\nL = sum(z * [[1, 2, 3], [4, 5, 6]])",
        lambda np, x: np.sum(
            (x - np.mean(x, axis=1, keepdims=True))
            / (np.std(x, axis=1, keepdims=True) + 1e-5)
            * np.array([[1.0, 2, 3], [4, 5, 6]])
        ),
    ),
    (
        "cosine similarity",
        X4 + "y = [1, 2, 3, -4]\nL = x @ y / (norm(x) * norm(y))",
        lambda np, x, y: np.dot(x, y) / np.sqrt(np.dot(x, x) * np.dot(y, y)),
    ),
    (
        "attention",
        "Q = reshape(linspace(-1, 1, 6), 2, 3)\nK = reshape(linspace(0, 1, 12), 4, 3)\n"
        "V = reshape(linspace(1, 2, 8), 4, 2)\nA = softmax(Q @ K.T / sqrt(3))\nL = sum((A @ V)**2)",
        lambda np, Q, K, V: np.sum(np.dot(_softmax(np, np.dot(Q, K.T) / np.sqrt(3)), V) ** 2),
    ),
    (
        "logistic regression",
        "X = [[1, 0.5], [1, -1.2], [1, 2.2]]\ny = [1, 0, 1]\nw = [0.3, -0.8]\n"
        "z = X @ w\nL = sum(softplus(z) - y * z) + 0.1 * w @ w",
        lambda np, X, y, w: (
            np.sum(np.log(1 + np.exp(np.dot(X, w))) - y * np.dot(X, w)) + 0.1 * np.dot(w, w)
        ),
    ),
    (
        "least squares",
        "A = [[1, 2], [3, 4], [5, 7]]\nb = [1, 0, 2]\nx = [0.2, -0.3]\n"
        "r = A @ x - b\nL = r @ r / 2",
        lambda np, A, b, x: np.sum((np.dot(A, x) - b) ** 2) / 2,
    ),
    (
        "gaussian log-likelihood",
        X4 + "mu = 0.3\nls = 0.2\nL = sum(-((x - mu)/exp(ls))**2/2 - ls - log(2*pi)/2)",
        lambda np, x, mu, ls: np.sum(
            -(((x - mu) / np.exp(ls)) ** 2) / 2 - ls - np.log(2 * np.pi) / 2
        ),
    ),
    (
        "mixture",
        X4 + "mu = [-1, 0.5]\nlw = [0.2, -0.1]\n"
        "L = sum(logsumexp(-(x[:, None] - mu)**2 / 2 + log_softmax(lw), axis=1))",
        lambda np, x, mu, lw: np.sum(
            _logsumexp(np, -((x[:, None] - mu) ** 2) / 2 + np.log(_softmax(np, lw)), axis=1)
        ),
    ),
    (
        "rnn",
        "W = [[0.5, -0.2], [0.1, 0.4]]\nU = [1, -1]\nx = [0.3, -0.7, 1.1]\nh0 = [0, 0.1]\n"
        "f(h, v) = tanh(W @ h + U * v)\nL = sum(f(f(f(h0, x[0]), x[1]), x[2])**2)",
        lambda np, W, U, x, h0: np.sum(
            np.tanh(
                np.dot(W, np.tanh(np.dot(W, np.tanh(np.dot(W, h0) + U * x[0])) + U * x[1]))
                + U * x[2]
            )
            ** 2
        ),
    ),
    (
        "two-layer network",
        "X = reshape(linspace(-1, 1, 8), 4, 2)\nW1 = reshape(linspace(-0.5, 0.7, 6), 2, 3)\n"
        "b1 = [0.1, 0, -0.1]\nW2 = reshape(linspace(-1, 0.5, 6), 3, 2)\nb2 = [0.2, -0.2]\n"
        "Y = [[1, 0], [0, 1], [1, 0], [0, 1]]\nH = tanh(X @ W1 + b1)\nZ = H @ W2 + b2\n"
        "L = -sum(Y * log_softmax(Z)) / 4",
        lambda np, X, W1, b1, W2, b2, Y: (
            -np.sum(Y * np.log(_softmax(np, np.dot(np.tanh(np.dot(X, W1) + b1), W2) + b2))) / 4
        ),
    ),
    (
        "ridge of a polynomial",
        "c = [1, -0.5, 0.25]\nt = [0, 0.5, 1, 1.5]\ny = [1, 0.9, 0.8, 1]\n"
        "P = c[0] + c[1]*t + c[2]*t**2\nL = sum((P - y)**2) + 0.01*sum(c**2)",
        lambda np, c, t, y: np.sum((c[0] + c[1] * t + c[2] * t**2 - y) ** 2) + 0.01 * np.sum(c**2),
    ),
    (
        "rosenbrock in 5",
        "x = [-1.2, 1, 0.4, 0.8, 1.1]\nL = sum(100 * (x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)",
        lambda np, x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2),
    ),
    (
        "ackley in 4",
        X4 + "L = -20*exp(-0.2*sqrt(mean(x**2))) - exp(mean(cos(2*pi*x))) + 20 + e",
        lambda np, x: (
            -20 * np.exp(-0.2 * np.sqrt(np.mean(x**2)))
            - np.exp(np.mean(np.cos(2 * np.pi * x)))
            + 20
            + np.e
        ),
    ),
    (
        "rastrigin in 4",
        X4 + "L = 40 + sum(x**2 - 10*cos(2*pi*x))",
        lambda np, x: 40 + np.sum(x**2 - 10 * np.cos(2 * np.pi * x)),
    ),
    (
        "griewank in 4",
        X4 + "i = arange(1, 5)\nL = 1 + sum(x**2)/4000 - prod(cos(x/sqrt(i)))",
        lambda np, x, i: (
            1
            + np.sum(x**2) / 4000
            - np.cos(x[0] / i[0] ** 0.5)
            * np.cos(x[1] / i[1] ** 0.5)
            * np.cos(x[2] / i[2] ** 0.5)
            * np.cos(x[3] / i[3] ** 0.5)
        ),
    ),
    (
        "styblinski-tang",
        X4 + "L = sum(x**4 - 16*x**2 + 5*x)/2",
        lambda np, x: np.sum(x**4 - 16 * x**2 + 5 * x) / 2,
    ),
    (
        "zakharov",
        X4 + "i = arange(1, 5)\ns = i @ x / 2\nL = x @ x + s**2 + s**4",
        lambda np, x, i: np.dot(x, x) + (np.dot(i, x) / 2) ** 2 + (np.dot(i, x) / 2) ** 4,
    ),
    (
        "huber",
        X4 + "L = sum(where(abs(x) < 1, x**2/2, abs(x) - 0.5))",
        lambda np, x: np.sum(np.where(np.abs(x) < 1, x**2 / 2, np.abs(x) - 0.5)),
    ),
    (
        "hinge",
        X23 + "y = [[1], [-1]]\nL = sum(maximum(0, 1 - y * x))",
        lambda np, x, y: np.sum(np.maximum(0.0, 1 - y * x)),
    ),
    ("full of a name", "a = 1.5\nx = full((2, 3), a)\nL = sum(x**2)", lambda np, a: 6 * a * a),
    ("names that share", X4 + "y = x\nz = y\nL = sum(z * y * x)", lambda np, x: np.sum(x**3)),
    ("used and unused elements", X23 + "L = x[0, 0]**2", lambda np, x: x[0, 0] ** 2),
    ("unused leaf", X4 + "y = [1, 2]\nL = sum(x)", lambda np, x, y: np.sum(x) + 0 * np.sum(y)),
    (
        "three dimensions",
        X234 + "b = [[1], [2], [3]]\nL = sum(sigmoid(x * b))",
        lambda np, x, b: np.sum(1 / (1 + np.exp(-x * b))),
    ),
    (
        "matrix power chain",
        "A = [[0.5, 0.2], [-0.1, 0.3]]\nB = A @ A\nC = B @ B\nL = trace(C @ A)",
        lambda np, A: np.trace(np.dot(np.dot(np.dot(A, A), np.dot(A, A)), A)),
    ),
    (
        "gradient of a mean of means",
        X234 + "L = mean(mean(x, axis=2) * mean(x, axis=(1, 2), keepdims=True)[:, :, 0])",
        lambda np, x: np.mean(np.mean(x, axis=2) * np.mean(x, axis=(1, 2), keepdims=True)[:, :, 0]),
    ),
]

CASES = PLAIN + _reductions()


def _torch_reduction(name: str) -> Callable[..., Any]:
    return lambda torch, x: (getattr(torch, name)(x, dim=1) * torch.tensor([1.0, -2.0])).sum()


TORCH: list[Case] = [
    ("gelu", X23 + "L = sum(gelu(x)**2)", lambda t, x: (t.nn.functional.gelu(x) ** 2).sum()),
    ("silu", X23 + "L = sum(silu(x)**2)", lambda t, x: (t.nn.functional.silu(x) ** 2).sum()),
    ("elu", X23 + "L = sum(elu(x)**2)", lambda t, x: (t.nn.functional.elu(x) ** 2).sum()),
    (
        "leaky",
        X23 + "L = sum(leaky_relu(x, 0.2)**2)",
        lambda t, x: (t.nn.functional.leaky_relu(x, 0.2) ** 2).sum(),
    ),
    (
        "softplus",
        X23 + "L = sum(softplus(3*x))",
        lambda t, x: t.nn.functional.softplus(3 * x).sum(),
    ),
    ("lgamma", P23 + "L = sum(lgamma(x))", lambda t, x: t.lgamma(x).sum()),
    ("erf", X23 + "L = sum(erf(x) * erfc(x))", lambda t, x: (t.erf(x) * t.erfc(x)).sum()),
    (
        "hypot",
        X23 + "y = [1, 2, 3]\nL = sum(hypot(x, y))",
        lambda t, x, y: t.hypot(x, y.expand(2, 3)).sum(),
    ),
    (
        "atan2",
        X23 + "y = [1, -2, 3]\nL = sum(atan2(x, y)**2)",
        lambda t, x, y: (t.atan2(x, y.expand(2, 3)) ** 2).sum(),
    ),
    (
        "logaddexp",
        X23 + "y = [1, -2, 3]\nL = sum(logaddexp(x, y)**2)",
        lambda t, x, y: (t.logaddexp(x, y.expand(2, 3)) ** 2).sum(),
    ),
    ("prod along an axis", X23 + "L = prod(x, axis=1) @ [1, -2]", _torch_reduction("prod")),
    (
        "max along an axis",
        X23 + "L = max(x, axis=1) @ [1, -2]",
        lambda t, x: (x.amax(dim=1) * t.tensor([1.0, -2.0])).sum(),
    ),
    ("std along an axis", X23 + "L = std(x, axis=1, ddof=1) @ [1, -2]", _torch_reduction("std")),
    (
        "tied maxima share",
        "x = [[1, 1, 0], [2, 3, 3]]\nL = max(x, axis=1) @ [1, -2]",
        lambda t, x: (x.amax(dim=1) * t.tensor([1.0, -2.0])).sum(),
    ),
    (
        "layer",
        "x = [[0.3, -1.2], [0.7, 0.5]]\nW = [[1, 2], [-1, 0.5], [0, 1]]\nb = [0.1, 0.2, 0.3]\n"
        "y = [2, 0]\nP = log_softmax(x @ W.T + b)\nL = -mean(stack([P[0, 2], P[1, 0]]))"
        " + 0 * sum(y)",
        lambda t, x, W, b, y: t.nn.functional.cross_entropy(x @ W.T + b, y.long()) + 0 * y.sum(),
    ),
]
