"""What can go wrong, as one tree.

    GradpathError
    ├── UsageError            the call itself is wrong (an option, an unknown name in --wrt)
    └── ModelErrors           everything wrong with one model, reported together; holds Problems
        Problem               one thing wrong, at one place
        ├── SyntaxProblem     the text is not the language
        ├── CharacterProblem  a character that is invisible, or looks like another
        ├── NameProblem       a name is unknown, assigned twice, or ambiguous
        ├── CallProblem       a function is called with the wrong arguments
        ├── LoadProblem       a data file cannot be read, or may not be
        ├── ShapeProblem      array shapes do not fit
        ├── DomainProblem     a value outside an operation's real domain
        ├── LeafProblem       a leaf that is not a finite real number or array
        ├── OutputProblem     the output is missing, not scalar, or not computed
        └── LimitProblem      a stated limit is exceeded

Every problem carries a stable ``code``, a span and data; the text a person reads is
rendered in one place (`autodiff.source.render`). Tests match on class, code and span.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from autodiff.source import Source, Span


MANY_NAMES = 5000
# What is said where memory runs out: the message, its hint, its code.
NO_MEMORY = ("there is not enough memory for this", "--max-memory allows more", "memory")


def closest(word: str, known: Iterable[str]) -> str:
    """The name a person may have meant by ``word``, or ""."""
    import difflib  # half a millisecond that only errors need

    names = list(known)
    if len(names) > MANY_NAMES:  # ten seconds for a million: look at the likeliest only
        names = [n for n in names if n[:1] == word[:1] and abs(len(n) - len(word)) < 2]
    found = difflib.get_close_matches(word, names[:MANY_NAMES], 1)
    return found[0] if found else ""


class GradpathError(Exception):
    """The root: everything gradpath raises on purpose."""

    code: str = "error"


class UsageError(GradpathError):
    """The call is wrong, not the model; or what it asks for is not there (a device)."""

    def __init__(self, message: str, hint: str = "", code: str = "usage") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code


class Problem(GradpathError):
    """One thing wrong with a model, at one place of its source.

    Attributes
    ----------
    message : what is wrong, one line, no full stop
    span    : where, or None when it is the file as a whole
    hint    : what to do about it, or ""
    source  : the text the span points into (a model, or a ``--set`` argument)
    resume  : the line where the statement after the broken one starts, where that is not the
              line after its first; or None
    """

    code = "problem"
    resume: int | None = None

    def __init__(
        self,
        message: str,
        span: Span | None = None,
        hint: str = "",
        *,
        code: str | None = None,
        source: Source | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.hint = hint
        self.source = source
        if code is not None:
            self.code = code  # a class may stand for several stable codes


class SyntaxProblem(Problem):
    code = "syntax"


class CharacterProblem(Problem):
    code = "character"


class NameProblem(Problem):
    code = "unknown-name"


class CallProblem(Problem):
    code = "call"


class LoadProblem(Problem):
    code = "load"


class ShapeProblem(Problem):
    code = "shape"


class DomainProblem(Problem):
    code = "domain"


class LeafProblem(Problem):
    code = "leaf"


class OutputProblem(Problem):
    code = "output"


class LimitProblem(Problem):
    code = "limit"


class ModelErrors(GradpathError):
    """All problems of one model, in the order of their lines.

    Attributes
    ----------
    problems : at least one `Problem`
    source   : the model's text
    """

    code = "model"

    def __init__(self, problems: Sequence[Problem], source: Source) -> None:
        super().__init__(f"{len(problems)} problem(s) in {source.name}")
        self.problems = tuple(problems)
        self.source = source
