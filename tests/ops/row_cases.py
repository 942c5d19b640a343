"""Operands for every row of the table, drawn from the row's own sampling range.

A row without a case is an error when the tests are collected: no row goes untested.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autodiff.ops import TABLE, Op


class Case(NamedTuple):
    op: Op
    xs: tuple[Any, ...]
    static: dict[str, Any]

    @property
    def id(self) -> str:
        shapes = ",".join(str(np.shape(x)).replace(" ", "") for x in self.xs)
        static = ",".join(f"{k}={v}".replace(" ", "") for k, v in self.static.items())
        static = static.replace("\n", "")
        return f"{self.op.name}-{shapes}{'-' if static else ''}{static}"


def draw(rng: np.random.Generator, low: float, high: float, shape: tuple[int, ...]) -> Any:
    x = np.asarray(rng.uniform(low, high, shape))
    x.flags.writeable = False
    return x if shape else np.float64(x)


AXES: list[dict[str, Any]] = [
    {},
    {"axis": 0},
    {"axis": -1, "keepdims": True},
    {"axis": (0, 2)},
    {"axis": (-1, 1), "keepdims": True},
    {"keepdims": True},
]
_IN_AXES = [((2, 3, 4), static) for static in AXES] + [((5,), {}), ((), {}), ((1, 3), {"axis": 0})]
_ON_AXIS = [((3, 4), {}), ((3, 4), {"axis": 0}), ((2, 3, 4), {"axis": 1}), ((4,), {})]

# Per row that is not elementwise: the operands' shapes, and the configuration.
SHAPES: dict[str, list[tuple[Any, dict[str, Any]]]] = {
    "sum": _IN_AXES,
    "mean": _IN_AXES,
    "prod": _IN_AXES,
    "max": _IN_AXES,
    "min": _IN_AXES,
    "var": [*_IN_AXES[:-1], ((3, 4), {"axis": 1, "ddof": 1})],
    "std": [*_IN_AXES[:-2], ((3, 4), {"axis": 1, "ddof": 1})],
    "norm": [
        *_IN_AXES,
        ((3, 4), {"axis": 1, "ord": 2}),
        *(((5,), {"ord": ord}) for ord in (1, 2, 3, 2.5, np.inf, -np.inf)),
        ((3, 4), {"axis": 0, "ord": 1}),
        ((3, 4), {"axis": 1, "ord": 3, "keepdims": True}),
        ((3, 4), {"axis": -1, "ord": np.inf}),
        *(((3, 4), {"ord": ord}) for ord in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)),
        ((4, 2), {"ord": "nuc"}),
        ((2, 2), {"ord": 2}),
        ((1, 3), {"ord": 2}),
        *(((2, 3, 4), {"ord": ord, "axis": (2, 0)}) for ord in ("nuc", 1, np.inf)),
        ((2, 3, 4), {"ord": 2, "axis": (0, 1), "keepdims": True}),
    ],
    "eigvalsh": [((3, 3), {}), ((1, 1), {}), ((2, 2), {}), ((2, 4, 4), {})],
    "svdvals": [((3, 3), {}), ((2, 2), {}), ((4, 2), {}), ((1, 3), {}), ((2, 3, 4), {})],
    "logsumexp": _IN_AXES,
    "softmax": [*_ON_AXIS, ((2, 3), {"axis": None})],
    "log_softmax": [*_ON_AXIS, ((2, 3), {"axis": None})],
    "cumsum": [*_ON_AXIS, ((), {})],
    "polygamma": [((3,), {"n": 1}), ((), {"n": 2}), ((2, 2), {"n": 0}), ((3,), {"n": 5})],
    "matmul": [
        (((2, 3), (3, 4)), {}),
        (((3,), (3, 4)), {}),
        (((2, 3), (3,)), {}),
        (((3,), (3,)), {}),
        (((5, 2, 3), (3, 4)), {}),
        (((2, 3), (5, 3, 4)), {}),
        (((6, 1, 2, 3), (5, 3, 1)), {}),
        (((3,), (5, 3, 4)), {}),
        (((5, 2, 3), (3,)), {}),
        (((1, 1), (1, 1)), {}),
    ],
    "dot": [
        (((2, 3), (3, 4)), {}),
        (((3,), (3,)), {}),
        (((2, 3), (3,)), {}),
        (((), (3,)), {}),
        (((2, 3), ()), {}),
        (((), ()), {}),
    ],
    "outer": [(((3,), (4,)), {}), (((2, 2), (3,)), {}), (((), (3,)), {}), (((), ()), {})],
    "trace": [((3, 3), {}), ((2, 4), {}), ((4, 2), {})],
    "diag": [
        ((3,), {}),
        ((2,), {"k": 1}),
        ((2,), {"k": -2}),
        ((3, 4), {}),
        ((3, 4), {"k": 2}),
        ((3, 4), {"k": -1}),
        ((3, 4), {"k": 4}),
    ],
    "getitem": [
        ((3, 4), {"index": 1}),
        ((3, 4), {"index": (slice(None), -1)}),
        ((3, 4), {"index": (slice(None, None, -2), slice(1, 3))}),
        ((3, 4), {"index": (2, 3)}),
        ((3, 4), {"index": [0, 0, 2]}),
        ((3, 4), {"index": ([0, 0, 2], [1, 1, 3])}),
        ((3, 4), {"index": (Ellipsis, None, 0)}),
        ((4,), {"index": 3}),
    ],
    "scatter": [
        ((2,), {"index": ([0, 1], [1, 1]), "shape": (2, 3)}),
        ((3,), {"index": [0, 0, 2], "shape": (4,)}),
        ((), {"index": (1, 2), "shape": (2, 3)}),
        ((2,), {"index": (slice(None), 0), "shape": (2, 3)}),
    ],
    "transpose": [
        ((3, 4), {}),
        ((2, 3, 4), {}),
        ((2, 3, 4), {"axes": (1, 2, 0)}),
        ((2, 3, 4), {"axes": (-1, 0, 1)}),
        ((3,), {}),
    ],
    "reshape": [
        ((3, 4), {"shape": (2, 6)}),
        ((3, 4), {"shape": ((4, 3),)}),
        ((3, 4), {"shape": (-1,)}),
        ((1, 1), {"shape": ((),)}),
        ((), {"shape": (1, 1)}),
    ],
    "broadcast_to": [((3,), {"shape": (2, 3)}), ((2, 1), {"shape": (2, 3)}), ((), {"shape": (2,)})],
    "tile": [
        ((3,), {"reps": 2}),
        ((2, 3), {"reps": (2, 2)}),
        ((2, 3), {"reps": 2}),
        ((3,), {"reps": (2, 1, 3)}),
        ((2, 1, 2), {"reps": (3, 2)}),
        ((), {"reps": 3}),
        ((2, 3), {"reps": ()}),
    ],
    "repeat": [
        ((3,), {"repeats": 2}),
        ((2, 3), {"repeats": 2}),
        ((2, 3), {"repeats": 3, "axis": 0}),
        ((2, 3), {"repeats": 2, "axis": -1}),
        ((), {"repeats": 2}),
        ((2, 3), {"repeats": 1, "axis": 1}),
    ],
    "take": [
        ((5,), {"indices": (0, 3, 3, -1)}),
        ((3, 4), {"indices": (0, 5, 5)}),
        ((3, 4), {"indices": (2, 0, 2), "axis": 1}),
        ((3, 4), {"indices": ((0, 1), (1, 2)), "axis": 0}),
        ((2, 3, 4), {"indices": 1, "axis": -2}),
        ((5,), {"indices": np.array([1.0, 0.0, 1.0])}),
    ],
    "expand_dims": [
        ((3, 4), {"axis": 0}),
        ((3, 4), {"axis": -1}),
        ((3, 4), {"axis": (0, 2)}),
        ((), {"axis": 0}),
    ],
    "squeeze": [
        ((1, 3, 1), {}),
        ((1, 3, 1), {"axis": -1}),
        ((1, 3, 1), {"axis": (0, 2)}),
        ((1,), {"axis": 0}),
        ((2, 3), {}),
    ],
    "swapaxes": [
        ((3, 4), {"axis1": 0, "axis2": 1}),
        ((2, 3, 4), {"axis1": -1, "axis2": 0}),
        ((2, 3), {"axis1": 1, "axis2": 1}),
    ],
    "tril": [((3, 3), {}), ((2, 4), {"k": 1}), ((4, 2), {"k": -1}), ((2, 3, 3), {})],
    "triu": [((3, 3), {}), ((2, 4), {"k": 1}), ((4, 2), {"k": -1}), ((2, 3, 3), {})],
    "cumprod": [*_ON_AXIS, ((), {}), ((1,), {}), ((9,), {"axis": 0})],
    "sort": [
        ((7,), {}),
        ((3, 4), {}),
        ((3, 4), {"axis": 0}),
        ((3, 4), {"axis": None}),
        ((2, 3, 4), {"axis": 1}),
        ((1,), {}),
        ((2,), {}),
    ],
    "inner": [
        (((3,), (3,)), {}),
        (((2, 3), (3,)), {}),
        (((2, 3), (4, 3)), {}),
        (((2, 2, 3), (4, 3)), {}),
        (((), (3,)), {}),
        (((), ()), {}),
    ],
    "vdot": [(((3,), (3,)), {}), (((2, 3), (3, 2)), {}), (((), ()), {}), (((6,), (2, 3)), {})],
    "kron": [
        (((2,), (3,)), {}),
        (((2, 3), (3, 2)), {}),
        (((2, 2), (3,)), {}),
        (((3,), (2, 2)), {}),
        (((), (3,)), {}),
        (((2, 1, 2), (2, 2)), {}),
    ],
    "cross": [
        (((3,), (3,)), {}),
        (((2,), (2,)), {}),
        (((2, 3), (3,)), {}),
        (((3,), (2, 3)), {}),
        (((4, 2), (4, 2)), {}),
        (((2,), (4, 2)), {}),
        (((4, 2), (2,)), {}),
        (((2, 1, 3), (4, 3)), {}),
    ],
    "einsum": [
        (((2, 3), (3, 4)), {"subscripts": "ij,jk->ik"}),
        (((2, 3), (3, 4)), {"subscripts": "ij,jk"}),
        (((2, 3), (3,)), {"subscripts": "ij, j -> i"}),
        (((3,), (3,)), {"subscripts": "i,i->"}),
        (((3,), (4,)), {"subscripts": "i,j->ji"}),
        (((2, 3),), {"subscripts": "ij->ji"}),
        (((2, 3),), {"subscripts": "ij->"}),
        (((2, 3),), {"subscripts": "ij->j"}),
        (((3, 3),), {"subscripts": "ii"}),
        (((3, 3),), {"subscripts": "ii->i"}),
        (((3, 3, 2),), {"subscripts": "iij->ji"}),
        (((3, 3, 3),), {"subscripts": "iii->"}),
        (((3, 3), (3,)), {"subscripts": "ii,i->i"}),
        (((2, 3), (4, 5)), {"subscripts": "ij,kl->ik"}),
        (((5, 2, 3), (5, 3, 4)), {"subscripts": "bij,bjk->bik"}),
        (((3,), (3, 4), (4,)), {"subscripts": "i,ij,j->"}),
        (((2, 3), (3, 4), (4, 2)), {"subscripts": "ij,jk,ki->"}),
        (((), (3,)), {"subscripts": ",i->i"}),
    ],
    "det": [((3, 3), {}), ((1, 1), {}), ((2, 2), {}), ((2, 4, 4), {})],
    "logdet": [((3, 3), {}), ((1, 1), {}), ((2, 2, 2), {})],
    "inv": [((3, 3), {}), ((1, 1), {}), ((2, 2, 2), {})],
    "solve": [
        (((3, 3), (3,)), {}),
        (((3, 3), (3, 2)), {}),
        (((2, 3, 3), (3, 2)), {}),
        (((3, 3), (2, 3, 1)), {}),
        (((2, 2, 2), (2,)), {}),
        (((1, 1), (1,)), {}),
    ],
    "cholesky": [((3, 3), {}), ((1, 1), {}), ((2, 2, 2), {})],
    "matrix_power": [
        ((3, 3), {"n": 3}),
        ((3, 3), {"n": 1}),
        ((3, 3), {"n": 0}),
        ((3, 3), {"n": -1}),
        ((2, 2), {"n": -3}),
        ((2, 2, 2), {"n": 6}),
    ],
    "mse": [(((3,), (3,)), {}), (((2, 3), (2, 3)), {}), (((), ()), {})],
    "huber": [
        (((7,), (7,), ()), {}),
        (((2, 3), (2, 3), ()), {}),
        (((2, 3), (2, 3), (3,)), {}),
        (((), (), ()), {}),
    ],
    "cross_entropy": [(((4,), (4,)), {}), (((2, 3), (2, 3)), {}), (((3, 1), (3, 1)), {})],
    "binary_cross_entropy": [(((4,), (4,)), {}), (((2, 3), (2, 3)), {}), (((), ()), {})],
    "kl_div": [(((4,), (4,)), {}), (((2, 3), (2, 3)), {}), (((), ()), {})],
    "cosine_similarity": [(((4,), (4,)), {}), (((2, 3), (2, 3)), {}), (((2, 1, 2), (2, 1, 2)), {})],
    "flip": [((3, 4), {"axis": 0}), ((3, 4), {"axis": -1})],
    "concat": [
        (((2, 3), (1, 3)), {}),
        (((2, 3), (2, 1), (2, 2)), {"axis": 1}),
        (((2, 3), (2, 2)), {"axis": -1}),
        (((2, 3), (4,)), {"axis": None}),
    ],
    "stack": [
        (((2, 3), (2, 3)), {}),
        (((2, 3), (2, 3)), {"axis": 1}),
        (((3,), (3,), (3,)), {"axis": -1}),
        (((), ()), {}),
    ],
    "array": [(((), (), ()), {}), (((2,), (2,)), {}), (((),), {})],
    "full": [((), {"shape": (2, 3)}), ((3,), {"shape": (2, 3)}), ((), {"shape": 2})],
}

# Rows without a derivative: their configuration, and what they make.
DATA: dict[str, list[tuple[dict[str, Any], Any]]] = {
    "zeros": [({"shape": (2, 3)}, np.zeros((2, 3))), ({"shape": 2}, np.zeros(2))],
    "ones": [({"shape": ((2, 3),)}, np.ones((2, 3))), ({"shape": ()}, 1.0)],
    "eye": [({"n": 3}, np.eye(3)), ({"n": 2, "columns": 3}, np.eye(2, 3))],
    "one_hot": [
        ({"labels": (2, 0, 2), "num_classes": 3}, np.eye(3)[[2, 0, 2]]),
        ({"labels": ((1,), (0,)), "num_classes": 2}, np.array([[[0, 1]], [[1, 0]]])),
        ({"labels": np.array([1.0, 0.0]), "num_classes": 2}, np.eye(2)[[1, 0]]),
        ({"labels": 1, "num_classes": 4}, np.eye(4)[1]),
    ],
    "arange": [
        ({"start": 4}, np.arange(4.0)),
        ({"start": 1, "stop": 3, "step": 0.5}, np.arange(1, 3, 0.5)),
        ({"start": 3, "stop": 0, "step": -1}, np.arange(3.0, 0, -1)),
        ({"start": 3, "stop": 0}, np.zeros(0)),
    ],
    "linspace": [
        ({"start": 0, "stop": 1}, np.linspace(0, 1)),
        ({"start": 0, "stop": 1, "num": 4}, np.linspace(0, 1, 4)),
    ],
    "randn": [({"shape": (2, 3), "seed": 7}, np.random.default_rng(7).standard_normal((2, 3)))],
    "rand": [({"shape": ((2, 3),), "seed": 7}, np.random.default_rng(7).random((2, 3)))],
}
# They make Python's own objects for shapes and indices.
BUILDERS = {"tuple", "list", "slice"}


def _elementwise_shapes(arity: int) -> list[tuple[tuple[int, ...], ...]]:
    if arity == 1:
        return [((),), ((2, 3),)]
    wide = ((2, 1), (3,), ())[:arity]
    return [((),) * arity, ((2, 3),) * arity, wide, wide[::-1], ((1, 1), (2,), (1,))[:arity]]


# Rows whose first operand is drawn among regular (and positive definite) matrices.
MATRICES = {"det", "logdet", "inv", "solve", "cholesky", "matrix_power"}


def _regular(x: Any) -> Any:
    near = np.asarray(np.eye(x.shape[-1]) + 0.25 * x / x.shape[-1])
    near.flags.writeable = False
    return near


def cases_of(op: Op) -> list[Case]:
    """The cases of a differentiable row; KeyError if nobody wrote any."""
    rng = np.random.default_rng([ord(c) for c in op.name])
    if op.elementwise:
        listed = [(shapes, {}) for shapes in _elementwise_shapes(len(op.partials))]
    else:
        listed = SHAPES[op.name]
    cases = []
    for shapes, static in listed:
        if not shapes or isinstance(shapes[0], int):
            shapes = (shapes,)
        sample = op.sample * len(shapes) if len(op.sample) == 1 else op.sample
        xs = tuple(draw(rng, *sample[i], shape) for i, shape in enumerate(shapes))
        if op.name in MATRICES:  # away from singular ones: near the identity
            xs = (_regular(xs[0]), *xs[1:])
        if op.selects:  # else the branch for a condition of 0 is never taken
            condition = np.asarray(np.maximum(xs[0], 0.0))
            condition.flags.writeable = False
            xs = (condition[()], *xs[1:])
        cases.append(Case(op, xs, static))
    return cases


CASES = [case for op in TABLE.values() if op.differentiable for case in cases_of(op)]
ELEMENTWISE = [op for op in TABLE.values() if op.elementwise]
