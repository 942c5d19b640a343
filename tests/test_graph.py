"""The named graph: one vertex per name, edge weights that are total local derivatives."""

from __future__ import annotations

import numpy as np
import pytest
from engine import gradient, report

from autodiff.report import Path, Paths


def paths(text: str, name: str, **options: object) -> Paths:
    found = gradient(text, name, **options).paths  # type: ignore[arg-type]
    assert found is not None
    return found


def only(found: Paths) -> Path:
    (path,) = found.shown
    return path


def test_a_square_is_one_named_edge_and_two_of_the_tape() -> None:
    named = paths("x = 3\nL = x * x", "x")
    assert (named.count, only(named).nodes, only(named).weights) == (1, ("L", "x"), (6.0,))
    tape = paths("x = 3\nL = x * x", "x", nodes="all")
    assert tape.count == 2
    assert [p.weights for p in tape.shown] == [(3.0,), (3.0,)]


def test_an_edge_weight_is_the_total_derivative_of_the_statement() -> None:
    found = paths("x = 2\ny = 3\nL = x**2 * y + sin(x) - x", "x")
    assert only(found).weights == (pytest.approx(2 * 2 * 3 + np.cos(2) - 1, rel=1e-15),)


def test_the_models_of_the_design() -> None:
    text = (
        "f(z) = tanh(z)\na = 0.8\nw1 = 0.3\nw2 = -1.1\nw3 = 0.5\nw4 = 0.7\n"
        "b = w1 * a\nc = w2 * a\nd = w3 * b + w4 * c\nL = f(d)"
    )
    found = paths(text, "a")
    slope = 1 - np.tanh(0.8 * (0.5 * 0.3 - 0.7 * 1.1)) ** 2
    assert [p.nodes for p in found.shown] == [("L", "d", "c", "a"), ("L", "d", "b", "a")]
    np.testing.assert_allclose(found.shown[0].weights, [slope, 0.7, -1.1], rtol=1e-14)
    np.testing.assert_allclose(found.shown[1].weights, [slope, 0.5, 0.3], rtol=1e-14)


def test_operations_are_named_after_their_statement() -> None:
    found = paths("x = 2\nL = sin(x) * 3 + 1", "x", nodes="all")
    assert only(found).nodes == ("L", "L.2", "L.1", "x")
    np.testing.assert_allclose(only(found).weights, [1.0, 3.0, np.cos(2)])


def test_edges_stand_in_the_order_of_the_text() -> None:
    text = "b = 1\na = 2\ny = b + a\nz = a + b\nL = y * 2 + z * 2"
    found = paths(text, "a", paths="all")
    assert sorted(p.nodes for p in found.shown) == [("L", "y", "a"), ("L", "z", "a")]


def test_an_alias_is_an_edge_of_weight_one() -> None:
    found = paths("a = 2\nb = a\nc = b\nL = c", "a")
    assert (only(found).nodes, only(found).weights) == (("L", "c", "b", "a"), (1.0, 1.0, 1.0))


def test_a_function_s_inner_operations_are_no_vertices() -> None:
    found = paths("f(z) = sin(z) * z\nx = 2\nL = f(x)", "x")
    assert only(found).nodes == ("L", "x")


def test_zero_weights_are_edges() -> None:
    found = paths("x = 2\ny = x * 0\nL = y + x", "x")
    assert found.count == 2
    assert sorted(p.contribution for p in found.shown) == [0.0, 1.0]


def test_jacobians_of_small_arrays() -> None:
    text = "W = [[1, 2], [3, 4], [5, 6]]\nx = [0.5, -1]\ny = W @ x\nL = sum(y**2)"
    path = only(paths(text, "x"))
    assert path.nodes == ("L", "y", "x")
    assert path.weight_shapes == ((3,), (3, 2))
    y = np.array([[1, 2], [3, 4], [5, 6.0]]) @ [0.5, -1]
    np.testing.assert_allclose(path.weights[0], 2 * y)
    np.testing.assert_allclose(path.weights[1], [[1, 2], [3, 4], [5, 6]])
    np.testing.assert_allclose(path.weight_norms[1] or 0, np.sqrt(91))
    path = only(paths(text, "W"))
    assert path.weight_shapes == ((3,), (3, 3, 2))
    expected = np.zeros((3, 3, 2))
    for i in range(3):
        expected[i, i] = [0.5, -1]
    np.testing.assert_allclose(path.weights[1], expected)


def test_the_chain_of_jacobians_is_the_contribution() -> None:
    text = (
        "x = [0.3, -0.2, 0.5]\na = 1.5\ny = x * a\nz = [y[0] * y[1], y[2], a]\n"
        "L = sum(exp(z)) + y @ x"
    )
    for name in ("x", "a"):
        for nodes in ("names", "all"):
            found = paths(text, name, nodes=nodes, paths="all")
            assert found.exact
            total = 0
            for path in found.shown:
                product = np.asarray(1.0)
                for weight, shape in zip(path.weights, path.weight_shapes, strict=True):
                    weight = np.asarray(weight)
                    assert weight.shape == shape
                    product = np.tensordot(product, weight, product.ndim)
                np.testing.assert_allclose(product, path.contribution, rtol=1e-13, atol=1e-15)
                total = total + product
            np.testing.assert_allclose(total, gradient(text, name).value, rtol=1e-12)


def test_large_jacobians_are_given_by_shape() -> None:
    text = "x = ones(30)\ny = x * 2\nz = y**2\nL = sum(z)"
    path = only(paths(text, "x"))
    assert path.weight_shapes == ((30,), (30, 30), (30, 30))
    assert path.weights[1] is None
    assert path.weight_norms[1] == pytest.approx(np.sqrt(30) * 4)
    assert np.shape(only(paths(text, "x", full=True)).weights[1]) == (30, 30)


def test_scalars_through_arrays_have_scalar_paths() -> None:
    text = "a = 2\nb = sum([1, 2, 3] * a)\nL = b * a"
    found = paths(text, "a")
    assert {p.nodes: p.contribution for p in found.shown} == {
        ("L", "b", "a"): 12.0,
        ("L", "a"): 12.0,
    }


def test_formulas_without_sympy() -> None:
    text = "a = 0.8\nw = 0.3\nb = w * a\nL = tanh(b)"
    (path,) = paths(text, "a").shown
    assert path.formulas == ("1 − tanh(b)²", "w")
    (path,) = paths(text, "a", ascii=True).shown
    assert path.formulas[0].isascii()


def test_a_report_without_paths() -> None:
    found = report("a = 2\nb = a * a\nL = b", paths=None)
    assert found.gradients["a"].paths is None
    assert found.gradients["a"].value == 4.0
