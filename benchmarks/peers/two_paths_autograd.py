"""samples/two_paths.grad as one would write it for HIPS autograd."""

import json

import autograd.numpy as np
from autograd import value_and_grad

LEAVES = {"a": 2.0, "w1": 0.3, "w2": -1.1, "w3": 0.5, "w4": 0.7}


def output(leaves):
    a, w1, w2, w3, w4 = leaves
    b = w1 * a
    c = w2 * a
    d = w3 * b + w4 * c
    return np.tanh(d)


value, gradients = value_and_grad(output)(tuple(LEAVES.values()))
gradients = dict(zip(LEAVES, map(float, gradients), strict=True))
print(json.dumps({"value": float(value), "gradients": gradients}))
