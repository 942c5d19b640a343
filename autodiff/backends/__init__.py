"""Number systems: one module each, and each module is the namespace ``m`` of the rows.

    scalar   Python floats, ``math`` alone; imports no NumPy
    array    NumPy float64
    mp       mpmath, at mpmath's current working precision
    record   nodes on a tape of their own, so that rules can be differentiated again
    formula  text: what the edge weights look like
    javascript  lines of a program: what a page computes again (numbers alone)

The protocol
------------
A row touches its operands by ``+ - * /``, unary ``-``, ``**`` with a literal exponent,
comparisons, and the functions of ``m`` named below; nothing else. Every function takes
Python numbers beside the system's own values. A sibling (CuPy, an array-API namespace)
supplies the same names.

Constants
    ``pi inf nan``
Elementwise, as in NumPy, over the reals (outside the domain NaN, never complex)
    `ELEMENTWISE`. ``round`` is half to even. ``power(0, 0)`` is 1. ``polygamma(n, x)`` has a
    literal n. ``where(c, a, b)`` takes any number for c, and nonzero is true.
    ``sinc_slope`` is the derivative of NumPy's ``sinc``, ``ndtri`` is SciPy's, ``lbeta`` its
    ``betaln``, and both beta functions are asked for positive operands only.
    ``times(a, b)`` is a·b, but 0 wherever a is 0, even if b is infinite or NaN.
    ``ratio(a, b)`` is a/b, but 0 where both are 0.
Rows
    ``whole(op, *xs)`` is another elementwise row, taken as one formula: on the edge between two
    of its pieces SymPy then sees that their slopes agree.
Arrays
    `ARRAY`. ``shape(x)`` is a tuple, ``()`` for a scalar. ``sum max min prod`` take
    ``axis=None`` (or an int, or a tuple) and ``keepdims=False``, and so does ``norm``, the
    root of the sum of squares, right also where the squares overflow or vanish;
    ``cumsum cumprod flip sort`` take ``(x, axis)``, one int. ``transpose(x, axes)`` takes the
    whole permutation. ``reshape``, ``broadcast_to`` and ``full(shape, value)`` take a tuple;
    ``stack(xs, axis)`` and ``concat(xs, axis)`` a sequence. ``getitem(x, index)`` reads, and
    ``scatter(x, index, shape)`` adds x to zeros at that index, repeated positions and all.
    ``einsum(subscripts, *xs)`` is NumPy's, with ``->`` and letters alone.
    ``argsort(x, axis)`` is stable, and ``take_along(x, order, axis)`` reads in that order.
    ``tied_mean(x, keys, axis, tolerance)`` is, along an axis on which ``keys`` are sorted, the
    mean of x over each run of keys whose neighbours differ by no more than the tolerance.
    ``tril(x, k)`` and ``triu(x, k)`` take stacks of matrices.
Matrices
    `MATRICES`, each on stacks of them. A matrix outside of what is asked for (singular, not
    definite) gives NaN. ``solve(a, b)`` takes columns b; ``slogdet`` gives the sign and log|det|;
    ``cofactor(x)`` is the derivative of det, also where x is singular. ``eigh`` takes symmetric
    matrices and gives eigenvalues, ascending, and vectors, in columns; ``svd(x, full)`` gives
    U, the singular values, descending, and V, not transposed.
Constructors
    `CREATE`. ``asarray`` takes a float or a NumPy float64 array to the system's own values,
    exactly. ``arange linspace`` are NumPy's; ``randn rand`` take ``(shape, seed)`` and draw
    what ``numpy.random.default_rng(seed)`` draws.

`scalar` has the elementwise names and the few of `ARRAY` that mean something for a number
(``shape ones_like zeros_like broadcast_to``); it may raise ZeroDivisionError, ValueError or
OverflowError where IEEE has inf or NaN, and whoever calls it asks `array` then, having made
the operands ``array.asarray(x)``: Python's own ``1.0 / 0.0`` would raise again.
"""

from __future__ import annotations

CONSTANTS = ("pi", "inf", "nan")
# fmt: off
ELEMENTWISE = (
    "abs", "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "cbrt",
    "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
    "floor", "ceil", "round", "sign", "erf", "erfc", "lgamma", "digamma",
    "gamma", "erfinv", "ndtri", "sinc", "sinc_slope", "beta", "lbeta",
    "atan2", "hypot", "power", "maximum", "minimum", "logaddexp", "polygamma",
    "times", "ratio", "logical_and", "logical_or", "where",
)
ARRAY = (
    "shape", "ones_like", "zeros_like", "broadcast_to", "sum", "max", "min", "prod", "norm",
    "cumsum", "cumprod", "flip", "sort", "argsort", "take_along", "tied_mean", "tril", "triu",
    "matmul", "einsum", "reshape", "transpose", "stack", "concat", "getitem", "scatter",
)
MATRICES = ("inv", "solve", "det", "slogdet", "cofactor", "cholesky", "eigh", "svd")
ROWS = ("whole",)
CREATE = ("asarray", "full", "eye", "arange", "linspace", "randn", "rand")
# fmt: on
