"""What a drawing shows, against the report and the sweep of the same model."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import autodiff
from autodiff import UsageError


@pytest.fixture(autouse=True)
def _at_home(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("on") is not None:
        pytest.skip("pictures are made on the host, and compared to the last digit")


SAMPLES = Path(__file__).parents[1] / "samples"
TWO = SAMPLES / "two_paths.grad"


def names(picture):
    return [vertex.name for vertex in picture.vertices]


def ends(picture, edge):
    return picture.vertices[edge.source].name, picture.vertices[edge.target].name


def test_two_paths():
    picture = autodiff.load(TWO).picture(leaf="a")
    shown = {vertex.name: vertex for vertex in picture.vertices}
    assert names(picture)[0] == picture.output == "L"
    assert {v.name: v.kind for v in picture.vertices} == {
        "L": "output",
        **dict.fromkeys("bcd", "node"),
        **dict.fromkeys(["a", "w1", "w2", "w3", "w4"], "leaf"),
    }
    assert (shown["d"].statement, shown["L"].statement) == ("w3·b + w4·c", "tanh(d)")
    assert {ends(picture, e): e.formula for e in picture.edges} == {
        ("L", "d"): "1 − tanh(d)²",
        ("d", "w3"): "b",
        ("d", "b"): "w3",
        ("d", "w4"): "c",
        ("d", "c"): "w4",
        ("b", "w1"): "a",
        ("b", "a"): "w1",
        ("c", "w2"): "a",
        ("c", "a"): "w2",
    }
    assert [lit.path.nodes for lit in picture.lit] == [("L", "d", "c", "a"), ("L", "d", "b", "a")]
    for lit in picture.lit:
        along = [picture.edges[k] for k in lit.edges]
        assert [ends(picture, e)[0] for e in along] == list(lit.path.nodes[:-1])
        assert math.prod(e.weight for e in along) == pytest.approx(lit.path.contribution)
    assert sum(lit.share for lit in picture.lit) == pytest.approx(1)
    (total,) = picture.sums
    assert (total.wrt, total.count, total.rest) == ("a", 2, None)
    assert sum(lit.path.contribution for lit in picture.lit) == pytest.approx(total.value)


@pytest.mark.parametrize("nodes", ["names", "all"])
@pytest.mark.parametrize(
    "file", sorted(SAMPLES.rglob("*.grad")), ids=lambda f: str(f.relative_to(SAMPLES))
)
def test_adjoints_are_those_of_the_chain_rule(file, nodes):
    """An adjoint is the sum over a vertex's uses of the weight times the user's adjoint."""
    program = autodiff.load(file)
    picture = program.picture(nodes=nodes, most=2000)
    kinked = any(note.code == "kink" for note in picture.notes)
    assert picture.vertices[0].adjoint == 1.0
    for edge in picture.edges:
        assert edge.source < edge.target  # each before its operands
    gradients = program.gradient(check=False, claims=False).gradients
    for k, vertex in enumerate(picture.vertices):
        uses = [e for e in picture.edges if e.target == k and e.live]
        if vertex.name in gradients:
            assert np.array_equal(vertex.adjoint, gradients[vertex.name].value)
        elif vertex.adjoint is None:
            assert not uses
        if kinked or not uses or any(e.weight is None for e in uses):
            continue
        found = 0.0
        for edge in uses:
            of = picture.vertices[edge.source]
            found = found + np.tensordot(of.adjoint, edge.weight, len(of.shape))
        assert np.allclose(found, vertex.adjoint, rtol=1e-9, atol=1e-12), vertex.name


def test_a_path_of_one_s_own_choice():
    picture = autodiff.load(TWO).picture(path=[["L", "d", "b", "a"]])
    (lit,), (total,) = picture.lit, picture.sums
    assert lit.path.contribution == pytest.approx(0.0427807, abs=1e-6)
    assert lit.share == pytest.approx(0.163, abs=1e-3)
    assert total.rest == pytest.approx(-0.219608, abs=1e-6)


def test_an_inner_name_ends_a_path_too():
    picture = autodiff.load(TWO).picture(path=[["L", "d"]])
    assert picture.sums[0].value == pytest.approx(0.2852, abs=1e-4)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("L c a", "path: L → c → a breaks after L: its operands are d"),
        ("d c a", "path: d → c → a does not start at the output, L"),
        ("L d w3 a", "path: L → d → w3 → a breaks after w3: it is a leaf"),
        ("L q", "path: the model assigns no 'q'"),
    ],
)
def test_what_is_no_path_breaks_somewhere(path, message):
    with pytest.raises(UsageError) as caught:
        autodiff.load(TWO).picture(path=[path.split()])
    assert caught.value.message == message


def test_a_path_ends_at_a_name():
    program = autodiff.loads("x = 3\nL = sin(2 * x)")
    assert program.picture(path=[["L", "L.1", "x"]], nodes="all").sums[0].wrt == "x"
    with pytest.raises(UsageError, match="ends at an operation; end it at a name"):
        program.picture(path=[["L", "L.1"]], nodes="all")


def test_an_output_that_depends_on_nothing_has_no_path():
    program = autodiff.loads("a = 2\nL = 3")
    assert names(program.picture(leaf="a")) == ["L"]
    with pytest.raises(UsageError, match="breaks after L: it is a leaf"):
        program.picture(path=[["L", "a"]])


def test_a_branch_not_taken_has_no_derivative():
    program = autodiff.loads("c = 1\na = 2\nb = 3\nL = where(c > 0, a, b)")
    picture = program.picture()
    live = {ends(picture, edge)[1]: edge.live for edge in picture.edges}
    assert live == {"a": True, "b": False, "c": False}
    with pytest.raises(UsageError, match="no derivative flows from there to b"):
        program.picture(path=[["L", "b"]])


def test_an_operand_used_twice_has_two_edges_between_nodes():
    program = autodiff.loads("x = 3\nL = x * x")
    assert len(program.picture(leaf="x").lit) == 1
    both = program.picture(leaf="x", nodes="all")
    assert [lit.path.contribution for lit in both.lit] == [3.0, 3.0]
    assert len({lit.edges for lit in both.lit}) == 2
    assert len(program.picture(path=[["L", "x"]], nodes="all").lit) == 2


def test_a_kink_is_said_and_what_exists_across_one_is_shown():
    program = autodiff.load(SAMPLES / "kink.grad")
    picture = program.picture(leaf="z")
    assert picture.sums[0].check.verdict == "kink"
    assert {v.name: v.adjoint for v in picture.vertices}["y"] == 1.0


def test_what_is_unused_or_folded_is_counted():
    text = "a = 1\nunused = 2\nx0 = a\n" + "".join(f"x{k} = sin(x{k - 1})\n" for k in range(1, 400))
    picture = autodiff.loads(text + "L = x399").picture(leaf="a", most=20)
    assert (picture.total, picture.unused) == (402, 1)
    assert len(picture.vertices) <= 20
    assert sum(vertex.folded for vertex in picture.vertices) == picture.total
    (lit,) = picture.lit
    assert len(lit.edges) == len(picture.vertices) - 1  # lit from end to end


def test_ten_to_the_many_paths():
    text = "x0 = 1\n" + "".join(f"x{k} = x{k - 1} * x{k - 1} / 2 + x{k - 1}\n" for k in range(1, 9))
    picture = autodiff.loads(text + "L = x8").picture(leaf="x0", nodes="all", paths=2)
    assert picture.sums[0].count == 3**8
    assert len(picture.lit) == 2
