"""What PyTorch, JAX and autograd give at kinks and edges, beside what gradpath gives.

    python -m tests.ops.conventions            the table of docs/conventions.md, from the data kept
    python -m tests.ops.conventions --update   asks the peers that are installed again

The peers' answers are kept in tests/cases/conventions.json with the versions that gave them;
gradpath's own are computed anew each time.
"""

from __future__ import annotations

import json
import math
import os
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import autodiff

KEPT = Path(__file__).parents[1] / "cases" / "conventions.json"
PEERS = {"torch": "PyTorch", "jax": "JAX", "autograd": "autograd"}
inf = math.inf


class Case(NamedTuple):
    """An expression at a point, and how the peers say it. None: a peer has no such function.

    ``text`` is a model's expression over ``x`` and ``y``; the gradient is that of its sum.
    """

    row: str
    text: str
    at: dict[str, Any]
    torch: Callable[..., Any] | None
    jax: Callable[..., Any] | None
    autograd: Callable[..., Any] | None

    @property
    def id(self) -> str:
        point = ", ".join(f"{name} = {shown(value)}" for name, value in self.at.items())
        return f"{self.text} at {point}"


def alike(name: str, autograd: str | None = None) -> tuple[Any, Any, Any]:
    """The same name in the three, the last two in NumPy's namespace."""
    return (
        lambda t, *xs: getattr(t, name)(*xs),
        lambda j, *xs: getattr(j.numpy, autograd or name)(*xs),
        lambda a, *xs: getattr(a.numpy, autograd or name)(*xs),
    )


def named(torch: str | None, numpy: str | None, autograd: bool = True) -> tuple[Any, Any, Any]:
    """A name in PyTorch, and one in NumPy's namespace (JAX's; also autograd's or not)."""
    return (
        (lambda t, *xs: getattr(t, torch)(*xs)) if torch else None,
        (lambda j, *xs: getattr(j.numpy, numpy)(*xs)) if numpy else None,
        (lambda a, *xs: getattr(a.numpy, numpy)(*xs)) if numpy and autograd else None,
    )


def _clip(low: float, high: float) -> tuple[Any, Any, Any]:
    return (
        lambda t, x: t.clamp(x, low, high),
        lambda j, x: j.numpy.clip(x, low, high),
        lambda a, x: a.numpy.clip(x, low, high),
    )


def _jump(symbol: str) -> tuple[Any, Any, Any]:
    def compare(x: Any, y: Any) -> Any:
        tests = {
            ">": lambda: x > y,
            ">=": lambda: x >= y,
            "<": lambda: x < y,
            "<=": lambda: x <= y,
            "==": lambda: x == y,
            "!=": lambda: x != y,
        }
        return tests[symbol]()

    return (
        None,  # its comparisons have no gradient to ask for
        lambda j, x, y: j.numpy.where(compare(x, y), 1.0, 0.0),
        lambda a, x, y: a.numpy.where(compare(x, y), 1.0, 0.0),
    )


def _norm(ord: Any = None) -> tuple[Any, Any, Any]:
    return (
        lambda t, x: t.linalg.norm(x, ord=ord),
        lambda j, x: j.numpy.linalg.norm(x, ord=ord),
        lambda a, x: a.numpy.linalg.norm(x, ord=ord),
    )


def _softmaxed(name: str) -> tuple[Any, Any, Any]:
    return (
        lambda t, x: getattr(t.nn.functional, name)(x),
        lambda j, x: getattr(j.nn, name)(x),
        None,
    )


def _special(torch: str | None, jax: str | None, autograd: str | None) -> tuple[Any, Any, Any]:
    return (
        (lambda t, *xs: getattr(t.special, torch)(*xs)) if torch else None,
        (lambda j, *xs: getattr(j.scipy.special, jax)(*xs)) if jax else None,
        (lambda a, *xs: getattr(a.scipy.special, autograd)(*xs)) if autograd else None,
    )


def _loss(torch: str, **settings: Any) -> tuple[Any, Any, Any]:
    return (
        lambda t, x, y: getattr(t.nn.functional, torch)(x, y, **settings),
        None,
        None,
    )


def _power(exponent: float) -> tuple[Any, Any, Any]:
    def by(peer: Any, x: Any) -> Any:
        return x**exponent

    return by, by, by


ONE = [[1.0, 0.0], [0.0, 1.0]]
FLAT = [[2.0, 0.0], [0.0, 0.0]]
ZERO = [[0.0, 0.0], [0.0, 0.0]]

CASES = (
    Case("abs", "abs(x)", {"x": 0.0}, *alike("abs")),
    Case("sign", "sign(x)", {"x": 0.0}, *alike("sign")),
    Case("floor", "floor(x)", {"x": 2.0}, *alike("floor")),
    Case("ceil", "ceil(x)", {"x": 2.0}, *alike("ceil")),
    Case("round", "round(x)", {"x": 0.5}, *alike("round")),
    *(
        Case(row, f"x {symbol} y", {"x": 1.0, "y": 1.0}, *_jump(symbol))
        for row, symbol in (
            *(("greater", ">"), ("greater_equal", ">="), ("less", "<"), ("less_equal", "<=")),
            *(("equal", "=="), ("not_equal", "!=")),
        )
    ),
    Case(
        *("where", "where(x > 0, x, 1 / x)", {"x": 0.0}),
        lambda t, x: t.where(x > 0, x, 1 / x),
        lambda j, x: j.numpy.where(x > 0, x, 1 / x),
        lambda a, x: a.numpy.where(x > 0, x, 1 / x),
    ),
    Case(
        *("where", "where(x > 0, sqrt(x), 0)", {"x": 0.0}),
        lambda t, x: t.where(x > 0, t.sqrt(x), 0.0),
        lambda j, x: j.numpy.where(x > 0, j.numpy.sqrt(x), 0.0),
        lambda a, x: a.numpy.where(x > 0, a.numpy.sqrt(x), 0.0),
    ),
    Case("relu", "relu(x)", {"x": 0.0}, *_softmaxed("relu")),
    Case(
        *("leaky_relu", "leaky_relu(x, 0.1)", {"x": 0.0}),
        lambda t, x: t.nn.functional.leaky_relu(x, 0.1),
        lambda j, x: j.nn.leaky_relu(x, 0.1),
        None,
    ),
    Case(
        *("elu", "elu(x, 2)", {"x": 0.0}),
        lambda t, x: t.nn.functional.elu(x, 2.0),
        lambda j, x: j.nn.elu(x, 2.0),
        None,
    ),
    Case("maximum", "maximum(x, y)", {"x": 1.0, "y": 1.0}, *alike("maximum")),
    Case("minimum", "minimum(x, y)", {"x": 1.0, "y": 1.0}, *alike("minimum")),
    Case(
        "maximum",
        "maximum(x, 0)",
        {"x": 0.0},
        *(
            lambda t, x: t.maximum(x, t.zeros_like(x)),
            lambda j, x: j.numpy.maximum(x, 0.0),
            lambda a, x: a.numpy.maximum(x, 0.0),
        ),
    ),
    Case("clip", "clip(x, 0, 1)", {"x": 0.0}, *_clip(0.0, 1.0)),
    Case("clip", "clip(x, 0, 1)", {"x": 1.0}, *_clip(0.0, 1.0)),
    Case("max", "max(x)", {"x": [3.0, 1.0, 3.0]}, *named("amax", "max")),
    Case("min", "min(x)", {"x": [1.0, 1.0, 3.0]}, *named("amin", "min")),
    Case(
        *("sort", "sum(sort(x) * [1, 2, 3])", {"x": [2.0, 1.0, 2.0]}),
        lambda t, x: (t.sort(x).values * t.tensor([1.0, 2.0, 3.0])).sum(),
        lambda j, x: (j.numpy.sort(x) * j.numpy.array([1.0, 2.0, 3.0])).sum(),
        lambda a, x: a.numpy.sum(a.numpy.sort(x) * np.array([1.0, 2.0, 3.0])),
    ),
    Case(
        *("sort", "sum(sort(x)[1:3]) / 2", {"x": [2.0, 1.0, 2.0, 2.0]}),  # the median, as NumPy's
        lambda t, x: t.quantile(x, 0.5),
        lambda j, x: j.numpy.median(x),
        None,
    ),
    Case("sqrt", "sqrt(x)", {"x": 0.0}, *alike("sqrt")),
    Case("cbrt", "cbrt(x)", {"x": 0.0}, *named(None, "cbrt", autograd=False)),
    Case("power", "x**0", {"x": 0.0}, *_power(0.0)),
    Case("power", "x**0.5", {"x": 0.0}, *_power(0.5)),
    Case("power", "x**1", {"x": 0.0}, *_power(1.0)),
    Case("power", "x**2", {"x": 0.0}, *_power(2.0)),
    Case("power", "x**y", {"x": 0.0, "y": 0.0}, *named("pow", "power")),
    Case("power", "x**y", {"x": 0.0, "y": 2.0}, *named("pow", "power")),
    Case("power", "x**y", {"x": -2.0, "y": 3.0}, *named("pow", "power")),
    Case("hypot", "hypot(x, y)", {"x": 0.0, "y": 0.0}, *named("hypot", "hypot", autograd=False)),
    Case("atan2", "atan2(x, y)", {"x": 0.0, "y": -2.0}, *named("atan2", "arctan2")),
    Case("asin", "asin(x)", {"x": 1.0}, *alike("asin", "arcsin")),
    Case("acos", "acos(x)", {"x": 1.0}, *alike("acos", "arccos")),
    Case("acosh", "acosh(x)", {"x": 1.0}, *alike("acosh", "arccosh")),
    Case("xlogy", "xlogy(x, y)", {"x": 0.0, "y": 0.0}, *_special("xlogy", "xlogy", None)),
    Case("xlogy", "xlogy(x, y)", {"x": 0.0, "y": 3.0}, *_special("xlogy", "xlogy", None)),
    Case("entr", "entr(x)", {"x": 0.0}, *_special("entr", "entr", None)),
    Case("sinc", "sinc(x)", {"x": 0.0}, *alike("sinc")),
    Case("prod", "prod(x)", {"x": [2.0, 0.0, 3.0]}, *named("prod", "prod")),
    Case("prod", "prod(x)", {"x": [0.0, 0.0, 3.0]}, *named("prod", "prod")),
    Case(
        *("cumprod", "sum(cumprod(x))", {"x": [2.0, 0.0, 3.0]}),
        lambda t, x: t.cumprod(x, 0).sum(),
        lambda j, x: j.numpy.cumprod(x).sum(),
        None,
    ),
    Case(
        *("std", "std(x)", {"x": [1.0, 1.0]}),
        lambda t, x: t.std(x, correction=0),
        lambda j, x: j.numpy.std(x),
        lambda a, x: a.numpy.std(x),
    ),
    Case("norm", "norm(x)", {"x": [0.0, 0.0]}, *_norm()),
    Case("norm", "norm(x, 1)", {"x": [0.0, 2.0]}, *_norm(1)),
    Case("norm", "norm(x, 3)", {"x": [0.0, 0.0]}, *_norm(3)),
    Case("norm", "norm(x, inf)", {"x": [2.0, -2.0]}, *_norm(inf)),
    Case("norm", "norm(x, 2)", {"x": ONE}, *_norm(2)),
    Case("norm", "norm(x, 'nuc')", {"x": FLAT}, *_norm("nuc")),
    Case(
        *("eigvalsh", "sum(eigvalsh(x) * [1, 3])", {"x": ONE}),
        lambda t, x: (t.linalg.eigvalsh(x) * t.tensor([1.0, 3.0])).sum(),
        lambda j, x: (j.numpy.linalg.eigvalsh(x) * j.numpy.array([1.0, 3.0])).sum(),
        lambda a, x: a.numpy.sum(a.numpy.linalg.eigh(x)[0] * np.array([1.0, 3.0])),
    ),
    Case(
        *("svdvals", "sum(svdvals(x))", {"x": ZERO}),
        lambda t, x: t.linalg.svdvals(x).sum(),
        lambda j, x: j.numpy.linalg.svd(x, compute_uv=False).sum(),
        lambda a, x: a.numpy.sum(a.numpy.linalg.svd(x, compute_uv=False)),
    ),
    Case(
        "det",
        "det(x)",
        {"x": [[1.0, 2.0], [2.0, 4.0]]},
        *(
            lambda t, x: t.linalg.det(x),
            lambda j, x: j.numpy.linalg.det(x),
            lambda a, x: a.numpy.linalg.det(x),
        ),
    ),
    Case(
        *("logsumexp", "logsumexp(x)", {"x": [1000.0, 1000.0]}),
        lambda t, x: t.logsumexp(x, 0),
        lambda j, x: j.scipy.special.logsumexp(x),
        lambda a, x: a.scipy.special.logsumexp(x),
    ),
    Case(
        *("huber", "huber(x, y, 1)", {"x": 1.0, "y": 0.0}),
        lambda t, x, y: t.nn.functional.huber_loss(x, y),
        None,
        None,
    ),
    Case("huber", "huber(x, y, 1)", {"x": 0.0, "y": 0.0}, *_loss("huber_loss")),
    Case(
        *("binary_cross_entropy", "binary_cross_entropy(x, y)", {"x": 0.0, "y": 0.0}),
        *_loss("binary_cross_entropy"),
    ),
    Case(
        *("kl_div", "kl_div(x, y)", {"x": [-1.0], "y": [0.0]}),
        *_loss("kl_div", reduction="sum"),
    ),
)


def shown(value: Any) -> str:
    """Numbers as a person writes them; lists in brackets, None as a dash."""
    if value is None:
        return "–"
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"
    if value == "error":
        return "an error"
    number = float(value)
    if math.isfinite(number):
        return f"{number:.6g}".replace("-", "−")
    return "NaN" if math.isnan(number) else "∞" if number > 0 else "−∞"


def plain(value: Any) -> Any:
    """An array as JSON has it: nested lists, and text for what is no finite number."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    number = round(float(value), 12) + 0.0
    return number if math.isfinite(number) else str(number)


def ours(case: Case) -> list[Any]:
    """gradpath's gradient, by each operand."""
    program = autodiff.loads(f"L = sum({case.text})", values=case.at)
    _, found = program.value_and_gradient(wrt=list(case.at))
    return [plain(np.asarray(found[name]).tolist()) for name in case.at]


def by_torch(case: Case) -> list[Any]:
    import torch

    xs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in case.at.values()]
    torch.sum(case.torch(torch, *xs)).backward()
    return [plain((torch.zeros_like(x) if x.grad is None else x.grad).tolist()) for x in xs]


def by_jax(case: Case) -> list[Any]:
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import jax
    import jax.scipy.special

    jax.config.update("jax_enable_x64", True)
    xs = [jax.numpy.asarray(np.array(x)) for x in case.at.values()]
    pull = jax.grad(lambda *xs: jax.numpy.sum(case.jax(jax, *xs)), tuple(range(len(xs))))
    return [plain(np.asarray(g).tolist()) for g in pull(*xs)]


def by_autograd(case: Case) -> list[Any]:
    import autograd
    import autograd.scipy.special

    xs = [np.array(x) for x in case.at.values()]

    def output(*xs: Any) -> Any:
        return autograd.numpy.sum(case.autograd(autograd, *xs))

    return [plain(np.asarray(autograd.grad(output, k)(*xs)).tolist()) for k in range(len(xs))]


ASK = {"torch": by_torch, "jax": by_jax, "autograd": by_autograd}


def theirs(peer: str, case: Case) -> Any:
    """A peer's gradient; None where it has no such function, ``"error"`` where it refuses."""
    if getattr(case, peer) is None:
        return None
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # what a peer warns of is not ours
        try:
            return ASK[peer](case)
        except (NotImplementedError, ValueError, TypeError, np.linalg.LinAlgError):
            return "error"


def installed(peer: str) -> str | None:
    try:
        return version(peer)
    except PackageNotFoundError:
        return None


def kept() -> dict[str, Any]:
    """The peers' answers of the last `update`, by case, and their versions."""
    data: dict[str, Any] = json.loads(KEPT.read_text(encoding="utf-8"))
    return data


def update() -> None:
    """Asks every peer that is installed; keeps what the others said before."""
    data = kept() if KEPT.exists() else {"versions": {}, "answers": {}}
    answers = {case.id: data["answers"].get(case.id, {}) for case in CASES}
    for peer in PEERS:
        if installed(peer) is not None:
            data["versions"][peer] = installed(peer).partition("+")[0]
            for case in CASES:
                answers[case.id][peer] = theirs(peer, case)
    data["answers"] = answers
    KEPT.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def cell(answer: Any) -> str:
    """One answer, by each operand."""
    if answer is None or answer == "error":
        return shown(answer)
    return ", ".join(map(shown, answer))


def table() -> str:
    """Two tables in Markdown: where somebody differs from gradpath, and where all agree."""
    data = kept()
    heads = [f"{name} {data['versions'][peer]}" for peer, name in PEERS.items()]
    lines = [
        f"| expression | at | gradpath | {' | '.join(heads)} |",
        f"|---|---|{'---|' * (1 + len(heads))}",
    ]
    same = []
    for case in CASES:
        own, answers = ours(case), data["answers"][case.id]
        point = ", ".join(f"{name} = {shown(value)}" for name, value in case.at.items())
        asked = [answers[peer] for peer in PEERS if answers[peer] is not None]
        if all(answer == own for answer in asked):
            same.append(f"`{case.text}` at {point}: {cell(own)}")
            continue
        cells = [
            f"**{cell(answers[peer])}**"
            if answers[peer] not in (None, own)
            else cell(answers[peer])
            for peer in PEERS
        ]
        lines.append(f"| `{case.text}` | {point} | {cell(own)} | {' | '.join(cells)} |")
    lines += ["", "The same everywhere, where the function is there:", ""]
    return "\n".join([*lines, *(f"- {line}" for line in same)])


if __name__ == "__main__":
    if "--update" in sys.argv[1:]:
        update()
    else:
        sys.stdout.write(table() + "\n")
