"""The documentation shows what the program prints, names what exists, and links to what is there.

How a page is run is told in pages.py.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import get_args

import pages
import pytest

ROOT = pages.ROOT
DOCS = pages.documents()
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", DOCS, ids=named)
def test_page_shows_what_the_program_prints(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    shown, new = pages.settled(text), pages.settled(pages.render(text, tmp_path))
    difference = difflib.unified_diff(
        shown.splitlines(), new.splitlines(), "the page", "the program", lineterm="", n=2
    )
    assert new == shown, "\n".join(
        [f"{named(page)} is stale; see tests/docs/pages.py --update", *difference]
    )


@pytest.mark.parametrize("page", [*DOCS, ROOT / "benchmarks" / "README.md"], ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), f"{named(page)} links to {target}"
        if anchor:
            assert anchor in anchors(file.read_text(encoding="utf-8")), f"{target}: no such heading"


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found = set()
    for heading in re.findall(r"^#+ (.+)$", re.sub(r"(?ms)^```.*?^```$", "", text), re.M):
        plain = re.sub(r"[^\w\- ]", "", heading.strip().lower())
        found.add(plain.replace(" ", "-"))
    return found


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_readme_has_a_test_command() -> None:
    """`.ci/run` takes it from there."""
    assert re.search(r"<!-- test-command -->\n+```sh\n[^`]*pytest[^`]*```", page("README.md"))


def test_every_verdict_is_explained() -> None:
    from autodiff.report import Verdict

    text = page("docs/verdicts.md")
    assert [v for v in get_args(Verdict) if f"## `{v}`" not in text] == []


def test_every_error_code_is_listed() -> None:
    codes = set()
    for file in (ROOT / "autodiff").glob("*.py"):
        text = file.read_text(encoding="utf-8")
        codes |= set(re.findall(r'\bcode(?:: ClassVar\[str\])? ?= ?"([a-z-]+)"', text))
    codes -= {"error", "model", "problem"}  # of classes that hold others, or are never raised
    text = page("docs/language.md")
    assert {c for c in codes if f"| `{c}` |" not in text} == set()


def test_every_note_code_is_listed() -> None:
    codes = set()
    for file in (ROOT / "autodiff").glob("*.py"):
        codes |= set(re.findall(r'\bNote\(\s*"([a-z-]+)"', file.read_text(encoding="utf-8")))
    text = page("docs/json.md")
    assert {c for c in codes if f"| `{c}` |" not in text} == set()


def test_every_json_key_and_csv_column_is_listed() -> None:
    import autodiff
    from cli.views.csv import COLUMNS

    text = page("docs/json.md")
    keys = set(COLUMNS)
    for file in sorted((ROOT / "samples").glob("*.grad")):
        collect(autodiff.load(file).gradient(paths=2).to_json(), keys)
    missing = {key for key in keys if f"`{key}`" not in text}
    assert missing == set()


def collect(value: object, keys: set[str]) -> None:
    """Every key of a JSON object; below ``gradients`` names of the model are keys, not ours."""
    if isinstance(value, dict):
        for key, item in value.items():
            keys.add(key)
            if key == "gradients":
                for gradient in item.values():
                    collect(gradient, keys)
            else:
                collect(item, keys)
    elif isinstance(value, list):
        for item in value:
            collect(item, keys)


def test_every_module_has_its_promise_in_the_architecture() -> None:
    text = page("docs/architecture.md")
    known = set(re.findall(r"^\| (`.+?`) \|", text, re.M))
    known = set(re.findall(r"`([\w/.]+)`", " ".join(known)))
    there = set()
    for package in ("autodiff", "cli"):
        for entry in (ROOT / package).iterdir():
            if entry.is_dir() and (entry / "__init__.py").exists():
                there.add(f"{entry.name}/")
            elif entry.suffix == ".py" and not entry.name.startswith("__"):
                there.add(entry.name)
    assert there - known == set(), "modules that docs/architecture.md does not name"
    assert {name for name in known if name.endswith((".py", "/"))} - there == set()
