"""Mistakes of writing: one small change of the text makes the claim true.

Every change is tried on the claim's tokens: another name, another function, another number, a
sign, an operator, a factor more or less, a transpose. Where what is claimed is a name of the
reader's own (``dL/dz == delta``), its assignment is searched instead.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from autodiff.claims import rewrites
from autodiff.claims.case import same
from autodiff.claims.sheet import bare
from autodiff.claims.tokens import (
    Edit,
    ends_operand,
    inside_derivatives,
    operand_after,
    operand_before,
)
from autodiff.claimtext import derivative_at, top_level
from autodiff.errors import ModelErrors, Problem
from autodiff.lexer import Token
from autodiff.parser import claim_tokens, reader, tokens_of
from autodiff.report import Diagnosis
from autodiff.syntax import Derivative

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from autodiff.claims.case import Case
    from autodiff.claims.rewrites import Variant
    from autodiff.syntax import Claim

    Edits = Callable[[Case, Sequence[Token], Variant], Iterator[Edit]]

TOKENS = 120  # of a side: longer ones are not searched
EDITS = 3_000

SIBLINGS = (
    ("sin", "sinh"),
    ("cos", "cosh"),
    ("tan", "tanh"),
    ("sin", "cos", "tan"),
    ("asin", "acos", "atan"),
    ("sinh", "cosh", "tanh"),
    ("exp", "log", "sqrt", "square", "expm1", "log1p"),
    ("sigmoid", "tanh", "relu", "softplus", "silu"),
    ("sum", "mean", "prod"),
    ("max", "min"),
    ("maximum", "minimum"),
    ("var", "std"),
    ("softmax", "log_softmax"),
    ("zeros", "ones"),
    ("exp", "softmax"),
    ("log", "log2", "log10"),
    ("lgamma", "digamma"),
    ("abs", "sign"),
    ("eye", "ones"),
)
SELDOM = {"expm1", "log1p"}  # who writes exp(x) for exp(x) - 1 forgets the 1
WRAPPERS = ("abs", "sqrt", "exp", "log", "sign")
COMPARISONS = {"<", ">", "<=", ">="}
OPERATORS = {"*": "/", "/": "*", "@": "*", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


class Text(NamedTuple):
    """Where the claimed expression stands: all tokens, and which of them are its own."""

    tokens: list[Token]
    start: int
    stop: int
    line: int | None  # where that is not the claim's own line


def edited(case: Case) -> Diagnosis | None:
    """The first change, in order of how likely it is, that makes the claim true."""
    return _changed(case, _edits)


def rewritten(case: Case) -> Diagnosis | None:
    """The same of what few people mean: another argument of a function, any other number."""
    return _changed(case, _rewrites)


def _changed(case: Case, edits: Edits) -> Diagnosis | None:
    claim = case.claim
    if claim.rtol is not None or case.numeric:
        return None
    text = _text(case)
    if text is None or text.stop - text.start > TOKENS:
        return None
    read = reader(case.ground.tape.model)
    own = text.tokens[text.start : text.stop]

    def variant(edit: Edit) -> Claim | None:
        changed = [*own[: edit.start], *_made(edit, own), *own[edit.stop :]]
        tokens = [*text.tokens[: text.start], *changed, *text.tokens[text.stop :]]
        case.ground.spend(len(tokens))
        try:
            return read(tokens, claim)
        except Problem:
            return None  # not every change of a text is a text

    for edit in islice(edits(case, own, variant), EDITS):
        changed = variant(edit)
        if changed is not None and _holds(case, changed):
            where = f"line {text.line}: " if text.line is not None else ""
            return Diagnosis(edit.code, f"{where}{edit.told}")
    return None


def _holds(case: Case, variant: Claim) -> bool:
    """Whether a changed claim holds wherever the claim was seen to fail."""
    try:
        sheet = case.ground.sheet(variant)
    except ModelErrors:
        return False  # shapes that do not fit
    return case.everywhere(lambda world, rtol: same(*sheet.sides(world), rtol))


# ---- the text


def _text(case: Case) -> Text | None:
    """The tokens to change: the claimed side, or the assignment of the name that it is."""
    model, claim = case.ground.tape.model, case.claim
    tokens = claim_tokens(model, claim)
    cuts = [-1, *top_level(tokens, "=="), len(tokens) - 1]
    first = claim.link if case.swapped else claim.link + 1
    start, stop = cuts[first] + 1, cuts[first + 1]
    name = bare(case.claimed_side)
    if isinstance(name, Derivative) or name is None or name < 0:
        return Text(tokens, start, stop, None)
    statement = model.statements[name]
    if statement.origin or all(o < 0 for o in statement.operands):
        return Text(tokens, start, stop, None)
    body = tokens_of(model, statement)[2:-1]
    whole = [*tokens[:start], *body, *tokens[stop:]]
    return Text(whole, start, start + len(body), statement.line)


def _made(edit: Edit, own: Sequence[Token]) -> list[Token]:
    """New tokens, placed where the old ones were; ``dY/dX`` is three of them."""
    place = own[min(edit.start, len(own) - 1)]
    made = []
    column = place.column
    for text in edit.texts:
        kind = "op"
        if text[0].isdigit():
            kind = "number"
        elif text[0].isalpha() or text[0] in "_∂":
            kind = "name"
        made.append(Token(kind, text, place.line, column, column + len(text)))
        column += len(text)
    return made


# ---- the changes


def _edits(case: Case, own: Sequence[Token], variant: Variant) -> Iterator[Edit]:
    yield from _signs(own)
    yield from _transposes(own)
    yield from _derivatives(case, own)
    yield from _names(case, own)
    yield from _functions(own)
    yield from _numbers(own)
    yield from _slices(own)
    yield from _operators(own)
    yield from _swaps(own)
    yield from _powers(own)
    yield from _less(own)
    yield from rewrites.exchanges(case, own)
    yield from _more(case, own)


def _rewrites(case: Case, own: Sequence[Token], variant: Variant) -> Iterator[Edit]:
    yield from rewrites.arguments(case, own)
    yield from rewrites.numbers(case, own, variant)


def _signs(own: Sequence[Token]) -> Iterator[Edit]:
    for k, token in enumerate(own):
        if token.text in "+-" and token.kind == "op":
            binary = k > 0 and ends_operand(own[k - 1])
            other = "-" if token.text == "+" else "+"
            after = own[k + 1].text if k + 1 < len(own) else ""
            if binary:
                told = f"the sign before {after!r} is wrong: {other} in place of {token.text}"
                yield Edit("sign", k, k + 1, (other,), told)
            else:
                yield Edit("sign", k, k + 1, (), f"the sign before {after!r} is wrong")
        elif token.text in {"(", ","} and k + 1 < len(own) and own[k + 1].text not in "-+)":
            if k + 2 < len(own) and own[k + 2].text in COMPARISONS:
                continue  # x > 0 for -x > 0 is x < 0
            told = f"-{own[k + 1].text} is meant in place of {own[k + 1].text}"
            yield Edit("sign", k + 1, k + 1, ("-",), told)
    yield Edit("sign", 0, 0, ("-",), "the sign of the first term is wrong")


def _transposes(own: Sequence[Token]) -> Iterator[Edit]:
    for k, token in enumerate(own):
        follows = own[k + 1].text if k + 1 < len(own) else ""
        if token.text == "." and follows == "T":
            told = f"{own[k - 1].text}.T should not be transposed"
            yield Edit("transposed", k, k + 2, (), told)
        elif token.kind == "name" and follows not in {"(", "."} and token.text != "T":
            told = f"{token.text} should be transposed: {token.text}.T"
            yield Edit("transposed", k + 1, k + 1, (".", "T"), told)
        elif token.text == ")" and follows != ".":
            yield Edit("transposed", k + 1, k + 1, (".", "T"), "the bracket should be transposed")


def _derivatives(case: Case, own: Sequence[Token]) -> Iterator[Edit]:
    names = [case.name(s) for s in case.ground.shapes]
    for k in range(len(own)):
        if not derivative_at(list(own), k):
            continue
        above, below = own[k].text, own[k + 2].text
        other = "∂" if above[0] == "d" else "d"
        was = f"{above}/{below}"
        now = (other + above[1:], other + below[1:])
        told = f"{now[0]}/{now[1]} is meant in place of {was}"
        yield Edit("partial-total", k, k + 3, (now[0], "/", now[1]), told)
        for name in names:
            for pair in ((above, above[0] + name), (below, below[0] + name)):
                if pair[1] == pair[0]:
                    continue
                new = (pair[1], "/", below) if pair[0] is above else (above, "/", pair[1])
                told = f"{''.join(new)} is meant in place of {was}"
                yield Edit("other-name", k, k + 3, new, told)


def _names(case: Case, own: Sequence[Token]) -> Iterator[Edit]:
    shapes = {case.name(s): shape for s, shape in case.ground.shapes.items()}
    inside = inside_derivatives(own)
    for k, token in enumerate(own):
        if token.kind != "name" or k in inside or token.text not in shapes:
            continue
        for name, shape in shapes.items():
            if name != token.text and shape == shapes[token.text]:
                told = f"{name} is meant in place of {token.text}"
                yield Edit("edit", k, k + 1, (name,), told)
            elif len(shape) > 1 and name != token.text and shape == shapes[token.text][::-1]:
                told = f"{name}.T is meant in place of {token.text}"
                yield Edit("edit", k, k + 1, (name, ".", "T"), told)
        wrapped = [(function, "(", token.text, ")") for function in WRAPPERS]
        for new in (("1",), *wrapped):
            told = f"{''.join(new)} is meant in place of {token.text}"
            yield Edit("edit", k, k + 1, new, told)


def _functions(own: Sequence[Token]) -> Iterator[Edit]:
    for k, token in enumerate(own[:-1]):
        if token.kind != "name" or own[k + 1].text != "(":
            continue
        for group in SIBLINGS:
            if token.text in group:
                for other in group:
                    if other not in {token.text, *SELDOM}:
                        code = "factor" if {other, token.text} == {"sum", "mean"} else "edit"
                        told = f"{other} is meant in place of {token.text}"
                        yield Edit(code, k, k + 1, (other,), told)


def _numbers(own: Sequence[Token]) -> Iterator[Edit]:
    for k, token in enumerate(own):
        if token.kind != "number":
            continue
        value = float(token.text)
        for new in (value + 1, value - 1, 2 * value, value / 2):
            if new != value and new >= 0:
                shown = f"{new:g}"
                told = f"{shown} is meant in place of {token.text}"
                yield Edit("edit", k, k + 1, (shown,), told)
        if value:
            told = f"1/{token.text} is meant in place of {token.text}"
            yield Edit("edit", k, k + 1, ("(", "1", "/", token.text, ")"), told)


def _slices(own: Sequence[Token]) -> Iterator[Edit]:
    """A slice, one element to the left or to the right."""
    for k in range(len(own) - 2):
        first, colon, last = own[k : k + 3]
        if colon.text == ":" and first.kind == last.kind == "number":
            for step in (1, -1):
                start, stop = int(float(first.text)) + step, int(float(last.text)) + step
                if start >= 0:
                    told = f"[{start}:{stop}] is meant in place of [{first.text}:{last.text}]"
                    yield Edit("edit", k, k + 3, (str(start), ":", str(stop)), told)


def _operators(own: Sequence[Token]) -> Iterator[Edit]:
    inside = inside_derivatives(own)
    for k, token in enumerate(own):
        if token.kind == "op" and token.text in OPERATORS and k not in inside:
            other = OPERATORS[token.text]
            told = f"{other} is meant in place of {token.text}"
            code = "edit" if token.text in "<=>=" else "wrong-weight"
            yield Edit(code, k, k + 1, (other,), told)


def _swaps(own: Sequence[Token]) -> Iterator[Edit]:
    """The two operands of an operator, or the two arguments of a call, change places."""
    for k, token in enumerate(own):
        if token.kind != "op" or token.text not in {"-", "/", "@", ",", "**"}:
            continue
        left, right = operand_before(own, k), operand_after(own, k)
        if left is None or right is None or k in inside_derivatives(own):
            continue
        before = tuple(t.text for t in own[left:k])
        after = tuple(t.text for t in own[k + 1 : right])
        code = "transposed" if token.text in {"@", ","} else "edit"
        told = f"{' '.join(before)} and {' '.join(after)} have changed places"
        yield Edit(code, left, right, (*after, token.text, *before), told)


def _powers(own: Sequence[Token]) -> Iterator[Edit]:
    inside = inside_derivatives(own)
    for k, token in enumerate(own):
        follows = own[k + 1].text if k + 1 < len(own) else ""
        if k in inside or not ends_operand(token) or follows in {"(", "**", "^", "[", "."}:
            continue
        if token.kind == "name" or token.text in {")", "]"}:
            what = token.text if token.kind == "name" else "the bracket"
            for power in ("2", "3"):
                told = f"{what} should be to the power {power}"
                yield Edit("edit", k + 1, k + 1, ("**", power), told)
        if k > 1 and own[k - 1].text in {"**", "^"}:
            yield Edit("edit", k - 1, k + 1, (), "a power is too many")
            if own[k - 2].text == ")":  # (1 - h)**2 for 1 - h**2
                told = f"the power {token.text} belongs inside the bracket"
                yield Edit("edit", k - 2, k + 1, ("**", token.text, ")"), told)


def _less(own: Sequence[Token]) -> Iterator[Edit]:
    """A factor or a term too many."""
    inside = inside_derivatives(own)
    for k, token in enumerate(own):
        if token.kind != "op" or k in inside or token.text not in {"*", "/", "@", "+", "-"}:
            continue
        right, left = operand_after(own, k), operand_before(own, k)
        if left is None or right is None:
            continue
        term = token.text in "+-"
        what = "term" if term else "factor"
        after = " ".join(t.text for t in own[k + 1 : right])
        yield Edit(
            "edit" if term else "wrong-weight", k, right, (), f"the {what} {after} is too many"
        )
        if token.text in {"*", "@", "+", "-"}:
            before = " ".join(t.text for t in own[left:k])
            code = "edit" if term else "wrong-weight"
            yield Edit(code, left, k + 1, (), f"the {what} {before} is too many")


def _more(case: Case, own: Sequence[Token]) -> Iterator[Edit]:
    """A factor too few, in one of the terms of a sum."""
    starts = _terms(own)
    if len(starts) < 2:
        return
    names = [case.name(s) for s in case.ground.shapes]
    for start in starts:
        first = own[start].text
        for name in names:
            told = f"the factor {name} is left out of the term that starts with {first!r}"
            yield Edit("missing-factor", start, start, (name, "*"), told)
        for number in ("2", "3", "0.5"):
            told = f"the term that starts with {first!r} should be {number} times as large"
            yield Edit("factor", start, start, (number, "*"), told)


def _terms(own: Sequence[Token]) -> list[int]:
    """Where the terms of the outermost sum start, and of those in brackets."""
    starts = [0] if own and own[0].text not in "+-" else []
    for k, token in enumerate(own[:-1]):
        opens = token.kind == "op" and token.text in {"(", "[", ","}
        if (token.kind == "op" and token.text in "+-") or opens:
            starts.append(k + 1)
    return [k for k in starts if own[k].text not in {"+", "-", ")", "]", ":"}]
