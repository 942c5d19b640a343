"""Numbers on the page, each marked with what it is, so that the script can write it again.

A mark is a letter and a position: ``v3`` the value of a name, ``a3`` its adjoint, ``w5`` the
weight of an edge, ``c2`` the contribution of a path, ``s0`` the sum of all paths to a name of the
table, ``r0`` what is left of it beside the paths shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autodiff.report import plain
from cli.views import words
from cli.views.page.markup import Html, element, text
from cli.views.walk import SKIPPED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.picture import Picture
    from autodiff.report import Gradient, Path, Report
    from autodiff.script import Written

DIGITS = 6
SHORT = 4  # of factors in a product


def figure(value: Any, digits: int = DIGITS) -> str:
    """A number as the text view writes it, with a minus sign that is one."""
    return signed(words.number(value, digits))


def signed(number: str) -> str:
    return number.replace("-", "−")


class Cells:
    """Marks numbers, and remembers the paths they belong to.

    Without a script (a model that is not recomputed) no number is marked.
    """

    def __init__(self, script: Written | None) -> None:
        self.script = script
        self.names: dict[str, int] = {}
        self.edges: dict[tuple[str, str], int] = {}
        if script is not None:
            self.names = {name: k for k, name in enumerate(script.names)}
            listed = [(script.names[a], script.names[b]) for a, b in script.edges]
            self.edges = {edge: k for k, edge in enumerate(listed)}
        self.computed = len(self.names)
        self.paths: list[list[int]] = []
        self.gradients: list[tuple[int, list[int]]] = []

    def value(self, name: str, value: Any) -> Html:
        """The value of a name."""
        return self._named("v", name, value)

    def adjoint(self, name: str, value: Any) -> Html:
        """The derivative of the output by a name."""
        return self._named("a", name, value)

    def weight(self, of: str, wrt: str, value: Any) -> Html:
        """The weight of an edge, short."""
        return self._cell("w", self.edges.get((of, wrt)), figure(value, SHORT))

    def gradient(self, gradient: Gradient) -> int:
        """Begin the table of a gradient; its number."""
        self.gradients.append((self._place(gradient.name), []))
        return len(self.gradients) - 1

    def path(self, path: Path) -> int:
        """A path of the table that was begun last; its number on the page."""
        self.paths.append([self._place(name) for name in path.nodes])
        self.gradients[-1][1].append(len(self.paths) - 1)
        return len(self.paths) - 1

    def column_adjoint(self, name: str, shown: str) -> Html:
        """An adjoint that stands in a column."""
        place = self.names.get(name)
        return self._cell("a", place if (place or 0) < self.computed else None, signed(shown))

    def contribution(self, path: int, shown: str) -> Html:
        return self._cell("c", path, signed(shown))

    def sum(self, gradient: int, shown: str) -> Html:
        return self._cell("s", gradient, signed(shown))

    def rest(self, gradient: int, shown: str) -> Html:
        return self._cell("r", gradient, signed(shown))

    def _place(self, name: str) -> int:
        """The number of a name; -1 for the names that a long path leaves out."""
        return -1 if name == SKIPPED else self.names.setdefault(name, len(self.names))

    def _named(self, kind: str, name: str, value: Any) -> Html:
        place = self.names.get(name)
        return self._cell(kind, place if (place or 0) < self.computed else None, figure(value))

    def _cell(self, kind: str, place: int | None, shown: str) -> Html:
        if self.script is None or place is None:
            return text(shown)
        return element("span", shown, data_r=f"{kind}{place}")

    def data(self, report: Report, picture: Picture) -> dict[str, Any]:
        """What the script has to know."""
        known: dict[str, Any] = {
            "names": list(self.names),
            "paths": self.paths,
            "gradients": [list(gradient) for gradient in self.gradients],
            "folded": [
                [vertex.name, [self.names[name] for name in vertex.members if name in self.names]]
                for vertex in picture.vertices
                if vertex.members
            ],
        }
        script = self.script
        if script is not None:
            swept = {name: g.sweep for name, g in report.gradients.items() if name in self.names}
            known |= {
                "leaves": [self.names[name] for name in script.leaves],
                "point": [plain(report.point[name]) for name in script.leaves],
                "edges": [list(edge) for edge in script.edges],
                "remarks": [remark._asdict() for remark in script.remarks],
                # By these the page tries its own arithmetic.
                "expected": {
                    "value": plain(report.value),
                    "adjoints": [[self.names[name], plain(value)] for name, value in swept.items()],
                },
            }
        return known


def columns(values: Sequence[Any]) -> list[str]:
    """Numbers that stand below each other."""
    return words.column(list(values), DIGITS)
