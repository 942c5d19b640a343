"""Results of checks made by hand, and the nastiest text that a file can hold."""

from __future__ import annotations

from typing import Any

from autodiff.report import (
    Check,
    ClaimResult,
    Counterexample,
    Diagnosis,
    ErrorEntry,
    FileResult,
    Gradient,
    Report,
)

HOSTILE = [
    "::error file=a.py::owned",
    "x\n::add-mask::x",
    "x\r::stop-commands::x",
    "##[error]owned",
    "a%0A::error::owned",
    "a, line=1::b",
    "]]><failure/>",
    "a | b || c",
    "a \\| b \\\\| c",
    "`a` ``b`` ```",
    "```\n# heading",
    "<script>alert(1)</script>",
    "</details><img src=x onerror=alert(1)>",
    "[click](https://example.com) @everyone https://example.com",
    "a # SKIP",
    "a # TODO b",
    "\\# SKIP",
    "ok 1 - all well",
    "Bail out!",
    "1..0",
    "...\n---",
    "null: [} &a *a !!python/object",
    "bell \x07, escape \x1b[2J, nul \x00, delete \x7f, next line \x85",
    "not a character \ufffe \uffff",
    "half a pair \ud800, not UTF-8 \udcff",
    "right to left \u202e, isolate \u2066, joiner \u200d, separator \u2028, mark \ufeff",
    "emoji 🙂 👩\u200d🔬 ∂L/∂α ≤ ½",
    "{0} {{1}} %s %25",
    " ",
    '\'"""\'',
    "x" * 5000,
]


def gradient(name: str = "a", verdict: Any = "agrees", reason: str = "", line: int = 2) -> Gradient:
    check = Check(verdict, reason=reason, reference="2.5")
    return Gradient(name, 2.0, 2.0, (), "", None, check, line)


def claim(text: str = "dL/da == 2", status: Any = "proved", **extra: Any) -> ClaimResult:
    fields: dict[str, Any] = {"line": 12, "column": 3, "end": 13}
    return ClaimResult(text=text, status=status, **(fields | extra))


def false(text: str = "dL/da == 3", **extra: Any) -> ClaimResult:
    """A claim that fails in every way there is."""
    fields: dict[str, Any] = {
        "message": "the sides differ",
        "diagnosis": Diagnosis("missing-path", "the claim lacks L → d → a"),
        "counterexample": Counterexample({"a": "1.5"}, (0, 1), 2.0, 3.0),
    }
    return claim(text, "fails", **(fields | extra))


def checked(
    path: str, *found: Gradient | ClaimResult, status: Any = "ok", **more: Any
) -> FileResult:
    gradients = {f.name: f for f in found if isinstance(f, Gradient)}
    claims = tuple(f for f in found if isinstance(f, ClaimResult))
    report = Report(
        *(path, "cpu", "float64", "L", 1.0, {}, gradients, claims, (), True),
        "failed" if status == "failed" else "ok",
    )
    return FileResult(path, status, report, **({"seconds": 0.25} | more))


def broken(path: str, *entries: ErrorEntry, status: Any = "error") -> FileResult:
    return FileResult(path, status, None, entries, 0.5)


def error(
    code: str = "syntax", message: str = "no", line: int | None = 3, **extra: Any
) -> ErrorEntry:
    text = extra.pop("text", "L = a +")
    head = f"m.grad:{line}:7: error[{code}]: {message}"
    return ErrorEntry(code, line, 7, 8, message, "", f"{head}\n  {text}\n        ^")


def one_of_each() -> list[FileResult]:
    return [
        checked("good.grad", gradient(), claim()),
        checked("sub dir/bad.grad", gradient("w", "differs"), false(), status="failed"),
        checked(
            "doubt.grad", gradient("x", "inexact", "6 digits lost"), claim("p == q", "undecided")
        ),
        broken("wrong.grad", error()),
        FileResult("slow.grad", "timeout", None, (), 2.0),
        FileResult("empty.grad", "nothing", None, (), 0.0),
    ]


def hostile(text: str) -> list[FileResult]:
    """``text`` wherever a file's text can come out; half a pair is in no name of a file."""
    name = text.replace("\ud800", "")
    return [
        checked(
            f"{name}.grad",
            gradient(text, "undefined", text),
            claim(text, "undecided", message=text),
            false(
                text,
                message=text,
                diagnosis=Diagnosis("sign", text),
                counterexample=Counterexample({text: text}, (), 1.0, 2.0),
            ),
            status="failed",
        ),
        broken(f"{name}/w.grad", error(message=text, text=text)),
        FileResult(name, "nothing", None),
    ]
