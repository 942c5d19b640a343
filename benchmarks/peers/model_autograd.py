"""A model's value and gradient by HIPS autograd."""

import autograd.numpy as np
from autograd import value_and_grad
from reader import evaluate, read, write

FUNCTIONS = {name: getattr(np, name) for name in ("sin", "cos", "exp", "tanh", "sqrt")}

model = read()


def output(leaves):
    return evaluate(model, dict(zip(model.leaves, leaves, strict=True)), FUNCTIONS)


value, gradients = value_and_grad(output)(tuple(model.leaves.values()))
write(value, model.leaves, gradients)
