"""Records a model: evaluates it once and keeps every operation, in order (a Wengert list).

Scalars are Python floats and run on `math`; NumPy is imported when the first array appears.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from autodiff.backends import scalar
from autodiff.backends.numbers import FLOATS, Floats
from autodiff.errors import (
    NO_MEMORY,
    CallProblem,
    LeafProblem,
    LimitProblem,
    ModelErrors,
    Problem,
    ShapeProblem,
)
from autodiff.limits import more
from autodiff.ops import TABLE, Op
from autodiff.ops.base import REQUIRED, broadcast_size
from autodiff.parser import locate
from autodiff.source import Span
from autodiff.syntax import Given, Load

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autodiff.ops.base import Rule
    from autodiff.syntax import Model, Statement

MAX_DIMENSIONS = 32  # NumPy's own limit is 64, but 32 in some of its functions

_COPY = TABLE["copy"]

CONFIGURATION = (bool, str, tuple, list, slice)  # and None: values that are no numbers

# What `math` raises where IEEE arithmetic would go on with inf or nan.
SCALAR_ERRORS = (ValueError, ZeroDivisionError, OverflowError)


class Spaces(NamedTuple):
    """The namespaces a tape runs on: ``scalar`` for nodes of kind 0, ``array`` for kind 1."""

    scalar: Any
    array: Any


class Tape:
    """A model, recorded. Node ``i`` is ``ops[i]`` applied to the nodes ``args[i]``.

    Attributes
    ----------
    model  : what was recorded
    ops    : per node its row; None for a leaf or a constant
    args   : per node its differentiable operands, as node numbers (slot order)
    static : per node its configuration (``axis`` …), resolved to Python values; None if scalar
    values : per node a number or a read-only array of ``numbers``: a tape is recorded in floats
             (Python's, and float64 arrays of NumPy or a device), and may be taken over into
             others (`in_numbers`)
    kinds  : per node 0 for an elementwise operation on scalars (and a scalar), else 1
    vertex : per statement, the node that holds its value
    start  : per statement, its first own node; ``start[-1]`` is the end
    leaves : the statements that are leaves, in the file's order
    literals : the node of each constant that has one, by the operand that stands for it
    numbers  : the number system of the values
    recorded : this tape, or the one in floats that it was taken over from
    """

    __slots__ = (
        *("args", "kinds", "leaves", "literals", "model", "numbers"),
        *("ops", "recorded", "start", "static", "values", "vertex", "__weakref__"),
    )

    def __init__(self, model: Model) -> None:
        self.model = model
        self.ops: list[Op | None] = []
        self.args: list[tuple[int, ...]] = []
        self.static: list[dict[str, Any] | None] = []
        self.values: list[Any] = []
        self.kinds = bytearray()
        self.vertex: list[int] = []
        self.start: list[int] = []
        self.leaves: list[int] = []
        self.literals: dict[int, int] = {}
        self.numbers: Floats = FLOATS
        self.recorded = self

    def in_numbers(self, numbers: Floats, values: list[Any]) -> Tape:
        """The same operations on other values."""
        other = Tape(self.model)
        for name in self.__slots__[:-1]:
            setattr(other, name, getattr(self, name))
        other.numbers, other.values = numbers, values
        return other

    @property
    def at_home(self) -> Tape:
        """The same tape with every array on the host; from a device, in one transfer."""
        numbers = self.numbers
        if numbers.home is numbers:
            return self
        return self.in_numbers(numbers.home, numbers.fetched(self.values))

    @property
    def has_arrays(self) -> bool:
        """Whether any node is, or comes from, an array."""
        return 1 in self.kinds

    def statement_of(self, node: int) -> int:
        """The statement that node ``node`` was recorded for."""
        from bisect import bisect_right

        return bisect_right(self.start, node) - 1

    def where(self, node: int) -> tuple[Statement, Span]:
        """The statement of a node and the place of its operation in the text."""
        number = self.statement_of(node)
        statement = self.model.statements[number]
        if self.ops[node] is None:
            return statement, locate(self.model, statement, 0)
        # Constants come first among a statement's nodes; then one node per instruction that
        # is not configuration, in order.
        own = [k for k in range(self.start[number], node + 1) if self.ops[k] is not None]
        code = [i for i in statement.form.code if not i.op.builds]
        token = code[len(own) - 1].token if code else 0
        return statement, locate(self.model, statement, token)


def spaces() -> Spaces:
    """The CPU's namespaces: `math` for scalars and NumPy for arrays."""
    from autodiff.backends import array

    return Spaces(scalar, array)


def ieee(rule: Rule, *xs: float) -> float:
    """A row's rule on scalars where `math` raises: what IEEE arithmetic gives (inf, nan)."""
    from autodiff.backends import eager

    array = spaces().array
    return float(eager.quietly(rule, array, *map(array.asarray, xs)))


def record(
    model: Model, load: Callable[[Load], Any] | None = None, numbers: Floats = FLOATS
) -> Tape:
    """Evaluate ``model`` and return its tape.

    ``load`` reads the files that ``load("…")`` names; ``numbers`` say where arrays are. Raises
    ModelErrors for operands that do not fit, leaves that are not finite, data that cannot be read:
    all of them at once.
    Domain errors are not raised here: which matter depends on the output (`autodiff.domain`).
    """
    return _Recorder(model, load, numbers).record()


class _Recorder:
    def __init__(self, model: Model, load: Callable[[Load], Any] | None, numbers: Floats) -> None:
        self.model = model
        self.load = load
        self.numbers = numbers
        self.tape = Tape(model)
        self.tape.numbers = numbers
        self.constant_nodes: dict[int, int] = {}
        self.constants: dict[int, Any] = {}
        self.problems: list[Problem] = []
        self.poisoned: set[int] = set()
        self.arrays: dict[int, dict[str, Any] | None] = {}  # nodes of kind 1: their configuration
        self.configured: list[Any] = []  # tuples, slices, None: register ~k is the k-th
        self.array: Any = None  # the array namespace, once an array has been met

    def record(self) -> Tape:
        tape = self.tape
        statements, values, vertex, start = (
            self.model.statements,
            tape.values,
            tape.vertex,
            tape.start,
        )
        ops, args, configured = tape.ops, tape.args, self.configured
        poisoned = self.poisoned
        # A list comprehension is a call in CPython 3.11; map is not.
        node_of, value_of = vertex.__getitem__, values.__getitem__
        for number, statement in enumerate(statements):
            _, form, operands, _, _ = statement
            start.append(len(ops))
            if not operands or (operands[0] < 0 and max(operands) < 0):
                self.leaf(statement)
                continue
            if poisoned and not poisoned.isdisjoint(operands):
                poisoned.add(number)
                vertex.append(-1)
                continue
            token = 0
            try:
                if min(operands) >= 0:
                    nodes = tuple(map(node_of, operands))
                else:
                    nodes = tuple(
                        [vertex[o] if o >= 0 else self.constant_node(o) for o in operands]
                    )
                careful = configured or self.array is not None
                op = form.single
                if op is not None and not careful:
                    try:
                        value = op.value(scalar, *map(value_of, nodes))
                    except SCALAR_ERRORS:
                        value = ieee(op.value, *map(value_of, nodes))
                    vertex.append(len(ops))
                    ops.append(op)
                    args.append(nodes)
                    values.append(value)
                    continue
                regs = list(nodes)
                for op, arg, config, token in form.code:  # noqa: B007  # token tells the place of a problem
                    if careful or config or not op.partials:
                        regs.append(self.careful(op, [regs[a] for a in arg], config, regs))
                        careful = True  # it may have made the first array: [1, 2] * a
                        continue
                    nodes = tuple([regs[a] for a in arg])
                    try:
                        value = op.value(scalar, *map(value_of, nodes))
                    except SCALAR_ERRORS:
                        value = ieee(op.value, *map(value_of, nodes))
                    regs.append(len(ops))
                    ops.append(op)
                    args.append(nodes)
                    values.append(value)
                result = regs[form.result]
                if not form.code:  # a = b: a vertex of its own, or b and a could not be told apart
                    result = self.careful(_COPY, (result,), (), regs)
                vertex.append(result)
            except Problem as problem:
                self.fail(statement, problem, token)
        start.append(len(ops))
        if self.problems:
            raise ModelErrors(self.problems, self.model.sources[0])
        tape.literals = self.constant_nodes
        tape.kinds = bytearray(len(ops))
        tape.static = [None] * len(ops)
        for node, static in self.arrays.items():
            tape.kinds[node] = 1
            tape.static[node] = static
        return tape

    def add(self, op: Op | None, args: tuple[int, ...], value: Any) -> int:
        """A new node."""
        tape = self.tape
        tape.ops.append(op)
        tape.args.append(args)
        tape.values.append(value)
        return len(tape.ops) - 1

    def fail(self, statement: Statement, problem: Problem, token: int) -> None:
        """Note a problem; what uses the name is passed over."""
        if problem.span is None:
            problem.span = locate(self.model, statement, token)
        if statement.origin:
            problem.source = self.model.sources[statement.origin]
        self.problems.append(problem)
        self.poisoned.add(len(self.tape.vertex))
        # Nodes of the half-recorded statement stay: nothing refers to them.
        self.tape.vertex.append(-1)

    # ---- values that do not come from operations

    def constant(self, operand: int) -> Any:
        """The value of a constant: a float, None, a bool, or an array."""
        if operand not in self.constants:
            value = self.model.constants[~operand]
            if isinstance(value, Load):
                if self.load is None:
                    raise LeafProblem("there is no folder to load from", value.span)
                value = self.load(value)
            elif isinstance(value, Given):
                value = value.value
                if hasattr(value, "copy") and hasattr(value, "ndim"):
                    value = value.copy()  # the caller may yet write to its own array
                elif isinstance(value, list | tuple):
                    value = self.settled(value)  # no configuration: that is the text's
            self.constants[operand] = self.settle(value)
        return self.constants[operand]

    def settle(self, value: Any) -> Any:
        """A computed value as the tape keeps it: a Python float, or a read-only array."""
        if value.__class__ is float or value is None or isinstance(value, CONFIGURATION):
            return value
        return self.settled(value)

    def settled(self, value: Any) -> Any:
        """Numbers of any kind as the tape keeps them; raises a Problem for anything else."""
        try:
            if isinstance(value, int):
                return float(value)
            self.need_arrays()
            settled = self.numbers.settle(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise ShapeProblem(str(error).splitlines()[0]) from error
        if settled.__class__ is not float and settled.ndim > MAX_DIMENSIONS:
            raise LimitProblem(
                f"an array of {settled.ndim} dimensions; the limit is {MAX_DIMENSIONS}"
            )
        return settled

    def need_arrays(self) -> None:
        if self.array is None:
            self.array = self.numbers.namespaces(True)[1]

    def constant_node(self, operand: int) -> int:
        """The node of a constant; below 0 for configuration (None, True), which has no node."""
        if operand in self.constant_nodes:
            return self.constant_nodes[operand]
        value = self.constant(operand)
        if value is None or isinstance(value, bool | str):
            return self.configuration(value)
        node = self.constant_nodes[operand] = self.source(value)
        return node

    def source(self, value: Any) -> int:
        """A node that is not computed: a leaf or a constant."""
        node = self.add(None, (), value)
        if value.__class__ is not float:
            self.arrays[node] = None
        return node

    def leaf(self, statement: Statement) -> None:
        """A statement of constants only: one node, whatever it takes to compute it."""
        tape = self.tape
        try:
            token = 0
            regs = [self.constant(o) for o in statement.operands]
            for op, arg, config, token in statement.form.code:  # noqa: B007  # as above
                static = self.configure({name: regs[r] for name, r in config})
                xs = [regs[a] for a in arg]
                if op.builds:
                    regs.append(op.value(None, *map(whole, xs)))
                else:
                    regs.append(self.apply(op, xs, static))
            value = regs[statement.form.result]
            token = 0
            if value is None or isinstance(value, CONFIGURATION):
                raise LeafProblem(f"{statement.name!r} is not a number or an array")
            if not self.numbers.finite(value):
                shown = f" ({value})" if value.__class__ is float else ""
                raise LeafProblem(
                    f"{statement.name!r} is not finite{shown}",
                    hint="a leaf is a finite number, or an array of finite numbers",
                )
        except Problem as problem:
            self.fail(statement, problem, token)
            return
        tape.leaves.append(len(tape.vertex))
        tape.vertex.append(self.source(value))

    # ---- operations that are not plain arithmetic on floats

    def careful(
        self,
        op: Op,
        nodes: Sequence[int],
        config: tuple[tuple[str, int], ...],
        regs: Sequence[int],
    ) -> int:
        """Record one operation of any kind; returns its register."""
        values = self.tape.values

        def value_of(node: int) -> Any:
            return self.configured[~node] if node < 0 else values[node]

        xs = [value_of(node) for node in nodes]
        if op.builds:
            return self.configuration(op.value(None, *map(whole, xs)))
        static = self.configure({name: value_of(regs[r]) for name, r in config})
        value = self.apply(op, xs, static)
        node = self.add(op, tuple(nodes), value)
        if not (op.partials and value.__class__ is float and all(x.__class__ is float for x in xs)):
            self.arrays[node] = resolve(op, static)
        return node

    def configure(self, static: dict[str, Any]) -> dict[str, Any]:
        """Configuration by name, with arrays (indices, labels) on the host: it is read there."""
        if not static or self.numbers.home is self.numbers:
            return static
        return dict(zip(static, self.numbers.fetched(list(static.values())), strict=True))

    def configuration(self, value: Any) -> int:
        self.configured.append(value)
        return -len(self.configured)

    def apply(self, op: Op, xs: Sequence[Any], static: dict[str, Any]) -> Any:
        """The value of one operation; raises a Problem where the operands do not fit."""
        for x in xs:
            if x is None or isinstance(x, CONFIGURATION):
                raise CallProblem(f"{x} has no value here")
        settings = resolve(op, static)
        if all(x.__class__ is float for x in xs) and op.partials:
            try:
                return float(op.value(scalar, *xs))
            except SCALAR_ERRORS:
                return ieee(op.value, *xs)
        check_settings(op, xs, settings)
        self.need_arrays()
        check_size(op, xs, settings, self.model.limits.elements)
        try:
            value = self.numbers.quietly(op.value, self.array, *xs, **settings)
        except MemoryError as error:
            raise LimitProblem(
                f"{op.name} needs more memory than there is", hint=NO_MEMORY[1], code=NO_MEMORY[2]
            ) from error
        except (ValueError, TypeError, IndexError, AttributeError, OverflowError) as error:
            raise misfit(op, xs, settings, error) from error
        return self.settle(value)


def resolve(op: Op, static: dict[str, Any]) -> dict[str, Any]:
    """A row's configuration: its defaults, and what is given, whole floats as ints."""
    out = {}
    for parameter in op.parameters:
        if parameter.static:
            if parameter.name in static:
                value = whole(static[parameter.name])
                # NumPy takes a list for a shape or axes; as an index it means something else.
                listed = isinstance(value, list) and parameter.name != "index"
                out[parameter.name] = tuple(value) if listed else value
            elif parameter.default is not REQUIRED:
                out[parameter.name] = parameter.default
    return out


def whole(value: Any) -> Any:
    """``2.0`` as ``2``, also inside tuples; other values as they are."""
    if value.__class__ is float:
        return int(value) if value.is_integer() else value
    if isinstance(value, tuple | list):
        return type(value)(map(whole, value))
    return value


def check_settings(op: Op, xs: Sequence[Any], static: dict[str, Any]) -> None:
    """Refuse configuration that NumPy would take, and mean something else by."""
    axis = static.get("axis")
    if op.family == "reduce" and axis is not None and xs[0].__class__ is float:
        meant = {"max": "maximum", "min": "minimum"}.get(op.name)
        hint = f"for the {op.name} of two numbers, write {meant}(x, y)" if meant else ""
        raise ShapeProblem(f"{op.name}: a number has no axis {axis}", hint=hint)
    for parameter in op.parameters:
        given = static.get(parameter.name)
        truth = isinstance(given, bool | int) and given in (0, 1)
        # Not None: a value may take it for False, and the derivative not.
        if isinstance(parameter.default, bool) and not truth:
            raise CallProblem(f"{op.name}: {parameter.name} is True or False, not {given}")
    if "seed" in static and not isinstance(static["seed"], int):
        raise CallProblem(f"{op.name} needs a whole number as its seed, not {static['seed']}")


def check_size(op: Op, xs: Sequence[Any], static: dict[str, Any], most: int) -> None:
    """Refuse an array of more than ``most`` elements before it is allocated."""
    sizes = [1]
    shapes = [x.shape for x in xs if x.__class__ is not float]
    if op.partials and len(shapes) > 1:
        sizes.append(broadcast_size(shapes))
    if op.size is not None:
        try:
            every = [() if x.__class__ is float else tuple(x.shape) for x in xs]
            sizes.append(op.size(*every, **static))
        except (ValueError, TypeError, IndexError, OverflowError) as error:
            raise misfit(op, xs, static, error) from error
    if max(sizes) > most:
        raise LimitProblem(
            f"{op.name} would make an array of {max(sizes):,} elements; the limit is {most:,}",
            hint=more("elements"),
        )


def misfit(op: Op, xs: Sequence[Any], static: dict[str, Any], error: Exception) -> ShapeProblem:
    """The problem of operands that an operation cannot take."""
    shapes = [tuple(getattr(x, "shape", ())) for x in xs]
    written = " and ".join(map(str, shapes))
    name = op.symbol or {"getitem": "index", "array": "list"}.get(op.name, op.name)
    reason = str(error).splitlines()[0] if str(error) else error.__class__.__name__
    reason = reason.removeprefix(f"{name}: ")
    if op.name == "getitem" and shapes == [()]:
        reason = "a number has no elements"
    if op.partials:
        return ShapeProblem(f"shapes {written} do not broadcast for {name!r}")
    if op.name == "matmul":
        hint = ""
        if len(shapes) == 2 and len(shapes[0]) == 2 and shapes[0][0] == (shapes[1] or (0,))[0]:
            hint = "is the left one meant transposed (.T)?"
        return ShapeProblem(f"shapes {written} do not fit for '@'", hint=hint)
    of = f" of shape {written}" if shapes else ""
    return ShapeProblem(f"{name}{of}: {reason}")
