"""Text: a line for each file, below it what fails, and a summary. Chooses no words of findings."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, get_args

from autodiff.findings import describe, fails, findings
from autodiff.report import FileStatus
from autodiff.source import width
from cli.views import words
from cli.views.checks.summary import CODES, Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from autodiff.findings import Finding
    from autodiff.report import FileResult
    from cli.views.words import Tone

WIDEST = 44  # columns for the names of the files; a longer one pushes the rest of its line
STATUS = 9
TONES: dict[FileStatus, Tone] = {"ok": "good", "nothing": "doubt"}  # all others are bad


class Line(NamedTuple):
    """A line; ``marked`` is the part of it that has the tone."""

    text: str
    tone: Tone | None = None
    marked: tuple[int, int] = (0, 0)


def render(results: Sequence[FileResult], *, strict: bool) -> str:
    """All lines, in the order of the files."""
    view = View([result.path for result in results], strict=strict)
    lines = [line.text for result in results for line in view.file(result)]
    return "\n".join([*lines, view.last(Tally(results)).text]) + "\n"


class View:
    """Lays out results one at a time, for ``files`` that are known from the beginning."""

    def __init__(
        self,
        files: Iterable[str],
        *,
        strict: bool = False,
        quiet: bool = False,
        ascii: bool = False,
    ) -> None:
        self.strict, self.quiet = strict, quiet
        self.signs = words.ASCII if ascii else words.UNICODE
        longest = max((width(self.safe(path)) for path in files), default=0)
        self.column = min(longest, WIDEST)

    def safe(self, text: str) -> str:
        return words.formula(text, self.signs)

    def file(self, result: FileResult) -> Iterator[Line]:
        """The lines of one file; with ``quiet`` none, if all is well."""
        if self.quiet and CODES[result.status] == 0:
            return
        found = findings(result)
        name = self.safe(result.path)
        start = max(self.column, width(name)) + 2
        lead = name + " " * (start - width(name))
        status = "nothing to check" if result.status == "nothing" else result.status
        said = self.said(result, found)
        text = f"{lead}{status.ljust(STATUS)}{said}".rstrip()
        yield Line(text, TONES.get(result.status, "bad"), (len(lead), len(lead) + len(status)))
        for finding in found:
            if fails(finding, strict=self.strict):
                yield from (Line(f"  {self.safe(row)}") for row in describe(finding))

    def said(self, result: FileResult, found: Sequence[Finding]) -> str:
        """What was checked, how much of it fails, and what is in doubt."""
        parts = []
        for kind, noun in (("gradient", "gradient"), ("claim", "claim"), ("error", "error")):
            of = [f for f in found if f.kind == kind]
            bad = sum(fails(f, strict=self.strict) for f in of)
            if not of:
                continue
            counted = words.plural(len(of), noun)
            parts.append(f"{bad} of {counted}" if bad and kind != "error" else counted)
        text = ", ".join(parts)
        doubts = Counter(f.rule.partition("-")[2] for f in found if f.outcome == "doubtful")
        if doubts and not self.strict:
            text += f" ({', '.join(f'{count} {name}' for name, count in doubts.items())})"
        return text + (", cached" if result.cached else "")

    def last(self, tally: Tally, *, left: int = 0, seconds: float | None = None) -> Line:
        """The summary; ``left`` files were not checked, ``seconds`` is what it took."""
        many = {"nothing": "nothing to check", "timeout": "timed out", "bug": "met a bug"}
        parts = []
        for status in get_args(FileStatus):
            count = tally.statuses[status]
            if count:
                noun = words.plural(count, "error") if status == "error" else ""
                parts.append(noun or f"{count:,} {many.get(status, status)}")
        if tally.cached:
            parts.append(f"{tally.cached:,} cached")
        if left:
            parts.append(f"{left:,} not checked")
        text = f"{words.plural(tally.files + left, 'file')}: {', '.join(parts)}"
        tone: Tone = "good" if tally.code == 0 else "bad"
        return Line(text + ("" if seconds is None else f"   {seconds:.1f} s"), tone, (0, len(text)))
