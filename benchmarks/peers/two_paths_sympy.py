"""samples/two_paths.grad as one would write it for SymPy: derivatives as formulas, then numbers."""

import json

import sympy

LEAVES = {"a": 2.0, "w1": 0.3, "w2": -1.1, "w3": 0.5, "w4": 0.7}

a, w1, w2, w3, w4 = symbols = sympy.symbols(list(LEAVES))
b = w1 * a
c = w2 * a
d = w3 * b + w4 * c
output = sympy.tanh(d)

point = dict(zip(symbols, map(sympy.Float, LEAVES.values()), strict=True))
formulas = [sympy.diff(output, symbol) for symbol in symbols]
numbers = [float(formula.evalf(30, subs=point)) for formula in formulas]
print(
    json.dumps(
        {
            "value": float(output.evalf(30, subs=point)),
            "gradients": dict(zip(LEAVES, numbers, strict=True)),
            "formulas": dict(zip(LEAVES, map(str, formulas), strict=True)),
        }
    )
)
