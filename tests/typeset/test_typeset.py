"""Formulas that are text, set as LaTeX and MathML: readable, escaped, and never an error."""

from __future__ import annotations

import shutil
import subprocess
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodiff.ops import TABLE
from autodiff.typeset import clashing, latex, mathml, preamble

ELEMENTS = {"math", "mrow", "mi", "mo", "mn", "mtext", "mfrac", "msup", "msub", "msqrt", "mover"}

SET = [
    ("w1·a", r"w_{1} \cdot a"),
    ("(1 − tanh(d)²)·w4", r"(1 - \tanh(d)^{2}) \cdot w_{4}"),
    ("-(a + b)/(2*sqrt(x))", r"-\frac{a + b}{2 \cdot \sqrt{x}}"),
    ("dL/dz", r"\frac{dL}{dz}"),
    ("dL / dz", r"\frac{\mathit{dL}}{\mathit{dz}}"),
    ("2**-x**y", "2^{-x^{y}}"),
    ("(-x)**2", "(-x)^{2}"),
    ("-x**2", "-x^{2}"),
    ("(x**2)**3", "{(x^{2})}^{3}"),
    ("1e-05**2", r"{(1 \cdot 10^{-5})}^{2}"),
    ("a/b/c", r"\frac{\frac{a}{b}}{c}"),
    ("a − (b − c)", "a - (b - c)"),
    ("W.T @ z̄", r"W^{\top} \thinspace \bar{z}"),
    ("inv(A @ B).T", r"{(A \thinspace B)^{-1}}^{\top}"),
    ("h̄1·x[0]", r"\bar{h}_{1} \cdot x[0]"),
    ("hidden̄", r"\overline{\mathit{hidden}}"),
    ("x[1:, ::2]", "x[1:, ::2]"),
    ("|x + 1|", r"\left| x + 1\right|"),
    ("log_softmax(x_hat_2)", r"\mathrm{log\thinspace softmax}(x_{\mathrm{hat},2})"),
    ("alpha·α·Omega", r"\alpha \cdot \alpha \cdot \Omega"),
    ("∂L/∂c.2", r"\frac{\partial L}{\partial c_{\mathrm{.2}}}"),
    ("where(a <= b, 1, 0)", r"\mathrm{where}(a \le b, 1, 0)"),
    ("not readable (", r"\text{not readable (}"),
    ("a_b }", r"\text{a}\rule{0.4em}{0.4pt}\text{b }\mathrm{U{+}007D}"),
]


@pytest.mark.parametrize(("text", "want"), SET)
def test_latex(text: str, want: str) -> None:
    assert latex(text) == want


def test_mathml() -> None:
    assert mathml("a/(b + 1)", display=True) == (
        '<math display="block"><mfrac><mi>a</mi><mrow><mi>b</mi><mo>+</mo><mn>1</mn></mrow>'
        "</mfrac></math>"
    )
    assert mathml("dL/dw1") == (
        "<math><mfrac><mrow><mi>d</mi><mi>L</mi></mrow>"
        "<mrow><mi>d</mi><msub><mi>w</mi><mn>1</mn></msub></mrow></mfrac></math>"
    )
    assert mathml("X @ h̄") == (
        '<math><mi>X</mi><mo rspace="0.25em">\u2062</mo><mover><mi>h</mi><mo>¯</mo></mover></math>'
    )
    assert mathml("x < y & <script>") == "<math><mtext>x &lt; y &amp; &lt;script&gt;</mtext></math>"


def elements(markup: str) -> set[str]:
    return {element.tag for element in ElementTree.fromstring(markup).iter()}


FORMULAS = st.text('abcdLw12 \u0304·−²⁻√()[]|/*+-,.:<=>∂→…@"T_e{}\\$%&#é\x1b', max_size=30)


@given(FORMULAS)
def test_whatever_stands_in_it_is_text(text: str) -> None:
    assert elements(mathml(text)) <= ELEMENTS
    set_ = latex(text)
    depth = 0
    for place, char in enumerate(set_):
        depth += {"{": 1, "}": -1}.get(char, 0)
        assert depth >= 0
        if char == "\\":  # never an escape of Markdown's, nor one that ends a formula
            assert set_[place + 1].isalpha()
    assert not depth
    assert not {"$", "%", "#", "&", "~"} & set(set_)


def test_depth_is_no_limit() -> None:
    deep = "(" * 9000 + "x" + ")" * 9000
    assert mathml(deep).count("<mo>(</mo>") == 9000
    assert mathml("(" + deep + ")" * 9000).startswith("<math><mtext>")


def test_names_that_would_look_alike_are_spelled_out() -> None:
    same = clashing(["w1", "w_1", "w2", "alpha", "α"])
    assert same == {"w1", "w_1", "alpha", "α"}
    assert len({latex(name, same) for name in ["w1", "w_1", "w2"]}) == 3
    assert mathml("alpha", same) != mathml("α", same)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex here")
def test_latex_compiles(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("latex")
    texts = [text for text, _ in SET] + [op.text for op in TABLE.values() if op.text]
    texts += ["é·ж + 中", "_x·x__y", "a ~^%$#&{}\\", "xā·ȳ", 'einsum("ij->i", x)', "x²³", "A.T²"]
    body = "\n".join(f"${latex(text)}$\\par" for text in texts)
    document = "\n".join(
        [
            r"\documentclass{article}",
            r"\usepackage{amsmath}",
            preamble(body),
            r"\begin{document}",
            body,
            r"\end{document}",
        ]
    )
    (folder / "formulas.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "formulas.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
