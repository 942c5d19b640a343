"""Results, frozen, and their JSON form. Computes nothing, prints nothing.

Numbers are Python floats; arrays are NumPy arrays (read only). ``Array`` stands for either. In a
report of more digits than floats have, they are Decimals and arrays of those.
The classes are named tuples, not dataclasses: seven dataclasses cost 5 ms of every start.
"""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple, TypeAlias

Array: TypeAlias = Any  # float | Decimal | numpy.ndarray: NumPy is not imported for scalar models
Verdict: TypeAlias = Literal["agrees", "differs", "inexact", "kink", "undefined", "unchecked"]
ClaimStatus: TypeAlias = Literal["proved", "verified", "value", "point-only", "fails", "undecided"]
FileStatus: TypeAlias = Literal["ok", "failed", "error", "nothing", "timeout", "bug"]

SCHEMA = "gradpath/1"
FAILED_CLAIMS: frozenset[ClaimStatus] = frozenset({"point-only", "fails"})
SMALL = 64  # arrays of up to so many elements are shown whole


class Path(NamedTuple):
    """One path, output first.

    nodes        : names, L … leaf (with ``nodes="all"`` also ``name.k`` for operations)
    weights      : per edge a float, or the Jacobian of shape (*out, *in) while small, or None
    weight_shapes: per edge the shape (*out, *in)
    weight_norms : per edge the Frobenius norm where the Jacobian is known, else None
    formulas     : per edge its local derivative as a formula; for arrays, as the pull-back
    contribution : product of the weights; for arrays, the seed pulled back along this path
    norm         : |contribution| (Frobenius)
    meets        : "" or what spoils the product: "0·∞"
    skipped      : nodes of a very long path that are left out; a node "…" stands for them. The
                   edges to and from it have no weight and no shape, and no edge has a formula
    """

    nodes: tuple[str, ...]
    weights: tuple[Array | None, ...]
    weight_shapes: tuple[tuple[int, ...] | None, ...]
    weight_norms: tuple[float | None, ...]
    formulas: tuple[str, ...]
    contribution: Array
    norm: float
    meets: str = ""
    skipped: int = 0


class Paths(NamedTuple):
    """What is known of all paths from the output to one leaf.

    count        : exact, or None beyond 10^18
    exponent     : floor(log10(count)) where count is None
    sum          : Σ of contributions, by one pass over the named graph (not by enumeration)
    absolute_sum : Σ of |contributions|, by one pass
    cancellation : absolute_sum / |sum| (norms for arrays): 1 is none; inf cancels to zero
    difference   : |sum − the reverse sweep|, largest element: two routes to one number
    shown        : the heaviest paths, heaviest first
    exact        : whether ``shown`` are surely the heaviest
    remainder    : sum − Σ of shown contributions
    """

    count: int | None  # type: ignore[assignment]  # shadows tuple.count, which nobody needs
    exponent: int | None
    sum: Array
    absolute_sum: Array
    cancellation: float
    difference: float
    shown: tuple[Path, ...]
    exact: bool
    remainder: Array


class Check(NamedTuple):
    """SymPy's word on one gradient.

    verdict    : see `Verdict`
    reason     : one sentence where the verdict needs one (why unchecked, which edge, …)
    reference  : SymPy's value(s) to 30 digits, as text (nested tuples for arrays), or None
    error      : largest |gradient − reference|
    ulps       : that error in units in the last place of the reference's float64
    expression : closed form in the leaves, where the model is small; else ""
    coverage   : share of the gradient's elements that was checked
    digits_lost: for ``inexact``
    left, right: one-sided derivatives at a kink
    convention : at a kink, how the gradient shown was chosen
    line       : the line where the trouble first arose, or None
    """

    verdict: Verdict
    reason: str = ""
    reference: Any = None
    error: float | None = None
    ulps: float | None = None
    expression: str = ""
    coverage: float = 1.0
    digits_lost: float | None = None
    left: Array | None = None
    right: Array | None = None
    convention: str = ""
    line: int | None = None


class Gradient(NamedTuple):
    """dL/dx for one x.

    value    : the derivative; where it exists across a kink, the one-sided derivatives' value
    sweep    : the reverse sweep's adjoint (which uses the convention at kinks)
    relation : "" or "no path", "zero", "cancels to zero"
    line     : where x is assigned; None where it was given from outside
    """

    name: str
    value: Array
    sweep: Array
    shape: tuple[int, ...]
    relation: str
    paths: Paths | None
    check: Check | None
    line: int | None = None


class Counterexample(NamedTuple):
    """Where a claim fails: the file's own point, but for the names in ``settings``.

    settings : name -> expression, as one would type it after ``--set``
    index    : the element that differs most, () for numbers
    left, right : the two sides there
    """

    settings: dict[str, str]
    index: tuple[int, ...]  # type: ignore[assignment]  # shadows tuple.index, which nobody needs
    left: float
    right: float


class Diagnosis(NamedTuple):
    """Why a claim fails, where one explanation fits every point tried.

    code    : a stable word: see docs/claims.md
    message : one sentence
    """

    code: str
    message: str


class ClaimResult(NamedTuple):
    """What became of one claim.

    line, column, end : its place; columns from 1, ``end`` is the one after the last
    text    : as it stands in the file
    status  : see `ClaimStatus`
    message : one sentence: what was assumed, or what is wrong
    points  : at how many points it was tried
    source  : "" for the model's own text, else the name of the file of claims
    """

    line: int
    text: str
    status: ClaimStatus
    message: str = ""
    diagnosis: Diagnosis | None = None
    counterexample: Counterexample | None = None
    column: int = 1
    end: int = 1
    points: int = 0
    source: str = ""


class Note(NamedTuple):
    """Something a reader should know; never an error."""

    code: str
    line: int | None
    message: str


class Report(NamedTuple):
    """What `gradpath grad` knows. ``status`` is "ok" or "failed" (exit codes 0 and 1).

    device   : where arrays were computed, ``cpu`` or ``gpu``; hardware : the card's name
    output   : the name of L; value : its number
    point    : the leaves' values, in the file's order
    """

    model: str
    device: str
    dtype: str
    output: str
    value: float
    point: dict[str, Array]
    gradients: dict[str, Gradient]
    claims: tuple[ClaimResult, ...]
    notes: tuple[Note, ...]
    checked: bool
    status: str
    hardware: str = ""

    @property
    def digits(self) -> int:
        """How many significant digits its numbers have, by their type."""
        known = {"float64": 16, "float32": 7}
        return known[self.dtype] if self.dtype in known else int(self.dtype.rpartition("-")[2])

    @property
    def numbers(self) -> int:
        """How many numbers it holds: an array is written with all of its elements."""
        found = 0
        for gradient in self.gradients.values():
            size = math.prod(gradient.shape)
            found += size
            if gradient.paths is not None:
                found += size * (3 + len(gradient.paths.shown))
                weights = (w for path in gradient.paths.shown for w in path.weights)
                found += sum(getattr(weight, "size", 1) for weight in weights)
        return found

    def with_claims(self, claims: tuple[ClaimResult, ...]) -> Report:
        """The report with what became of the model's claims."""
        failed = any(claim.status in FAILED_CLAIMS for claim in claims)
        return self._replace(claims=claims, status="failed" if failed else self.status)

    def to_json(self) -> dict[str, Any]:
        """The report as plain lists, dicts, numbers and strings (DESIGN, section 5)."""
        return {
            "schema": SCHEMA,
            "model": self.model,
            "device": self.device,
            "hardware": self.hardware or None,
            "dtype": self.dtype,
            "output": {"name": self.output, "value": plain(self.value)},
            "gradients": {name: _gradient(g) for name, g in self.gradients.items()},
            "claims": [_claim(claim) for claim in self.claims],
            "notes": [{"code": n.code, "line": n.line, "message": n.message} for n in self.notes],
            "status": self.status,
        }


class ErrorEntry(NamedTuple):
    """One thing wrong with a model or a call; ``excerpt`` is what a person is shown."""

    code: str
    line: int | None
    column: int | None
    end: int | None
    message: str
    hint: str
    excerpt: str = ""

    def to_json(self) -> dict[str, Any]:
        """An entry of ``errors`` (DESIGN, section 5)."""
        return {
            "code": self.code,
            "line": self.line,
            "column": self.column,
            "end": self.end,
            "message": self.message,
            "hint": self.hint,
            "excerpt": self.excerpt,
        }


class FileResult(NamedTuple):
    """What `gradpath check` found out about one file.

    path    : the file, as it was named
    status  : ``nothing`` where there is nothing to check, ``timeout`` where it was given up
    report  : what was found; None where the model has errors, or none was reached
    errors  : what is wrong with the model, or why there is no report
    seconds : how long it took
    cached  : whether it is the result of an earlier run
    lines   : the model's text where something failed or is in doubt: (line, text)
    """

    path: str
    status: FileStatus
    report: Report | None
    errors: tuple[ErrorEntry, ...] = ()
    seconds: float = 0.0
    cached: bool = False
    lines: tuple[tuple[int, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """One file as plain data: the report's keys, or ``errors``. See `autodiff.restore`."""
        out: dict[str, Any] = {"schema": SCHEMA, "model": self.path}
        if self.report is not None:
            out |= self.report.to_json() | {"model": self.path}
        if self.errors:
            out["errors"] = [error.to_json() for error in self.errors]
        if self.lines:
            out["lines"] = {str(line): text for line, text in self.lines}
        return out | {"status": self.status, "seconds": self.seconds, "cached": self.cached}

    @classmethod
    def from_json(cls, data: Any) -> FileResult:
        """What `to_json` wrote, read back. Raises ValueError."""
        from autodiff.restore import file_result

        return file_result(data)


def plain(value: Array) -> Any:
    """A number or array as JSON can hold it: non-finite numbers become strings, and Decimals."""
    if isinstance(value, float | int):
        if math.isfinite(value):
            return value
        return "nan" if value != value else "inf" if value > 0 else "-inf"
    if value is None:
        return None
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if hasattr(value, "as_tuple"):  # a Decimal, of more digits than a float has
        return str(value).lower()
    return [plain(item) for item in value]


def _claim(claim: ClaimResult) -> dict[str, Any]:
    diagnosis, counter = claim.diagnosis, claim.counterexample
    return {
        "line": claim.line,
        "column": claim.column,
        "end": claim.end,
        "text": claim.text,
        "source": claim.source,
        "status": claim.status,
        "message": claim.message,
        "points": claim.points,
        "diagnosis": diagnosis and {"code": diagnosis.code, "message": diagnosis.message},
        "counterexample": counter
        and {
            "set": counter.settings,
            "index": list(counter.index),
            "left": plain(counter.left),
            "right": plain(counter.right),
        },
    }


def _gradient(gradient: Gradient) -> dict[str, Any]:
    out: dict[str, Any] = {
        "line": gradient.line,
        "value": plain(gradient.value),
        "shape": list(gradient.shape),
        "relation": gradient.relation,
    }
    if gradient.paths is not None:
        out["paths"] = _paths(gradient.paths)
    if gradient.check is not None:
        out["check"] = _check(gradient.check)
    return out


def _paths(paths: Paths) -> dict[str, Any]:
    return {
        "count": paths.count,
        "count_exponent": paths.exponent,
        "sum": plain(paths.sum),
        "absolute_sum": plain(paths.absolute_sum),
        "cancellation": plain(paths.cancellation),
        "difference": plain(paths.difference),
        "remainder": plain(paths.remainder),
        "exact": paths.exact,
        "shown": [
            {
                "nodes": list(path.nodes),
                "weights": [
                    plain(weight)
                    if weight is not None or shape is None
                    else {"shape": list(shape), "norm": plain(norm)}
                    for weight, shape, norm in zip(
                        path.weights, path.weight_shapes, path.weight_norms, strict=True
                    )
                ],
                "formulas": list(path.formulas),
                "contribution": plain(path.contribution),
                "meets": path.meets,
                "skipped": path.skipped,
            }
            for path in paths.shown
        ],
    }


def _check(check: Check) -> dict[str, Any]:
    out = {
        "verdict": check.verdict,
        "reason": check.reason,
        "reference": check.reference,
        "error": plain(check.error),
        "ulps": plain(check.ulps),
        "expression": check.expression,
        "coverage": check.coverage,
    }
    if check.digits_lost is not None:
        out["digits_lost"] = check.digits_lost
    if check.left is not None or check.right is not None:
        out |= {"left": plain(check.left), "right": plain(check.right)}
    if check.convention:
        out["convention"] = check.convention
    if check.line is not None:
        out["line"] = check.line
    return out
