"""The text view, character by character, at fixed widths and without colour."""

from __future__ import annotations

import math

import numpy as np
import pytest
from conftest import agrees, make_report, scalar_gradient, scalar_path

from autodiff.report import Check, ClaimResult, Counterexample, Diagnosis, Gradient, Path, Paths

DERIVATION = """\
two_paths.grad    L = -0.845456    cpu, float64

dL/da = -0.176827                                                       2 paths
  dL/da = dL/dd · dd/dc · dc/da  +  dL/dd · dd/db · db/da
        = (1 − tanh(d)²)·w4·w2   +  (1 − tanh(d)²)·w3·w1
        = 0.2852 × 0.7 × -1.1    +  0.2852 × 0.5 × 0.3
        = -0.219608              +  0.042781
        = -0.176827                                     reverse sweep -0.176827
  SymPy agrees to 1 ulp: (w1·w3 + w2·w4)·(1 − tanh(a·w1·w3 + a·w2·w4)²)
"""

DERIVATION_ASCII = """\
two_paths.grad    L = -0.845456    cpu, float64

dL/da = -0.176827                                                       2 paths
  dL/da = dL/dd * dd/dc * dc/da   +  dL/dd * dd/db * db/da
        = (1 - tanh(d)**2)*w4*w2  +  (1 - tanh(d)**2)*w3*w1
        = 0.2852 * 0.7 * -1.1     +  0.2852 * 0.5 * 0.3
        = -0.219608               +  0.042781
        = -0.176827                                     reverse sweep -0.176827
  SymPy agrees to 1 ulp: (w1*w3 + w2*w4)*(1 - tanh(a*w1*w3 + a*w2*w4)**2)
"""

LEDGER = """\
two_paths.grad    L = -0.845456    cpu, float64

dL/da = -0.176827                               2 paths
  L → d → c → a                               -0.219608
      (1 − tanh(d)²) · w4 · w2
      = 0.2852 × 0.7 × -1.1
  L → d → b → a                                0.042781
      (1 − tanh(d)²) · w3 · w1
      = 0.2852 × 0.5 × 0.3
  sum of 2 paths                              -0.176827
  reverse sweep                               -0.176827
  SymPy agrees to 1 ulp:
      (w1·w3 + w2·w4)·(1 − tanh(a·w1·w3 + a·w2·w4)²)
"""


def test_a_small_model_reads_like_a_textbook(two_paths, draw):
    assert draw(two_paths) == DERIVATION


def test_the_same_in_ascii(two_paths, draw):
    text = draw(two_paths, ascii=True)
    assert text == DERIVATION_ASCII
    assert text.isascii()


def test_more_paths_than_fit_side_by_side_have_a_row_each(draw):
    many = scalar_gradient(
        "x",
        *(scalar_path(f"L h{i} x", [i + 1.0, 0.5], f"h{i}; x") for i in range(5)),
        check=agrees("15·x/2"),
    )
    assert draw(make_report(many)) == (
        "model.grad    L = -0.845456    cpu, float64\n"
        "\n"
        "dL/dx = 7.5                                                             5 paths\n"
        "  L → h0 → x   h0 · x    1 × 0.5                                            0.5\n"
        "  L → h1 → x   h1 · x    2 × 0.5                                            1.0\n"
        "  L → h2 → x   h2 · x    3 × 0.5                                            1.5\n"
        "  L → h3 → x   h3 · x    4 × 0.5                                            2.0\n"
        "  L → h4 → x   h4 · x    5 × 0.5                                            2.5\n"
        "  sum of 5 paths                                                            7.5\n"
        "  reverse sweep                                                             7.5\n"
        "  SymPy agrees to 1 ulp: 15·x/2\n"
    )


def test_a_narrow_terminal_puts_weights_below_the_path(two_paths, draw):
    assert draw(two_paths, width=56) == LEDGER


def test_lines_fold_on_a_terminal_only(draw):
    long = " + ".join(f"sin(x{i})" for i in range(20))
    report = make_report(scalar_gradient("x", scalar_path("L x", [1.0], long), check=agrees(long)))
    piped = draw(report)
    assert any(len(line) > 100 for line in piped.splitlines())
    shown = draw(report, force_terminal=True, color_system=None)
    assert max(map(len, shown.splitlines())) < 80
    assert "".join(shown.split()) == "".join(piped.split())


def test_a_single_edge_is_not_called_a_product(draw):
    report = make_report(scalar_gradient("x", scalar_path("L x", [6.0], "2·x"), check=agrees()))
    assert draw(report).splitlines()[2:] == [
        "dL/dx = 6                                                                1 path",
        "  dL/dx = 2·x",
        "        = 6                                                     reverse sweep 6",
        "  SymPy agrees to 1 ulp",
    ]


def test_all_digits_on_request(two_paths, draw):
    text = draw(two_paths, full=True)
    assert repr(two_paths.gradients["a"].value) in text
    assert repr(1 - math.tanh(-1.24) ** 2) in text


def test_2_to_the_60_paths(draw):
    names = ["L"] + [name for i in reversed(range(60)) for name in (f"b{i}", f"x{i}")]
    other = list(names)
    other[5] = "c57"
    shown = tuple(
        scalar_path(" ".join(nodes), [0.5] * 120, ";".join(["x/2"] * 120))
        for nodes in (names, other)
    )
    gradient = scalar_gradient(
        "x0",
        *shown,
        check=agrees(),
        count=None,
        exponent=18,
        sum=1.5,
        absolute_sum=1.5,
        cancellation=1.0,
        remainder=1.5,
    )
    assert draw(make_report(gradient)).splitlines()[2:] == [
        "dL/dx0 = 1.5                                    over 10¹⁸ paths, the 2 heaviest",
        "  L → b59 → x59 → b58 → x58 → … 113 more … → x1 → b0 → x0           7.52316e-37",
        "      x/2 · x/2 · x/2 · x/2 · … · x/2 · x/2",
        "      = 0.5 × 0.5 × 0.5 × 0.5 × … × 0.5 × 0.5",
        # The second begins and ends like the first: shown is where the two part.
        "  L → … 3 more … → x58 → c57 → x57 → … 113 more … → x0              7.52316e-37",
        "      … · x/2 · x/2 · …",
        "      = … × 0.5 × 0.5 × …",
        "  all other paths                                                           1.5",
        "  sum of all paths                                                          1.5",
        "  reverse sweep                                                             1.5",
        "  SymPy agrees to 1 ulp",
    ]


def test_vertices_that_the_engine_left_out_are_counted(draw):
    path = Path(
        nodes=("L", "a", "…", "b", "x"),
        weights=(2.0, None, None, 0.5),
        weight_shapes=((), None, None, ()),
        weight_norms=(2.0, None, None, 0.5),
        formulas=("2", "", "", "b/2"),
        contribution=3.0,
        norm=3.0,
        skipped=1000,
    )
    assert draw(make_report(scalar_gradient("x", path))).splitlines()[2:] == [
        "dL/dx = 3                                                                1 path",
        "  L → a → … 1,000 more … → b → x   2 · … · b/2    2 × … × 0.5                 3",
        "  reverse sweep                                                               3",
    ]


def test_hidden_paths_are_counted_and_their_sum_given(draw):
    gradient = scalar_gradient(
        "x",
        scalar_path("L h x", [2.0, 1.5], "2; h"),
        check=agrees(),
        count=1025,
        sum=3.25,
        absolute_sum=3.25,
        cancellation=1.0,
        remainder=0.25,
        exact=False,
    )
    assert draw(make_report(gradient)).splitlines()[2:] == [
        "dL/dx = 3.25                                    1,025 paths, the heaviest found",
        "  L → h → x   2 · h    2 × 1.5                                             3.00",
        "  1,024 more paths                                                         0.25",
        "  sum of 1,025 paths                                                       3.25",
        "  reverse sweep                                                            3.25",
        "  SymPy agrees to 1 ulp",
    ]


def tail(report, draw):
    """The lines below the gradient's own block."""
    return draw(report).splitlines()[5:]


ONE = scalar_path("L x", [2.0], "2·x")


@pytest.mark.parametrize(
    ("check", "lines"),
    [
        (
            Check("differs", reference="3.0000000000", error=1.0, ulps=4e15, expression="3·x"),
            ["  SymPy differs: 3 (off by 1): 3·x"],
        ),
        (
            Check("inexact", reference="-8.3333333e-10", error=1e8, digits_lost=17.2),
            ["  inexact: float64 loses 17 digits here, SymPy has -8.3333333e-10"],
        ),
        (
            Check(
                "kink",
                reason="SymPy agrees on both sides",
                left=-1.0,
                right=1.0,
                convention="the slope nearest to 0",
                line=7,
            ),
            [
                "  kink (line 7): slope -1 on the left, 1 on the right",
                "    shown: the slope nearest to 0",
                "    SymPy agrees on both sides",
            ],
        ),
        (
            Check("undefined", reason="sqrt has an infinite slope at 0", line=4),
            ["  undefined (line 4): sqrt has an infinite slope at 0"],
        ),
        (
            Check("unchecked", reason="randn is not checked"),
            ["  not checked: randn is not checked"],
        ),
        (
            Check("agrees", error=0.0, ulps=0.0, reference="2"),
            ["  SymPy agrees to the last digit"],
        ),
        (
            Check("agrees", error=1e-13, ulps=5000.0, reference="2"),
            ["  SymPy agrees within rounding, error 1e-13"],
        ),
        (
            Check("agrees", error=0.0, ulps=2.5, reference="2", coverage=0.125),
            ["  SymPy agrees to 3 ulps, 12.5% of the elements checked"],
        ),
    ],
    ids=lambda value: value.verdict if isinstance(value, Check) else "",
)
def test_verdicts(check, lines, draw):
    assert tail(make_report(scalar_gradient("x", ONE, check=check)), draw) == lines


def test_no_path_zero_and_cancelling_to_zero_are_told_apart(draw):
    report = make_report(
        scalar_gradient("u", check=agrees("0"), relation="no path"),
        scalar_gradient("v", scalar_path("L v", [0.0], "0"), check=agrees("0"), relation="zero"),
        scalar_gradient(
            "w",
            scalar_path("L a w", [1, 1], "1; 1"),
            scalar_path("L b w", [1, -1], "1; −1"),
            check=agrees("0"),
            relation="cancels to zero",
        ),
    )
    assert draw(report).splitlines()[2:] == [
        "dL/du = 0                                                               no path",
        "  L does not depend on u; SymPy agrees",
        "",
        "dL/dv = 0                                                          1 path, zero",
        "  dL/dv = 0",
        "        = 0                                                     reverse sweep 0",
        "  every path has a factor 0; SymPy agrees",
        "",
        "dL/dw = 0                                              2 paths, cancels to zero",
        "  dL/dw = dL/da · da/dw  +  dL/db · db/dw",
        "        = 1·1            +  1·(−1)",
        "        = 1 × 1          +  1 × -1",
        "        = 1              +  -1",
        "        = 0                                                     reverse sweep 0",
        "  Σ|·| = 2: the paths cancel to zero",
        "  SymPy agrees to 1 ulp: 0",
        "",
        "3 gradients: 3 agree",
    ]


def test_cancellation_is_said(draw):
    report = make_report(
        scalar_gradient(
            "x",
            scalar_path("L a x", [1, 1], "1; 1"),
            scalar_path("L b x", [1, -0.999], "1; −k"),
            check=agrees(),
        )
    )
    assert "  Σ|·| = 1.999: the paths cancel 2e+03-fold, about 3 of 16 digits go with them" in draw(
        report
    )


def test_a_path_that_meets_zero_times_infinity_says_so(draw):
    spoilt = scalar_path("L a x", [0.0, math.inf], "0; 1/x", meets="0·∞")
    text = draw(make_report(scalar_gradient("x", spoilt, sum=math.nan, absolute_sum=math.nan)))
    assert "      meets 0·∞\n" in text


def test_a_difference_between_paths_and_sweep_is_reported(draw):
    text = draw(make_report(scalar_gradient("x", ONE, difference=0.5)))
    assert "reverse sweep 2 differs from the sum of paths by 0.5" in text


def test_at_a_kink_the_value_may_come_from_its_two_sides(draw):
    # relu(x) - relu(-x) at 0: the paths follow the convention 0, the derivative is 1.
    gradient = scalar_gradient("x", scalar_path("L x", [0.0], "0"))
    text = draw(make_report(Gradient("x", 1.0, 0.0, (), "", gradient.paths, None)))
    assert text.splitlines()[4:] == [
        "        = 0                                                     reverse sweep 0",
        "  left and right of the kink agree on 1, so that is the derivative",
    ]


def array_path(nodes, formulas, value, shapes, norms):
    return Path(
        tuple(nodes.split()),
        tuple(0.53 if shape == () else None for shape in shapes),
        tuple(shapes),
        tuple(norms),
        tuple(part.strip() for part in formulas.split(";")),
        value,
        float(np.linalg.norm(value)),
    )


def test_arrays_show_norms_of_contributions_and_each_edge_once(draw):
    value = np.array([[0.0123, -0.5], [1.25, 3.0]])
    first = array_path(
        "L y h2 W",
        "2·(y − t); v; outer(h̄2·(1 − h2²), h1)",
        0.8 * value,
        [(), (2,), (2, 2, 2)],
        [0.53, 1.39, 1.1],
    )
    second = array_path(
        "L y h2 h1 W",
        "2·(y − t); v; W.T @ (h̄2·(1 − h2²)); outer(h̄1·(1 − h1²), h0)",
        0.2 * value,
        [(), (2,), (2, 2), (2, 2, 2)],
        [0.53, 1.39, 0.71, 0.5],
    )
    paths = Paths(2, None, value, abs(value), 1.0, 0.0, (first, second), True, 0 * value)
    report = make_report(Gradient("W", value, value, (2, 2), "", paths, agrees()))
    assert draw(report).splitlines()[2:] == [
        "dL/dW = 2×2, norm 3.28826                                               2 paths",
        "  [[ 0.0123, -0.5000],",
        "   [ 1.2500,  3.0000]]",
        "  L → y → h2 → W                                                   norm 2.63061",
        "  L → y → h2 → h1 → W                                              norm 0.65765",
        "  sum of 2 paths                                                   norm 3.28826",
        "  reverse sweep                                                    norm 3.28826",
        "  edge by edge, z̄ for dL/dz along the path:",
        "    dL/dy    2·(y − t)                                                     0.53",
        "    dy/dh2   v                                                     2, norm 1.39",
        "    dh2/dW   outer(h̄2·(1 − h2²), h1)                            2×2×2, norm 1.1",
        "    dh2/dh1  W.T @ (h̄2·(1 − h2²))                                2×2, norm 0.71",
        "    dh1/dW   outer(h̄1·(1 − h1²), h0)                            2×2×2, norm 0.5",
        "  SymPy agrees to 1 ulp",
    ]


def test_small_arrays_are_shown_and_large_ones_measured(draw):
    vector, matrix = np.array([1.0, -2.5, 3.25]), np.ones((30, 40))
    small = Gradient("b", vector, vector, (3,), "", None, None)
    large = Gradient("X", matrix, matrix, (30, 40), "", None, None)
    text = draw(make_report(small, large, checked=False))
    assert text.splitlines()[2:] == [
        "dL/db = [1.00, -2.50, 3.25]",
        "",
        "dL/dX = 30×40, norm 34.641",
    ]
    assert draw(make_report(large), full=True).count("1") >= 1200


def test_claims_and_a_summary_close_the_report(draw):
    report = make_report(
        scalar_gradient("x", ONE, check=agrees()),
        scalar_gradient("y", ONE, check=Check("differs", error=1.0)),
        scalar_gradient("z", ONE, check=Check("kink", left=0.0, right=1.0)),
        claims=(
            ClaimResult(12, "dL/dx == 2*x", "verified", "given that y sums to 1"),
            ClaimResult(
                *(13, "dL/dy == x", "fails", ""),
                Diagnosis("factor", "the claim is 2 times the right value"),
                Counterexample({"x": "2"}, (0,), 1.0, 2.0),
                source="hand.claims",
            ),
        ),
        status="failed",
    )
    assert draw(report).splitlines()[-9:] == [
        "",
        "line 12  dL/dx == 2*x                                                  verified",
        "         given that y sums to 1",
        "hand.claims:13  dL/dy == x                                                fails",
        "                the claim is 2 times the right value",
        "                with x = 2, element [0]: left 1, right 2",
        "2 claims: 1 verified, 1 fails",
        "",
        "3 gradients: 1 agrees, 1 differs, 1 at a kink",
    ]


def test_a_hostile_file_name_cannot_move_the_cursor(draw):
    gradient = scalar_gradient("x", ONE, check=agrees())
    text = draw(make_report(gradient, model="\x1b[2J[red]evil\n.grad"))
    assert text.startswith("\\x1b[2J[red]evil\\n.grad    L = ")


def test_colour_is_used_on_a_terminal_and_changes_no_character(two_paths, draw):
    coloured = draw(two_paths, force_terminal=True, color_system="standard")
    assert "\x1b[32m" in coloured
    import re

    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == DERIVATION
