"""The house: imports go down one list, and each library has one door."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ENGINE = ROOT / "autodiff"

# A module imports only from those before it in this list. Within a package, and among what
# stands on one line, anything goes that Python lets go.
ORDER = [
    "typeset",  # text in, text out
    "errors source",  # a problem has a span; an excerpt is of a problem (for types only)
    "limits confine",
    "files report restore",  # a result is written and read back
    "selection",
    "ops",
    "syntax",
    "lexer",
    "calls",
    "expressions",
    "claimtext",
    "parser",
    "backends tape",  # the formula backend reads recorded statements
    "exact",  # a tape in other numbers
    "sweep",
    "narrow",  # a tape in float32
    "graph",
    "script",  # a tape as a program for a page
    "paths",
    "kinks",
    "domain",
    "replay",
    "doubts",
    "data",
    "symbolic",
    "verdict",
    "writing",
    "claims",
    "judge analysis",  # the verdicts of an analysis are a page of their own
    "compiled",  # the sweeps as a list of NumPy calls
    "placement loop",
    "picture",
    "folding",
    "depict",
    "derivation listing selfcheck",
    "overview",
    "api",
    "findings",
    "checking",
    "work",
    "cache guard",
    "batch",
    "plugin",
    "",  # autodiff/__init__.py
]
RANK = {name: rank for rank, line in enumerate(ORDER) for name in line.split() or [""]}

# Which packages, and which single modules, may import a library.
DOORS = {
    "sympy": {"symbolic"},
    "cupy": {"backends"},
    "scipy": {"backends"},
    "mpmath": {"backends", "doubts", "symbolic", "replay", "verdict", "claims"},
    "numpy": {
        *("backends", "symbolic", "data", "domain", "kinks", "graph", "claims", "analysis"),
        *("restore", "exact", "doubts", "compiled"),
    },
    "joblib": {"batch"},
    "distributed": {"batch"},
    "subprocess": {"guard"},
    "pytest": {"plugin"},
    "graphlay": set(),
    "resvg_py": set(),
    "click": set(),
    "rich": set(),
    "watchfiles": set(),
    "torch": set(),
    "autograd": set(),
    "cli": set(),
}


def modules() -> list[Path]:
    return sorted(path for path in ENGINE.rglob("*.py"))


def part(path: Path) -> str:
    """The name of a module or package of the engine; "" for the engine itself."""
    first = path.relative_to(ENGINE).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports, in full, wherever the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            assert node.module is not None
            if node.module in {"autodiff", "autodiff.backends", "autodiff.symbolic"}:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            else:
                yield node.module


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_list_is_complete() -> None:
    assert {part(path) for path in modules()} == set(RANK)


@pytest.mark.parametrize("path", modules(), ids=name)
def test_imports_go_down_the_list(path: Path) -> None:
    here = part(path)
    for module in imports(path):
        if not module.startswith("autodiff."):
            continue
        there = module.split(".")[1]
        if there not in RANK:  # a name of autodiff/__init__.py
            there = ""
        assert RANK[there] <= RANK[here], f"{name(path)} imports {module}"


@pytest.mark.parametrize("path", modules(), ids=name)
def test_each_library_has_its_doors(path: Path) -> None:
    for module in imports(path):
        library = module.split(".")[0]
        if library in DOORS:
            assert part(path) in DOORS[library], f"{name(path)} imports {module}"


@pytest.mark.parametrize("path", modules(), ids=name)
def test_a_module_states_its_promise(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)


FORBIDDEN = {"eval", "exec", "compile", "__import__", "input", "print", "breakpoint"}


@pytest.mark.parametrize("path", modules(), ids=name)
def test_the_engine_runs_no_text_and_prints_nothing(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in FORBIDDEN, f"{name(path)}:{node.lineno}"
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"sympify", "parse_expr", "lambdastr", "loads_pickle"}
        if isinstance(node, ast.keyword):
            allows = node.arg == "allow_pickle" and isinstance(node.value, ast.Constant)
            assert not (allows and node.value.value), f"{name(path)}:{node.value.lineno}"
    assert not {"pickle", "marshal", "shelve"} & {module.split(".")[0] for module in imports(path)}


@pytest.mark.parametrize(("library", "door"), [("graphlay", "layout.py"), ("resvg_py", "png.py")])
def test_what_draws_has_one_door(library: str, door: str) -> None:
    found = {
        path.relative_to(ROOT)
        for path in (ROOT / "cli").rglob("*.py")
        if library in {module.split(".")[0] for module in imports(path)}
    }
    assert found == {Path("cli", "views", "graph", door)}


def test_sweeps_name_no_operation() -> None:
    from autodiff.ops import TABLE

    words = {
        node.value
        for node in ast.walk(ast.parse((ENGINE / "sweep.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert not words & set(TABLE)


def test_paths_never_compute_the_gradient() -> None:
    assert not {m for m in imports(ENGINE / "paths.py") if m.endswith(("sweep", "api", "analysis"))}


def test_plugins_and_workers_never_import_cli() -> None:
    for path in (ROOT / "cli").rglob("*.py"):
        if path.name in {"worker.py", "plugin.py"}:
            assert "cli" not in {module.split(".")[0] for module in imports(path)}
