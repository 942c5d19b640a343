"""Derivations: their steps hold as claims, and what is left out is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff
from autodiff.claims import Settings, verify
from autodiff.derivation import joined
from autodiff.selfcheck import HELD

ROOT = Path(__file__).parents[1]
MODELS = sorted([*ROOT.glob("samples/*.grad"), *ROOT.glob("samples/derivations/*.grad")])

# Steps that the language of claims cannot say: what is put back into a larger array.
UNSAID = {
    "matrix_cookbook_inverse": {"X"},
    "quaternion_normalisation": {"u"},
    "logistic": {"table"},
    "rnn": {"x"},
    "rosenbrock": {"x"},
}


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_the_backward_pass_of_every_sample_is_valid_input(path: Path) -> None:
    steps = autodiff.load(path).derivation_claims(prove=False)
    derivation = autodiff.load(path).derivation(check=False)
    assert len(steps) == len(derivation.adjoints) - 1
    held = [step.text for step in steps if step.status]
    left = {step.text.split(" == ")[0].split("/d")[1] for step in steps if not step.status}
    assert left == UNSAID.get(path.stem, set())
    assert all(step.reason for step in steps if not step.status)
    again = autodiff.loads(
        path.read_text(encoding="utf-8"), folder=path.parent, claims="\n".join(held)
    )
    claims = [claim for claim in again.model.claims if claim.origin]
    found = verify(again.tape.at_home, claims, Settings(prove=False))
    assert len(found) == len(held)
    assert {claim.status for claim in found} <= HELD


def test_scalar_steps_are_proved() -> None:
    steps = autodiff.load(ROOT / "samples" / "two_paths.grad").derivation_claims()
    assert [step.text for step in steps] == [
        "dL/dd == 1 - tanh(d)**2",
        "dL/dc == dL/dd*w4",
        "dL/db == dL/dd*w3",
        "dL/dw4 == dL/dd*c",
        "dL/dw3 == dL/dd*b",
        "dL/dw2 == dL/dc*a",
        "dL/dw1 == dL/db*a",
        "dL/da == dL/dc*w2 + dL/db*w1",
    ]
    assert {step.status for step in steps} == {"proved"}


RULES = ["{a}*{b}", "{a} - {b}", "sin({a})*{b}", "{a}/(2 + {b}**2)", "exp(-{a}) + {b}"]
CHAINS = st.lists(
    st.tuples(st.sampled_from(RULES), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6
)


@settings(max_examples=30, deadline=None)
@given(CHAINS)
def test_any_backward_pass_holds(chain: list[tuple[str, int, int]]) -> None:
    names = ["x", "y"]
    lines = ["x = 0.7", "y = -0.4"]
    for k, (rule, a, b) in enumerate(chain):
        names.append(f"v{k}")
        body = rule.format(a=names[a % (k + 2)], b=names[b % (k + 2)])
        lines.append(f"v{k} = {body}")
    program = autodiff.loads("\n".join(lines))
    steps = program.derivation_claims(prove=False)
    assert all(step.status for step in steps)
    # The steps before a name are those it is written with.
    said = {f"d{names[-1]}/d{names[-1]}"}
    for adjoint in program.derivation(check=False).adjoints:
        for term in adjoint.terms:
            assert f"d{names[-1]}/d{term.of}" in said
        said.add(f"d{names[-1]}/d{adjoint.name}")


def test_cotangents_are_written_out_where_arrays_are_involved() -> None:
    program = autodiff.loads("w = [1, 2]\ns = sum(w*w)\nL = s**2")
    found = program.derivation(check=False)
    slopes = {(d.name, s.wrt): (s.formula, s.pulled) for d in found.definitions for s in d.slopes}
    assert slopes == {("L", "s"): ("2·s", "2·s"), ("s", "w"): ("2·w", "2·s̄·w")}
    assert [(a.name, a.formula) for a in found.adjoints] == [
        ("L", "1"),
        ("s", "2·s"),
        ("w", "2·dL/ds·w"),
    ]


def test_between_nodes_every_operation_is_a_step() -> None:
    found = autodiff.loads("x = 2\nL = sin(x)*x").derivation(nodes="all", check=False)
    assert [(a.name, a.formula) for a in found.adjoints] == [
        ("L", "1"),
        ("L.1", "x"),
        ("x", "L.1 + dL/dL.1·cos(x)"),
    ]
    assert [d.formula for d in found.definitions] == ["L.1·x", "sin(x)"]


def test_a_step_that_cannot_be_said_is_no_claim() -> None:
    (step,) = autodiff.loads("x = [1, 2]\nL = x[0]**2").derivation_claims(prove=False)
    assert step == ("dL/dx == scatter(2*x[0], [0])", "", step.reason)
    assert "puts elements back" in step.reason
    program = autodiff.loads("x = [1, 2]\ndL = 2\ndy = 3\ny = x[0]*dL*dy\nL = y**2")
    steps = {step.text.split(" == ")[0]: step for step in program.derivation_claims(prove=False)}
    assert {step.status for step in steps.values()} == {""}
    assert "ambiguous" in steps["dL/dy"].reason


@pytest.mark.parametrize(
    ("terms", "want"),
    [([], ""), (["a"], "a"), (["−a", "b"], "−a + b"), (["a", "−b", "-c"], "a − b - c")],
)
def test_terms_are_joined_with_their_signs(terms: list[str], want: str) -> None:
    assert joined(terms) == want


def test_axes_are_kept_where_a_claim_needs_it() -> None:
    program = autodiff.load(ROOT / "samples" / "network.grad")
    step = program.derivation_claims(prove=False)[0]
    assert step.text.endswith("exp(log_softmax(logits, 1))*sum(labels, 1, keepdims=True)/4")
    formula = program.derivation(check=False, ascii=True).adjoints[1].formula
    assert formula.endswith("exp(log_softmax(logits, 1))*sum(labels, 1)/4")


def test_a_listing_has_every_node_and_its_adjoint() -> None:
    program = autodiff.loads("a = 2\nb = 3\nc = a*b + 1\nL = sum([c, a], axis=0)\nd = L + 1")
    listing = program.listing("L")
    entries = list(listing.entries)
    assert listing.size == len(entries) == len(program.tape.ops)
    named = {entry.name: entry for entry in entries if entry.name}
    assert {name: entry.adjoint for name, entry in named.items()} == {
        "a": 4.0,
        "b": 2.0,
        "c": 1.0,
        "L": 1.0,
        "d": None,
    }
    assert named["a"].operation == "leaf"
    assert named["L"].configuration == "axis=0"
    assert [entry.line for entry in entries if not entry.name] == [3, 3, 4, 4]
    for entry in entries:
        assert all(operand < entry.node for operand in entry.operands)
        assert entry.shape == getattr(entry.value, "shape", ())
