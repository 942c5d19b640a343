"""From a tape to a Report: sweeps it, finds its paths, has it checked, and says what came out.

One `Analysis` is one output and the names it is differentiated by; each method is one step,
and each later step reads what the earlier ones found.
"""

from __future__ import annotations

import math
import unicodedata
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, ParamSpec, TypeVar

from autodiff import domain, doubts, kinks, paths, sweep
from autodiff.errors import ModelErrors, OutputProblem, UsageError, closest
from autodiff.graph import Graph
from autodiff.judge import judge
from autodiff.limits import more
from autodiff.parser import locate
from autodiff.report import Check, Gradient, Note, Paths, Report, Verdict
from autodiff.tape import Spaces
from autodiff.writing import PathWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autodiff.kinks import Judged
    from autodiff.symbolic.sampling import Sampled
    from autodiff.tape import Tape

REPLAY_ELEMENTS = 200_000  # it is not tried beyond
VARIATIONS = (1, 1_000_003)  # seeds by which rounding is varied where a replay is too much
ROUNDED = 16  # rounding errors on the scale of Σ|contributions|: a sum that may be 0 but for them
FAILING: frozenset[Verdict] = frozenset({"differs", "undefined"})

PathRequest = int | Literal["all"] | None


P = ParamSpec("P")
T = TypeVar("T")


class Options(NamedTuple):
    """What was asked for: see `autodiff.api.Program.gradient`."""

    paths: PathRequest = 8
    all_nodes: bool = False
    check: bool = True
    ascii: bool = False
    full: bool = False
    closed: bool = True
    progress: Callable[..., None] | None = None


class Analysis:
    """Everything that is found out about d(of)/d(wrt) on one tape.

    Values are computed, swept and followed along paths where the tape has its arrays. What is
    found is then brought home, at once, and told and judged there, in ``numbers``.
    """

    def __init__(
        self,
        tape: Tape,
        name: str,
        of: str | None = None,
        wrt: Sequence[str] | None = None,
        options: Options = Options(),  # noqa: B008  # a NamedTuple: immutable
        notes: Sequence[Note] = (),
    ) -> None:
        self.tape, self.name, self.options = tape, name, options
        self.numbers = tape.numbers.home
        self.model = tape.model
        self.notes: list[Note] = list(notes)
        self.run = sweep.Run.of(tape)
        self.of = self.output(of)
        self.wrt = self.targets(wrt)
        self.node = tape.vertex[self.of]

    def report(self) -> Report:
        """Run every step."""
        self.tell("checking the domain")
        self.find_trouble()
        self.tell("sweeping in reverse")
        self.find_adjoints()
        self.find_kinks()
        options = self.options
        self.graph: Graph | None = None
        self.writer: Any = None
        self.sums: dict[int, Any] = {}
        self.absolute: dict[int, Any] = {}
        self.walks: dict[int, Sequence[paths.Walk]] = {}
        self.exact = True
        if options.paths is not None or options.check:
            self.tell("following paths")
            self.find_paths()
        self.bring_home()
        self.note_doubts()
        if options.check:
            self.tell("asking SymPy")
            self.find_reference()
        gradients = {self.label(s): self.gradient(s) for s in self.wrt}
        self.note_unused()
        failed = any(g.check is not None and g.check.verdict in FAILING for g in gradients.values())
        told, value = self.numbers.told, self.tape.values[self.node]
        point = {self.label(s): told(x) for s, x in self.point.items()}
        return Report(
            model=self.name,
            device=self.tape.numbers.device,
            hardware=self.tape.numbers.hardware,
            dtype=self.numbers.name,
            output=self.label(self.of),
            value=told(value),
            point=point,
            gradients=gradients,
            claims=(),
            notes=tuple(dict.fromkeys(self.notes)),
            checked=options.check,
            status="failed" if failed or not self.numbers.finite(value) else "ok",
        )

    def quietly(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``call(…)``, without NumPy's warnings where NumPy is in play."""
        if not self.tape.has_arrays and self.numbers.plain:
            return call(*args, **kwargs)
        from autodiff.backends import eager

        return eager.quietly(call, *args, **kwargs)

    def tell(self, stage: str) -> None:
        if self.options.progress is not None:
            self.options.progress(stage)

    def label(self, statement: int) -> str:
        return self.model.statements[statement].name

    def line(self, node: int) -> int | None:
        """The line of a node in the model file; None for what ``--set`` gave."""
        statement = self.model.statements[self.tape.statement_of(node)]
        return statement.line if not statement.origin else None

    # ---- what is asked for

    def find(self, name: str, option: str) -> int:
        found = self.model.index.get(unicodedata.normalize("NFKC", name))
        if found is None:
            close = closest(name, self.model.index)
            raise UsageError(
                f"{option}: the model assigns no {name!r}",
                f"did you mean {close!r}?" if close else "",
            )
        return found

    def output(self, of: str | None) -> int:
        """The statement that is differentiated: ``--of``, else L, else the last of the file."""
        if of is not None:
            statement = self.find(of, "of")
        elif "L" in self.model.index:
            statement = self.model.index["L"]
        elif own := [k for k, s in enumerate(self.model.statements) if not s.origin]:
            statement = own[-1]
        else:
            problem = OutputProblem("the model assigns nothing", hint="write name = expression")
            raise ModelErrors([problem], self.model.sources[0])
        value = self.tape.values[self.tape.vertex[statement]]
        if not self.tape.numbers.is_number(value):
            where = self.model.statements[statement]
            name = where.name
            problem = OutputProblem(
                f"the output {name!r} has shape {tuple(value.shape)}; a gradient needs a scalar",
                locate(self.model, where, -2) if not where.origin else None,
                f"reduce it, as in sum({name}) or norm({name}), or choose another with --of",
            )
            raise ModelErrors([problem], self.model.sources[0])
        return statement

    def targets(self, wrt: Sequence[str] | None) -> list[int]:
        """The statements it is differentiated by: ``--wrt``, else every leaf."""
        if wrt is None:
            return [s for s in self.tape.leaves if s != self.of] or list(self.tape.leaves)
        return list(dict.fromkeys(self.find(name, "wrt") for name in wrt))

    # ---- steps

    def find_trouble(self) -> None:
        """Refuse what leaves an operation's domain where it matters; note the rest."""
        if not domain.suspicious(self.tape):
            return
        from autodiff.backends import eager

        run = self.with_arrays()
        live = eager.quietly(sweep.touched, self.home, run, self.node, selectors=True)
        found = domain.troubles(self.home, run, live)
        problems = domain.refuse(self.home, found)
        if problems:
            raise ModelErrors(problems, self.model.sources[0])
        for trouble in found:
            if trouble.live:
                self.notes.append(Note("overflow", self.line(trouble.node), trouble.message))
            elif trouble.domain:
                message = f"{trouble.message}; {self.label(self.of)} does not use it"
                self.notes.append(Note("domain", self.line(trouble.node), message))

    @cached_property
    def home(self) -> Tape:
        """The tape with its arrays on the host, for those who judge."""
        return self.tape.at_home

    def with_arrays(self) -> sweep.Run:
        """The run at home, with arrays at hand, whatever the model."""
        return sweep.Run.of(self.home)._replace(spaces=Spaces(*self.numbers.namespaces(True)))

    def find_adjoints(self) -> None:
        """The reverse sweep, for all of ``wrt`` at once."""
        tape = self.tape
        self.active = sweep.activity(tape, [tape.vertex[s] for s in self.wrt])
        swept = self.swept(None)
        self.masks: dict[int, Any] | None = None
        if tape.has_arrays:
            found = [a for s in self.wrt if (a := self.adjoint(swept, s)) is not None]
            if not tape.numbers.all_finite(found):
                # An infinite slope where nothing leads: a branch not taken, sqrt(x)[1].
                live = self.quietly(sweep.touched, tape, self.run, self.node, selectors=False)
                self.masks = live
                swept = self.swept(self.masks)
        self.reverse = swept

    def swept(self, masks: dict[int, Any] | None) -> sweep.Reverse:
        return self.quietly(sweep.reverse, self.tape, self.run, self.node, self.active, masks=masks)

    def adjoint(self, swept: sweep.Reverse, statement: int) -> Any:
        node = self.tape.vertex[statement]
        return swept.adjoints[node] if node <= self.node else None

    def find_kinks(self) -> None:
        """Where the live graph sits on a kink, and the one-sided derivatives along each leaf."""
        tape = self.tape
        self.judged: dict[int, Judged] = {}
        self.unjudged: dict[int, str] = {}
        self.kinks: list[int] = []
        if not any(op is not None and op.kink is not None for op in set(tape.ops)):
            return
        found = self.quietly(kinks.at_kinks, tape, self.run, self.active)
        if not found:
            return
        from autodiff.backends import eager

        run = self.with_arrays()
        if self.home is not tape:
            tape = self.home
            found = eager.quietly(kinks.at_kinks, tape, run, self.active)
        live = eager.quietly(sweep.touched, tape, run, self.node, selectors=True)
        masks = {n: live.get(n, False) & at for n, at in found.items()}
        self.kinks = [n for n, mask in masks.items() if eager.any_true(mask)]
        if not self.kinks:
            return
        judge = kinks.Judge(tape, run, self.node, {n: masks[n] for n in self.kinks})
        swept = self.tape.numbers.fetched([self.adjoint(self.reverse, s) for s in self.wrt])
        for node in self.kinks:
            op = tape.ops[node]
            assert op is not None
            assert op.kink is not None
            self.notes.append(Note("kink", self.line(node), f"{op.name}: {op.kink.text}"))
        for statement, adjoint in zip(self.wrt, swept, strict=True):
            try:
                judged = judge.sides(tape.vertex[statement], adjoint)
            except ValueError as error:
                self.unjudged[statement] = str(error)
            else:
                if judged is not None:
                    self.judged[statement] = judged

    def find_paths(self) -> None:
        """The named graph, and what one pass each over it tells of all paths."""
        self.graph = graph = self.quietly(
            Graph,
            self.tape,
            self.run,
            self.of,
            self.active,
            self.reverse.weights,
            masks=self.masks,
            all_nodes=self.options.all_nodes,
        )
        self.writer = PathWriter(graph, ascii=self.options.ascii, full=self.options.full)
        tally = paths.tally(graph, map(self.vertex, self.wrt))
        self.counts: dict[int, float] = tally.counts
        self.sums = tally.sums
        self.absolute = tally.absolute
        if not graph.scalar:
            self.sums = self.quietly(paths.pulled, graph)
            bounds = self.quietly(
                sweep.absolute, self.tape, self.run, self.node, self.active, self.masks
            )
            self.absolute = {
                vertex: bounds[graph.node(vertex)]
                for vertex in self.sums
                if bounds[graph.node(vertex)] is not None
            }
        request = self.options.paths
        if not request:  # None or 0
            return
        goals = [v for s in self.wrt if (v := self.vertex(s)) in self.counts]
        if request == 0:
            return
        found: dict[int, Sequence[paths.Walk]] = {}
        most = self.model.limits.paths
        if not graph.scalar:
            total: float = 0
            for goal in goals:
                count = self.counts[goal]
                total = total + count if count.__class__ is int else math.inf
            pulled, self.exact = self.quietly(paths.pulled_walks, graph, goals, total)
            found |= pulled
        elif request == "all":
            for goal in goals:
                walks = paths.listing(graph, goal, most)
                walks.sort(key=lambda walk: -abs(walk.contribution))
                found[goal] = walks
        else:
            heaviest = paths.Heaviest(graph, min(request, most))
            for goal in goals:
                found[goal] = heaviest.walks(goal, full=self.options.full)
        for goal in goals:
            if request == "all" or request > most:
                self.note_listed(graph.name(goal), len(found[goal]), self.counts[goal])
        self.walks = found

    def note_listed(self, name: str, listed: int, count: float) -> None:
        """Note that not all paths that were asked for are given."""
        if listed == self.model.limits.paths and count > listed:
            which = "first" if self.options.paths == "all" else "heaviest"
            message = f"d{self.label(self.of)}/d{name}: the {which} {listed:,} paths are listed"
            self.notes.append(Note("listed", None, f"{message}; {more('paths')}"))

    def bring_home(self) -> None:
        """What was found where the tape is, on the host: leaves, adjoints, contributions.

        All of it in one transfer: each would wait for the device.
        """
        tape = self.tape
        leaves, adjoints = list(tape.leaves), [self.adjoint(self.reverse, s) for s in self.wrt]
        sums, absolute = list(self.sums), list(self.absolute)
        walks = [walk for walks in self.walks.values() for walk in walks]
        every = [
            *[tape.values[tape.vertex[s]] for s in leaves],
            *adjoints,
            *self.sums.values(),
            *self.absolute.values(),
            *[walk.contribution for walk in walks],
        ]
        found = iter(tape.numbers.fetched(every))
        self.point = {s: next(found) for s in leaves}
        self.adjoints = {s: next(found) for s in self.wrt}
        if tape.numbers.home is tape.numbers:
            return  # at home already: 10^5 names need not be counted again
        self.sums = {vertex: next(found) for vertex in sums}
        self.absolute = {vertex: next(found) for vertex in absolute}
        self.walks = {
            goal: [walk._replace(contribution=next(found)) for walk in walks]
            for goal, walks in self.walks.items()
        }

    def note_doubts(self) -> None:
        """Note where floats are not what the model means. On a device, literals alone."""
        tape, of = self.tape, self.node
        for statement, message in doubts.literals(tape):
            origin = self.model.statements[statement]
            line = origin.line if not origin.origin else None
            self.notes.append(Note("literal", line, message))
        if tape.numbers.home is not tape.numbers:
            return
        found = doubts.nan(tape, of)
        if found is not None:
            self.notes.append(Note("nan", self.line(found.node), found.message))
        vanishing = doubts.Vanishing(tape, self.run, of)
        for kind in (vanishing.values(), vanishing.products(self.reverse, self.active)):
            for doubt in self.quietly(list, islice(kind, doubts.MOST)):
                self.notes.append(Note("underflow", self.line(doubt.node), doubt.message))

    def vertex(self, statement: int) -> int:
        """A statement's vertex in the graph of paths."""
        return self.tape.vertex[statement] if self.options.all_nodes else statement

    # ---- SymPy

    def find_reference(self) -> None:
        """SymPy's derivative of the output by every name, in high precision."""
        from autodiff import symbolic

        wanted = [s for s in self.wrt if self.adjoints[s] is not None]
        options = self.options
        self.reference = symbolic.reference(
            self.wide,
            self.of,
            wanted,
            digits=self.numbers.reference,
            ascii=options.ascii,
            closed=options.closed,
            limits=symbolic.Limits(self.model.limits.sympy, self.model.limits.partials),
        )
        for message in self.reference.notes:
            self.notes.append(Note("sympy", None, message))
        self.check_value()

    def check_value(self) -> None:
        """Note an output that has too few right digits: its gradient may be right all the same."""
        from autodiff import verdict

        numbers, got, want = self.numbers, self.tape.values[self.node], self.reference.value
        if want is None or abs(want - got) <= numbers.right * abs(want):
            return
        shown = f"{numbers.short(got)} in {numbers.name}"
        message = f"{self.label(self.of)} is {shown}; SymPy has {verdict.short(want)}"
        self.notes.append(Note("inexact-value", self.line(self.node), message))
        self.note_loss()

    def note_loss(self) -> None:
        """Note where digits are lost first."""
        numbers = self.numbers
        told = numbers.exact or not numbers.finite(self.tape.values[self.node])
        if told or self.elements > REPLAY_ELEMENTS:
            return
        found = doubts.first_loss(self.wide, self.node, numbers.replay, numbers.right)
        if found is None:
            return
        line = self.line(found.node)
        if not any(n.code == "underflow" and n.line == line for n in self.notes):
            self.notes.append(Note("digits", line, found.message))

    _replayed: tuple[dict[int, Any] | None] | None = None

    def replayed(self, statement: int) -> Any:
        """The tape's own gradient, its rows run on mpmath; None where that is too much work."""
        if self._replayed is None:
            self._replayed = (self._replay(),)
        found = self._replayed[0]
        return None if found is None else found[self.tape.vertex[statement]]

    def _replay(self) -> Any:
        if self.elements > REPLAY_ELEMENTS:
            return None
        from autodiff.replay import replay

        return replay(self.wide, self.node, self.active, self.numbers.replay)

    @cached_property
    def elements(self) -> int:
        """How many numbers there are on the tape."""
        import numpy as np

        return sum(np.size(v) for v in self.tape.values)

    @cached_property
    def wide(self) -> Tape:
        """The tape whose numbers other routes start from."""
        if self.numbers.wide() is None:
            return self.home
        from autodiff.narrow import wide

        return wide(self.home)

    @cached_property
    def sampled(self) -> Sampled:
        """SymPy's word on a sample of every operation's elements, where arrays are too large."""
        from autodiff.symbolic.sampling import sampled

        self.tell("sampling what SymPy cannot expand")
        reverse, masks = self.tape.numbers.fetched(self.reverse.adjoints), self.home_masks
        return sampled(self.home, self.with_arrays(), self.node, self.active, reverse, masks)

    @cached_property
    def home_masks(self) -> dict[int, Any] | None:
        if self.masks is None:
            return None
        found = self.tape.numbers.fetched(list(self.masks.values()))
        return dict(zip(self.masks, found, strict=True))

    @cached_property
    def varied(self) -> list[list[Any]]:
        """The reverse sweep's adjoints, twice, with every rounding varied."""
        from autodiff.replay import varied

        asked = (self.home, self.with_arrays(), self.node, self.active, self.home_masks)
        return [self.quietly(varied, *asked, seed) for seed in VARIATIONS]

    # ---- one gradient

    def gradient(self, statement: int) -> Gradient:
        """Everything about d(of)/d(one name)."""
        tape, numbers = self.tape, self.numbers
        shape = tape.numbers.shape(tape.values[tape.vertex[statement]])
        adjoint = self.adjoints[statement]
        connected = adjoint is not None
        if not connected:
            adjoint = numbers.zero(shape)
        elif not shape or getattr(adjoint, "shape", ()) != shape:
            adjoint = numbers.spread(adjoint, shape)
        swept = adjoint
        judged = self.judged.get(statement)
        if judged is not None and judged.exists:
            adjoint = judged.right
        check = judge(self, statement, adjoint, connected)
        found = None
        if self.options.paths is not None and self.graph is not None:
            found = self.paths_to(statement, shape)
        return Gradient(
            self.label(statement),
            numbers.told(adjoint),
            numbers.told(swept),
            shape,
            self.relation(statement, adjoint, connected, check),
            found,
            check,
            self.line(tape.vertex[statement]),
        )

    def relation(self, statement: int, value: Any, connected: bool, check: Check) -> str:
        """What a gradient of zero is: no path, zero edges, or a sum that cancels."""
        judged = self.judged.get(statement)
        if judged is not None and not judged.exists:
            return ""  # the convention may say 0; the one-sided derivatives say more
        if not connected:
            return "no path"
        if not self.numbers.is_number(value) or self.graph is None:
            return ""
        scale = self.absolute.get(self.vertex(statement), 0.0)
        if value == 0.0 and scale == 0.0:
            return "" if self.underflown(check) else "zero"
        exactly = value == 0.0 or check.reference in {"0", "0.0"}
        if exactly and abs(value) <= ROUNDED * self.numbers.epsilon * scale < math.inf:
            return "cancels to zero"
        return ""

    def underflown(self, check: Check) -> bool:
        """Whether a gradient of 0 may be one for want of range only."""
        if check.reference is not None:
            return check.reference not in {"0", "0.0"}
        return any(note.code == "underflow" for note in self.notes)

    # ---- paths of one leaf

    def paths_to(self, statement: int, shape: tuple[int, ...]) -> Paths:
        """What is known of all paths to one name, and the heaviest of them."""
        graph, writer, numbers = self.graph, self.writer, self.numbers
        assert graph is not None

        def told(value: Any) -> Any:
            return numbers.told(numbers.spread(value, shape))

        goal = self.vertex(statement)
        if goal not in self.counts:
            zero = told(0.0)
            one, none = numbers.magnitude(1.0), numbers.magnitude(0.0)
            return Paths(0, None, zero, zero, one, none, (), True, zero)
        count = paths.as_count(self.counts[goal])
        total, absolute = self.sums[goal], self.absolute.get(goal, 0.0)
        adjoint = self.adjoints[statement]
        walks = self.walks.get(goal, ())
        if not graph.scalar and isinstance(self.options.paths, int):
            walks = walks[: self.options.paths]
        remainder = total
        if count.exact is not None and len(walks) == count.exact:
            remainder = numbers.zero(shape)
        else:
            for walk in walks:
                remainder = remainder - walk.contribution
        size, bound = numbers.size(total), numbers.size(absolute)
        ratio = 1.0 if bound == 0.0 else bound / size if size else math.inf
        if ratio > numbers.warns:
            name = f"d{self.label(self.of)}/d{self.label(statement)}"
            shown = numbers.short(ratio, 3)
            message = f"the contributions to {name} cancel: Σ|·|/|Σ| is {shown}"
            self.notes.append(Note("cancellation", None, message))
        return Paths(
            count=count.exact,
            exponent=count.exponent,
            sum=told(total),
            absolute_sum=told(absolute),
            cancellation=numbers.magnitude(ratio),
            difference=numbers.magnitude(numbers.gap(total, adjoint)),
            shown=tuple([writer.path(walk, shape) for walk in walks]),
            exact=self.exact,
            remainder=told(remainder),
        )

    # ---- the rest of the report

    def note_unused(self) -> None:
        for statement in self.wrt:
            judged = self.judged.get(statement)
            at_kink = judged is not None and not judged.exists
            if self.adjoints[statement] is None and not at_kink:
                line = self.line(self.tape.vertex[statement])
                message = f"{self.label(statement)} does not reach {self.label(self.of)}: no path"
                self.notes.append(Note("no-path", line, message))
