"""A recurrent network, unrolled over 100 steps: the last state against a target."""

from typing import Any

import numpy as np

from tasks import Answer, Arrays, Task

STEPS, HIDDEN, INPUTS = 100, 128, 32
PARAMETERS = ("W", "U", "b")

MODEL = "\n".join(
    [
        "X = Xs @ U.T + b",
        *(f"h{t + 1} = tanh(W @ h{t} + X[{t}])" for t in range(STEPS)),
        f"L = sum((h{STEPS} - y) ** 2)",
    ]
)


def arrays() -> Arrays:
    draw = np.random.default_rng(0)
    return {
        "Xs": draw.standard_normal((STEPS, INPUTS)),
        "h0": np.zeros(HIDDEN),
        "y": draw.standard_normal(HIDDEN),
        "W": draw.standard_normal((HIDDEN, HIDDEN)) / np.sqrt(HIDDEN),
        "U": draw.standard_normal((HIDDEN, INPUTS)) / np.sqrt(INPUTS),
        "b": 0.1 * draw.standard_normal(HIDDEN),
    }


def by_hand(v: Arrays) -> Answer:
    Xs, h0, y, W, U, b = (v[name] for name in ("Xs", "h0", "y", *PARAMETERS))
    X = Xs @ U.T + b
    states = np.empty((STEPS + 1, HIDDEN))
    states[0] = h0
    for t in range(STEPS):
        np.tanh(W @ states[t] + X[t], out=states[t + 1])
    apart = states[-1] - y

    dh = 2 * apart
    inputs = 1 - states[1:] ** 2  # the slopes, and then what comes back to W h + X
    for t in reversed(range(STEPS)):
        inputs[t] *= dh
        dh = inputs[t] @ W
    gradients = {"W": inputs.T @ states[:-1], "U": inputs.T @ Xs, "b": inputs.sum(0)}
    return float(apart @ apart), gradients


def formula(np: Any, logsumexp: Any, v: Any) -> Any:
    X = np.dot(v["Xs"], v["U"].T) + v["b"]
    h = v["h0"]
    for t in range(STEPS):
        h = np.tanh(np.dot(v["W"], h) + X[t])
    return np.sum((h - v["y"]) ** 2)


def in_torch(torch: Any, v: Any) -> Any:
    h = v["h0"]
    for row in (v["Xs"] @ v["U"].T + v["b"]).unbind():
        h = torch.tanh(v["W"] @ h + row)
    return ((h - v["y"]) ** 2).sum()


def in_jax(jax: Any, v: Any) -> Any:
    def step(h: Any, row: Any) -> tuple[Any, None]:
        return jax.numpy.tanh(v["W"] @ h + row), None

    h, _ = jax.lax.scan(step, v["h0"], v["Xs"] @ v["U"].T + v["b"])
    return jax.numpy.sum((h - v["y"]) ** 2)


def task() -> Task:
    title = "RNN of 100 steps, hidden 128"
    return Task(
        *("recurrent", title, arrays(), PARAMETERS, MODEL, by_hand, formula, in_torch, in_jax)
    )
