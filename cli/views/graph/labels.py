"""What stands in a drawing's boxes, on its edges and below it, in words. Draws nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cli.views import walk, words

if TYPE_CHECKING:
    from autodiff.picture import Edge, Picture, Sum, Vertex
    from autodiff.report import Path
    from cli.views.words import Signs

WIDE = 34  # characters of a line in a box; more are wrapped
ROWS = 3  # lines of one statement
NARROW = 24  # characters of a line on an edge
DIGITS = 4
SLACK = 3  # characters that a line may be longer, where that saves another
FEW = 3  # elements of an array that are written out


class Row(NamedTuple):
    """One summand of a derivative, or the sum: its number, what it is, and how it is made."""

    number: str
    what: str
    how: str = ""


# ---- lines


def clipped(text: str, wide: int) -> str:
    return text if len(text) <= wide else text[: wide - 1] + "…"


def wrapped(text: str, wide: int, rows: int) -> list[str]:
    """``text`` in lines, broken at spaces, else at signs; what is too long ends with …"""
    if len(text) <= wide + SLACK:
        return [text]
    lines = [""]
    for piece in _pieces(text):
        if lines[-1] and len(lines[-1]) + len(piece.rstrip()) > wide:
            lines.append("")
        lines[-1] += piece
    lines = [clipped(line.strip(), wide) for line in lines]
    if len(lines) > rows:
        lines = [*lines[: rows - 1], lines[rows - 1][: wide - 1] + "…"]
    return lines


def _pieces(text: str) -> list[str]:
    """``text`` in parts that a line may end after."""
    parts = [""]
    for char in text:
        parts[-1] += char
        if char in " ·*/,":
            parts.append("")
    return parts


def quantity(value: Any, shape: tuple[int, ...] | None, norm: float | None, signs: Signs) -> str:
    """``= 0.5``; of a short array its elements, of another its shape and norm."""
    if shape == () and value is not None:
        return f"= {words.number(value, DIGITS)}"
    if shape is not None and len(shape) == 1 and shape[0] <= FEW and value is not None:
        return f"= [{', '.join(words.number(float(x), DIGITS) for x in value)}]"
    if not shape:
        return ""
    size = words.shape_text(shape, signs)
    return size if norm is None else f"{size}, norm {words.number(norm, DIGITS)}"


# ---- vertices and edges


def vertex(picture: Picture, vertex: Vertex, signs: Signs, *, backward: bool) -> list[str]:
    """The name, then its statement and value, or its value and adjoint."""
    name = words.safe(vertex.name, signs)
    if vertex.kind == "folded":
        return [*wrapped(name, WIDE, 2), f"{vertex.folded:,} folded into one"]
    lines = [clipped(name, WIDE)]
    if vertex.statement and not backward:
        lines += wrapped(f"= {words.formula(vertex.statement, signs)}", WIDE, ROWS)
    value = quantity(vertex.value, vertex.shape, vertex.norm, signs)
    if value != lines[-1]:  # not = 2, = 2
        lines.append(value)
    if backward and vertex.adjoint is not None:
        of = clipped(walk.derivative(picture.output, vertex.name, signs), NARROW)
        size = quantity(vertex.adjoint, vertex.shape, vertex.adjoint_norm, signs)
        lines.append(f"{of} {size}" if size.startswith("=") else f"{of}: {size}")
    return lines


def edge(edge: Edge, signs: Signs) -> list[str]:
    """The local derivative as a formula and as a number."""
    if not edge.live:
        return []
    if edge.folded > 1:
        return [f"{edge.folded:,} edges"]
    number = quantity(edge.weight, edge.shape, edge.norm, signs)
    formula = words.formula(edge.formula, signs)
    if number.removeprefix("= ") == formula.replace("−", "-") or not formula:
        return [formula or number]
    if len(formula) + len(number) < NARROW // 2:
        return [f"{formula} {number}"]
    return [*wrapped(formula, NARROW, 2), number]


def tip(vertex: Vertex, signs: Signs) -> str:
    """What a pointer over a vertex is told: all of the statement, and its line."""
    line = f"line {vertex.line}: " if vertex.line is not None else ""
    name = words.safe(vertex.name, signs)
    statement = f" = {words.formula(vertex.statement, signs)}" if vertex.statement else ""
    return f"{line}{name}{statement}"


# ---- below the drawing


def heading(picture: Picture, found: Sum, signs: Signs) -> str:
    """What the rows below it add up to."""
    name = walk.derivative(picture.output, found.wrt, signs)
    if found.count == 1:
        return f"{name}: one path, the product of the weights along it"
    count = (
        f"{found.count:,} paths"
        if found.count is not None
        else f"more than {words.power_of_ten(found.exponent or 18, signs)} paths"
    )
    return f"{name}: the sum over {count}, each the product of the weights along it"


def summands(picture: Picture, found: Sum, signs: Signs) -> list[Row]:
    """The lit paths, heaviest first, and what the others add."""
    paths = [picture.lit[k].path for k in found.shown]
    more = [] if found.rest is None else [found.rest]
    if found.shape:
        numbers = [f"norm {words.number(path.norm, DIGITS)}" for path in paths]
        numbers += [f"norm {words.number(found.rest_norm, DIGITS)}" for _ in more]
    else:
        numbers = words.column([*(path.contribution for path in paths), *more, found.value], DIGITS)
    rows = [
        Row(number, f" {signs.arrow} ".join(walk.chain(path, signs, False)), product(path, signs))
        for number, path in zip(numbers, paths, strict=False)
    ]
    if more:
        left = None if found.count is None else found.count - len(paths)
        rest = "all other paths" if left is None else words.plural(left, "other path")
        rows.append(Row(numbers[len(paths)], rest))
    return rows


def total(picture: Picture, found: Sum, signs: Signs) -> Row:
    """What the summands make together."""
    name = walk.derivative(picture.output, found.wrt, signs)
    if found.shape:
        return Row(f"norm {words.number(found.norm, DIGITS)}", f"{name} (norms do not add up)")
    values = [picture.lit[k].path.contribution for k in found.shown]
    rest = [] if found.rest is None else [found.rest]
    return Row(words.column([*values, *rest, found.value], DIGITS)[-1], name)


def trouble(found: Sum, signs: Signs) -> str:
    """Why there is no derivative, where there is none; else ""."""
    check = found.check
    if check is None:
        return ""
    if check.verdict == "kink":
        return f"No derivative here: a kink, {words.one_sided(check)}. Shown is a convention."
    reason = words.safe(check.reason, signs) or "it is not a finite number"
    return f"Undefined: {reason}"


def product(path: Path, signs: Signs) -> str:
    """The product along a path, in formulas and in numbers; between arrays in derivatives."""
    if not walk.is_scalar(path):
        return walk.derivatives(path, signs, alone=True) if len(path.nodes) <= walk.WHOLE else ""
    parts = [walk.formulas(path, signs, False), walk.numbers(path, signs, False)]
    return " = ".join(dict.fromkeys(part for part in parts if part))


def remarks(picture: Picture, signs: Signs, *, notes: bool = True) -> list[str]:
    """What was left out or folded, and what there is to know of the derivatives."""
    out = []
    folded = [v.folded for v in picture.vertices if v.folded > 1]
    if folded:
        out.append(
            f"{sum(folded):,} of {picture.total:,} vertices are folded into {len(folded):,}; "
            "--most N draws more of them."
        )
    if picture.unused:
        output = words.safe(picture.output, signs)
        out.append(f"{words.plural(picture.unused, 'name')} that {output} does not use left out.")
    for note in picture.notes if notes else ():
        if note.code != "no-path":
            line = f"line {note.line}: " if note.line is not None else ""
            out.append(f"note[{note.code}]: {line}{words.safe(note.message, signs)}")
    return out


def sentences(picture: Picture, signs: Signs) -> list[str]:
    """Each sum in one line: ``dL/da = -0.2196 + 0.0428 = -0.1768``."""
    out = []
    for found in picture.sums:
        last = total(picture, found, signs)
        if found.shape:
            out.append(f"{heading(picture, found, signs)}; together {last.number}")
            continue
        parts = " + ".join(row.number.strip() for row in summands(picture, found, signs))
        out.append(f"{last.what} = {parts.replace('+ -', '- ')} = {last.number.strip()}")
    return out


def below(picture: Picture, signs: Signs, width: int = 96, *, notes: bool = True) -> list[str]:
    """What stands below a drawing, where it is lines of text and nothing more."""
    out = []
    for found in picture.sums:
        rows, last = summands(picture, found, signs), total(picture, found, signs)
        wide = max(len(row.number) for row in (*rows, last))
        out += ["", heading(picture, found, signs)]
        for row in rows:
            out.append(f"  {row.number:>{wide}}  {row.what}")
            lines = wrapped(row.how, width - wide - 4, 3) if row.how else []
            out += [f"  {'':>{wide}}  {line}" for line in lines]
        if len(rows) > 1:
            out.append(f"  {'-' * wide}")
            out.append(f"  {last.number:>{wide}}  {last.what}")
        why = trouble(found, signs)
        out += wrapped(why, width, 3) if why else []
    rest = remarks(picture, signs, notes=notes)
    rest = [line for remark in rest for line in wrapped(remark, width, 3)]
    return [*out, *([""] if rest else []), *rest]


def lit_edges(picture: Picture) -> dict[int, list[int]]:
    """Per lit edge the paths that use it."""
    found: dict[int, list[int]] = {}
    for path, lit in enumerate(picture.lit):
        for k in lit.edges:
            found.setdefault(k, []).append(path)
    return found
