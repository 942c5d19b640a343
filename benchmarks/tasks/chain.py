"""Twenty elementwise operations one after the other on one large array."""

from typing import Any

import numpy as np

from tasks import Answer, Arrays, Task

# The operations, in order; each is applied to what the one before gave.
STEPS = (
    *("sin", "exp", "tanh", "cos", "square", "sqrt", "log1p", "sin", "exp", "log"),
    *("cos", "exp", "tanh", "sin", "square", "sqrt", "log1p", "exp", "cos", "tanh"),
)
N = 1_000_000

MODEL = "\n".join(
    [
        "y0 = x",
        *(f"y{i + 1} = {op}(y{i})" for i, op in enumerate(STEPS)),
        f"L = mean(y{len(STEPS)})",
    ]
)

# Each slope, from the operand x and the result y: in place of the adjoint g.
SLOPES = {
    "sin": lambda g, x, y: np.multiply(g, np.cos(x), out=g),
    "cos": lambda g, x, y: np.multiply(g, -np.sin(x), out=g),
    "exp": lambda g, x, y: np.multiply(g, y, out=g),
    "log": lambda g, x, y: np.divide(g, x, out=g),
    "log1p": lambda g, x, y: np.divide(g, 1 + x, out=g),
    "tanh": lambda g, x, y: np.multiply(g, 1 - y * y, out=g),
    "square": lambda g, x, y: np.multiply(g, 2 * x, out=g),
    "sqrt": lambda g, x, y: np.divide(g, 2 * y, out=g),
}


def by_hand(v: Arrays) -> Answer:
    ys = [v["x"]]
    for name in STEPS:
        ys.append(getattr(np, name)(ys[-1]))
    gradient = np.full_like(v["x"], 1 / v["x"].size)
    for i in reversed(range(len(STEPS))):
        gradient = SLOPES[STEPS[i]](gradient, ys[i], ys[i + 1])
    return float(ys[-1].mean()), {"x": gradient}


def formula(np: Any, logsumexp: Any, v: Any) -> Any:
    y = v["x"]
    for name in STEPS:
        y = getattr(np, name)(y)
    return np.mean(y)


def in_torch(torch: Any, v: Any) -> Any:
    y = v["x"]
    for name in STEPS:
        y = getattr(torch, name)(y)
    return torch.mean(y)


def task(n: int = N) -> Task:
    values = {"x": np.random.default_rng(0).uniform(0.2, 1.2, n)}
    title = f"20 elementwise operations on {n:.0e}".replace("e+0", "e")
    name = "chain" if n == N else "chain-large"
    return Task(name, title, values, ("x",), MODEL, by_hand, formula, in_torch)
