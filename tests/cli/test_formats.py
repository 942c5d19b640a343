"""JSON, CSV and Markdown: for scripts, spreadsheets and documents."""

from __future__ import annotations

import csv as reader
import io
import json as decoder
import math

import numpy as np
import pytest
from conftest import agrees, make_report, scalar_gradient, scalar_path

from autodiff.report import Check, Gradient, Note
from cli.views import csv, json, markdown

ONE = scalar_path("L x", [2.0], "2·x")


def rows(report):
    return list(reader.DictReader(io.StringIO(csv.render(report))))


def test_json_round_trips_every_float():
    value = 0.1 + 0.2
    report = make_report(scalar_gradient("x", scalar_path("L x", [value], "x")))
    for ascii in (True, False):
        text = json.render(report, ascii=ascii)
        assert decoder.loads(text)["gradients"]["x"]["value"] == value
        assert "\n" not in text
    assert json.render(report, ascii=True).isascii()


def test_json_spells_what_is_not_finite():
    path = scalar_path("L x", [math.inf], "1/x")
    report = make_report(
        scalar_gradient("x", path, check=Check("undefined", reason="1/0")), status="failed"
    )
    found = decoder.loads(json.render(report, ascii=False), parse_constant=pytest.fail)
    assert found["gradients"]["x"]["value"] == "inf"
    assert found["status"] == "failed"


def test_csv_has_a_row_per_element():
    value = np.array([[1.5, -2.0], [0.0, math.nan]])
    report = make_report(
        Gradient("W", value, value, (2, 2), "", None, agrees()),
        scalar_gradient("x", ONE, check=agrees()),
    )
    found = rows(report)
    assert list(found[0]) == list(csv.COLUMNS)
    assert [(r["name"], r["index"], r["value"]) for r in found] == [
        ("W", "[0, 0]", "1.5"),
        ("W", "[0, 1]", "-2.0"),
        ("W", "[1, 0]", "0.0"),
        ("W", "[1, 1]", "nan"),
        ("x", "", "2.0"),
    ]
    assert found[-1] == {
        "model": "model.grad",
        "output": "L",
        "name": "x",
        "index": "",
        "value": "2.0",
        "verdict": "agrees",
        "error": "1e-17",
        "paths": "1",
        "sum": "2.0",
        "absolute_sum": "2.0",
    }


def test_csv_gives_the_order_of_a_count_too_large_to_give():
    report = make_report(scalar_gradient("x", ONE, count=None, exponent=20))
    assert rows(report)[0]["paths"] == "1e20"


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_csv_holds_no_formula(name):
    # A spreadsheet would run it; a file may be called so.
    report = make_report(scalar_gradient("x", ONE), model=name)
    assert rows(report)[0]["model"] == "'" + name


def test_csv_keeps_a_row_on_its_line():
    report = make_report(scalar_gradient("x", ONE), model='a\nb,"c"')
    assert rows(report)[0]["model"] == 'a\\nb,"c"'
    assert csv.render(report).count("\n") == 2


def test_markdown(two_paths):
    assert markdown.render(two_paths, ascii=False, full=False) == (
        "# `two_paths.grad`\n"
        "\n"
        "`L` = **-0.845456** (cpu, float64)\n"
        "\n"
        "| gradient | value | paths | verdict |\n"
        "|:---|---:|---:|:---|\n"
        "| `dL/da` | -0.176827 | 2 | agrees |\n"
        "\n"
        "## `dL/da` = -0.176827\n"
        "\n"
        "| path | local derivatives | numbers | contribution |\n"
        "|:---|:---|:---|---:|\n"
        "| `L → d → c → a` | `(1 − tanh(d)²) · w4 · w2` | `0.2852 × 0.7 × -1.1` | -0.219608 |\n"
        "| `L → d → b → a` | `(1 − tanh(d)²) · w3 · w1` | `0.2852 × 0.5 × 0.3` | 0.042781 |\n"
        "| sum of 2 paths | | | -0.176827 |\n"
        "| reverse sweep | | | -0.176827 |\n"
        "\n"
        "SymPy agrees to 1 ulp: `(w1·w3 + w2·w4)·(1 − tanh(a·w1·w3 + a·w2·w4)²)`\n"
    )
    assert markdown.render(two_paths, ascii=True, full=False).isascii()


def test_markdown_interprets_nothing_of_the_model():
    report = make_report(
        scalar_gradient("x", ONE, check=Check("unchecked", reason="<b>*why*</b>")),
        model="`# <img src=x>` | x",
        notes=(Note("kink", 7, "[a](b) | *c*"),),
    )
    text = markdown.render(report, ascii=False, full=False)
    assert text.startswith("# `` `# <img src=x>` | x ``\n")
    assert "not checked: \\<b\\>\\*why\\*\\</b\\>" in text
    assert "- `kink` line 7: \\[a\\](b) \\| \\*c\\*" in text


def test_markdown_of_arrays_and_of_hidden_paths():
    value = np.array([[1.0, 2.0], [3.0, 4.0]])
    report = make_report(
        Gradient("W", value, value, (2, 2), "", None, None),
        scalar_gradient("x", ONE, count=3, remainder=1.0, sum=3.0),
        checked=False,
    )
    text = markdown.render(report, ascii=False, full=False)
    assert "```text\n[[1, 2],\n [3, 4]]\n```" in text
    assert "| 2 more paths | | | 1 |\n| sum of 3 paths | | | 3 |" in text
    assert "verdict" not in text
