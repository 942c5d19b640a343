"""Checks derivations.py's models as one would with SymPy alone, one file after the other.

    python benchmarks/peers/derivations_sympy.py FILE...

Every gradient as a formula and as a number of 30 digits; every claim by subtracting its sides, as
functions of the leaves, and simplifying. Prints the seconds taken without the import, and what
was found.
"""

import json
import re
import sys
import time
from pathlib import Path

import sympy
from sympy.parsing.sympy_parser import parse_expr

DERIVATIVE = re.compile(r"([d∂])(\w+)/[d∂](\w+)")
FUNCTIONS = {"sigmoid": lambda x: 1 / (1 + sympy.exp(-x))}


class Model:
    """The statements of one file, each in the symbols of the names before it."""

    def __init__(self, text: str) -> None:
        self.leaves: dict[sympy.Symbol, sympy.Expr] = {}
        self.names: dict[sympy.Symbol, sympy.Expr] = {}
        self.claims: list[tuple[str, str]] = []
        for line in text.splitlines():
            if "==" in line:
                left, right = line.split("==")
                self.claims.append((left, right))
            elif line:
                name, expression = line.split(" = ")
                symbol = sympy.Symbol(name, real=True)
                value = self.parse(expression)
                (self.names if value.free_symbols else self.leaves)[symbol] = value

    def parse(self, text: str, more: dict[str, sympy.Expr] | None = None) -> sympy.Expr:
        """An expression of the file."""
        known = {symbol.name: symbol for symbol in (*self.leaves, *self.names)}
        return parse_expr(text.strip(), {**FUNCTIONS, **known, **(more or {})}, evaluate=True)

    def written_out(self, expression: sympy.Expr, keep: sympy.Symbol | None = None) -> sympy.Expr:
        """In the leaves, and in one name that is kept."""
        for symbol, value in reversed(self.names.items()):
            if symbol != keep:
                expression = expression.subs(symbol, value)
        return expression

    def derivative(self, kind: str, of: str, wrt: str) -> sympy.Expr:
        """dY/dX, in the leaves; ∂Y/∂X, through the statement of Y alone."""
        above, below = sympy.Symbol(of, real=True), sympy.Symbol(wrt, real=True)
        if above == below:
            return sympy.Integer(1)
        value = self.names[above]
        if kind == "d":
            value = self.written_out(value, below)
        return self.written_out(sympy.diff(value, below))

    def side(self, text: str) -> sympy.Expr:
        """One side of a claim, in the leaves."""
        terms: dict[str, sympy.Expr] = {}

        def named(match: re.Match[str]) -> str:
            name = f"derivative_{len(terms)}"
            terms[name] = self.derivative(*match.groups())
            return name

        return self.written_out(self.parse(DERIVATIVE.sub(named, text), terms))


def main() -> None:
    """Checks the files."""
    begin = time.perf_counter()
    gradients, proved, open_ = 0, 0, 0
    for path in sys.argv[1:]:
        model = Model(Path(path).read_text(encoding="utf-8"))
        output = model.written_out(sympy.Symbol("L", real=True))
        for leaf in model.leaves:
            sympy.diff(output, leaf).evalf(30, subs=model.leaves)
            gradients += 1
        for left, right in model.claims:
            difference = model.side(left) - model.side(right)
            if sympy.expand(difference) == 0 or sympy.simplify(difference) == 0:
                proved += 1
            else:
                open_ += 1
    seconds = time.perf_counter() - begin
    print(json.dumps({"seconds": seconds, "gradients": gradients, "proved": proved, "open": open_}))


if __name__ == "__main__":
    main()
