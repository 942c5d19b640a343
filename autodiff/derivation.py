"""A derivation as data: what each name computes, its slopes, and the backward pass node by node.

Collects what an analysis has found, and writes formulas; computes no derivative, prints nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from autodiff.backends.formula import Formulas

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autodiff.analysis import Analysis
    from autodiff.graph import Graph
    from autodiff.report import Array, Report

STEPS = 1000  # names of one derivation; the formulas of more would be read by nobody


class Slope(NamedTuple):
    """One edge.

    wrt     : the operand
    formula : ∂of/∂wrt, as a `report.Path` has it
    weight  : its number; None where arrays are involved
    pulled  : with arrays, what the cotangent z̄ of a name becomes along the edge; else ""
    """

    wrt: str
    formula: str
    weight: float | None
    pulled: str = ""


class Definition(NamedTuple):
    """What one name between the leaves and the output computes, and how it depends on each."""

    name: str
    formula: str
    value: Array
    shape: tuple[int, ...]
    slopes: tuple[Slope, ...]


class Term(NamedTuple):
    """What one use of a name adds to its adjoint.

    of      : the name that uses it
    formula : the adjoint of that name, pulled back along the edge: ``dL/dd·w4``
    """

    of: str
    formula: str


class Adjoint(NamedTuple):
    """dL/d(name): the sum of its terms, each from an adjoint that comes before it.

    Of the output it is 1, and has no terms.
    """

    name: str
    value: Array
    shape: tuple[int, ...]
    terms: tuple[Term, ...]

    @property
    def formula(self) -> str:
        """The terms as one sum; "1" of the output."""
        return joined([term.formula for term in self.terms]) or "1"


class Derivation(NamedTuple):
    """How every dL/dx comes about. The output comes first, each name before its operands.

    report      : the gradients, with their paths and SymPy's word
    names       : every name of the model
    definitions : of the names that gradients pass through
    adjoints    : the backward pass
    left_out    : how many names there are beyond those given
    """

    report: Report
    names: tuple[str, ...]
    definitions: tuple[Definition, ...]
    adjoints: tuple[Adjoint, ...]
    left_out: int


def joined(terms: Sequence[str]) -> str:
    """Formulas as one sum: ``a − b`` of ``a`` and ``−b``."""
    out = ""
    for term in terms:
        sign, rest = (term[0], term[1:]) if term[:1] in ("−", "-") else ("+", term)
        out = f"{out} {sign} {rest}" if out else term
    return out


def derive(analysis: Analysis, report: Report, *, exact: bool = False) -> Derivation:
    """The derivation behind ``report``, which is what ``analysis`` found, paths included.

    Where ``exact``, formulas say how axes are kept, as the language needs it and print does not.
    """
    graph = analysis.graph
    assert graph is not None
    model = analysis.tape.model
    names = tuple(statement.name for statement in model.statements)
    vertices = list(graph.edges)
    writer = _Writer(analysis, graph, exact)
    return Derivation(
        report,
        names,
        tuple(writer.definition(v) for v in vertices[:STEPS] if graph.edges[v]),
        tuple(writer.adjoints(vertices[:STEPS])),
        max(len(vertices) - STEPS, 0),
    )


class _Writer:
    """Writes the vertices of one graph."""

    def __init__(self, analysis: Analysis, graph: Graph, exact: bool) -> None:
        self.analysis, self.graph = analysis, graph
        self.tape = graph.tape
        self.formulas = Formulas(graph.tape.recorded, ascii=analysis.options.ascii, exact=exact)
        self.output = graph.name(graph.output)

    def definition(self, vertex: int) -> Definition:
        graph, numbers = self.graph, self.tape.numbers
        value = graph.value(vertex)
        formula = (
            self.formulas.node(vertex, graph.operand_name)
            if graph.all_nodes
            else self.formulas.statement(vertex)
        )
        name = graph.name(vertex)
        bar = None if vertex == graph.output else self.formulas.m.style.bar(name)
        written = self._edges(vertex, None)
        pulled = [""] * len(written) if graph.scalar else self._edges(vertex, bar)
        slopes = [
            Slope(graph.name(target), text, None if weight is None else numbers.told(weight), back)
            for (target, weight), text, back in zip(
                graph.edges[vertex], written, pulled, strict=True
            )
        ]
        return Definition(name, formula, numbers.told(value), numbers.shape(value), tuple(slopes))

    def adjoints(self, vertices: Sequence[int]) -> Iterator[Adjoint]:
        """In the order of a backward pass: all uses of a name come before it."""
        graph, numbers = self.graph, self.tape.numbers
        terms: dict[int, list[Term]] = {}
        swept = self.analysis.reverse.adjoints
        for vertex in vertices:
            name, shape = graph.name(vertex), numbers.shape(graph.value(vertex))
            adjoint: Any = swept[graph.node(vertex)]
            told = numbers.told(numbers.spread(adjoint, shape))
            yield Adjoint(name, told, shape, tuple(terms.pop(vertex, ())))
            cotangent = None if vertex == graph.output else f"d{self.output}/d{name}"
            written = self._edges(vertex, cotangent)
            for (target, _), text in zip(graph.edges[vertex], written, strict=True):
                terms.setdefault(target, []).append(Term(name, text))

    def _edges(self, vertex: int, cotangent: str | None) -> list[str]:
        """The formulas of a vertex's edges, in their order."""
        graph, formulas = self.graph, self.formulas
        if graph.all_nodes:
            found = formulas.of_node(vertex, graph.operand_name, cotangent)
            return [found[slot] for slot in graph.slots(vertex)]
        by_operand = formulas.of_statement(vertex, cotangent)
        return [by_operand.get(target, "…") for target, _ in graph.edges[vertex]]
