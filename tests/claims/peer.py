"""A second opinion on claims: models read by Python's own grammar, differentiated by PyTorch.

Nothing of the engine is used, so nothing of it can be wrong here too. It says whether a claim
holds, not why it fails, and is only as good as float64: one part in 10^8 is its limit.
"""

from __future__ import annotations

import ast
import random
import re
from typing import Any, Literal, NamedTuple

import torch

Word = Literal["value", "holds", "point-only", "fails"]
Environment = dict[str, Any]

RTOL = 3e-9
DERIVATIVE = re.compile(r"(?<![\w.])([d∂])(\w+)/\1(\w+)")
ASSIGNED = re.compile(r"\s*(\w+)\s*(?:\(([^()]*)\))?\s*=(?!=)(.*)", re.S)
PIECEWISE = re.compile(r"\b(where|abs|sign|relu|leaky_relu|maximum|clip|max)\(|[<>]")
CONSTANTS = {"pi": torch.pi, "e": 2.718281828459045}


class Statement(NamedTuple):
    """``name = tree``, or ``name(params) = tree``."""

    name: str
    params: tuple[str, ...] | None
    tree: ast.expr


def tensor(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value
    return torch.tensor(value, dtype=torch.float64)


def _elementwise(name: str) -> Any:
    return lambda x: getattr(torch, name)(tensor(x))


def _reduce(name: str) -> Any:
    def run(x: Any, axis: Any = None, keepdims: bool = False, ddof: int = 0) -> Any:
        axes = tuple(range(x.dim())) if axis is None else (axis,)
        if name == "prod":
            return x.prod() if axis is None else x.prod(axis, keepdim=keepdims)
        if name in {"var", "std"}:
            return getattr(torch, name)(x, axes, correction=ddof, keepdim=keepdims)
        return getattr(torch, name)(x, axes, keepdim=keepdims)

    return run


def _norm(x: Any, ord: Any = None, axis: Any = None) -> Any:
    if ord == 1:
        return x.abs().sum() if axis is None else x.abs().sum(axis)
    assert ord in {None, 2}
    return (x**2).sum().sqrt() if axis is None else (x**2).sum(axis).sqrt()


def _dims(shape: tuple[Any, ...]) -> tuple[int, ...]:
    flat = shape[0] if len(shape) == 1 and not isinstance(shape[0], float | int) else shape
    return tuple(int(n) for n in flat)


def _softmax(x: Any, axis: int = -1) -> Any:
    return torch.softmax(x, axis)


ELEMENTWISE = [
    *("exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "square", "reciprocal"),
    *("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh"),
    *("atanh", "sigmoid", "relu", "erf", "erfc", "lgamma", "digamma", "abs", "sign", "floor"),
    "trace",
]
FUNCTIONS: dict[str, Any] = {
    **{name: _elementwise(name) for name in ELEMENTWISE},
    **{name: _reduce(name) for name in ("sum", "mean", "prod", "var", "std", "logsumexp")},
    "max": _reduce("amax"),
    "min": _reduce("amin"),
    "norm": _norm,
    "softmax": _softmax,
    "log_softmax": lambda x, axis=-1: torch.log_softmax(x, axis),
    "cumsum": lambda x, axis=None: torch.cumsum(x.reshape(-1) if axis is None else x, axis or 0),
    "softplus": lambda x: torch.logaddexp(tensor(x), torch.zeros_like(tensor(x))),
    "silu": lambda x: x * torch.sigmoid(x),
    "gelu": lambda x: x * (1 + torch.erf(x / 2**0.5)) / 2,
    "elu": lambda x, alpha=1.0: torch.where(x > 0, x, alpha * torch.expm1(x)),
    "leaky_relu": lambda x, slope=0.01: torch.where(x > 0, x, slope * x),
    "cbrt": lambda x: torch.sign(x) * torch.abs(x) ** (1 / 3),
    "hypot": lambda x, y: torch.sqrt(tensor(x) ** 2 + tensor(y) ** 2),
    "atan2": lambda y, x: torch.atan2(tensor(y), tensor(x)),
    "logaddexp": lambda x, y: torch.logaddexp(tensor(x), tensor(y)),
    "maximum": lambda x, y: torch.maximum(tensor(x), tensor(y)),
    "minimum": lambda x, y: torch.minimum(tensor(x), tensor(y)),
    "clip": lambda x, lo, hi: torch.minimum(torch.maximum(tensor(x), tensor(lo)), tensor(hi)),
    "where": lambda c, a, b: torch.where(tensor(c) != 0, tensor(a), tensor(b)),
    "dot": lambda x, y: x @ y,
    "outer": torch.outer,
    "diag": lambda x, k=0: torch.diag(x, int(k)),
    "transpose": lambda x: x.T,
    "reshape": lambda x, *shape: x.reshape(_dims(shape)),
    "concat": lambda xs, axis=0: torch.cat(list(xs), axis),
    "stack": lambda xs, axis=0: torch.stack(list(xs), axis),
    "zeros": lambda *shape: torch.zeros(_dims(shape), dtype=torch.float64),
    "ones": lambda *shape: torch.ones(_dims(shape), dtype=torch.float64),
    "eye": lambda n: torch.eye(int(n), dtype=torch.float64),
    "arange": lambda *a: torch.arange(*a, dtype=torch.float64),
    "linspace": lambda *a: torch.linspace(*a, dtype=torch.float64),
}
BINARY: dict[type, Any] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.MatMult: lambda a, b: a @ b,
    ast.Pow: lambda a, b: tensor(a) ** b,
}
COMPARE: dict[type, Any] = {
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
}


class Peer:
    """A model and its claims.

    claims : text, sides (two or more, chained), and the tolerance ``close`` gives, or None
    """

    def __init__(self, text: str) -> None:
        self.statements: list[Statement] = []
        self.claims: list[tuple[str, list[ast.expr], float | None]] = []
        lines = _logical_lines(text)
        self.branches = bool(PIECEWISE.search(text))
        self.positive = set(re.findall(r"^(\w+) = .*# positive$", text, re.M))
        found = [(line, ASSIGNED.fullmatch(line)) for line in lines]
        self.names = {m[1] for _, m in found if m and m[2] is None}
        for line, m in found:
            if m is None:
                self.claims.append((line.strip(), *self._claim(line)))
            else:
                params = None if m[2] is None else tuple(p.strip() for p in m[2].split(","))
                self.statements.append(Statement(m[1], params, _tree(m[3])))
        self.functions = {s.name: s for s in self.statements if s.params is not None}
        self.leaves = {
            s.name: s for s in self.statements if s.params is None and not self._uses(s.tree)
        }
        self.point = {name: tensor(self._eval(s.tree, {})) for name, s in self.leaves.items()}

    def _uses(self, tree: ast.expr) -> set[str]:
        """The names a formula depends on, those inside its functions included."""
        used: set[str] = set()
        waiting: list[tuple[ast.expr, tuple[str, ...]]] = [(tree, ())]
        while waiting:
            here, bound = waiting.pop()
            for node in ast.walk(here):
                if not isinstance(node, ast.Name) or node.id in bound:
                    continue
                if node.id in self.functions:
                    function = self.functions[node.id]
                    waiting.append((function.tree, function.params or ()))
                elif node.id in self.names:
                    used.add(node.id)
        return used

    def _claim(self, line: str) -> tuple[list[ast.expr], float | None]:
        def derivative(m: re.Match[str]) -> str:
            if m[1] + m[2] in self.names and m[1] + m[3] in self.names:
                return m[0]
            return f"D_({m[1] == '∂'}, {m[2]}, {m[3]})"

        tree = _tree(DERIVATIVE.sub(derivative, line))
        if isinstance(tree, ast.Compare):
            assert all(isinstance(op, ast.Eq) for op in tree.ops), line
            return [tree.left, *tree.comparators], None
        assert isinstance(tree, ast.Call), line
        assert isinstance(tree.func, ast.Name), line
        assert tree.func.id == "close", line
        rtol = tree.args[2].value if len(tree.args) == 3 else 1e-9  # type: ignore[attr-defined]  # a number
        return tree.args[:2], rtol

    def run(self, point: Environment) -> Environment:
        """Every name's tensor, recorded by PyTorch."""
        env: Environment = {}
        for s in self.statements:
            if s.params is not None:
                continue
            if s.name in point:
                env[s.name] = point[s.name].clone().requires_grad_()
            else:  # a clone, for b = a is another name
                env[s.name] = tensor(self._eval(s.tree, env)).clone()
        return env

    def derivative(self, env: Environment, of: str, wrt: str, partial: bool) -> Any:
        y, x = env[of], env[wrt]
        if partial:
            tree = next(s.tree for s in self.statements if s.name == of)
            env = {name: env[name].detach().clone().requires_grad_() for name in self._uses(tree)}
            y, x = tensor(self._eval(tree, env)), env[wrt]
        rows = []
        for element in y.reshape(-1):
            row = None
            if element.requires_grad:
                (row,) = torch.autograd.grad(element, x, retain_graph=True, allow_unused=True)
            rows.append(torch.zeros_like(x) if row is None else row)
        return torch.stack(rows).reshape([*y.shape, *x.shape]).detach()

    def _eval(self, tree: ast.expr, env: Environment) -> Any:
        # Recursion is fine here: the models are a page long, and written by us.
        if isinstance(tree, ast.Constant):
            return tree.value
        if isinstance(tree, ast.Name):
            return env[tree.id] if tree.id in env else CONSTANTS[tree.id]
        if isinstance(tree, ast.UnaryOp):
            value = self._eval(tree.operand, env)
            return -value if isinstance(tree.op, ast.USub) else value
        if isinstance(tree, ast.BinOp):
            return BINARY[type(tree.op)](self._eval(tree.left, env), self._eval(tree.right, env))
        if isinstance(tree, ast.Compare):
            a, b = self._eval(tree.left, env), self._eval(tree.comparators[0], env)
            return tensor(COMPARE[type(tree.ops[0])](tensor(a), b)).double()
        if isinstance(tree, ast.List):
            return torch.stack([tensor(self._eval(item, env)) for item in tree.elts])
        if isinstance(tree, ast.Attribute):
            assert tree.attr == "T"
            return self._eval(tree.value, env).T
        if isinstance(tree, ast.Subscript):
            return self._eval(tree.value, env)[_index(tree.slice)]
        assert isinstance(tree, ast.Call), ast.dump(tree)
        assert isinstance(tree.func, ast.Name)
        return self._call(tree.func.id, tree, env)

    def _call(self, name: str, tree: ast.Call, env: Environment) -> Any:
        if name == "D_":
            partial, of, wrt = (getattr(a, "id", None) or a.value for a in tree.args)  # type: ignore[attr-defined]  # names
            return self.derivative(env, of, wrt, partial)
        if name in {"reshape", "zeros", "ones", "transpose"}:
            args = [
                ast.literal_eval(a)
                if not isinstance(
                    a, ast.Name | ast.BinOp | ast.Call | ast.Subscript | ast.Attribute
                )
                else self._eval(a, env)
                for a in tree.args
            ]
        else:
            args = [
                [self._eval(item, env) for item in a.elts]
                if isinstance(a, ast.List) and name in {"stack", "concat"}
                else self._eval(a, env)
                for a in tree.args
            ]
        keywords = {k.arg: ast.literal_eval(k.value) for k in tree.keywords if k.arg}
        if name in self.functions:
            function = self.functions[name]
            inner = env | dict(zip(function.params or (), map(tensor, args), strict=True))
            return self._eval(function.tree, inner)
        return FUNCTIONS[name](*args, **keywords)

    # ── points ───────────────────────────────────────────────────────────────────────

    def draw(self, rng: random.Random, spread: float, *, assume: bool) -> Environment:
        """A random point. ``assume``: what is special about the file's values stays so."""
        lengths = {n for v in self.point.values() for n in tensor(v).shape}
        point = {}
        for name, value in self.point.items():
            x = tensor(value).clone()
            fixed = assume and (
                _computed(self.leaves[name].tree)
                or (x.dim() == 0 and x.item() in lengths and x.item() >= 2)
                or (x.dim() > 0 and bool(torch.isin(x, tensor([-1.0, 0.0, 1.0])).all()))
            )
            moved = x if fixed else _moved(x, rng, spread, assume)
            point[name] = moved.abs() if name in self.positive else moved
        return point

    def sides(self, k: int, point: Environment) -> list[Any]:
        env = self.run(point)
        return [tensor(self._eval(side, env)).detach() for side in self.claims[k][1]]

    def judge(self, k: int, points: int = 12) -> tuple[Word, bool, bool]:
        """What becomes of claim ``k``; whether that needs assumptions; whether only wide
        points, which cross branches, show it to be wrong."""
        rtol = self.claims[k][2]
        here = self.sides(k, self.point)
        if not same(here, rtol or 1e-9):
            return "fails", False, False
        if self.is_about_the_point(k):
            return "value", False, False
        assumed = not self._holds(k, points, 0.25, assume=False)
        if assumed and not self._holds(k, points, 0.25, assume=True):
            return "point-only", True, False
        # Far away a sign may differ, sqrt(a*b) is not sqrt(a)*sqrt(b): only for branches.
        if self.branches and not self._holds(k, 8 * points, 2.5, assume=assumed):
            return "point-only", assumed, True
        return "holds", assumed, False

    def is_about_the_point(self, k: int) -> bool:
        """Whether a side is made of numbers alone, or a tolerance is given."""
        _, trees, rtol = self.claims[k]
        return rtol is not None or any(not self._depends(tree) for tree in trees)

    def fits(self, k: int) -> set[str]:
        """Which simple explanations of a false claim fit at every point tried. Not all there
        are: only those that can be computed without a view on what was meant."""
        _, (left, right, *_), _ = self.claims[k]
        rng = random.Random(k)
        kept: list[set[str]] = []
        ratios, differences = [], []
        term = left.value if isinstance(left, ast.Subscript) else left
        single = isinstance(term, ast.Call) and term is not right and _is_derivative(term)
        while len(kept) < 8:
            point = self.draw(rng, 0.25, assume=True)
            env = self.run(point)
            a, b = (tensor(self._eval(side, env)).detach() for side in (left, right))
            if not (torch.isfinite(a).all() and torch.isfinite(b).all()):
                continue
            found = set()
            if a.shape == b.shape:
                ratios.append((a / b).reshape(-1))
                differences.append((a - b).reshape(-1))
            else:
                found.add("missing-sum" if b.dim() > a.dim() and _sums_to(b, a) else "shape")
            if b.dim() == 2 and same([a, b.T], RTOL):
                found.add("transposed")
            if single:
                found |= self._other_terms(term, left, b, env)
            kept.append(found)
        common = set.intersection(*kept)
        if len(ratios) == len(kept):
            ratio = torch.cat(ratios)
            ratio = ratio[~ratio.isnan()]  # 0/0 says nothing
            if len(ratio) and ratio[0] != 0 and same([ratio, ratio[0].expand_as(ratio)], RTOL):
                common.add("sign" if abs(ratio[0] + 1) < RTOL else "factor")
            rows = torch.cat(differences)
            if same([rows, rows[0].expand_as(rows)], RTOL):
                common.add("offset")
        return common

    def _other_terms(self, term: Any, left: ast.expr, b: Any, env: Environment) -> set[str]:
        """Whether ``b`` is what another derivative in the place of ``term`` is."""
        partial, of, wrt = term.args[0].value, term.args[1].id, term.args[2].id
        index = None if left is term else _index(left.slice)  # type: ignore[attr-defined]  # a Subscript

        def value(*which: Any) -> Any:
            found = self.derivative(env, *which)
            return found if index is None else found[index]

        found = set()
        others = [(name, wrt) for name in env if name != of] + [
            (of, name) for name in env if name != wrt
        ]
        for y, x in others:
            if index is not None and (env[y].shape, env[x].shape) != (
                env[of].shape,
                env[wrt].shape,
            ):
                continue
            if (other := self.derivative(env, y, x, False)).shape == b.shape or index is not None:
                other = other if index is None else other[index]
                # A derivative that is 0 or 1 everywhere is no sign of a mistaken name.
                if not bool(torch.isin(other, tensor([0.0, 1.0])).all()) and same([other, b], RTOL):
                    found.add("other-name")
        own = of in {s.name for s in self.statements if wrt in self._uses(s.tree)}
        if own and same([value(of, wrt, not partial), b], RTOL):
            found.add("partial-total")
        return found

    def _depends(self, tree: ast.expr) -> bool:
        return bool(self._uses(tree)) or any(
            isinstance(n, ast.Name) and n.id == "D_" for n in ast.walk(tree)
        )

    def _holds(self, k: int, points: int, spread: float, *, assume: bool) -> bool:
        rng = random.Random(k)
        used = 0
        for _ in range(20 * points):
            sides = self.sides(k, self.draw(rng, spread, assume=assume))
            if any(not torch.isfinite(side).all() for side in sides):
                continue
            used += 1
            if not same(sides, RTOL):
                return False
            if used == points:
                break
        if used < points // 2:
            raise AssertionError(f"no points in the domain of {self.claims[k][0]}")
        return True


def same(sides: list[Any], rtol: float) -> bool:
    first = sides[0]
    for side in sides[1:]:
        if side.shape != first.shape:
            return False
        if not (torch.isfinite(side).all() and torch.isfinite(first).all()):
            return False
        scale = max(float(side.abs().max()), float(first.abs().max()), 1e-3)
        if not float((side - first).abs().max()) <= rtol * scale:
            return False
    return True


def _is_derivative(tree: ast.Call) -> bool:
    return isinstance(tree.func, ast.Name) and tree.func.id == "D_"


def _sums_to(b: Any, a: Any) -> bool:
    """Whether summing some axes of ``b`` gives ``a``."""
    axes = range(b.dim())
    if a.dim() == 0:
        return same([b.sum(), a], RTOL)
    return any(same([b.sum(axis), a], RTOL) for axis in axes)


def _moved(x: Any, rng: random.Random, spread: float, assume: bool) -> Any:
    def noise(like: Any) -> Any:
        return tensor([rng.uniform(-1, 1) for _ in range(like.numel())]).reshape(like.shape)

    moved = x + spread * noise(x) * torch.where(x == 0, tensor(1.0), x.abs())
    if not assume or x.dim() == 0:
        return moved
    if x.dim() == 2 and x.shape[0] == x.shape[1] and torch.equal(x, x.T):
        moved = (moved + moved.T) / 2
    moved = torch.where(x == 0, x, moved)
    if bool((x >= 0).all()) and torch.allclose(x.sum(-1), tensor(1.0), atol=1e-12):
        moved = moved.abs()
        moved = moved / moved.sum(-1, keepdim=True)
    return moved


def _computed(tree: ast.expr) -> bool:
    """Whether a leaf is a constant by its formula: sqrt(2*pi), eye(3)."""
    return any(isinstance(node, ast.Call | ast.Name) for node in ast.walk(tree))


def _tree(text: str) -> ast.expr:
    return ast.parse(text.strip().replace("^", "**"), mode="eval").body


def _index(tree: ast.expr) -> Any:
    if isinstance(tree, ast.Tuple):
        return tuple(_index(item) for item in tree.elts)
    if isinstance(tree, ast.Slice):
        ends = (tree.lower, tree.upper, tree.step)
        return slice(*(None if x is None else ast.literal_eval(x) for x in ends))
    return ast.literal_eval(tree)


def _logical_lines(text: str) -> list[str]:
    lines, held = [], ""
    for line in text.splitlines():
        held += line.partition("#")[0] + " "
        if not sum(held.count(c) for c in "([") - sum(held.count(c) for c in ")]"):
            if held.strip():
                lines.append(held)
            held = ""
    return lines
