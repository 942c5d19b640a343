"""A model's value and gradient by PyTorch."""

import torch
from reader import evaluate, read, write

FUNCTIONS = {name: getattr(torch, name) for name in ("sin", "cos", "exp", "tanh", "sqrt")}

model = read()
leaves = [
    torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in model.leaves.values()
]
output = evaluate(model, dict(zip(model.leaves, leaves, strict=True)), FUNCTIONS)
write(output.item(), model.leaves, torch.autograd.grad(output, leaves))
