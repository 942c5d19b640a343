"""A model's value and gradient by CasADi's scalar expressions."""

import casadi
from reader import evaluate, read, write

FUNCTIONS = {name: getattr(casadi, name) for name in ("sin", "cos", "exp", "tanh", "sqrt")}

model = read()
leaves = casadi.vertcat(*map(casadi.SX.sym, model.leaves))
output = evaluate(model, dict(zip(model.leaves, casadi.vertsplit(leaves), strict=True)), FUNCTIONS)
function = casadi.Function("model", [leaves], [output, casadi.gradient(output, leaves)])
value, gradients = function(list(model.leaves.values()))
write(value, model.leaves, gradients.full().ravel())
