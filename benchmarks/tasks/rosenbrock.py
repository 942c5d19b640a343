"""Rosenbrock's function of a million variables: cheap arithmetic on large arrays."""

from typing import Any

import numpy as np

from tasks import Answer, Arrays, Task

N = 1_000_000

MODEL = """
a = x[:-1]
L = sum(100 * (x[1:] - a**2) ** 2 + (1 - a) ** 2)
"""


def by_hand(v: Arrays) -> Answer:
    x = v["x"]
    a = x[:-1]
    r = x[1:] - a * a
    s = 1 - a
    L = 100 * (r @ r) + s @ s

    gradient = np.empty_like(x)
    gradient[0] = 0.0
    r *= 200
    gradient[1:] = r
    r *= a
    r += s
    r *= 2
    gradient[:-1] -= r
    return float(L), {"x": gradient}


def formula(np: Any, logsumexp: Any, v: Any) -> Any:
    a = v["x"][:-1]
    return np.sum(100 * (v["x"][1:] - a**2) ** 2 + (1 - a) ** 2)


def in_torch(torch: Any, v: Any) -> Any:
    a = v["x"][:-1]
    return torch.sum(100 * (v["x"][1:] - a**2) ** 2 + (1 - a) ** 2)


def task() -> Task:
    values = {"x": np.random.default_rng(0).standard_normal(N)}
    title = "Rosenbrock on 10^6"
    return Task("rosenbrock", title, values, ("x",), MODEL, by_hand, formula, in_torch)
