"""`gradpath graph`: every format, on every sample, and what stands where in a drawing."""

from __future__ import annotations

import builtins
import itertools
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner

import autodiff
from cli.main import gradpath
from cli.views.graph import content, layout, png, svg

HOME = Path(__file__).parents[2]
SAMPLES = HOME / "samples"
TWO = str(SAMPLES / "two_paths.grad")
NS = "{http://www.w3.org/2000/svg}"
FORMATS = ["svg", "png", "dot", "mermaid", "text"]


def run(*args, **how):
    return CliRunner().invoke(gradpath, ["graph", *map(str, args)], prog_name="gradpath", **how)


# ---- nothing lies over anything else


def overlap(a, b):
    return (
        min(a.x + a.width, b.x + b.width) - max(a.x, b.x) > 0.01
        and min(a.y + a.height, b.y + b.height) - max(a.y, b.y) > 0.01
    )


def cubic(p, q, sideways, t):
    """A point of the curve between two points of a way: see `svg.curve`."""
    (ax, ay), (bx, by) = p, q
    x, y = (ax + bx) / 2, (ay + by) / 2
    points = [p, (x, ay), (x, by), q] if sideways else [p, (ax, y), (bx, y), q]
    weights = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3]
    return tuple(
        sum(w * point[k] for w, point in zip(weights, points, strict=True)) for k in (0, 1)
    )


def hits(box, point):
    x, y = point
    return box.x + 1 < x < box.x + box.width - 1 and box.y + 1 < y < box.y + box.height - 1


@pytest.mark.parametrize(
    "file", sorted(SAMPLES.rglob("*.grad")), ids=lambda f: str(f.relative_to(SAMPLES))
)
def test_nothing_overlaps(file):
    program = autodiff.load(file)
    for nodes, backward in itertools.product(("names", "all"), (True, False)):
        drawing = svg.Drawing(program.picture(nodes=nodes), backward=backward)
        laid, edges = drawing.layout, drawing.picture.edges
        labels = [box for box in laid.labels if box is not None]
        for a, b in itertools.combinations([*laid.vertices, *labels], 2):
            assert not overlap(a, b)
        for box, lines in zip(laid.vertices, drawing.texts, strict=True):
            assert max(svg.width(t, svg.SMALL if k else svg.SIZE) for k, t in enumerate(lines)) <= (
                box.width
            )
        for edge, way in zip(edges, laid.ways, strict=True):
            for p, q in itertools.pairwise(way):
                for t in (0.1, 0.3, 0.5, 0.7, 0.9):
                    point = cubic(p, q, laid.sideways, t)
                    for k, box in enumerate(laid.vertices):
                        if k not in (edge.source, edge.target):
                            assert not hits(box, point), drawing.texts[k][0]


def test_a_curve_is_what_the_test_above_takes_it_for():
    assert svg.curve([(0.0, 0.0), (10.0, 20.0)], False) == "M0 0C0 10 10 10 10 20"
    assert svg.curve([(0.0, 0.0), (10.0, 20.0)], True) == "M0 0C5 0 5 20 10 20"
    assert svg.curve([(0.0, 0.0), (0.0, 20.0)], False) == "M0 0L0 20"


# ---- SVG


def drawn(text, **request):
    backward = request.pop("backward", True)
    program = autodiff.loads(text, name='<b>&"x\x1b[31m.grad')
    return svg.render(program.picture(**request), backward=backward)


def test_svg_is_self_contained_and_text_is_text():
    text = drawn("α = 2\nβ = α**2\nL = β*α", leaf="α")
    root = ET.fromstring(text)
    assert "script" not in text
    assert "href" not in text
    assert "url(" not in text
    assert "\x1b" not in text
    assert root.find(f"{NS}title").text == 'gradient graph of L in <b>&"x\\x1b[31m.grad'
    names = {g.get("data-name"): g.get("class") for g in root.iter(f"{NS}g") if g.get("data-name")}
    assert names == {"L": "output lit", "β": "node lit", "α": "leaf lit"}
    edges = {g.get("data-edge") for g in root.iter(f"{NS}g") if g.get("data-edge")}
    assert edges == {"L β", "L α", "β α"}
    shown = {t.text for t in root.iter(f"{NS}text")}
    assert {"dL/dα = 12", "L → β → α", "8"} <= shown
    assert {g.get("data-path") for g in root.iter(f"{NS}g")} == {None, "0", "1"}


def test_colours_are_names_that_a_page_may_change():
    text = drawn("a = 2\nL = a**2", leaf="a")
    sheet = svg.style()
    assert set(re.findall(r"var\(--([a-z-]+)\)", sheet)) <= set(
        re.findall(r"--([a-z-]+): #", sheet)
    )
    assert "prefers-color-scheme: dark" in sheet
    bare = svg.render(autodiff.loads("a = 2\nL = a**2").picture(leaf="a"), backward=True, sheet="")
    assert "<style>" in text
    assert "<style>" not in bare
    assert "#" not in bare  # no colour but by a class
    assert "var(" not in svg.plain_style()


def test_wider_is_heavier_and_colour_is_sign():
    root = ET.fromstring(svg.render(autodiff.load(TWO).picture(leaf="a"), backward=True))
    strands = {}
    for group in root.iter(f"{NS}g"):
        if group.get("data-path") and group.get("class") is None:
            path = group.find(f"{NS}path")
            strands[group.get("data-path")] = (path.get("class"), float(path.get("stroke-width")))
    assert strands["0"][0] == "strand minus"
    assert strands["1"][0] == "strand plus"
    assert strands["0"][1] > 2 * strands["1"][1]


def test_the_forward_drawing_has_statements_and_its_arrows_the_other_way():
    program = autodiff.load(TWO)
    forward, backward = (
        ET.fromstring(svg.render(program.picture(), backward=b)) for b in (False, True)
    )
    texts = [{t.text for t in root.iter(f"{NS}text")} for root in (forward, backward)]
    assert {"= w3·b + w4·c", "= tanh(d)"} <= texts[0]
    assert {"dL/dd = 0.2852", "1 − tanh(d)²", "w4 = 0.7"} <= texts[1]
    heads = []
    for root in (forward, backward):
        edge = next(g for g in root.iter(f"{NS}g") if g.get("data-edge") == "L d")
        tip, base = re.findall(r"[ML][\d.]+ ([\d.]+)", edge.findall(f"{NS}path")[1].get("d"))[:2]
        heads.append(float(tip) > float(base))
    assert heads == [False, True]  # up to L, down from L


# ---- other formats


def test_png_is_the_same_without_a_font():
    picture = autodiff.load(TWO).picture(leaf="a")
    image = png.render(picture, backward=True)
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    drawing = svg.Drawing(picture, backward=True)
    width, height = (int.from_bytes(image[k : k + 4], "big") for k in (16, 20))
    assert (width, height) == pytest.approx([png.ZOOM * side for side in drawing.size], abs=2)
    import resvg_py

    empty = resvg_py.svg_to_bytes(
        svg_string=drawing.svg(svg.plain_style()), zoom=png.ZOOM, skip_system_fonts=True
    )
    assert len(image) > 2 * len(bytes(empty))  # the text is there, by the fonts that come along


def test_dot():
    result = run(TWO, "--backward", "--leaf", "a", "--format", "dot")
    assert result.exit_code == 0
    assert (
        '  n0 [label="L\\n= -0.8455\\ndL/dL = 1", tooltip="line 29: L = tanh(d)"' in result.output
    )
    assert 'n1 -> n5 [label="w4 = 0.7", color="#d1570a"' in result.output
    assert "rankdir=TB" in result.output
    assert "  n1 -> n0;\n" in run(TWO, "--format", "dot").output
    for line in result.output.splitlines()[1:-1]:
        assert line.endswith(";")
        assert len(re.findall(r'(?<!\\)"', line)) % 2 == 0


def test_mermaid():
    result = run(TWO, "--backward", "--leaf", "a", "--format", "mermaid")
    lines = result.output.splitlines()
    assert lines[:4] == [
        "---",
        'title: "dL/da = -0.2196 + 0.0428 = -0.1768"',
        "---",
        "flowchart TB",
    ]
    assert '  n0["L<br>= -0.8455<br>dL/dL = 1"]:::output' in lines
    assert '  n1 -->|"w4 = 0.7"| n5' in lines
    # Whatever Mermaid would read as its own is an entity.
    inner = re.findall(r'"([^"]*)"', "\n".join(lines[4:]))
    for text in inner:
        assert not re.search(r"[\[\]{}<>|`*_~\\#;&]", re.sub(r"<br>|#\d+;", "", text))


@pytest.mark.parametrize("format", ["svg", "dot", "mermaid", "text"])
def test_what_is_folded_is_said(format):
    result = run(TWO, "--most", "4", "--format", format)
    assert re.search(r"\d of 9 vertices are folded into \d", result.output)


def test_text():
    result = run(TWO, "--backward", "--leaf", "a")
    assert result.output.splitlines()[2:6] == [
        "◆        L = -0.8455                                                  dL/dL = 1",
        "┃        → d   1 − tanh(d)² = 0.2852",
        "●        d = -1.24                                               dL/dd = 0.2852",
        "├─╮      → w3   b = 0.6",
    ]
    assert result.output.splitlines()[-2:] == ["  -------", "  -0.1768  dL/da"]


@pytest.mark.parametrize(
    "file", sorted(SAMPLES.rglob("*.grad")), ids=lambda f: str(f.relative_to(SAMPLES))
)
def test_text_fits_80_columns_and_its_lanes_meet(file):
    leaf = autodiff.load(file).leaves[0]
    for request in (["--backward", "--leaf", leaf], ["--nodes", "all", "--backward"], []):
        result = run(file, *request)
        assert result.exit_code == 0
        rows = result.stdout.splitlines()
        assert max(map(len, rows)) < 100  # a name that is longer than its place is not cut
        marks = [row for row in rows if re.match(r"[│┃ ]*[◆●○◌]", row)]
        picture = autodiff.load(file).picture(nodes="all" if "all" in request else "names")
        assert len(marks) == len(picture.vertices)
        # Every lane that goes down arrives: below each │ is another part of its lane.
        drawing = list(itertools.takewhile(bool, rows[2:]))
        for above, below in itertools.pairwise(drawing):
            lanes = re.match(r"[│┃├┣┤┫╮┓╭┏╰┗╯┛─━◆●○◌ ]*", above)[0]
            for x in range(0, len(lanes), 2):
                if lanes[x] in "│┃├┣┤┫╮┓╭┏":
                    assert below[x : x + 1] not in {"", " "}, (above, below)


# ---- the command


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_holds_what_standard_output_would(format, tmp_path):
    ending = {"mermaid": "mmd", "text": "txt"}.get(format, format)
    file = tmp_path / f"graph.{ending}"
    result = run(TWO, "--backward", "--output", file)
    assert (result.exit_code, result.output) == (0, "")
    assert file.read_bytes() == run(TWO, "--backward", "--format", format).stdout_bytes
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--path", "L,c,a"], "path: L → c → a breaks after L: its operands are d"),
        (["--leaf", "q"], "leaf: the model assigns no 'q'"),
        (["--path", "L,,a"], "an empty name"),
        (["--output", "x.pdf"], "the ending of 'x.pdf' names no format"),
        (["--output", "/nowhere/x.svg"], "cannot write '/nowhere/x.svg'"),
        (["--most", "1"], "1 is not in the range"),
    ],
)
def test_what_is_wrong_with_a_call(arguments, message):
    result = run(TWO, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_a_file_that_was_there_outlives_an_error(tmp_path):
    file = tmp_path / "graph.svg"
    file.write_text("before")
    assert run(TWO, "--leaf", "q", "-o", file).exit_code == 2
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(("format", "library"), [("svg", "graphlay"), ("png", "resvg_py")])
def test_a_missing_library_is_told_with_the_way_to_get_it(format, library, monkeypatch):
    known = builtins.__import__

    def missing(name, *rest):
        if name == library:
            raise ImportError(name)
        return known(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    result = run(TWO, "--format", format)
    assert result.exit_code == 2
    assert "pip install 'gradpath[graph]'" in result.stderr
    assert run(TWO, "--format", "dot").exit_code == 0


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    "text",
    [
        "x = 3",
        "x = 0\nL = sqrt(x)",
        "x = 0\nL = abs(x)",
        "x = 1e308\nL = x * 10",
        "x = [[1, 2], [3, 4]]\nL = sum(inv(x))",
        "a = 1\nx = 2\nL = 3 * x",
        "x = zeros(0)\nL = sum(x)",
        "c = 1\nx = 2\nL = where(c > 0, x, c)",
    ],
)
def test_what_is_odd_is_drawn_all_the_same(text, format):
    for request in ([], ["--backward"], ["--backward", "--nodes", "all", "--leaf", "x"]):
        result = run("-", "--format", format, *request, input=text)
        assert result.exit_code == 0, result.stderr
        assert result.stdout_bytes


def test_a_thousand_names_are_laid_out_whole():
    lines = ["h0_0 = 0.1", *(f"h0_{j} = 0.{j}" for j in range(1, 10))]
    lines += [
        f"h{k}_{j} = tanh(h{k - 1}_{j} + h{k - 1}_{(j + 1) % 10}) "
        for k in range(1, 100)
        for j in range(10)
    ]
    picture = autodiff.loads("\n".join([*lines, "L = h99_0"])).picture(most=2000)
    assert len(picture.vertices) == len(svg.Drawing(picture, backward=False).layout.vertices) > 900


def test_hostile_names_of_files_stay_text():
    name = '"]; n9 [label="\\N"<img src=x>\n---\n%%{init}%%'
    program = autodiff.loads("x = 2\nL = x**2", name=name)
    found = {f: content(program.picture(leaf="x"), f, backward=True) for f in FORMATS}
    assert b"<img" not in found["svg"] + found["dot"] + found["mermaid"]
    assert all(b"\n---\n%%" not in text for text in found.values())
    assert found["dot"].count(b"n9") == 0


def test_labels_have_their_own_places():
    laid = layout.arrange([(50, 20)] * 3, [(0, 1), (0, 2), (1, 2)], [(30, 10), None, (30, 10)])
    assert [box is None for box in laid.labels] == [False, True, False]
    tops = [box.y for box in laid.vertices]
    assert tops == sorted(tops)
