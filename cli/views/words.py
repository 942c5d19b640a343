"""How numbers, paths and verdicts are put into words, for every view that a person reads.

Chooses words and digits; lays nothing out.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, get_args

from autodiff.findings import OUTCOMES
from autodiff.report import SMALL, ClaimStatus, Verdict
from autodiff.source import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autodiff.report import Array, Check, ClaimResult, Gradient, Paths, Report

# What a reader feels about a verdict; the text view gives each a colour.
Tone: TypeAlias = Literal["good", "bad", "doubt", "mute"]

EPSILON = 2.0**-52
NOTICEABLE = 10.0  # cancellation beyond this ratio costs a digit, and is worth a line


class Signs(NamedTuple):
    """The signs of mathematics that views write themselves."""

    arrow: str
    dot: str
    times: str
    ellipsis: str
    total: str
    by: str
    bar: str
    partial: str
    power: bool


UNICODE = Signs("→", "·", "×", "…", "Σ|·|", "×", "z̄", "∂{}/∂{}", True)
ASCII = Signs("->", "*", "*", "...", "sum of |.|", "x", "z_bar", "partial({}, {})", False)

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def digits(report: Report, full: bool) -> int:
    """How many digits to show: all that were asked for, else six, or as many as round-trip."""
    if report.dtype == "float64":
        return 17 if full else 6
    if report.dtype == "float32":
        return 9 if full else 6  # so many round-trip
    return report.digits


def is_long(value: Any) -> bool:
    """Whether a number is a Decimal, which has more digits than a float, or fewer."""
    return hasattr(value, "as_tuple")


def number(value: Any, digits: int = 6) -> str:
    """``digits`` significant ones; 17 means as many as round-trip."""
    if is_long(value):
        return f"{value:g}" if digits == 17 else f"{value:.{digits}g}"
    value = value + 0.0  # no -0
    if digits >= 17 and math.isfinite(value):
        text = repr(float(value))
        return text.removesuffix(".0")
    return f"{value:.{digits}g}"


def column(values: Sequence[Any], digits: int = 6) -> list[str]:
    """Numbers to stand below each other: equal decimals where that loses none of them."""
    if any(map(is_long, values)):
        return [number(v, digits) for v in values]
    sizes = [abs(v) for v in values if v and math.isfinite(v)]
    if digits >= 17 or not sizes or not 1e-4 <= max(sizes) < 1e7:
        return [number(v, digits) for v in values]
    decimals = max(0, digits - 1 - math.floor(math.log10(max(sizes))))
    # 0.219608 above 1.3e-05, not above 0.000013, which hides the digits that are left.
    if min(sizes) < 10.0 ** (2 - decimals):
        return [number(v, digits) for v in values]
    texts = [f"{v + 0.0:.{decimals}f}" for v in values]
    finite = [t for t, v in zip(texts, values, strict=True) if math.isfinite(v)]
    while "." in finite[0] and all(t[-1] in "0." for t in finite):
        stop = all(t[-1] == "." for t in finite)
        texts = [t[:-1] if t in finite else t for t in texts]
        finite = [t[:-1] for t in finite]
        if stop:
            break
    return texts


def safe(text: str, signs: Signs) -> str:
    """``text`` without a character that moves a cursor, or that the terminal lacks."""
    text = printable(text)
    return text if signs.power else text.encode("ascii", "backslashreplace").decode("ascii")


def device(report: Report, signs: Signs) -> str:
    """Where a report was computed: ``cpu``, or ``gpu`` with the card's name."""
    name = f" ({safe(report.hardware, signs)})" if report.hardware else ""
    return f"{report.device}{name}"


_FOLDED = str.maketrans(
    {"·": "*", "×": "*", "−": "-", "→": "->", "…": "...", "√": "sqrt", "π": "pi", "∞": "inf"}
    | {"\u0304": "_bar"}
)
_RAISED = re.compile("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def formula(text: str, signs: Signs) -> str:
    """A formula, in ASCII where that is all there is, whatever it was written for."""
    if not signs.power:
        text = _RAISED.sub(lambda found: "**" + found[0].translate(_LOWERED), text)
        text = text.translate(_FOLDED)
    return safe(text, signs)


def plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def power_of_ten(exponent: int, signs: Signs) -> str:
    return f"10{str(exponent).translate(_SUPERSCRIPTS)}" if signs.power else f"10^{exponent}"


def how_many(paths: Paths, signs: Signs) -> str:
    """``2 paths``; beyond counting, the power of ten it exceeds."""
    if paths.count is None:
        return f"over {power_of_ten(paths.exponent or 18, signs)} paths"
    return plural(paths.count, "path")


def hidden(paths: Paths) -> bool:
    """Whether there are paths that are not shown."""
    return paths.count is None or paths.count > len(paths.shown)


def paths_line(gradient: Gradient, signs: Signs) -> str:
    """What stands at the right of a gradient's first line."""
    paths = gradient.paths
    if paths is None or gradient.relation == "no path" or paths.count == 0:
        return gradient.relation
    words = how_many(paths, signs)
    if paths.shown and hidden(paths):
        some = f"{len(paths.shown)} " if len(paths.shown) > 1 else ""
        words = f"{words}, the {some}heaviest"
        if not paths.exact:
            words += " found"
    return f"{words}, {gradient.relation}" if gradient.relation else words


def shape_text(shape: tuple[int, ...], signs: Signs) -> str:
    """``2×3``; a vector is ``3 elements``, so that it is not read as a number."""
    if len(shape) == 1:
        return plural(shape[0], "element")
    return signs.by.join(map(str, shape))


def flat(value: Array) -> Iterator[Any]:
    """The elements of a number or an array, in order."""
    stack = [plain_floats(value)]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(reversed(item))
        else:
            yield item


def plain_floats(value: Array) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


def largest(value: Array) -> Any:
    """The largest |element|; nan where there is one, 0 where there are none."""
    if is_long(value) or (hasattr(value, "dtype") and value.dtype.hasobject):
        from cli.views import decimals

        return decimals.largest(flat(value))
    if hasattr(value, "dtype"):  # NumPy's own: a gradient may have a million elements
        return float(abs(value).max(initial=0.0))
    return abs(float(value))


def measure(value: Any, shape: tuple[int, ...], digits: int) -> Any:
    """What stands for a value in a column: the norm of an array, a number itself."""
    return norm(value, digits) if shape else value


def norm(value: Array, digits: int = 6) -> Any:
    """Frobenius norm, without overflow; nan where there is one, inf where there is one else.

    Of Decimals to so many digits.
    """
    if is_long(value) or (hasattr(value, "dtype") and value.dtype.hasobject):
        from cli.views import decimals

        return decimals.norm(flat(value), digits)
    size = largest(value)
    if not hasattr(value, "dtype") or not 0 < size < math.inf:
        return size
    scaled = value / size
    return size * math.sqrt(float((scaled * scaled).sum()))


def matrix(value: Array, signs: Signs, *, full: bool, digits: int) -> list[str] | None:
    """The rows of an array, aligned, in NumPy's brackets; None where it is too large to show."""
    if not full and math.prod(value.shape) > SMALL:
        return None
    nested = plain_floats(value)
    items = list(flat(value))
    texts = column(items, digits)
    wide = max(map(len, texts), default=0) if len(getattr(value, "shape", ())) > 1 else 0
    cells = iter(text.rjust(wide) for text in texts)
    return list(_rows(nested, cells, "["))


def _rows(nested: Any, cells: Iterator[str], opening: str) -> Iterator[str]:
    """One line per innermost row. Recurses over axes, of which NumPy allows 64."""
    if not nested or not isinstance(nested[0], list):
        yield opening + ", ".join(next(cells) for _ in nested) + "]"
        return
    for place, row in enumerate(nested):
        lead = opening if place == 0 else " " * len(opening)
        lines = list(_rows(row, cells, lead + "["))
        lines[-1] += "]" if place == len(nested) - 1 else ","
        yield from lines


def sides(gradient: Gradient) -> str:
    """A sentence where the derivative is not what the sweep's convention at a kink gives."""
    value, sweep = gradient.value, gradient.sweep
    same = value == sweep
    same = same | ((value != value) & (sweep != sweep))  # nan
    if same if isinstance(same, bool) else same.all():
        return ""
    what = number(value) if gradient.shape == () else "the value shown"
    return f"left and right of the kink agree on {what}, so that is the derivative"


def agreement(paths: Paths, report: Report) -> str:
    """How the sum over paths compares with the reverse sweep; "" where they are the same."""
    scale = largest(paths.absolute_sum)
    # inf - inf is nan: both routes are infinite, and the verdict says so.
    if is_long(paths.difference):
        from cli.views import decimals

        apart = decimals.exceeds(paths.difference, report.digits, scale)
    else:
        epsilon = EPSILON if report.dtype == "float64" else 2.0**-23
        apart = paths.difference > 64 * epsilon * scale
    if apart:
        return f"differs from the sum of paths by {paths.difference:.2g}"
    return ""


def cancelling(paths: Paths, report: Report, signs: Signs) -> str:
    """A line where the paths cancel noticeably, else ""."""
    ratio = paths.cancellation
    if not ratio > NOTICEABLE or not largest(paths.absolute_sum):
        return ""
    size = number(norm(paths.absolute_sum))
    # Elements of arrays cancel along a single path too.
    terms = "the paths" if paths.count != 1 and not hasattr(paths.sum, "dtype") else "terms"
    if ratio == math.inf:
        return f"{signs.total} = {size}: {terms} cancel to zero"
    digits = math.log10(ratio)
    lost = (
        f"about {digits:.0f} of {report.digits} digits go with them"
        if digits >= 1.5
        else "about a digit goes with them"
    )
    lost = lost if digits < report.digits else "no digit of a sum of them is sure"
    return f"{signs.total} = {size}: {terms} cancel {ratio:.3g}-fold, {lost}"


def relation(gradient: Gradient, output: str) -> str:
    """A sentence for a gradient that is 0 for a reason, where no other line says it."""
    if gradient.check is not None and gradient.check.verdict not in ("agrees", "unchecked"):
        return ""  # 0 by convention, or by rounding
    return {
        "no path": f"{output} does not depend on {gradient.name}",
        "zero": "every path has a factor 0",
    }.get(gradient.relation, "")


def judged(gradient: Gradient, report: Report) -> Check | None:
    """The check to speak of; ``--no-check`` silences SymPy, not kinks and infinities."""
    check = gradient.check
    if check is None or (check.verdict == "unchecked" and not report.checked):
        return None
    return check


class Said(NamedTuple):
    """A verdict in words: its tone, the sentence, and what else there is to say."""

    tone: Tone
    sentence: str
    details: tuple[str, ...] = ()


def verdict(check: Check, report: Report, signs: Signs) -> Said:
    """The verdict without its formula."""
    known = max(12, 0 if report.dtype.startswith("float") else report.digits)
    reason = safe(check.reason, signs)
    line = f" (line {check.line})" if check.line is not None else ""
    share = f"{check.coverage:.1%}" if check.coverage > 0.001 else "few"
    covered = "" if check.coverage >= 1 else f", {share} of the elements checked"
    details = (reason,) if reason else ()
    match check.verdict:
        case "agrees":
            return Said("good", f"SymPy agrees{_closeness(check)}{covered}", details)
        case "differs":
            sentence = f"SymPy differs: {_reference(check, known)}{_off(check)}{covered}"
            return Said("bad", sentence, details)
        case "inexact":
            lost = "digits" if check.digits_lost is None else f"{check.digits_lost:.0f} digits"
            told = f", SymPy has {_reference(check, known)}" if check.reference is not None else ""
            sentence = f"inexact: {report.dtype} loses {lost} here{told}{covered}"
            return Said("doubt", sentence, details)
        case "kink":
            how = (f"shown: {safe(check.convention, signs)}",) if check.convention else ()
            return Said("doubt", f"kink{line}: {one_sided(check)}", (*how, *details))
        case "undefined":
            why = reason or "the gradient is not a finite number"
            found = f"; SymPy has {_reference(check, known)}" if check.reference is not None else ""
            return Said("bad", f"undefined{line}: {why}{found}")
        case "unchecked":
            return Said("mute", f"not checked{': ' + reason if reason else ''}{line}")


def _closeness(check: Check) -> str:
    if check.ulps is not None and check.ulps <= 1000:
        return " to the last digit" if check.ulps == 0 else f" to {_ulps(check.ulps)}"
    if check.error is None:
        return ""
    return f" within rounding, error {check.error:.2g}"


def _ulps(ulps: float) -> str:
    return plural(math.ceil(ulps), "ulp")


def _off(check: Check) -> str:
    return "" if check.error is None else f" (off by {check.error:.2g})"


def _reference(check: Check, digits: int) -> str:
    """SymPy's value, to so many digits; of an array the first few."""
    if check.reference is None:
        return "another value"
    if isinstance(check.reference, str):
        return _shorten(check.reference, digits)
    items = list(_texts(check.reference))
    more = ", ..." if len(items) > 4 else ""
    return "[" + ", ".join([_shorten(item, digits) for item in items[:4]]) + more + "]"


def _texts(nested: Any) -> Iterator[str]:
    if isinstance(nested, str):
        yield nested
        return
    for item in nested:
        yield from _texts(item)


def _shorten(text: str, digits: int) -> str:
    try:
        if digits > 12:
            from decimal import Decimal

            return f"{Decimal(text):.{digits}g}"
        return f"{float(text):.12g}"
    except ValueError:
        return text


def one_sided(check: Check) -> str:
    """The one-sided derivatives at a kink."""
    sides = []
    for name, value in (("left", check.left), ("right", check.right)):
        if value is not None:
            items = [number(v) for v in flat(value)]
            more = ", ..." if len(items) > 4 else ""
            shown = ", ".join(items[:4]) + more
            sides.append(f"{shown if len(items) == 1 else f'[{shown}]'} on the {name}")
    return "slope " + ", ".join(sides) if sides else "no derivative here"


def claim_tone(claim: ClaimResult) -> Tone:
    """How a claim's status is coloured."""
    tones: dict[str, Tone] = {"passed": "good", "doubtful": "doubt"}
    return tones.get(OUTCOMES[claim.status], "bad")


def claims_summary(claims: Sequence[ClaimResult]) -> tuple[Tone, str]:
    """All statuses in a line: ``5 claims: 3 proved, 1 verified, 1 fails``."""
    counts = {s: sum(c.status == s for c in claims) for s in get_args(ClaimStatus)}
    many = {"fails": "fail"}
    parts = [f"{n:,} {many.get(s, s) if n > 1 else s}" for s, n in counts.items() if n]
    tones = [claim_tone(claim) for claim in claims]
    tone: Tone = "bad" if "bad" in tones else "doubt" if "doubt" in tones else "good"
    return tone, f"{plural(len(claims), 'claim')}: {', '.join(parts)}"


def summary(report: Report) -> tuple[Tone, str]:
    """All verdicts in a line: ``5 gradients: 4 agree, 1 differs``."""
    counts: dict[str, int] = {}
    for gradient in report.gradients.values():
        if gradient.check is not None:
            counts[gradient.check.verdict] = counts.get(gradient.check.verdict, 0) + 1
    many = {"agrees": "agree", "differs": "differ", "kink": "at a kink"}
    parts = [
        f"{counts[v]:,} {many.get(v, v) if counts[v] > 1 or v == 'kink' else v}"
        for v in get_args(Verdict)
        if v in counts
    ]
    tone: Tone = "good"
    if any(OUTCOMES[v] == "failed" for v in counts) or not math.isfinite(report.value):
        tone = "bad"
    elif set(counts) != {"agrees"}:
        tone = "doubt"
    return tone, f"{plural(len(report.gradients), 'gradient')}: {', '.join(parts)}"
