"""What the report formats for machines share: entries, their titles, places and fingerprints.

Everything that comes from a file goes through `autodiff.source.printable` before it is printed:
a claim or a file's name must neither move a cursor nor begin a line of its own.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from autodiff.findings import Finding, fails, findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.report import FileResult

ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")  # where CI says that the checkout is
STDIN = frozenset({"-", "<stdin>"})
BROKEN = {
    "error": "the model has errors",
    "timeout": "given up: the time allowed has passed",
    "bug": "a bug in gradpath",
}


def entries(result: FileResult) -> list[Finding]:
    """Every finding of a file. One that came to no result has an error among them, always."""
    found = [_headless(finding) for finding in findings(result)]
    if result.status in BROKEN and not any(finding.outcome == "error" for finding in found):
        message = BROKEN[result.status]
        place = (None, None, None)
        rule = f"error-{result.status}"
        found.append(Finding(result.path, "error", result.status, rule, "error", *place, message))
    return found


def title(finding: Finding) -> str:
    """In a few words: ``dL/da``, ``line 12: dL/da == …``, ``line 3: error[call]``."""
    name = f"error[{finding.name}]" if finding.kind == "error" else finding.name
    if finding.kind == "gradient" or finding.line is None:
        return name
    return f"line {finding.line}: {name}"


def level(finding: Finding, *, strict: bool) -> Literal["error", "warning"] | None:
    """How loud a finding is; None where all is well."""
    if fails(finding, strict=strict):
        return "error"
    return "warning" if finding.outcome == "doubtful" else None


def repository_path(path: str) -> str:
    """``path`` from the root of the checkout, with forward slashes; in full where it is outside.

    A job may run in a subfolder, and the places it reports are looked up from the root.
    """
    if path in STDIN:
        return "<stdin>"
    full = PurePath(os.path.abspath(path))
    for root in (*map(os.environ.get, ROOTS), os.getcwd()):
        if root and full.is_relative_to(os.path.abspath(root)):
            return full.relative_to(os.path.abspath(root)).as_posix()
    return full.as_posix()


def uri(path: str) -> str:
    """`repository_path` as a URI reference; its bytes are the file's name, whatever they are."""
    name = repository_path(path)
    prefix = "file://" if name.startswith("/") else ""
    return prefix + quote(os.fsencode(name), safe="/")


def fingerprints(found: Sequence[Finding]) -> list[str]:
    """One for each finding, which stays when lines are added or taken away elsewhere.

    It is made of the file, the rule and what was checked, never of the line. Of two claims
    that read the same the second has another one.
    """
    from hashlib import sha256  # a millisecond that most formats need not pay

    seen: Counter[tuple[str, ...]] = Counter()
    made = []
    for finding in found:
        key = (repository_path(finding.path), finding.kind, " ".join(_subject(finding).split()))
        text = "\0".join((*key, finding.rule, str(seen[key])))
        seen[key] += 1
        # surrogatepass: a file's name need not be UTF-8
        made.append(sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32])
    return made


def _headless(finding: Finding) -> Finding:
    """Without the first line of an error's excerpt: place and message stand elsewhere already."""
    if finding.kind == "error" and finding.details[:1] and finding.message in finding.details[0]:
        return finding._replace(details=finding.details[1:])
    return finding


def _subject(finding: Finding) -> str:
    if finding.kind != "error":
        return finding.name
    # The line, then carets: its text stays when it moves, and tells two errors of one code apart.
    if finding.line is not None and len(finding.details) > 1:
        return f"{finding.name} {finding.details[0]}"
    return f"{finding.name} {finding.message}"
