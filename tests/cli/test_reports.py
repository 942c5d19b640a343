"""The reports of a check, each read by a reader of its kind, whatever the files hold."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import check_results as make
import jsonschema
import junitparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from markdown_it import MarkdownIt
from tap.parser import Parser

from autodiff.errors import UsageError
from autodiff.findings import OUTCOMES
from autodiff.report import FileResult
from autodiff.source import printable
from cli.views.checks import entries, github, gitlab, junit, markdown, rules, sarif, tap

CASES = Path(__file__).parent.parent / "cases"
MODULES = [github, gitlab, junit, markdown, sarif, tap]
MARKS = [pytest.param(text, id=f"{n}") for n, text in enumerate(make.HOSTILE)]
SARIF = json.loads((CASES / "sarif.schema.json").read_text(encoding="utf-8"))
JUNIT = etree.XMLSchema(etree.parse(CASES / "junit.xsd"))


@pytest.fixture(autouse=True)
def outside_ci(monkeypatch, tmp_path):
    for name in (*entries.ROOTS, github.SUMMARY):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


# ---- all of them


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__.rpartition(".")[2])
@pytest.mark.parametrize("text", MARKS)
def test_nothing_of_a_file_moves_a_cursor(module, text):
    written = module.render(make.hostile(text), strict=True)
    assert all(char.isprintable() for line in written.split("\n") for char in line)
    written.encode("utf-8")  # no half of a pair is left


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__.rpartition(".")[2])
@pytest.mark.parametrize("strict", [False, True])
def test_no_files_are_a_report_too(module, strict):
    assert isinstance(module.render([], strict=strict), str)


def test_a_file_without_a_result_has_an_error_among_its_entries():
    for status in ("error", "timeout", "bug"):
        found = entries.entries(FileResult("a.grad", status, None))
        assert [(f.outcome, f.rule) for f in found] == [("error", f"error-{status}")]
    told = make.broken("a.grad", make.error())
    assert len(entries.entries(told)) == 1


def test_places_are_seen_from_the_root_of_the_checkout(monkeypatch, tmp_path):
    assert entries.repository_path("a/b.grad") == "a/b.grad"
    assert entries.repository_path("./a/../b.grad") == "b.grad"
    assert entries.repository_path(str(tmp_path / "c.grad")) == "c.grad"
    assert entries.repository_path("/elsewhere/c.grad") == "/elsewhere/c.grad"
    (tmp_path / "models").mkdir()
    monkeypatch.chdir(tmp_path / "models")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    assert entries.repository_path("a.grad") == "models/a.grad"
    assert entries.uri("a b#%:?.grad") == "models/a%20b%23%25%3A%3F.grad"
    assert entries.uri("/elsewhere/c.grad") == "file:///elsewhere/c.grad"
    assert entries.uri("\udcff.grad") == "models/%FF.grad"  # a byte that is not UTF-8


def test_fingerprints_outlive_lines_that_move():
    def marks(*results):
        return entries.fingerprints([f for result in results for f in entries.entries(result)])

    here = make.checked("a.grad", make.gradient(), make.false(), make.false("p == q", line=20))
    moved = make.checked(
        "a.grad",
        make.gradient(line=9),
        make.false(line=40, column=1, end=9),
        make.false("p == q", line=41),
    )
    assert marks(here) == marks(moved)
    spaced = make.checked(
        "a.grad", make.gradient(), make.false("dL/da  ==  3"), make.false("p == q")
    )
    assert marks(here) == marks(spaced)
    wrong = make.broken("a.grad", make.error(line=3), make.error(line=4, text="M = b +"))
    moved = make.broken("a.grad", make.error(line=30), make.error(line=31, text="M = b +"))
    assert marks(wrong) == marks(moved)


def test_fingerprints_differ_where_the_findings_do():
    results = [
        make.checked(
            name, make.gradient(), make.gradient("b"), make.false(), make.false(), make.claim()
        )
        for name in ("a.grad", "b.grad")
    ]
    results.append(
        make.broken("c.grad", make.error(), make.error(text="M = b +"), make.error("call"))
    )
    found = [finding for result in results for finding in entries.entries(result)]
    assert len(set(entries.fingerprints(found))) == len(found) == 13


def test_every_finding_that_is_not_well_has_its_rule_in_words():
    for word, outcome in OUTCOMES.items():
        kind = "gradient" if word in {"differs", "undefined", "inexact", "unchecked"} else "claim"
        assert (f"{kind}-{word}" in rules.RULES) == (outcome != "passed")


# ---- TAP


def points(results, *, strict):
    lines = list(Parser().parse_text(tap.render(results, strict=strict)))
    assert lines[0].category == "version"
    assert lines[0].version == 14
    assert lines[1].category == "plan"
    tests = lines[2:]
    assert [line.category for line in tests] == ["test"] * lines[1].expected_tests
    assert [line.number for line in tests] == list(range(1, len(tests) + 1))
    return tests


def test_tap():
    tests = points(make.one_of_each(), strict=False)
    assert [test.ok for test in tests] == [
        *[True] * 2,
        *[False] * 2,
        *[True] * 2,
        False,
        False,
        True,
    ]
    assert [test.skip for test in tests] == [False] * 8 + [True]
    assert tests[3].description == "- sub dir/bad.grad: line 12: dL/da == 3"
    assert tests[3].yaml_block == {
        "message": "dL/da == 3: fails: the sides differ",
        "severity": "fail",
        "rule": "claim-fails",
        "at": {"file": "sub dir/bad.grad", "line": 12, "column": 3},
        "details": [
            "the claim lacks L → d → a",
            "with a = 1.5, element [0, 1]: left 2, right 3",
        ],
    }
    assert tests[4].yaml_block["severity"] == "comment"
    assert tests[0].yaml_block is None


def test_tap_fails_what_is_in_doubt_under_strict():
    tests = points(make.one_of_each(), strict=True)
    assert [test.ok for test in tests][4:6] == [False, False]


def test_tap_of_nothing_is_skipped():
    assert tap.render([], strict=False) == "TAP version 14\n1..0 # SKIP nothing to check\n"


@pytest.mark.parametrize("text", MARKS)
def test_tap_holds_hostile_text(text):
    tests = points(make.hostile(text), strict=False)
    assert [test.ok for test in tests] == [False, True, False, False, True]
    assert [test.skip or test.todo for test in tests] == [False, False, False, False, True]
    name = printable(found_in(text))
    said = tests[2].description.replace("\\\\", "\\")  # as a reader of version 14 takes it
    assert " ".join(said.split()) == " ".join(
        f"- {name}: {printable(f'line 12: {text}')}".replace("#", "\\x23").split()
    )
    assert tests[2].yaml_block["at"]["file"] == name
    assert tests[2].yaml_block["details"][0] == printable(text)


# ---- GitHub


def commands(text):
    """The commands of a log, as the runner reads it: the new form, or else the old one."""
    found = []
    for line in re.split(r"\r\n|\r|\n", text):
        new = re.match(r"\s*::([a-z-]+)(?: +(.*?))?::(.*)", line)
        if new:
            properties = {}
            for pair in (new[2] or "").split(","):
                key, equals, value = pair.partition("=")
                if equals:
                    properties[key] = unescape(unescape(value, "%3A", ":"), "%2C", ",")
            found.append((new[1], {k: last(v) for k, v in properties.items()}, last(new[3])))
        elif "##[" in line:
            found.append(("old", {}, line))
    return found


def unescape(text, escape, char):
    return text.replace(escape, char)


def last(text):
    return unescape(unescape(unescape(text, "%0D", "\r"), "%0A", "\n"), "%25", "%")


def test_github():
    found = commands(github.render(make.one_of_each(), strict=False))
    names = [name for name, _, _ in found]
    assert names == ["error", "error", "warning", "warning", "error", "error", "notice"]
    _, properties, message = found[1]
    assert properties == {
        "file": "sub dir/bad.grad",
        "line": "12",
        "endLine": "12",
        "col": "3",
        "endColumn": "13",
        "title": "gradpath claim-fails",
    }
    assert message.splitlines() == [
        "dL/da == 3: fails: the sides differ",
        "the claim lacks L → d → a",
        "with a = 1.5, element [0, 1]: left 2, right 3",
    ]
    assert found[5][1] == {"file": "slow.grad", "title": "gradpath error-timeout"}


def test_github_is_silent_where_all_is_well():
    assert github.render([make.checked("a.grad", make.gradient())], strict=True) == ""


def test_github_annotates_doubt_as_error_under_strict():
    names = [name for name, _, _ in commands(github.render(make.one_of_each(), strict=True))]
    assert names == ["error"] * 6 + ["notice"]


def test_github_names_no_file_for_standard_input():
    result = make.checked("<stdin>", make.false(), status="failed")
    [(_, properties, _)] = commands(github.render([result], strict=False))
    assert "file" not in properties
    assert properties["line"] == "12"


@pytest.mark.parametrize("text", MARKS)
def test_github_takes_no_command_from_a_file(text):
    written = github.render(make.hostile(text), strict=True)
    assert len(written.splitlines()) == 5  # by any rule of what ends a line
    found = commands(written)
    assert [name for name, _, _ in found] == ["error"] * 4 + ["notice"]
    for _, properties, _ in found:
        assert set(properties) <= {"file", "line", "endLine", "col", "endColumn", "title"}
    assert found[2][1]["title"] == "gradpath claim-fails"
    assert printable(text) in found[2][2]


@given(st.text())
def test_github_commands_read_back(text):
    written = github.command("error", {"file": text, "title": text}, text)
    assert "\n" not in written
    assert "\r" not in written
    if not re.search(r"[\v\f\x1c-\x1e\x85\u2028\u2029]", text):
        assert commands(written) == [("error", {"file": text, "title": text}, text)]


def test_step_summary_is_appended_where_it_is_asked_for(monkeypatch, tmp_path):
    results = make.one_of_each()
    github.step_summary(results, strict=False)  # not asked for: nothing happens
    file = tmp_path / "summary.md"
    file.write_text("earlier\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    github.step_summary(results, strict=True)
    assert file.read_text(encoding="utf-8") == "earlier\n" + markdown.render(results, strict=True)


def test_a_summary_that_cannot_be_written_is_the_calls_fault(monkeypatch, tmp_path):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    with pytest.raises(UsageError, match="GITHUB_STEP_SUMMARY"):
        github.step_summary([], strict=False)


# ---- GitLab

QUALITY = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "pattern": "^[a-z-]+$"},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "not": {"pattern": r"^\./"}},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def faults(results, *, strict):
    found = json.loads(gitlab.render(results, strict=strict))
    jsonschema.validate(found, QUALITY)
    marks = [fault["fingerprint"] for fault in found]
    assert len(set(marks)) == len(marks)
    return found


def test_gitlab():
    found = faults(make.one_of_each(), strict=False)
    severities = [fault["severity"] for fault in found]
    assert severities == ["major", "major", "minor", "minor", "critical", "critical"]
    assert found[1]["description"] == "dL/da == 3: fails: the sides differ"
    assert found[1]["check_name"] == "claim-fails"
    assert found[1]["location"] == {"path": "sub dir/bad.grad", "lines": {"begin": 12}}
    assert found[5]["location"] == {"path": "slow.grad", "lines": {"begin": 1}}


def test_gitlab_raises_what_is_in_doubt_under_strict():
    found = faults(make.one_of_each(), strict=True)
    assert [fault["severity"] for fault in found] == ["major"] * 4 + ["critical"] * 2


def test_gitlab_takes_an_empty_report_for_no_fault():
    assert faults([make.checked("a.grad", make.gradient())], strict=True) == []


@pytest.mark.parametrize("text", MARKS)
def test_gitlab_holds_hostile_text(text):
    found = faults(make.hostile(text), strict=True)
    assert len(found) == 4
    assert printable(text) in found[2]["description"]
    for fault in found:
        body = fault["content"]["body"].split("\n")
        said = [fault["description"], fault["location"]["path"], *body]
        assert all(line.isprintable() for line in said)


# ---- SARIF


def run(results, *, strict):
    log = json.loads(sarif.render(results, strict=strict))
    jsonschema.validate(log, SARIF, format_checker=jsonschema.FormatChecker())
    [only] = log["runs"]
    listed = only["tool"]["driver"]["rules"]
    for result in only["results"]:
        assert listed[result["ruleIndex"]]["id"] == result["ruleId"]
    assert len({rule["id"] for rule in listed}) == len(listed)
    return only


def test_sarif():
    found = run(make.one_of_each(), strict=False)
    levels = [result["level"] for result in found["results"]]
    assert levels == ["error"] * 2 + ["warning"] * 2 + ["error"] * 2
    result = found["results"][1]
    assert result["ruleId"] == "claim-fails"
    assert result["message"]["text"].startswith(
        "dL/da == 3: fails: the sides differ\nthe claim lacks"
    )
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "sub%20dir/bad.grad", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 12, "startColumn": 3, "endColumn": 13},
            }
        }
    ]
    place = found["results"][5]["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 1}


def test_sarif_lists_the_same_rules_whatever_was_found():
    def ids(results):
        return [rule["id"] for rule in run(results, strict=False)["tool"]["driver"]["rules"]]

    assert ids([]) == list(rules.RULES)
    assert ids(make.one_of_each()) == [*rules.RULES, "error-syntax"]


def test_sarif_fingerprints_stay_when_lines_move():
    def marks(line):
        result = make.checked("a.grad", make.false(line=line), status="failed")
        [found] = run([result], strict=False)["results"]
        return found["partialFingerprints"]

    assert marks(3) == marks(300)
    assert list(marks(3)) == ["gradpath/v1"]


def test_sarif_says_when_gradpath_itself_failed():
    found = run([FileResult("a.grad", "bug", None)], strict=False)
    assert found["invocations"] == [{"executionSuccessful": False}]
    assert run(make.one_of_each(), strict=True)["invocations"] == [{"executionSuccessful": True}]


def test_sarif_gives_standard_input_no_place():
    result = make.checked("-", make.false(), status="failed")
    [found] = run([result], strict=False)["results"]
    assert "locations" not in found


def found_in(text):
    return make.hostile(text)[0].path


@pytest.mark.parametrize("text", MARKS)
def test_sarif_holds_hostile_text(text):
    found = run(make.hostile(text), strict=True)["results"]
    assert len(found) == 4
    place = found[2]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"[A-Za-z0-9._~/%:-]+", place)
    assert unquote(place, errors="surrogateescape") == entries.repository_path(found_in(text))
    said = found[2]["message"]["text"]
    assert not re.search(r"\]\(", said)  # no link
    assert all(line.isprintable() for line in said.split("\n"))


# ---- JUnit


def suites(results, *, strict):
    text = junit.render(results, strict=strict)
    assert text.isascii()
    tree = etree.fromstring(text.encode("ascii"))
    JUNIT.assertValid(tree)
    read = junitparser.JUnitXml.fromstring(text.encode("ascii"))
    for counted in (read, *read):
        told = (counted.tests, counted.failures, counted.errors, counted.skipped)
        counted.update_statistics()
        assert told == (counted.tests, counted.failures, counted.errors, counted.skipped)
    assert [suite.name for suite in read] == [printable(result.path) for result in results]
    return read


def cases(read):
    return [list(suite) for suite in read]


def kinds(read):
    return [[[type(r).__name__ for r in case.result] for case in suite] for suite in cases(read)]


def test_junit():
    results = make.one_of_each()
    read = suites(results, strict=False)
    assert kinds(read) == [
        [[], []],
        [["Failure"], ["Failure"]],
        [[], []],
        [["Error"]],
        [["Error"]],
        [["Skipped"]],
    ]
    case = cases(read)[1][1]
    assert (case.name, case.classname) == ("line 12: dL/da == 3", "sub dir/bad.grad")
    [failure] = case.result
    assert (failure.type, failure.message) == ("claim-fails", "dL/da == 3: fails: the sides differ")
    assert failure.text.splitlines() == [
        "sub dir/bad.grad:12:3: dL/da == 3: fails: the sides differ",
        "the claim lacks L → d → a",
        "with a = 1.5, element [0, 1]: left 2, right 3",
    ]
    doubt = cases(read)[2][0]
    assert doubt.system_out == "dL/dx inexact: 6 digits lost"


def test_junit_gives_the_time_of_each_file():
    text = junit.render(make.one_of_each(), strict=False).encode("ascii")
    tree = etree.fromstring(text)
    times = [suite.get("time") for suite in tree]
    assert times == ["0.250", "0.250", "0.250", "0.500", "2.000", "0.000"]
    assert tree.get("time") == "3.250"


def test_junit_fails_what_is_in_doubt_under_strict():
    assert kinds(suites(make.one_of_each(), strict=True))[2] == [["Failure"], ["Failure"]]


@pytest.mark.parametrize("text", MARKS)
def test_junit_holds_hostile_text(text):
    read = suites(make.hostile(text), strict=False)
    assert kinds(read) == [[["Failure"], [], ["Failure"]], [["Error"]], [["Skipped"]]]
    claim = cases(read)[0][2]
    assert claim.name == printable(f"line 12: {text}")
    assert printable(text) in claim.result[0].text


# ---- Markdown

READER = MarkdownIt("commonmark", {"html": True}).enable("table")


def table(text):
    """The cells of a document's last table, and every token that is in it."""
    tokens = READER.parse(text)
    starts = [n for n, token in enumerate(tokens) if token.type == "table_open"]
    rows, inside = [], tokens[starts[-1] :]
    for before, token in pairwise(inside):
        if before.type == "tr_open":
            rows.append([])
        if before.type in {"td_open", "th_open"}:
            rows[-1].append(token)
    return rows


def test_markdown():
    text = markdown.render(make.one_of_each(), strict=False)
    assert text.startswith("## gradpath check\n\n**3 of 5 files fail.**\n")
    assert "| 6 | 3 | 3 | 4 | 2 |" in text
    rows = [[cell.content for cell in row] for row in table(text)]
    assert rows[2] == [
        "**fails**",
        "`sub dir/bad.grad:12`",
        "`dL/da == 3`",
        "`fails: the sides differ`<br>`the claim lacks L → d → a`"
        "<br>`with a = 1.5, element [0, 1]: left 2, right 3`",
    ]
    assert [row[0] for row in rows] == ["", *["**fails**"] * 2, *["**error**"] * 2, *["doubt"] * 2]
    assert text.endswith("\nNothing to check in `empty.grad`.\n")


def test_markdown_where_all_is_well():
    well = make.checked("a.grad", make.gradient(), make.claim())
    assert "**The file is well.**" in markdown.render([well], strict=True)
    assert "**All 2 files are well.**" in markdown.render([well, well], strict=True)
    assert "**Nothing to check.**" in markdown.render([], strict=True)


@pytest.mark.parametrize("text", MARKS)
def test_markdown_keeps_hostile_text_in_its_cell(text):
    written = markdown.render(make.hostile(text), strict=True)
    rows = table(written)
    assert [len(row) for row in rows] == [4] * 5
    for row in rows[1:]:
        for cell in row[1:]:
            for token in cell.children:
                assert token.type == "code_inline" or token.content == "<br>"
    shown = printable(text)
    if len(shown) < 200 and "\\|" not in shown:
        assert rows[3][2].children[0].content.strip() == (shown.strip() or "")


def test_markdown_is_short_enough_for_a_comment():
    results = [
        make.checked(f"{n}.grad", make.false("x" * 200), status="failed") for n in range(999)
    ]
    text = markdown.render(results, strict=False)
    assert len(text) < 65_536
    shown = text.count("**fails**")
    assert 50 < shown < 999
    assert f"… and {999 - shown} more" in text
