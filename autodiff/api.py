"""The public calls: ``load`` (or ``loads``), then ``gradient``.

>>> import autodiff
>>> program = autodiff.loads("a = 3\\nL = a**2")
>>> program.gradient(check=False).gradients["a"].value
6.0
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from autodiff.analysis import Analysis, Options
from autodiff.backends.numbers import FLOATS
from autodiff.errors import LimitProblem, LoadProblem, ModelErrors, UsageError
from autodiff.files import Refused, read_bytes, read_stream
from autodiff.limits import LIMITS, Limits, more
from autodiff.parser import parse
from autodiff.report import Note
from autodiff.source import Source, Span
from autodiff.tape import record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from autodiff.analysis import PathRequest
    from autodiff.backends.numbers import Floats
    from autodiff.derivation import Derivation
    from autodiff.files import Witness
    from autodiff.listing import Listing
    from autodiff.loop import Loop
    from autodiff.overview import Overview
    from autodiff.picture import Picture
    from autodiff.report import ClaimResult, Report
    from autodiff.selfcheck import Step
    from autodiff.syntax import Load


class Program:
    """A model, read and recorded, ready to be differentiated.

    Attributes
    ----------
    name : what it is reported under
    tape : its `autodiff.tape.Tape`, with its arrays on the device it was recorded on
    """

    def __init__(
        self,
        source: Source,
        folder: str,
        settings: Sequence[tuple[str, str]] = (),
        values: Mapping[str, Any] | None = None,
        witness: Witness | None = None,
        claims: Source | None = None,
        device: str = "cpu",
        limits: Limits = LIMITS,
    ) -> None:
        def load(request: Load) -> Any:
            from autodiff.data import loader

            return loader(folder, witness, limits)(request)

        self.name = source.name
        self.model = parse(source, settings, values, claims, limits)
        numbers: Floats = FLOATS
        notes: tuple[Note, ...] = ()
        if device != "cpu":
            from autodiff.placement import place

            numbers, notes = place(device)
        self.tape = record(self.model, load, numbers)
        if numbers.device != "cpu" and not self.tape.has_arrays:
            message = "the model has no arrays: numbers are computed on the host"
            notes = (*notes, Note("device", None, message))
        self._load = load
        self._loops: dict[tuple[str | None, tuple[str, ...] | None], Loop] = {}
        unused = [name for name in values or () if name not in self.model.index]
        self.notes = notes + tuple(
            Note("values", None, f"a value is given for {name!r}, which the model does not mention")
            for name in unused
        )

    @property
    def names(self) -> list[str]:
        """Every assigned name, in order."""
        return [statement.name for statement in self.model.statements]

    @property
    def leaves(self) -> list[str]:
        """The names that mention no other variable, in order."""
        return [self.model.statements[s].name for s in self.tape.leaves]

    def __getitem__(self, name: str) -> Any:
        """The value of a name: a float, or a read-only float64 array. Raises KeyError."""
        value = self.tape.values[self.tape.vertex[self.model.index[name]]]
        return self.tape.numbers.fetched([value])[0]

    def gradient(
        self,
        of: str | None = None,
        wrt: Sequence[str] | None = None,
        *,
        paths: PathRequest = 8,
        nodes: str = "names",
        check: bool = True,
        ascii: bool = False,
        full: bool = False,
        closed: bool = True,
        claims: bool = True,
        precision: int | None = None,
        dtype: str = "float64",
        progress: Callable[..., None] | None = None,
    ) -> Report:
        """Every d(of)/d(wrt), its paths, SymPy's word on it, and the model's claims verified.

        Parameters
        ----------
        of       : the output's name; default ``L``, or the last assigned name
        wrt      : names to differentiate by, leaves or not; default every leaf
        paths    : how many of the heaviest paths to give, ``"all"``, or None for none
        nodes    : ``"names"`` for paths over the file's names, ``"all"`` for the tape's
        check    : whether to ask SymPy; without it SymPy is not imported
        ascii    : write formulas in ASCII
        full     : give Jacobians of any size as edge weights
        closed   : give derivatives of small models as formulas too; most of a check's time
        claims   : verify the model's claims (see `claims`), with proofs where ``check``
        dtype    : ``"float64"``, or ``"float32"``: numbers and arrays of half the digits
        precision: compute in so many digits, by mpmath; the report's numbers are Decimals then
        progress : called with the name of each step as it begins

        Raises
        ------
        UsageError  : ``of`` or ``wrt`` is not a name of the model; ``precision`` is no number of
                      digits from 1 to 10,000, or given beside a ``dtype`` or on a GPU
        ModelErrors : the output is not scalar, or a value it uses is outside the real domain
        """
        options = self._options(paths, nodes, check, ascii, full, closed, progress)
        report = self._report(of, wrt, options, precision, dtype)
        return report.with_claims(self.claims(prove=check)) if claims else report

    def _options(
        self,
        paths: PathRequest,
        nodes: str,
        check: bool,
        ascii: bool,
        full: bool,
        closed: bool,
        progress: Callable[..., None] | None,
    ) -> Options:
        if nodes not in {"names", "all"}:
            raise UsageError(f"nodes is 'names' or 'all', not {nodes!r}")
        if not (paths in (None, "all") or (isinstance(paths, int) and paths >= 0)):
            raise UsageError(f"paths is a number from 0 on, 'all' or None, not {paths!r}")
        return Options(paths, nodes == "all", check, ascii, full, closed, progress)

    def _report(
        self,
        of: str | None,
        wrt: Sequence[str] | None,
        options: Options,
        precision: int | None,
        dtype: str,
    ) -> Report:
        if dtype not in {"float64", "float32"}:
            raise UsageError(f"dtype is 'float64' or 'float32', not {dtype!r}")
        if precision is None:
            tape = self.tape
            if dtype == "float32":
                from autodiff.narrow import narrowed

                tape = narrowed(tape)
            with tape.numbers.context():
                return Analysis(tape, self.name, of, wrt, options, self.notes).report()
        if dtype != "float64":
            raise UsageError("precision and dtype exclude each other: give one of them")
        if self.tape.numbers.device != "cpu":
            raise UsageError("precision is computed on the CPU: leave the device out")
        from autodiff.exact import in_digits

        with in_digits(self.tape.at_home, precision) as tape:
            return Analysis(tape, self.name, of, wrt, options, self.notes).report()

    def derivation(
        self,
        of: str | None = None,
        wrt: Sequence[str] | None = None,
        *,
        paths: PathRequest = 8,
        nodes: str = "names",
        check: bool = True,
        ascii: bool = False,
        full: bool = False,
        progress: Callable[..., None] | None = None,
    ) -> Derivation:
        """How every d(of)/d(wrt) comes about: see `autodiff.derivation`.

        The arguments are those of `gradient`, as are the errors raised.
        """
        return self._derivation(
            of, wrt, self._options(paths, nodes, check, ascii, full, True, progress)
        )

    def _derivation(
        self,
        of: str | None,
        wrt: Sequence[str] | None,
        options: Options,
        exact: bool = False,
    ) -> Derivation:
        from autodiff.derivation import derive

        with self.tape.numbers.context():
            analysis = Analysis(self.tape, self.name, of, wrt, options, self.notes)
            return derive(analysis, analysis.report(), exact=exact)

    def overview(
        self,
        of: str | None = None,
        wrt: Sequence[str] | None = None,
        *,
        paths: PathRequest = 8,
        most: int = 80,
        check: bool = True,
        progress: Callable[..., None] | None = None,
    ) -> Overview:
        """Everything that a page shows, claims included: see `autodiff.overview`.

        The arguments are those of `gradient` and `picture`, as are the errors raised.
        """
        from autodiff.overview import overview

        options = self._options(paths, "names", check, False, False, True, progress)
        with self.tape.numbers.context():
            analysis = Analysis(self.tape, self.name, of, wrt, options, self.notes)
            return overview(analysis, self.picture(of, most=most), self.claims(prove=check))

    def listing(self, of: str | None = None) -> Listing:
        """The tape, node by node, with the adjoints of ``of``: see `autodiff.listing`.

        Raises UsageError and ModelErrors as `gradient` does.
        """
        from autodiff.listing import listing

        return listing(Analysis(self.tape.at_home, self.name, of, None, Options(), self.notes))

    def derivation_claims(
        self,
        of: str | None = None,
        wrt: Sequence[str] | None = None,
        *,
        prove: bool = True,
    ) -> list[Step]:
        """The backward pass as claims that hold, and what cannot be one with the reason."""
        from autodiff.selfcheck import steps

        options = Options(paths=0, check=False, ascii=True)
        spellings = [self._derivation(of, wrt, options, exact) for exact in (False, True)]
        return steps(spellings, self.tape.at_home, self._load, prove=prove)

    def claims(
        self,
        *,
        points: int = 16,
        seed: int = 0,
        rtol: float | None = None,
        prove: bool = True,
    ) -> tuple[ClaimResult, ...]:
        """The model's claims, verified, and diagnosed where they are wrong.

        Parameters
        ----------
        points : at how many random points around the file's own they are tried
        seed   : of those points
        rtol   : the relative error that they may have; None: as good as none
        prove  : whether SymPy is asked to prove what held everywhere
        """
        if not self.model.claims:
            return ()
        from autodiff.claims import Settings, verify

        settings = Settings(points, seed, rtol, prove)
        return verify(self.tape.at_home, self.model.claims, settings, self._load)

    def picture(
        self,
        of: str | None = None,
        *,
        path: Sequence[Sequence[str]] = (),
        leaf: str | None = None,
        paths: int = 3,
        nodes: str = "names",
        most: int = 80,
        ascii: bool = False,
    ) -> Picture:
        """The graph that computes an output, with its derivatives, as a drawing shows it.

        Parameters
        ----------
        of    : the output's name; default ``L``, or the last assigned name
        path  : paths to light up, each by its names, the output's first
        leaf  : a name whose heaviest paths are lit up, ``paths`` of them
        nodes : ``"names"`` for a vertex for each name, ``"all"`` for one for each operation
        most  : how many vertices are drawn; of a larger graph some are folded into one
        ascii : write formulas in ASCII

        Raises
        ------
        UsageError  : ``of``, ``leaf`` or a name in ``path`` is not the model's, or no path is there
        ModelErrors : the output is not scalar, or a value it uses is outside the real domain
        """
        from autodiff.depict import depict

        if nodes not in {"names", "all"}:
            raise UsageError(f"nodes is 'names' or 'all', not {nodes!r}")
        if paths < 1 or most < 2:
            raise UsageError("paths is a number from 1 on, and most one from 2 on")
        lit = (path, leaf, paths)
        return depict(
            self.tape.at_home, self.name, of, lit, nodes == "all", most, ascii, self.notes
        )

    def value_and_gradient(
        self, of: str | None = None, wrt: Sequence[str] | None = None, *, host: bool = True
    ) -> tuple[float, dict[str, Any]]:
        """Evaluate the tape again and sweep it: no paths, no checks, no report.

        Returns the output and the gradients (floats, or float64 arrays) by name. This is what
        an optimiser would call in a loop; the benchmarks time it. Without ``host`` the arrays
        stay on the device that they were computed on.
        """
        asked = of, None if wrt is None else tuple(wrt)
        if asked not in self._loops:
            from autodiff.loop import Loop

            self._loops[asked] = Loop(self.tape, of, wrt)
        return self._loops[asked](host)


def load(
    path: str | os.PathLike[str],
    *,
    set: Sequence[tuple[str, str]] = (),
    values: str | os.PathLike[str] | Mapping[str, Any] | None = None,
    content: bytes | None = None,
    claims: str | os.PathLike[str] | None = None,
    witness: Witness | None = None,
    device: str = "cpu",
    limits: Limits = LIMITS,
) -> Program:
    """Read and record a model file; ``-`` is standard input.

    Parameters
    ----------
    path    : the model; what it loads is looked for below its folder
    set     : pairs (name, expression) that supply leaves or replace their values
    values  : numbers and arrays by name, or the path of a .json or .npz file of them
    content : the model, where it has been read already
    claims  : a second file, of claims alone
    witness : called with the name, as it was written, and the content of each file that is read:
              the model, then what it loads
    device  : where arrays are computed: ``"cpu"``, ``"gpu"``, or ``"auto"`` for a GPU if there
              is one
    limits  : what the model may ask for, see `autodiff.limits.Limits`

    Raises
    ------
    ModelErrors : everything that is wrong with the model, at once
    UsageError  : the values cannot be read, or there is no such device
    """
    name = os.fspath(path)
    if name == "-":
        name, folder = "<stdin>", "."
        if content is None:
            content = read_stream(sys.stdin.buffer, limits.file)
        if len(content) > limits.file:
            message = f"more than {limits.file:,} bytes on standard input"
            raise ModelErrors([LimitProblem(message, None, more("file"))], Source("", name))
    else:
        content = _read(name, limits) if content is None else content
        folder = os.path.dirname(name) or "."
    if witness is not None:
        witness(name, content)
    source = Source(_decode(content, name), name)
    second = None
    if claims is not None:
        beside = os.fspath(claims)
        text = _read(beside, limits)
        if witness is not None:
            witness(beside, text)
        second = Source(_decode(text, beside), beside)
    given = _values(values, limits)
    return Program(source, folder, set, given, witness, second, device, limits)


def loads(
    text: str,
    *,
    name: str = "<text>",
    folder: str | os.PathLike[str] = ".",
    set: Sequence[tuple[str, str]] = (),
    values: str | os.PathLike[str] | Mapping[str, Any] | None = None,
    claims: str | None = None,
    device: str = "cpu",
    limits: Limits = LIMITS,
) -> Program:
    """Like `load`, from the text of a model, and that of a file of claims."""
    second = None if claims is None else Source(claims.removeprefix("\ufeff"), "<claims>")
    return Program(
        Source(text.removeprefix("\ufeff"), name),
        os.fspath(folder),
        set,
        _values(values, limits),
        claims=second,
        device=device,
        limits=limits,
    )


def _values(values: Any, limits: Limits) -> Mapping[str, Any] | None:
    if values is None or hasattr(values, "items"):
        return values  # type: ignore[no-any-return]  # a mapping, by its items
    from autodiff.data import read_values

    return read_values(values, limits)


def _read(name: str, limits: Limits) -> bytes:
    try:
        return read_bytes(name, limits.file, more("file"))
    except Refused as refused:
        problem = LoadProblem(refused.message, None, refused.hint)
        raise ModelErrors([problem], Source("", name)) from refused


def _decode(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", "replace")
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        shown = Source(content.decode("utf-8", "replace"), name)
        problem = LoadProblem(
            f"byte 0x{content[error.start]:02x} is not UTF-8",
            Span(line, column, column + 1),
            "save the file as UTF-8",
            code="encoding",
        )
        raise ModelErrors([problem], shown) from error
