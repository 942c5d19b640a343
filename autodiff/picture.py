"""What a drawing of the graph shows: vertices, edges, paths lit up. Computes and draws nothing.

`autodiff.depict` makes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from autodiff.report import Array, Check, Note, Path

Kind: TypeAlias = Literal["leaf", "node", "output", "folded"]


class Vertex(NamedTuple):
    """A name, an operation, or many of them folded into one.

    name      : as on paths; of folded vertices those of the first and the last in the file
    statement : what is assigned, written out; "" for a number
    value     : a float or an array; None for what is folded, as all below
    shape     : of the value
    norm      : its Frobenius norm
    adjoint   : d(output)/d(this), or None where no derivative leads
    adjoint_norm : its Frobenius norm
    line      : in the model file, or None for what was given from outside
    folded    : how many vertices of the graph it stands for: 1 unless folded
    members   : their names, where it is folded
    """

    name: str
    kind: Kind
    statement: str
    value: Array | None
    shape: tuple[int, ...]
    norm: float | None
    adjoint: Array | None
    adjoint_norm: float | None
    line: int | None
    folded: int = 1
    members: tuple[str, ...] = ()


class Edge(NamedTuple):
    """From a vertex to one of its operands, both indices of `Picture.vertices`.

    Computing goes from ``target`` to ``source``, and the derivative from ``source`` to ``target``.

    live    : whether a derivative flows along it: not to what ``where`` did not choose
    formula : the local derivative; between arrays the pull-back; "" where it is not live, or folded
    weight  : its number; None between arrays
    shape   : (*out, *in)
    norm    : Frobenius, where it is known
    folded  : how many edges of the graph it stands for
    """

    source: int
    target: int
    live: bool
    formula: str
    weight: Array | None
    shape: tuple[int, ...] | None
    norm: float | None
    folded: int = 1


class Lit(NamedTuple):
    """A path that is lit up.

    path  : as in a report, with its product
    edges : indices of `Picture.edges`, output first; what is folded into one vertex has none
    share : |contribution| as a share of that of all paths to the same vertex together, from 0 to 1
    """

    path: Path
    edges: tuple[int, ...]
    share: float


class Sum(NamedTuple):
    """The derivative that lit paths are part of.

    wrt   : the name that they lead to
    value : d(output)/d(wrt); at a kink as a report gives it
    norm  : its Frobenius norm
    shape : of the value
    count : the number of paths, None beyond 10^18
    exponent : floor(log10(count)) then
    shown : of them, the places in `Picture.lit`
    rest  : what the paths that are not lit add; None where all are
    rest_norm : its Frobenius norm
    check : where there is no derivative, what there is instead; SymPy is not asked
    """

    wrt: str
    value: Array
    norm: float
    shape: tuple[int, ...]
    count: int | None  # type: ignore[assignment]  # shadows tuple.count, which nobody needs
    exponent: int | None
    shown: tuple[int, ...]
    rest: Array | None
    rest_norm: float
    check: Check | None = None


class Picture(NamedTuple):
    """What is drawn. Vertices come output first, each before its operands.

    total  : vertices of the whole graph, of which some may be folded
    unused : names of the model that the output does not use, and that are left out
    """

    model: str
    output: str
    value: Array
    vertices: tuple[Vertex, ...]
    edges: tuple[Edge, ...]
    lit: tuple[Lit, ...]
    sums: tuple[Sum, ...]
    total: int
    unused: int
    notes: tuple[Note, ...]
