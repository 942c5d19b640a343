"""A derivation as a sequence of blocks: headings, sentences and equations, in no format yet."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from autodiff.backends.terms import Style
from autodiff.derivation import joined
from autodiff.report import SMALL
from cli.views import walk, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autodiff.derivation import Adjoint, Derivation
    from autodiff.report import Array, Gradient, Path, Paths

SUMMED = 6  # paths whose products are written out as one sum
LONG = 300  # characters of a closed form; a longer one is left out unless all is asked for


class Math(str):
    """A formula within a sentence."""

    __slots__ = ()


Parts: TypeAlias = "tuple[str, ...]"  # words, and formulas as `Math`


class Heading(NamedTuple):
    level: int
    parts: Parts


class Prose(NamedTuple):
    parts: Parts


class Row(NamedTuple):
    """``left = right = right``, then words; an empty left side goes on with the row above."""

    left: str
    rights: tuple[str, ...]
    aside: str = ""


class Equations(NamedTuple):
    rows: tuple[Row, ...]


class Matrix(NamedTuple):
    """The rows of an array, aligned."""

    rows: tuple[str, ...]


Block: TypeAlias = Heading | Prose | Equations | Matrix


def by_path(derivation: Derivation, *, ascii: bool, full: bool) -> Iterator[Block]:
    """What each name is, its local derivatives, and for each gradient the chain rule by path."""
    page = _Page(derivation, ascii, full)
    yield from page.opening()
    yield from page.slopes()
    for gradient in derivation.report.gradients.values():
        yield from page.gradient(gradient)


def backward(derivation: Derivation, *, ascii: bool, full: bool) -> Iterator[Block]:
    """What each name is, then its adjoint from those before."""
    page = _Page(derivation, ascii, full)
    yield from page.opening()
    yield from page.passes()
    for gradient in derivation.report.gradients.values():
        yield from page.verdict(gradient)


class _Page:
    def __init__(self, derivation: Derivation, ascii: bool, full: bool) -> None:
        self.derivation, self.full = derivation, full
        self.report = derivation.report
        self.output = self.report.output
        self.signs = words.ASCII if ascii else words.UNICODE
        self.style = Style(ascii)
        self.digits = words.digits(self.report, full)
        self.dot = self.signs.dot
        self.pulled = {
            (d.name, slope.wrt, slope.formula): slope.pulled
            for d in derivation.definitions
            for slope in d.slopes
        }

    # ---- what both styles begin with

    def opening(self) -> Iterator[Block]:
        report, derivation = self.report, self.derivation
        value = Math(f"{self.output} = {self.number(report.value)}")
        yield Heading(1, (f"{report.model}: ", value))
        given = [
            Math(f"{name} = {self.number(value)}")
            for name, value in report.point.items()
            if not hasattr(value, "shape")
        ]
        arrays = [
            part
            for name, value in report.point.items()
            if hasattr(value, "shape")
            for part in (", ", Math(name), f" ({words.shape_text(value.shape, self.signs)})")
        ]
        if given or arrays:
            numbers = [part for item in given for part in (", ", item)]
            yield Prose(("Given: ", *[*numbers, *arrays][1:], "."))
        rows = [
            Row(d.name, (d.formula, self.number(d.value)))
            if not d.shape
            else Row(d.name, (d.formula,), words.shape_text(d.shape, self.signs))
            for d in reversed(derivation.definitions)
        ]
        if rows:
            yield Equations(tuple(rows))
        if derivation.left_out:
            yield Prose((f"{words.plural(derivation.left_out, 'more name')} left out.",))

    # ---- by path

    def slopes(self) -> Iterator[Block]:
        """The local derivatives, where they are numbers."""
        rows = []
        for d in self.derivation.definitions:
            uses = [slope.wrt for slope in d.slopes]
            for place, slope in enumerate(d.slopes, 1):
                if slope.weight is None:
                    continue
                # Between operations x*x has two edges to x.
                aside = f"(operand {place})" if uses.count(slope.wrt) > 1 else ""
                rights = (slope.formula, self.number(slope.weight))
                rows.append(Row(self.partial(d.name, slope.wrt), rights, aside))
        if rows:
            yield Heading(2, ("Local derivatives",))
            yield Prose(("How each name moves with each of its operands, all others held fixed:",))
            yield Equations(tuple(rows))

    def gradient(self, gradient: Gradient) -> Iterator[Block]:
        paths = gradient.paths
        name = self.total(gradient.name)
        yield Heading(2, (Math(name),))
        if gradient.name == self.output:
            yield Equations((Row(name, ("1",)),))
            return
        if paths is None or paths.count == 0:
            yield Prose((Math(self.output), " does not depend on ", Math(gradient.name), "."))
            yield Equations((Row(name, ("0",)),))
            return
        scalar = gradient.shape == () and all(map(walk.is_scalar, paths.shown))
        yield Prose(self.why(gradient, paths) if scalar else self.back(gradient, paths))
        if scalar:
            yield from self.numbers(gradient, paths)
        else:
            yield from self.maps(gradient, paths)
        yield from self.verdict(gradient, named=False)

    def why(self, gradient: Gradient, paths: Paths) -> Parts:
        """Why the derivative is a product, or a sum of products."""
        output, leaf, name = self.output, gradient.name, self.total(gradient.name)
        acts = (Math(leaf), " acts on ", Math(output), " along ")
        if paths.count == 1:
            return (
                *acts,
                "one path. The chain rule multiplies the local derivatives on the way:",
            )
        ways: Parts = ()
        if not words.hidden(paths):
            first = [path.nodes[-2] for path in paths.shown]
            if len(set(first)) == len(first) and output not in first:
                ways = (", through ", *_listed([Math(name) for name in first]))
        return (
            *acts,
            words.how_many(paths, self.signs),
            *ways,
            ". A small change of ",
            Math(leaf),
            " moves ",
            Math(output),
            " along each of them, by the product of the local derivatives on the way, and the "
            "moves add up. So ",
            Math(name),
            " is a sum of products, one for each path:",
        )

    def back(self, gradient: Gradient, paths: Paths) -> Parts:
        """The same where arrays are involved, and a local derivative is a linear map."""
        one = paths.count == 1
        return (
            Math(gradient.name),
            " acts on ",
            Math(self.output),
            f" along {'one path' if one else words.how_many(paths, self.signs)}. Go back along "
            f"{'it' if one else 'each'}: every local derivative turns ",
            Math(self.style.bar("y")),
            ", the derivative by a name, into that by its operand",
            f"{'' if one else ', and what arrives there is added up'}:",
        )

    def numbers(self, gradient: Gradient, paths: Paths) -> Iterator[Block]:
        """The paths to a number, when all between are numbers."""
        name = self.total(gradient.name)
        closed = self.closed(gradient)
        value = Row("", (self.number(gradient.value),))
        if paths.count == 1 and paths.shown:
            rows = self.product(paths.shown[0], name)
            yield Equations((*rows, *closed, value))
            return
        like = paths.shown[0] if paths.shown else None
        for path in paths.shown:
            chain = walk.vertices(path, self.signs, self.full, like)
            yield Heading(3, (Math(chain),))
            rows = self.product(path, self.partials(path, like), like)
            end = Row("", (self.number(path.contribution),), path.meets and f"({path.meets})")
            yield Equations((*rows, end))
        amounts = [path.contribution for path in paths.shown]
        sums: list[Row] = []
        if words.hidden(paths):
            shown, left = len(paths.shown), self.number(paths.remainder)
            others = "all others" if paths.count is None else f"the other {paths.count - shown:,}"
            yield Prose((f"These are the heaviest; {others} add ", Math(left), "."))
            amounts.append(paths.remainder)
        elif len(paths.shown) <= SUMMED:
            products = [self.partials(path, None) for path in paths.shown]
            sums.append(Row("", (joined(products),)))
            formulas = [walk.formulas(p, self.signs, self.full, tight=True) for p in paths.shown]
            if all(formulas):
                sums.append(Row("", (joined(formulas),)))
        sums.extend(closed)
        if len(amounts) <= SUMMED:
            sums.append(Row("", (joined([self.number(amount) for amount in amounts]),)))
        yield Heading(3, ("Together",))
        first, *rest = (*sums, value)
        yield Equations((first._replace(left=name), *rest))

    def product(self, path: Path, left: str, like: Path | None = None) -> list[Row]:
        """One path: its derivatives, their formulas, their numbers."""
        rights = [] if left == self.partials(path, like) else [self.partials(path, like)]
        rights.append(walk.formulas(path, self.signs, self.full, like))
        end = len(path.weights) - 1
        items = [
            self.signs.ellipsis
            if weight is None
            else walk.as_factor(self.number(weight), first=not k, last=k == end, tight=False)
            for k, weight in enumerate(path.weights)
        ]
        if len(path.weights) > 1:
            rights.append(
                f" {self.signs.times} ".join(walk.factors(items, path, self.signs, self.full, like))
            )
        rows = [Row("", (right,)) for right in rights if right]
        return [rows[0]._replace(left=left), *rows[1:]]

    def maps(self, gradient: Gradient, paths: Paths) -> Iterator[Block]:
        """The paths where arrays are involved: what 1 becomes on its way back."""
        for path in paths.shown:
            yield Heading(3, (Math(walk.vertices(path, self.signs, self.full)),))
            pairs = zip(pairwise(path.nodes), path.formulas, strict=True)
            rows = [
                Row(self.style.bar(edge[1]), (self.pulled.get((*edge, formula), formula),))
                for edge, formula in pairs
                if formula
            ]
            if rows:
                size = f"({self.size(path.contribution, gradient.shape)})"
                yield Equations((*rows[:-1], rows[-1]._replace(aside=size)))
        if words.hidden(paths):
            rest = self.size(paths.remainder, gradient.shape)
            yield Prose((f"These are the heaviest paths; what is left is {rest}.",))
        lead = "So " if paths.count == 1 else "Together, "
        size = self.size(gradient.value, gradient.shape)
        said = f" ({size}):" if gradient.shape else f" = {size}."
        yield Prose((lead, Math(self.total(gradient.name)), said))
        yield from self.matrix(gradient.value)

    # ---- as a backward pass

    def passes(self) -> Iterator[Block]:
        yield Heading(2, ("Backwards",))
        last = self.total(self.output)
        yield Prose(
            (
                "Start with ",
                Math(f"{last} = 1"),
                " and go back. For each use of a name, the derivative by what uses it times the "
                "local derivative; the uses add up:",
            )
        )
        yield Equations(tuple(self.adjoint(a) for a in self.derivation.adjoints))

    def adjoint(self, adjoint: Adjoint) -> Row:
        rights = (adjoint.formula, *self.plain(adjoint.value))
        if rights == ("1", "1"):
            rights = ("1",)
        aside = f"({self.size(adjoint.value, adjoint.shape)})" if adjoint.shape else ""
        return Row(self.total(adjoint.name), rights, aside)

    # ---- pieces

    def verdict(self, gradient: Gradient, *, named: bool = True) -> Iterator[Block]:
        """What SymPy and the kinks say."""
        sentences: list[str] = []
        if sides := words.sides(gradient):
            sentences.append(sides)
        check = words.judged(gradient, self.report)
        if check is not None:
            said = words.verdict(check, self.report, self.signs)
            sentences.append("; ".join([said.sentence, *said.details]))
        lead = (Math(self.total(gradient.name)), ": ") if named else ()
        for sentence in sentences:
            yield Prose((*lead, sentence + "."))

    def closed(self, gradient: Gradient) -> list[Row]:
        """SymPy's simplified form, in the leaves."""
        check = gradient.check
        if check is None or not check.expression or gradient.shape:
            return []
        if len(check.expression) > LONG and not self.full:
            return []
        return [Row("", (words.formula(check.expression, self.signs),), "(in the leaves)")]

    def matrix(self, value: Array) -> Iterator[Block]:
        if not hasattr(value, "shape") or (value.size > SMALL and not self.full):
            return
        rows = words.matrix(value, self.signs, full=self.full, digits=self.digits)
        if rows:
            yield Matrix(tuple(rows))

    def number(self, value: Array | None) -> str:
        return "" if value is None else words.number(value, self.digits)

    def plain(self, value: Array) -> tuple[str, ...]:
        """A number as the last side of an equation; of an array nothing."""
        return () if hasattr(value, "shape") else (self.number(value),)

    def size(self, value: Array, shape: tuple[int, ...]) -> str:
        """A number, or an array's shape and norm."""
        if not shape:
            return self.number(value)
        measured = words.number(words.norm(value, self.digits), self.digits)
        return f"{words.shape_text(shape, self.signs)}, norm {measured}"

    def total(self, wrt: str) -> str:
        return f"d{self.output}/d{wrt}"

    def partial(self, of: str, wrt: str) -> str:
        return self.signs.partial.format(of, wrt)

    def partials(self, path: Path, like: Path | None) -> str:
        """``∂L/∂d·∂d/∂c·∂c/∂a``."""
        nodes = path.nodes
        items = [self.partial(a, b) for a, b in pairwise(nodes)]
        return self.dot.join(walk.factors(items, path, self.signs, self.full, like))


def _listed(names: Sequence[str]) -> Iterator[str]:
    """``a, b and c``."""
    for place, name in enumerate(names):
        if place:
            yield " and " if place == len(names) - 1 else ", "
        yield name
