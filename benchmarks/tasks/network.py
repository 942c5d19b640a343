"""A digit classifier of ordinary size: two hidden layers of relu, softmax cross-entropy."""

from itertools import pairwise
from typing import Any

import numpy as np

from tasks import Answer, Arrays, Task

BATCH = 256
LAYERS = (784, 256, 256, 10)
PARAMETERS = ("W1", "b1", "W2", "b2", "W3", "b3")

MODEL = """
h1 = relu(X @ W1 + b1)
h2 = relu(h1 @ W2 + b2)
L = -mean(sum(Y * log_softmax(h2 @ W3 + b3, axis=1), axis=1))
"""


def arrays() -> Arrays:
    """Inputs, labels and parameters at the scale of a network about to be trained."""
    draw = np.random.default_rng(0)
    labels = draw.integers(LAYERS[-1], size=BATCH)
    values = {"X": draw.random((BATCH, LAYERS[0])), "Y": np.eye(LAYERS[-1])[labels]}
    for i, (inputs, outputs) in enumerate(pairwise(LAYERS), 1):
        values[f"W{i}"] = draw.standard_normal((inputs, outputs)) * np.sqrt(2 / inputs)
        values[f"b{i}"] = draw.standard_normal(outputs) * 0.1
    return values


def by_hand(v: Arrays) -> Answer:
    X, Y, W1, b1, W2, b2, W3, b3 = (v[name] for name in ("X", "Y", *PARAMETERS))
    h1 = np.maximum(X @ W1 + b1, 0)
    h2 = np.maximum(h1 @ W2 + b2, 0)
    z = h2 @ W3 + b3
    z -= z.max(axis=1, keepdims=True)
    e = np.exp(z)
    total = e.sum(axis=1, keepdims=True)
    L = -np.sum(Y * (z - np.log(total))) / BATCH

    dz = (e / total - Y) / BATCH
    dh2 = (dz @ W3.T) * (h2 > 0)
    dh1 = (dh2 @ W2.T) * (h1 > 0)
    gradients = (X.T @ dh1, dh1.sum(0), h1.T @ dh2, dh2.sum(0), h2.T @ dz, dz.sum(0))
    return float(L), dict(zip(PARAMETERS, gradients, strict=True))


def formula(np: Any, logsumexp: Any, v: Any) -> Any:
    h1 = np.maximum(np.dot(v["X"], v["W1"]) + v["b1"], 0)
    h2 = np.maximum(np.dot(h1, v["W2"]) + v["b2"], 0)
    z = np.dot(h2, v["W3"]) + v["b3"]
    return -np.mean(np.sum(v["Y"] * (z - logsumexp(z, axis=1, keepdims=True)), axis=1))


def in_torch(torch: Any, v: Any) -> Any:
    h1 = torch.relu(v["X"] @ v["W1"] + v["b1"])
    h2 = torch.relu(h1 @ v["W2"] + v["b2"])
    return torch.nn.functional.cross_entropy(h2 @ v["W3"] + v["b3"], v["Y"])


def task() -> Task:
    title = "MLP 784-256-256-10, batch 256"
    return Task("network", title, arrays(), PARAMETERS, MODEL, by_hand, formula, in_torch)
