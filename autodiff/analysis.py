"""From a tape to a Report: sweeps it, finds its paths, has it checked, and says what came out.

One `Analysis` is one output and the names it is differentiated by; each method is one step,
and each later step reads what the earlier ones found.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from autodiff import domain, paths, sweep
from autodiff.errors import ModelErrors, OutputProblem, UsageError, closest
from autodiff.graph import Graph
from autodiff.parser import locate
from autodiff.report import (
    SMALL,
    Check,
    ClaimResult,
    Gradient,
    Note,
    Path,
    Paths,
    Report,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autodiff.kinks import Judged
    from autodiff.tape import Tape

REPLAY_DIGITS = 60  # of the tape's run in high precision
REPLAY_ELEMENTS = 200_000  # it is not tried beyond
CANCELLING = 1e6  # Σ|contributions| / |Σ| that deserves a note
CONVENTION = "minimum norm: of all slopes the kink allows, the one nearest to 0"
FAILING: frozenset[Verdict] = frozenset({"differs", "undefined"})

PathRequest = int | Literal["all"] | None


class Options(NamedTuple):
    """What was asked for: see `autodiff.api.Program.gradient`."""

    paths: PathRequest = 8
    all_nodes: bool = False
    check: bool = True
    ascii: bool = False
    full: bool = False
    progress: Callable[..., None] | None = None


class Analysis:
    """Everything that is found out about d(of)/d(wrt) on one tape."""

    def __init__(
        self,
        tape: Tape,
        name: str,
        of: str | None = None,
        wrt: Sequence[str] | None = None,
        options: Options = Options(),  # noqa: B008  # a NamedTuple: immutable
    ) -> None:
        self.tape, self.name, self.options = tape, name, options
        self.model = tape.model
        self.notes: list[Note] = []
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
        if options.paths is not None or options.check:
            self.tell("following paths")
            self.find_paths()
        if options.check:
            self.tell("asking SymPy")
            self.find_reference()
        gradients = {self.label(s): self.gradient(s) for s in self.wrt}
        self.note_unused()
        failed = any(g.check is not None and g.check.verdict in FAILING for g in gradients.values())
        point = {self.label(s): self.tape.values[self.tape.vertex[s]] for s in self.tape.leaves}
        return Report(
            model=self.name,
            device="cpu",
            dtype="float64",
            output=self.label(self.of),
            value=self.tape.values[self.node],
            point=point,
            gradients=gradients,
            claims=self.claims(),
            notes=tuple(dict.fromkeys(self.notes)),
            checked=options.check,
            status="failed" if failed or not math.isfinite(self.tape.values[self.node]) else "ok",
        )

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
        found = self.model.index.get(name)
        if found is None:
            close = closest(name, self.model.index)
            raise UsageError(
                f"{option} {name}: the model assigns no such name",
                f"did you mean {close!r}?" if close else "",
            )
        return found

    def output(self, of: str | None) -> int:
        """The statement that is differentiated: ``--of``, else L, else the last of the file."""
        own = [k for k, s in enumerate(self.model.statements) if not s.origin]
        if of is not None:
            statement = self.find(of, "--of")
        elif "L" in self.model.index:
            statement = self.model.index["L"]
        elif own:
            statement = own[-1]
        else:
            problem = OutputProblem("the model assigns nothing", hint="write name = expression")
            raise ModelErrors([problem], self.model.sources[0])
        value = self.tape.values[self.tape.vertex[statement]]
        if value.__class__ is not float:
            where = self.model.statements[statement]
            name = where.name
            problem = OutputProblem(
                f"the output {name!r} has shape {value.shape}; a gradient needs a scalar",
                locate(self.model, where, -2) if not where.origin else None,
                f"reduce it, as in sum({name}) or norm({name}), or choose another with --of",
            )
            raise ModelErrors([problem], self.model.sources[0])
        return statement

    def targets(self, wrt: Sequence[str] | None) -> list[int]:
        """The statements it is differentiated by: ``--wrt``, else every leaf."""
        if wrt is None:
            return [s for s in self.tape.leaves if s != self.of] or list(self.tape.leaves)
        return list(dict.fromkeys(self.find(name, "--wrt") for name in wrt))

    # ---- steps

    def find_trouble(self) -> None:
        """Refuse what leaves an operation's domain where it matters; note the rest."""
        if not domain.suspicious(self.tape):
            return
        from autodiff.backends import eager

        live = eager.quietly(
            sweep.touched, self.tape, self.with_arrays(), self.node, selectors=True
        )
        found = domain.troubles(self.tape, self.run, live)
        problems = domain.refuse(self.tape, found)
        if problems:
            raise ModelErrors(problems, self.model.sources[0])
        for trouble in found:
            if trouble.live:
                self.notes.append(Note("overflow", self.line(trouble.node), trouble.message))
            elif trouble.domain:
                message = f"{trouble.message}; {self.label(self.of)} does not use it"
                self.notes.append(Note("domain", self.line(trouble.node), message))

    def with_arrays(self) -> sweep.Run:
        """The run with NumPy at hand, whatever the model."""
        from autodiff.tape import spaces

        return self.run._replace(spaces=spaces())

    def find_adjoints(self) -> None:
        """The reverse sweep, for all of ``wrt`` at once."""
        tape = self.tape
        self.active = sweep.activity(tape, [tape.vertex[s] for s in self.wrt])
        swept = self.swept(None)
        self.masks: dict[int, Any] | None = None
        if tape.has_arrays:
            from autodiff.backends import eager

            bad = any(
                not eager.all_finite(a)
                for s in self.wrt
                if (a := self.adjoint(swept, s)) is not None
            )
            if bad and any(op is not None and op.selects for op in tape.ops):
                live = eager.quietly(
                    sweep.touched, tape, self.run, self.node, selectors=False
                )
                self.masks = {n: mark for n, mark in live.items() if tape.kinds[n]}
                swept = self.swept(self.masks)
        self.reverse = swept

    def swept(self, masks: dict[int, Any] | None) -> sweep.Reverse:
        tape = self.tape
        if not tape.has_arrays:
            return sweep.reverse(tape, self.run, self.node, self.active)
        from autodiff.backends import eager

        return eager.quietly(
            sweep.reverse, tape, self.run, self.node, self.active, masks=masks
        )

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
        from autodiff.backends import eager

        run = self.with_arrays()
        live = eager.quietly(sweep.touched, tape, run, self.node, selectors=True)
        self.kinks = eager.quietly(sweep.at_kinks, tape, run, live, self.active)
        if not self.kinks:
            return
        from autodiff.kinks import judge

        for node in self.kinks:
            op = tape.ops[node]
            assert op is not None
            assert op.kink is not None
            self.notes.append(Note("kink", self.line(node), f"{op.name}: {op.kink.text}"))
        for statement in self.wrt:
            try:
                found = judge(tape, self.node, tape.vertex[statement], self.kinks)
            except ValueError as error:
                self.unjudged[statement] = str(error)
            else:
                if found is not None:
                    self.judged[statement] = found

    def find_paths(self) -> None:
        """The named graph, and what one pass each over it tells of all paths."""
        from functools import partial

        call: Any = lambda f, *a, **k: f(*a, **k)  # noqa: E731
        if self.tape.has_arrays:
            from autodiff.backends import eager

            call = eager.quietly
        make = partial(Graph, all_nodes=self.options.all_nodes)
        self.graph = graph = call(
            make, self.tape, self.run, self.of, self.active, self.reverse.weights
        )
        self.counts = paths.counts(graph)
        if graph.scalar:
            self.sums, self.absolute = paths.sums(graph)
        else:
            self.sums = call(paths.pulled, graph)
            bounds = call(sweep.absolute, self.tape, self.run, self.node, self.active)
            self.absolute = {
                vertex: bounds[graph.node(vertex)]
                for vertex in self.sums
                if bounds[graph.node(vertex)] is not None
            }
        request = self.options.paths
        self.walks: dict[int, Sequence[paths.Walk]] = {}
        self.exact = True
        if request is None:
            return
        goals = [v for s in self.wrt if (v := self.vertex(s)) in self.counts]
        if not graph.scalar:
            total = 0
            for goal in goals:
                count = self.counts[goal]
                total = total + count if count.__class__ is int else math.inf  # type: ignore[assignment]
            self.walks, self.exact = call(paths.pulled_walks, graph, goals, total)  # type: ignore[assignment]
        elif request == "all":
            for goal in goals:
                walks = paths.listing(graph, goal, paths.LISTED)
                walks.sort(key=lambda walk: -abs(walk.contribution))
                self.walks[goal] = walks
                if len(walks) == paths.LISTED and self.counts[goal] > paths.LISTED:
                    message = f"d{self.label(self.of)}/d{graph.name(goal)}: {paths.LISTED:,} paths are listed"
                    self.notes.append(Note("listed", None, message))
        else:
            heaviest = paths.Heaviest(graph, request)
            for goal in goals:
                self.walks[goal] = heaviest.walks(goal)

    def vertex(self, statement: int) -> int:
        """A statement's vertex in the graph of paths."""
        return self.tape.vertex[statement] if self.options.all_nodes else statement

    # ---- SymPy

    def find_reference(self) -> None:
        """SymPy's derivative of the output by every name, in high precision."""
        from autodiff import symbolic

        wanted = [
            s for s in self.wrt if self.adjoint(self.reverse, s) is not None and s not in self.judged
        ]
        self.reference = symbolic.reference(
            self.tape, self.of, wanted, ascii=self.options.ascii
        )
        for message in self.reference.notes:
            self.notes.append(Note("sympy", None, message))

    _replayed: tuple[dict[int, Any] | None] | None = None

    def replayed(self, statement: int) -> Any:
        """The tape's own gradient, its rows run on mpmath; None where that is too much work."""
        if self._replayed is None:
            self._replayed = (self._replay(),)
        found = self._replayed[0]
        return None if found is None else found[self.tape.vertex[statement]]

    def _replay(self) -> Any:
        import numpy as np

        if sum(np.size(v) for v in self.tape.values) > REPLAY_ELEMENTS:
            return None
        from autodiff.replay import replay

        return replay(self.tape, self.node, self.active, REPLAY_DIGITS)

    # ---- one gradient

    def gradient(self, statement: int) -> Gradient:
        """Everything about d(of)/d(one name)."""
        tape = self.tape
        value = tape.values[tape.vertex[statement]]
        shape = () if value.__class__ is float else value.shape
        adjoint = self.adjoint(self.reverse, statement)
        connected = adjoint is not None
        if connected and shape and getattr(adjoint, "shape", ()) != shape:
            from autodiff.backends import eager

            adjoint = eager.settle(eager.filled(adjoint, shape))
        if not connected:
            adjoint = self.zero(shape)
        adjoint = swept = adjoint if shape else float(adjoint)
        judged = self.judged.get(statement)
        if judged is not None and judged.exists:
            adjoint = judged.right
        check = self.check(statement, adjoint, connected)
        found = None
        if self.options.paths is not None and self.graph is not None:
            found = self.paths(statement, adjoint, shape)
        return Gradient(
            self.label(statement),
            adjoint,
            swept,
            shape,
            self.relation(statement, adjoint, connected),
            found,
            check,
        )

    def zero(self, shape: tuple[int, ...]) -> Any:
        if not shape:
            return 0.0
        from autodiff.backends import eager

        return eager.settle(eager.filled(0.0, shape))

    def relation(self, statement: int, value: Any, connected: bool) -> str:
        """What a gradient of zero is: no path, zero edges, or a sum that cancels."""
        if not connected:
            return "no path"
        if value.__class__ is not float or self.graph is None:
            return ""
        scale = self.absolute.get(self.vertex(statement), 0.0)
        if value == 0.0 and scale == 0.0:
            return "zero"
        if abs(value) <= 4 * math.ulp(1.0) * scale and math.isfinite(scale):
            return "cancels to zero"
        return ""

    # ---- verdicts

    def check(self, statement: int, value: Any, connected: bool) -> Check:
        """The verdict on one gradient."""
        judged = self.judged.get(statement)
        if statement in self.unjudged:
            reason = f"the model sits on a kink; judging it would take {self.unjudged[statement]}"
            return Check("unchecked", reason, convention=CONVENTION, coverage=0.0)
        if judged is not None and not judged.exists:
            return self.at_kink(statement, value, judged)
        if not self.all_finite(value) or not math.isfinite(self.tape.values[self.node]):
            return self.undefined(value)
        if not connected:
            return Check("agrees", "no path leads there", reference="0.0", error=0.0, ulps=0.0)
        if not self.options.check:
            return Check("unchecked", "--no-check", coverage=0.0)
        if judged is not None:
            return self.across_kink(statement, value, judged)
        return self.against_sympy(statement, value)

    def all_finite(self, value: Any) -> bool:
        if value.__class__ is float:
            return math.isfinite(value)
        from autodiff.backends import eager

        return eager.all_finite(value)

    def against_sympy(self, statement: int, value: Any) -> Check:
        from autodiff import verdict

        reference = self.reference.adjoints.get(statement)
        if reference is None:
            reason = self.reference.reason or "SymPy gives no value at this point"
            return Check("unchecked", reason, coverage=0.0)
        scale = self.absolute.get(self.vertex(statement), 0.0)
        if value.__class__ is not float and scale.__class__ is float:
            scale = self.zero(value.shape) + scale
        steps = min(len(self.graph.edges) if self.graph is not None else 0, 10_000)
        return verdict.decide(
            value,
            reference,
            scale,
            steps,
            lambda: self.replayed(statement),
            expression=self.reference.expressions.get(statement, ""),
            coverage=self.reference.coverage.get(statement, 1.0),
            reason=self.reference.reason,
        )

    def at_kink(self, statement: int, value: Any, judged: Judged) -> Check:
        """One-sided derivatives differ, or are infinite, or are not told by first order."""
        line = self.line(self.kinks[0])
        told: dict[str, Any] = {"left": judged.left, "right": judged.right, "line": line}
        if not judged.decided:
            slope, place = self.infinite_slope()
            reason = slope or "first-order rules do not decide whether the derivative exists"
            return Check("undefined", reason, **(told | {"line": place or line}))
        if not (self.all_finite(judged.left) and self.all_finite(judged.right)):
            return Check("undefined", "a one-sided derivative is infinite", **told)
        reason = ""
        if self.options.check:
            reason = self.sides_by_sympy(statement, judged)
            if reason.startswith("SymPy differs"):
                return Check("differs", reason, **told)
        return Check("kink", reason, convention=CONVENTION, **told)

    def across_kink(self, statement: int, value: Any, judged: Judged) -> Check:
        """The derivative exists although the point sits on a kink of some operation."""
        reason = self.sides_by_sympy(statement, judged)
        if reason.startswith("SymPy differs"):
            return Check("differs", reason, left=judged.left, right=judged.right)
        if not reason:
            return Check(
                "unchecked",
                "SymPy gives no value just off the kink",
                left=judged.left,
                right=judged.right,
                coverage=0.0,
            )
        text = "the one-sided derivatives agree across the kink; " + reason
        return Check("agrees", text, left=judged.left, right=judged.right)

    def sides_by_sympy(self, statement: int, judged: Judged) -> str:
        """What SymPy's derivative just off the point says of both sides; "" where it is silent."""
        from autodiff import symbolic, verdict

        sides = ((judged.left, -1), (judged.right, +1))
        size = 1 if judged.left.__class__ is float else judged.left.size
        if size > SMALL:
            return ""
        for values, sign in sides:
            for element, value in enumerate(verdict.flat(values)):
                index = None if judged.left.__class__ is float else element
                want = symbolic.one_sided(self.tape, self.of, statement, index, sign)
                if want is None:
                    return ""
                if abs(want - value) > 1e-9 * max(1.0, abs(value)):
                    side = "left" if sign < 0 else "right"
                    return f"SymPy differs from the {side} derivative: {verdict.text(want)}"
        return "SymPy, just off the point, agrees on both sides"

    def undefined(self, value: Any) -> Check:
        reason, line = self.infinite_slope()
        if not reason:
            output = self.tape.values[self.node]
            reason = (
                f"{self.label(self.of)} is {output}"
                if not math.isfinite(output)
                else "the products along its paths leave the range of floats"
            )
            line = next((n.line for n in self.notes if n.code == "overflow"), None)
        sympy = ""
        return Check("undefined", reason + sympy, line=line, coverage=0.0)

    def infinite_slope(self) -> tuple[str, int | None]:
        """The first edge, from the output down, whose local derivative is not finite."""
        tape, values = self.tape, self.tape.values
        for node in range(self.node, -1, -1):
            op = tape.ops[node]
            if op is None or self.reverse.adjoints[node] is None or not self.active[node]:
                continue
            slots = tape.args[node]
            if tape.kinds[node]:
                if not op.partials:
                    continue
                from autodiff.backends import eager

                run = self.with_arrays()
                xs = [values[n] for n in slots]
                slopes = [
                    eager.quietly(op.partials[slot], run.spaces.array, values[node], *xs)
                    if self.active[arg]
                    else 0.0
                    for slot, arg in enumerate(slots)
                ]
                bad = [slot for slot, s in enumerate(slopes) if not eager.all_finite(s)]
                if not bad:
                    continue
                slope, arg = "not finite", slots[bad[0]]
            else:
                weights = self.reverse.weights[node] or ()
                bad = [k for k, w in enumerate(weights) if w is not None and not math.isfinite(w)]
                if not bad:
                    continue
                slope, arg = str(weights[bad[0]]), slots[bad[0]]
            operand = tape.statement_of(arg)
            name = self.label(tape.statement_of(node))
            inner = self.label(operand) if tape.vertex[operand] == arg else f"part of {name}"
            return f"the slope of {op.name} in {name} by {inner} is {slope}", self.line(node)
        return "", None

    # ---- paths of one leaf

    def paths(self, statement: int, value: Any, shape: tuple[int, ...]) -> Paths:
        graph = self.graph
        assert graph is not None
        goal = self.vertex(statement)
        if goal not in self.counts:
            zero = self.zero(shape)
            return Paths(0, None, zero, zero, 1.0, 0.0, (), True, zero)
        count = paths.as_count(self.counts[goal])
        total, absolute = self.sums[goal], self.absolute.get(goal, 0.0)
        adjoint = self.adjoint(self.reverse, statement)
        walks = self.walks.get(goal, ())
        request = self.options.paths
        listed = len(walks)
        if not graph.scalar and isinstance(request, int):
            walks = walks[:request]
        remainder = total
        if count.exact is not None and len(walks) == count.exact:
            remainder = self.zero(shape)
        else:
            for walk in walks:
                remainder = remainder - walk.contribution
        del listed
        size, bound = self.size(total), self.size(absolute)
        ratio = 1.0 if bound == 0.0 else bound / size if size else math.inf
        if ratio > CANCELLING:
            name = f"d{self.label(self.of)}/d{self.label(statement)}"
            self.notes.append(
                Note("cancellation", None, f"the contributions to {name} cancel: Σ|·|/|Σ| is {ratio:.3g}")
            )
        return Paths(
            count=count.exact,
            exponent=count.exponent,
            sum=self.shaped(total, shape),
            absolute_sum=self.shaped(absolute, shape),
            cancellation=ratio,
            difference=self.size(total - adjoint) if adjoint is not None else 0.0,
            shown=tuple([self.path(walk, shape) for walk in walks]),
            exact=self.exact,
            remainder=self.shaped(remainder, shape),
        )

    def shaped(self, value: Any, shape: tuple[int, ...]) -> Any:
        if not shape:
            return float(value)
        from autodiff.backends import eager

        return eager.settle(eager.filled(value, shape))

    def size(self, value: Any) -> float:
        if value.__class__ is float:
            return abs(value)
        from autodiff.backends import eager

        return eager.quietly(eager.norm, value)

    def path(self, walk: paths.Walk, shape: tuple[int, ...]) -> Path:
        """A walk with its names, weights and formulas."""
        graph = self.graph
        assert graph is not None
        weights, shapes, norms, formulas = [], [], [], []
        for vertex, position in zip(walk.vertices, walk.positions, strict=False):
            weight, edge_shape, norm = self.weight(vertex, position)
            weights.append(weight)
            shapes.append(edge_shape)
            norms.append(norm)
            formulas.append(self.formula(vertex, position))
        return Path(
            nodes=tuple([graph.name(v) for v in walk.vertices]),
            weights=tuple(weights),
            weight_shapes=tuple(shapes),
            weight_norms=tuple(norms),
            formulas=tuple(formulas),
            contribution=self.shaped(walk.contribution, shape),
            norm=self.size(walk.contribution),
            meets=walk.meets,
        )

    def weight(self, vertex: int, position: int) -> tuple[Any, tuple[int, ...], float | None]:
        """An edge's weight: a number, or a Jacobian while small, with its shape and norm."""
        graph = self.graph
        assert graph is not None
        target, weight = graph.edges[vertex][position]
        if graph.scalar:
            return float(weight), (), abs(float(weight))
        key = (vertex, position)
        if key not in self.jacobians:
            from autodiff.backends import eager
            from autodiff.graph import jacobian

            value, operand = graph.value(vertex), graph.value(target)
            shape = (*getattr(value, "shape", ()), *getattr(operand, "shape", ()))
            matrix, norm = None, None
            if getattr(value, "size", 1) <= SMALL:
                found = eager.quietly(jacobian, graph, vertex, position)
                norm = eager.norm(found)
                small = found.size <= SMALL or self.options.full
                matrix = eager.settle(found) if small else None
            self.jacobians[key] = (matrix, shape, norm)
        return self.jacobians[key]

    def formula(self, vertex: int, position: int) -> str:
        """An edge's weight as a formula in the names of the file."""
        graph = self.graph
        assert graph is not None
        if graph.all_nodes:
            return ""
        if vertex not in self.formulas:
            from autodiff.backends.formula import statement_formulas

            self.formulas[vertex] = statement_formulas(
                self.tape, vertex, ascii=self.options.ascii
            )
        return self.formulas[vertex].get(graph.edges[vertex][position][0], "")

    @property
    def jacobians(self) -> dict[tuple[int, int], Any]:
        return self.__dict__.setdefault("_jacobians", {})

    @property
    def formulas(self) -> dict[int, dict[int, str]]:
        return self.__dict__.setdefault("_formulas", {})

    # ---- the rest of the report

    def note_unused(self) -> None:
        for statement in self.wrt:
            if self.adjoint(self.reverse, statement) is None:
                line = self.line(self.tape.vertex[statement])
                message = f"{self.label(statement)} does not reach {self.label(self.of)}: no path"
                self.notes.append(Note("no-path", line, message))

    def claims(self) -> tuple[ClaimResult, ...]:
        found = self.model.claims
        if found:
            self.notes.append(
                Note("claims", found[0].line, "claims are read, but this version does not verify them")
            )
        return tuple(
            ClaimResult(claim.line, claim.text, "undecided", "not verified by this version")
            for claim in found
        )


def value_and_gradient(
    tape: Tape, of: str | None, wrt: Sequence[str] | None
) -> tuple[float, dict[str, Any]]:
    """Evaluate a tape again and sweep it in reverse; see `autodiff.api.Program`."""
    asked = Analysis(tape, "", of, wrt)
    targets = [tape.vertex[s] for s in asked.wrt]
    active = sweep.activity(tape, targets)
    run = sweep.Run.of(tape)
    if tape.has_arrays:
        from autodiff.backends import eager

        values, adjoints = eager.quietly(_evaluate_and_sweep, tape, run, asked.node, active)
    else:
        values, adjoints = _evaluate_and_sweep(tape, run, asked.node, active)
    found = {}
    for statement, node in zip(asked.wrt, targets, strict=True):
        adjoint = adjoints[node] if node <= asked.node else None
        value = tape.values[node]
        if adjoint is None:
            adjoint = asked.zero(() if value.__class__ is float else value.shape)
        found[asked.label(statement)] = adjoint
    return values[asked.node], found


def _evaluate_and_sweep(
    tape: Tape, run: sweep.Run, of: int, active: Sequence[int]
) -> tuple[list[Any], list[Any]]:
    values = sweep.evaluate(tape, run.spaces, of)
    swept = sweep.reverse(tape, run._replace(values=values), of, active)
    return values, swept.adjoints
