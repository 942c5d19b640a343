"""Times value and gradient of a 784-256-256-10 network, batch 256, float64, start-up excluded.

    python benchmarks/network.py [--rounds N] [--json]

A digit classifier of ordinary size: two hidden layers of relu, softmax cross-entropy, the
gradient with respect to all weights and biases. gradpath is called as a library and compared
with a reverse pass written by hand in NumPy, and with autograd and PyTorch if installed. All
run in this one process, in turn, on the same arrays, and with one thread: the thread pools of
NumPy and PyTorch would otherwise wait actively for each other's cores, and that would be timed.
The exit status is 1 if the target is missed or the gradients differ.
"""

import os

# Read once, when NumPy and PyTorch are imported: so before the imports below.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from statistics import median
from typing import TypeAlias

import numpy as np
from measure import in_turn, installed, machine

import autodiff

BATCH = 256
LAYERS = (784, 256, 256, 10)
PARAMETERS = ("W1", "b1", "W2", "b2", "W3", "b3")
LIMIT = 1.2  # of the time of the reverse pass written by hand
AGREE = 1e-10

MODEL = """
h1 = relu(X @ W1 + b1)
h2 = relu(h1 @ W2 + b2)
L = -mean(sum(Y * log_softmax(h2 @ W3 + b3, axis=1), axis=1))
"""

Arrays: TypeAlias = dict[str, np.ndarray]
Answer: TypeAlias = tuple[float, Arrays]


def arrays(seed: int = 0) -> Arrays:
    """Inputs, labels and parameters at the scale of a network about to be trained."""
    draw = np.random.default_rng(seed)
    labels = draw.integers(LAYERS[-1], size=BATCH)
    values = {"X": draw.random((BATCH, LAYERS[0])), "Y": np.eye(LAYERS[-1])[labels]}
    for i, (inputs, outputs) in enumerate(pairwise(LAYERS), 1):
        values[f"W{i}"] = draw.standard_normal((inputs, outputs)) * np.sqrt(2 / inputs)
        values[f"b{i}"] = draw.standard_normal(outputs) * 0.1
    return values


def by_gradpath(values: Arrays) -> Callable[[], Answer]:
    """The library, once the model is loaded."""
    model = autodiff.loads(MODEL, values=values)
    return partial(model.value_and_gradient, wrt=list(PARAMETERS))


def by_hand(values: Arrays) -> Callable[[], Answer]:
    """What one would write in NumPy who knows the derivatives, in place where that is natural."""
    X, Y, W1, b1, W2, b2, W3, b3 = (values[name] for name in ("X", "Y", *PARAMETERS))

    def value_and_gradient() -> Answer:
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

    return value_and_gradient


def by_autograd(values: Arrays) -> Callable[[], Answer]:
    """HIPS autograd."""
    import autograd.numpy as anp
    from autograd import value_and_grad
    from autograd.scipy.special import logsumexp

    def output(parameters):
        W1, b1, W2, b2, W3, b3 = parameters
        h1 = anp.maximum(anp.dot(values["X"], W1) + b1, 0)
        h2 = anp.maximum(anp.dot(h1, W2) + b2, 0)
        z = anp.dot(h2, W3) + b3
        log_shares = z - logsumexp(z, axis=1, keepdims=True)
        return -anp.mean(anp.sum(values["Y"] * log_shares, axis=1))

    differentiated = value_and_grad(output)
    point = tuple(values[name] for name in PARAMETERS)

    def value_and_gradient() -> Answer:
        value, gradients = differentiated(point)
        return float(value), dict(zip(PARAMETERS, gradients, strict=True))

    return value_and_gradient


def by_torch(values: Arrays) -> Callable[[], Answer]:
    """PyTorch."""
    import torch

    X, labels = torch.tensor(values["X"]), torch.tensor(values["Y"].argmax(axis=1))
    parameters = [torch.tensor(values[name], requires_grad=True) for name in PARAMETERS]

    def value_and_gradient() -> Answer:
        W1, b1, W2, b2, W3, b3 = parameters
        h1 = torch.relu(X @ W1 + b1)
        h2 = torch.relu(h1 @ W2 + b2)
        output = torch.nn.functional.cross_entropy(h2 @ W3 + b3, labels)
        gradients = torch.autograd.grad(output, parameters)
        numbers = (gradient.numpy() for gradient in gradients)
        return output.item(), dict(zip(PARAMETERS, numbers, strict=True))

    return value_and_gradient


OPTIONAL = {"autograd": by_autograd, "torch": by_torch}


def timed(call: Callable[[], Answer]) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def difference(answer: Answer, other: Answer) -> float:
    """The largest difference of two answers, relative to the largest element of each array."""
    (value, gradients), (other_value, others) = answer, other
    return max(
        abs(value - other_value) / abs(value),
        *(
            float(np.abs(gradients[name] - others[name]).max() / np.abs(gradients[name]).max())
            for name in PARAMETERS
        ),
    )


def main() -> int:
    """Checks that all compute the same, times them, tells."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    options = parser.parse_args()

    values = arrays()
    missing = [name for name in OPTIONAL if installed(name) is None]
    makers = {"gradpath": by_gradpath, "by hand": by_hand}
    makers |= {name: make for name, make in OPTIONAL.items() if name not in missing}
    calls = {name: make(values) for name, make in makers.items()}
    reference = calls["by hand"]()
    apart = max(difference(reference, call()) for call in calls.values())

    times = in_turn({name: partial(timed, call) for name, call in calls.items()}, options.rounds)
    seconds = {name: median(own) for name, own in times.items()}
    ratio = seconds["gradpath"] / seconds["by hand"]
    verdict = "met" if ratio <= LIMIT else "MISSED"
    about = machine(["numpy", *OPTIONAL])

    if options.json:
        result = {
            "machine": about,
            "rounds": options.rounds,
            "seconds": seconds,
            "absent": missing,
            "disagreement": apart,
            "ratio": ratio,
            "limit": LIMIT,
            "verdict": verdict,
        }
        print(json.dumps(result, indent=1))
    else:
        print(f"{about}\n\n784-256-256-10, batch {BATCH}, float64 (rounds: {options.rounds})")
        for name, own in seconds.items():
            print(f"  {name:12}{own * 1e3:8.2f} ms{own / seconds['by hand']:8.2f} of by hand")
        for name in missing:
            print(f"  {name:12}is not installed")
        print(f"  the answers {'agree within' if apart <= AGREE else 'DIFFER by'} {apart:.0e}")
        print(f"  time over by hand <= {LIMIT}: {ratio:.2f}, {verdict}")
    return 0 if ratio <= LIMIT and apart <= AGREE else 1


if __name__ == "__main__":
    sys.exit(main())
