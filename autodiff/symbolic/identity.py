"""Claims: whether SymPy shows that two sides are one and the same function of the leaves.

The sides are built from the rows' definitions, their derivatives by SymPy's `diff`, and the
difference is brought to a normal form (see `normal`). Names, and their total derivatives, stay
symbols as long as that is enough: ``dL/dc == dL/dd * dd/dc`` is seen without what L and d are made
of. Where it is not enough, derivatives are written out by the chain rule, one name after the other,
and names replaced by their definitions, the latest first.

What is proved holds wherever both sides have a value, but perhaps for a set of measure 0:
``x/x == 1``, and ``log(x**2) == 2*log(x)``, whose right side needs x > 0. Never is something
proved that is false at a point where neither side jumps or bends.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy
from mpmath import libmp

from autodiff.symbolic import functions
from autodiff.symbolic.elements import Elements, Space
from autodiff.symbolic.namespace import Formula, tree_size
from autodiff.symbolic.normal import vanishes
from autodiff.symbolic.program import Program
from autodiff.symbolic.raw import Beyond, Trouble
from autodiff.syntax import Derivative, Given, Load
from autodiff.tape import resolve, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autodiff.syntax import Side
    from autodiff.tape import Tape

MOST_DERIVATIVES = 3_000  # asked of SymPy for one model
MOST_DIFFERENCES = 64  # elements of a claim that are looked at
LARGEST = 1_500  # nodes of a difference, written out as a tree
MOST_ATTEMPTS = 4  # at a normal form, names replaced in between
KEPT = 4096
AROUND = 16  # points at which a formula with branches is looked at besides
LOW, HIGH = 120, 400  # bits

PIECEWISE = (
    sympy.Abs, sympy.sign, functions.Magnitude, functions.Fork, functions.Step, functions.Flat,
    functions.Larger, functions.Smaller, functions.Lean, functions.Compare, functions.Both,
    functions.Either, functions.Select, functions.Slope,
)  # fmt: skip


class Prover:
    """What is known of one model's names, as formulas in each other."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.model = tape.model
        self.space = Space()
        self._leaves = set(tape.leaves)
        self._names: dict[int, Elements] = {}
        self._place: dict[Any, tuple[int, int]] = {}  # per symbol its statement and element
        self._own: dict[int, list[Any]] = {}
        self._derivatives: dict[Derivative, Elements] = {}
        self._slopes: dict[tuple[int, int, Any], Any] = {}
        self._total: dict[Any, tuple[int, int, int, int]] = {}  # per symbol: wrt, of, elements
        self._chains: dict[Any, Any] = {}
        self._above: dict[int, set[int]] = {}
        self._uses: dict[int, list[int]] = {}
        self._asked = 0

    def prove(self, lhs: Side, rhs: Side) -> bool:
        """Whether ``lhs == rhs`` is seen to be an identity in the leaves. False may be true."""
        self.space.made = 0
        try:
            left, right = self.side(lhs), self.side(rhs)
            if left.shape != right.shape and left.shape and right.shape:
                return False
            pairs = np.broadcast(left.array, right.array)
            differences = {a.expr - b.expr for a, b in pairs} - {sympy.Integer(0)}
            if len(differences) > MOST_DIFFERENCES:
                return False
            return all(map(self.is_zero, sorted(differences, key=sympy.default_sort_key)))
        except (Trouble, RecursionError):
            return False
        except (TypeError, ValueError, IndexError, AttributeError, NotImplementedError):
            # Of shapes that do not fit, or SymPy's: whoever evaluates the sides says which.
            return False

    # ---- sides

    def side(self, side: Side) -> Elements:
        """One side, in the symbols of the names."""
        regs: list[Any] = [self.operand(o) for o in side.operands]
        for op, args, config, _ in side.form.code:
            xs = [regs[a] for a in args]
            if op.builds:
                regs.append(op.value(None, *[whole(x) for x in map(self.plain, xs)]))
                continue
            static = resolve(op, {name: self.plain(regs[r]) for name, r in config})
            regs.append(self.space.operation(op, xs, static))
        return self.space.lift(regs[side.form.result])

    def operand(self, o: int | Derivative) -> Any:
        if isinstance(o, Derivative):
            return self.derivative(o)
        if o >= 0:
            return self.name(o)
        value = self.model.constants[~o]
        if isinstance(value, Load | Given):
            raise Beyond("data in a claim")
        return value

    def plain(self, x: Any) -> Any:
        """Configuration: a name's value where it is given by one."""
        if not isinstance(x, Elements):
            return x
        expr = x.array[()].expr if not x.shape else None
        if expr in self._place:
            return self.tape.values[self.tape.vertex[self._place[expr][0]]]
        raise Beyond("configuration that is computed")

    # ---- names

    def name(self, s: int) -> Elements:
        """The symbols of a name's elements."""
        if s not in self._names:
            shape = np.shape(self.tape.values[self.tape.vertex[s]])
            out = np.empty(shape, object)
            self.space.spend(out.size)
            for k in range(out.size):
                symbol = sympy.Symbol(f"x{s:08d}_{k:06d}", real=True)
                self._place[symbol] = (s, k)
                out.ravel()[k : k + 1] = [Formula(symbol)]
            self._names[s] = Elements(self.space, out)
        return self._names[s]

    def own(self, s: int) -> list[Any]:
        """A statement's elements, in the symbols of its operands."""
        if s not in self._own:
            self._own[s] = [f.expr for f in self._statement(s).array.flat]
        return self._own[s]

    def _statement(self, s: int) -> Elements:
        tape, statement = self.tape, self.model.statements[s]
        nodes = iter(k for k in range(tape.start[s], tape.start[s + 1]) if tape.ops[k] is not None)
        constants = self.model.constants
        regs: list[Any] = [
            self.name(o) if o >= 0 else (constants[~o] if constants[~o].__class__ is float else ~o)
            for o in statement.operands
        ]
        for op, args, _, _ in statement.form.code:
            if op.builds:
                regs.append(None)
                continue
            node = next(nodes)
            xs = []
            for place, a in enumerate(args):
                if regs[a].__class__ is int:  # data: its value stands on the tape
                    regs[a] = self.space.lift(tape.values[tape.args[node][place]])
                xs.append(regs[a])
            regs.append(self.space.operation(op, xs, tape.static[node] or {}))
        found = self.space.lift(regs[statement.form.result])
        if found.shape != np.shape(tape.values[tape.vertex[s]]):
            raise Beyond("a shape that is not the model's")
        return found

    # ---- derivatives

    def derivative(self, d: Derivative) -> Elements:
        """dY/dX or ∂Y/∂X, of shape (*Y, *X)."""
        if d not in self._derivatives:
            of, wrt = self.model.index[d.of], self.model.index[d.wrt]
            outer, inner = self.name(of), self.name(wrt)
            size = outer.array.size * inner.array.size
            self.space.spend(size)
            out = np.empty(size, object)
            entry = self._partial if d.partial and of != wrt else self.total
            places = ((k, j) for k in range(outer.array.size) for j in range(inner.array.size))
            out[:] = [
                Formula(e, tree_size(e, LARGEST)) for e in (entry(of, k, wrt, j) for k, j in places)
            ]
            shape = (*outer.shape, *inner.shape)
            self._derivatives[d] = Elements(self.space, out.reshape(shape))
        return self._derivatives[d]

    def total(self, of: int, k: int, wrt: int, j: int) -> Any:
        """The total derivative of one element by another: a symbol of its own, or 0, or 1."""
        if of == wrt:
            return sympy.Integer(int(k == j))
        if wrt not in self._ancestors(of):
            return sympy.Integer(0)
        symbol = sympy.Symbol(f"d{wrt:08d}_{j:06d}_{of:08d}_{k:06d}", real=True)
        self._total[symbol] = (wrt, of, k, j)
        return symbol

    def chain(self, symbol: Any) -> Any:
        """What a total derivative is, by the chain rule, in those with respect to later names."""
        if symbol not in self._chains:
            wrt, of, k, j = self._total[symbol]
            x = self.name(wrt).array.flat[j].expr
            terms = []
            for s in self._users(wrt):
                if s != of and s not in self._ancestors(of):
                    continue
                for i, formula in enumerate(self.own(s)):
                    if x in formula.free_symbols:
                        outer = self.total(of, k, s, i)
                        if outer != 0:
                            terms.append(outer * self._slope(s, i, x))
            self._chains[symbol] = sympy.Add(*terms)
        return self._chains[symbol]

    def _ancestors(self, of: int) -> set[int]:
        """The statements that a statement depends on, without itself."""
        if of not in self._above:
            found: set[int] = set()
            todo = [of]
            while todo:
                new = {o for o in self.model.statements[todo.pop()].operands if o >= 0} - found
                found |= new
                todo += new
            self._above[of] = found
        return self._above[of]

    def _users(self, s: int) -> list[int]:
        """The statements that mention a name."""
        if not self._uses:
            for user, statement in enumerate(self.model.statements):
                for o in dict.fromkeys(statement.operands):
                    if o >= 0:
                        self._uses.setdefault(o, []).append(user)
        return self._uses.get(s, [])

    def _partial(self, of: int, k: int, wrt: int, j: int) -> Any:
        """The derivative of one element through its own statement alone."""
        if of in self._leaves or wrt not in self.model.statements[of].operands:
            return sympy.Integer(0)
        return self._slope(of, k, self.name(wrt).array.flat[j].expr)

    def _slope(self, s: int, k: int, x: Any) -> Any:
        key = (s, k, x)
        if key not in self._slopes:
            self._asked += 1
            if self._asked > MOST_DERIVATIVES:
                raise Beyond("too many derivatives")
            formula = self.own(s)[k]
            if x not in formula.free_symbols:
                return sympy.Integer(0)
            # With symbols of one kind, statements and models share what SymPy finds.
            names = sorted(formula.free_symbols, key=lambda x: x.name)
            there = {name: _symbol(i) for i, name in enumerate(names)}
            slope = _derivative(formula.xreplace(there), there[x])
            self._slopes[key] = slope.xreplace({symbol: name for name, symbol in there.items()})
        return self._slopes[key]

    # ---- is it 0?

    def is_zero(self, e: Any) -> bool:
        """Whether a difference vanishes, names and derivatives written out as needed."""
        attempts = 0
        while e != 0:
            if tree_size(e, LARGEST) >= LARGEST:
                return False
            totals = [x for x in e.free_symbols if x in self._total]
            if totals and not self._is_near_zero(e):
                e = self._chained(e, totals)
                continue
            answer = self._zero(e)
            if answer:
                return True
            attempts += answer is None
            if attempts >= MOST_ATTEMPTS:
                return False
            inner = self._inner(e)
            if inner:
                e = e.xreplace(self._definitions(e, max(inner)))
            elif totals:
                e = self._chained(e, totals)
            else:
                return False
        return True

    def _inner(self, e: Any) -> list[int]:
        """The statements whose names stand in a formula and are no leaves."""
        places = [self._place.get(x) for x in e.free_symbols]
        return [p[0] for p in places if p is not None and p[0] not in self._leaves]

    def _chained(self, e: Any, totals: list[Any]) -> Any:
        """Total derivatives by the earliest name that there is, by the chain rule."""
        first = min(self._total[x][0] for x in totals)
        return e.xreplace({x: self.chain(x) for x in totals if self._total[x][0] == first})

    def _is_near_zero(self, e: Any) -> bool:
        """Whether a formula is 0 at the file's point, whatever total derivatives are there.

        This only tells what to write out next: if it is, derivatives may stay symbols.
        """
        symbols = sorted(e.free_symbols, key=lambda x: x.name)
        values = [
            self._value(x) if x in self._place else libmp.from_float(_fraction(k, 0))
            for k, x in enumerate(symbols)
        ]
        program = Program.of_parts(e, sympy.Add.make_args(e), symbols, ())
        program.prepare(LOW)
        regs = program.run(values, LOW, 0)
        total, *parts = (regs[i] for i in (program.value, *program.partials))
        if any(isinstance(x, Trouble) for x in (total, *parts)):
            return False
        scale = max((libmp.mpf_abs(x) for x in parts), key=libmp.to_float)
        return bool(libmp.mpf_le(libmp.mpf_abs(total), libmp.mpf_shift(scale, -30)))

    def _value(self, x: Any) -> Any:
        """A name's value in the file."""
        s, k = self._place[x]
        value = self.tape.values[self.tape.vertex[s]]
        return libmp.from_float(float(np.ravel(value)[k]))

    def _definitions(self, e: Any, s: int) -> dict[Any, Any]:
        places = {x: self._place[x] for x in e.free_symbols if x in self._place}
        return {x: self.own(s)[k] for x, (t, k) in places.items() if t == s}

    def _zero(self, e: Any) -> bool | None:
        """True: it is. False: not in these symbols. None: not known."""
        if e.has(*PIECEWISE):
            return _settled(e, self._generic, AROUND)
        symbols = sorted(e.free_symbols, key=lambda x: x.name)
        return _settled_smooth(e.xreplace({x: _symbol(k) for k, x in enumerate(symbols)}))

    def _generic(self, a: Any) -> bool:
        """Whether ``a`` is 0 on a set of measure 0 alone.

        It is where a is analytic on all of a connected domain and not 0 at the file's point.
        """
        while inner := self._inner(a):
            if tree_size(a, LARGEST) >= LARGEST:
                return False
            a = a.xreplace(self._definitions(a, max(inner)))
        if tree_size(a, LARGEST) >= LARGEST or not analytic(a):
            return False
        if any(x not in self._place for x in a.free_symbols):
            return False
        symbols = sorted(a.free_symbols, key=lambda x: x.name)
        return _Probe(a, symbols).nonzero([self._value(x) for x in symbols]) is True


@lru_cache(maxsize=1)
def prover(tape: Tape) -> Prover:
    """One `Prover` for all claims of a model: they share derivatives."""
    return Prover(tape)


@lru_cache(maxsize=1024)
def _symbol(k: int) -> Any:
    return sympy.Symbol(f"x{k:06d}", real=True)


@lru_cache(maxsize=KEPT)
def _derivative(formula: Any, x: Any) -> Any:
    return formula.diff(x)


@lru_cache(maxsize=KEPT)
def _settled_smooth(e: Any) -> bool | None:
    """`_settled` without branches. Models of one process share their formulas."""
    return _settled(e, lambda a: False)


def _settled(e: Any, generic: Callable[[Any], bool], around: int = 0) -> bool | None:
    """Numbers first: they are quick to say no, and a second opinion where the form says yes.

    ``around`` is a number of further points, which may be on other sides of what branches.
    """
    symbols = sorted(e.free_symbols, key=lambda x: x.name)
    try:
        probe = _Probe(e, symbols)
    except Trouble:
        return None
    seen = False
    for n in range(len(RANGES) + around):
        low, high = RANGES[n] if n < len(RANGES) else WIDE
        spots = [low + (high - low) * _fraction(k, n) for k in range(len(symbols))]
        answer = probe.nonzero([libmp.from_float(spot) for spot in spots])
        if answer:
            return False
        seen = seen or answer is False
    if not seen:
        return None  # it has no value at any of the points
    try:
        return True if vanishes(e, generic) else None
    except (Trouble, RecursionError):
        return None


# Positive, of both signs, small, large: where formulas are likely to have values.
RANGES = ((0.3, 1.3), (-1.0, 1.0), (0.1, 0.8), (1.1, 2.8))
WIDE = (-2.0, 2.0)


def _fraction(k: int, n: int) -> float:
    """Fractions without a pattern: the k-th coordinate of the n-th point."""
    return ((k + 1) * 0.6180339887498949 + (n + 1) * (k + 2) * 0.41421356237309515) % 1


class _Probe:
    """A formula, ready to be evaluated at points."""

    def __init__(self, e: Any, symbols: Sequence[Any]) -> None:
        self.program = Program.of_parts(e, [], symbols, ())

    def nonzero(self, values: list[Any]) -> bool | None:
        """Whether it is not 0 at a point; None where it has no value there."""
        found = []
        for bits in (LOW, HIGH):
            self.program.prepare(bits)
            value = self.program.run(values, bits, 0)[self.program.value]
            if isinstance(value, Trouble):
                return None
            if not value[1]:
                return False
            found.append(value)
        low, high = found
        # What is 0 is rounding alone, which falls with the precision.
        gap = libmp.mpf_abs(libmp.mpf_sub(low, high, LOW, "n"))
        return bool(libmp.mpf_lt(libmp.mpf_shift(gap, 2), libmp.mpf_abs(high)))


ANALYTIC = (
    sympy.exp, sympy.sin, sympy.cos, sympy.sinh, sympy.cosh, sympy.tanh, sympy.atan, sympy.asinh,
    sympy.erf, sympy.erfc,
)  # fmt: skip


def analytic(e: Any) -> bool:
    """Whether a formula is seen to be analytic on a connected domain.

    1/x is not: log(x**2)/2 - log(x) would be 0 on one half of its domain alone, if that were the
    whole line. Roots and logarithms are taken of a symbol, or of what is always positive.
    """
    todo = [e]
    while todo:
        part = todo.pop()
        if part.is_Symbol or (part.is_number and part.is_real):
            continue
        if part.is_Pow and part.exp.is_number:
            base = part.base
            if not ((part.exp.is_Integer and part.exp > 0) or base.is_positive or base.is_Symbol):
                return False
            if part.exp.is_Integer and part.exp < 0 and not base.is_positive:
                return False
        elif part.func is sympy.log:
            if not (part.args[0].is_positive or part.args[0].is_Symbol):
                return False
        elif not (part.is_Add or part.is_Mul or part.func in ANALYTIC):
            return False
        todo.extend(part.args)
    return True
