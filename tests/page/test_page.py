"""Pages in a real browser: the numbers shown, paths that light up, other values, hostile names."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import autodiff
from cli.main import gradpath
from cli.views import words

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"


def write(model: Path, page: Path, *options: str) -> Path:
    result = CliRunner().invoke(gradpath, ["report", str(model), "-o", str(page), *options])
    assert result.exit_code in (0, 1), result.output
    return page


@pytest.fixture(scope="module")
def two_paths(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(SAMPLES / "two_paths.grad", tmp_path_factory.mktemp("page") / "two paths.html")


def text(browser: Any, selector: str) -> str:
    return browser.execute_script(
        "return document.querySelector(arguments[0]).textContent", selector
    ).strip()


def texts(browser: Any, selector: str) -> list[str]:
    return browser.execute_script(
        "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent.trim())",
        selector,
    )


def shown(value: float, digits: int = 6) -> str:
    return words.number(value, digits).replace("-", "−")


# ---- what is written for one model


def test_the_page_shows_the_gradients(visit, two_paths):
    browser = visit(two_paths)
    report = autodiff.load(SAMPLES / "two_paths.grad").gradient()
    values = [shown(g.value) for g in report.gradients.values()]
    assert texts(browser, ".list tbody td:nth-child(2)") == values
    assert texts(browser, ".list tbody td:last-child") == ["✓ agrees"] * 5
    assert browser.title.endswith("two_paths.grad: gradients of L")
    contributions = texts(browser, "article:first-of-type tbody .n")
    assert contributions == ["−0.219608", "0.042781"]


def move(browser: Any, place: int, value: str) -> None:
    """Type a value into the field of a leaf."""
    browser.execute_script(
        """const field = document.getElementById("x" + arguments[0]);
        field.value = arguments[1];
        field.dispatchEvent(new Event("input", {bubbles: true}));""",
        place,
        value,
    )


def cells(browser: Any) -> dict[tuple[str, ...], set[str]]:
    """Every number that the page can write again, by what it is: a value of d, a weight of L>d."""
    data = json.loads(text(browser, "#data"))
    names, edges = data["names"], data["edges"]
    what = {
        "v": lambda k: (names[k],),
        "a": lambda k: (names[k],),
        "w": lambda k: tuple(names[end] for end in edges[k]),
        "c": lambda k: tuple(names[place] for place in data["paths"][k]),
        "s": lambda k: (names[data["gradients"][k][0]],),
        "r": lambda k: (names[data["gradients"][k][0]],),
    }
    found: dict[tuple[str, ...], set[str]] = {}
    marks = "[...document.querySelectorAll('[data-r]')].map((e) => [e.dataset.r, e.textContent])"
    for mark, content in browser.execute_script(f"return {marks}"):
        found.setdefault((mark[0], *what[mark[0]](int(mark[1:]))), set()).add(content)
    return found


SCALAR = ["two_paths", "black_scholes", "kink", "digits", "broken/wrong_branch"]


@pytest.mark.parametrize("name", SCALAR)
def test_other_values_give_what_python_gives(visit, tmp_path, name):
    """Every number on the page, written again, is that of a page made for those values."""
    model = SAMPLES / f"{name}.grad"
    program = autodiff.load(model)
    browser = visit(write(model, tmp_path / "first.html"))
    before = cells(browser)
    used = json.loads(text(browser, "#data"))
    moved = {}
    for place, name_at in enumerate(used["leaves"]):
        leaf = used["names"][name_at]
        assert used["point"][place] == program[leaf]
        moved[leaf] = program[leaf] * 1.0625 + 0.03125 * (place % 3)
        move(browser, place, repr(moved[leaf]))
    after = cells(browser)
    settings = [f"--set={leaf}={value!r}" for leaf, value in moved.items()]
    again = cells(visit(write(model, tmp_path / "again.html", *settings, "--no-check")))
    common = after.keys() & again.keys()
    assert len(common) > 3 * len(moved)
    assert {key: after[key] for key in common} == {key: again[key] for key in common}
    assert after != before


def test_back_to_the_values_of_the_file(visit, two_paths):
    browser = visit(two_paths)
    before = cells(browser)
    move(browser, 0, "3.5")
    assert cells(browser) != before
    assert "changed" in browser.execute_script("return document.documentElement.className")
    browser.execute_script("document.getElementById('reset').click()")
    assert cells(browser) == before
    assert "changed" not in browser.execute_script("return document.documentElement.className")


def test_a_slider_moves_its_field_and_the_drawing(visit, two_paths):
    browser = visit(two_paths)
    browser.execute_script(
        """const slider = document.getElementById("s0");
        slider.value = "4";
        slider.dispatchEvent(new Event("input", {bubbles: true}));"""
    )
    assert browser.execute_script("return document.getElementById('x0').value") == "4"
    moved = autodiff.load(SAMPLES / "two_paths.grad", set=[("a", "4")])
    rows = ".backward g[data-name='d'] text"
    slope = moved.gradient(wrt=["d"], check=False).gradients["d"].value
    assert texts(browser, rows) == ["d", f"= {moved['d']:.4g}", f"dL/dd = {slope:.4g}"]
    assert texts(browser, ".backward g[data-edge='d b'] text") == ["w3 = 0.5"]
    assert texts(browser, ".backward g[data-edge='b w1'] text") == ["a = 4"]


def test_what_is_no_number_changes_nothing(visit, two_paths):
    browser = visit(two_paths)
    before = cells(browser)
    move(browser, 0, "")
    assert cells(browser) == before
    field = "document.getElementById('x0')"
    assert browser.execute_script(f"return {field}.getAttribute('aria-invalid')") == "true"


def test_leaving_the_domain_and_meeting_a_kink_are_told(visit, tmp_path):
    model = tmp_path / "m.grad"
    model.write_text("x = 2\ny = 1\nL = log(x) + abs(y) + where(x > 1, x, sqrt(y - 5))\n")
    browser = visit(write(model, tmp_path / "m.html"))
    assert texts(browser, "#remarks li") == []  # sqrt(-4) is on the branch not taken
    move(browser, 1, "0")
    move(browser, 0, "-1")
    assert texts(browser, "#remarks li") == [
        "line 3: log is defined for x > 0",
        "line 3: a kink, abs: at x = 0; its slope there is a convention",
        "line 3: sqrt is defined for x >= 0",
    ]
    assert "nan" in text(browser, ".result")


def test_arrays_are_not_computed_again_and_the_page_says_why(visit, tmp_path):
    browser = visit(write(SAMPLES / "rosenbrock.grad", tmp_path / "m.html"))
    assert "This page cannot compute the model again: x has arrays (line 14)." in text(
        browser, ".left"
    )
    assert texts(browser, "input[data-leaf]") == []


def test_a_browser_that_computes_something_else_is_not_trusted(visit, two_paths, tmp_path):
    page = two_paths.read_text(encoding="utf-8")
    wrong = tmp_path / "wrong.html"
    wrong.write_text(page.replace('"expected":{"value":-0.8', '"expected":{"value":-0.9'))
    browser = visit(wrong)
    assert "does not give gradpath's numbers" in text(browser, "#state")
    enabled = "return [...document.querySelectorAll('input[data-leaf]')].some((e) => !e.disabled)"
    assert browser.execute_script(enabled) is False


# ---- paths that light up


def lit(browser: Any) -> dict[str, list[str]]:
    return {
        "rows": texts(browser, "tr.lit button"),
        "terms": texts(browser, ".chain .lit"),
        "names": texts(browser, ".backward g[data-name].lit text.name"),
        "edges": browser.execute_script(
            "return [...document.querySelectorAll('.backward g[data-edge].lit path.way')]"
            ".map((e) => e.parentElement.dataset.edge)"
        ),
    }


NOTHING: dict[str, list[str]] = {"rows": [], "terms": [], "names": [], "edges": []}
HEAVIEST = {
    "rows": ["L → d → c → a"],
    "terms": ["dLdd·dddc·dcda"],
    "names": ["L", "d", "c", "a"],
    "edges": ["L d", "d c", "c a"],
}


def in_any_order(found: dict[str, list[str]]) -> dict[str, list[str]]:
    return {key: sorted(value) for key, value in found.items()}


def test_pointing_at_a_path_lights_it_up_everywhere(visit, two_paths):
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.by import By

    browser = visit(two_paths)
    assert lit(browser) == NOTHING
    row = browser.find_element(By.CSS_SELECTOR, ".paths tbody tr")
    ActionChains(browser).move_to_element(row).perform()
    assert in_any_order(lit(browser)) == in_any_order(HEAVIEST)
    term = browser.find_elements(By.CSS_SELECTOR, ".chain mrow[data-path]")[1]
    ActionChains(browser).move_to_element(term).perform()
    assert lit(browser)["rows"] == ["L → d → b → a"]
    ActionChains(browser).move_to_element(browser.find_element(By.TAG_NAME, "h1")).perform()
    assert lit(browser) == NOTHING


def test_a_path_lights_up_what_its_names_are_folded_into(visit, tmp_path):
    lines = ["v0 = 0.5", *(f"v{k + 1} = sin(v{k})" for k in range(12))]
    model = tmp_path / "long.grad"
    model.write_text("\n".join(lines))
    browser = visit(write(model, tmp_path / "long.html", "--most", "3"))
    browser.execute_script("document.querySelector('.paths button').click()")
    found = lit(browser)
    assert found["names"] == ["v12", "v1 … v11", "v0"]
    assert found["edges"] == ["v12 v1 … v11", "v1 … v11 v0"]
    move(browser, 0, "1")
    labels = texts(browser, ".backward g.weight text:last-child")
    values = [1.0]
    for _ in range(12):
        values.append(math.sin(values[-1]))
    assert labels == [f"= {math.cos(values[11]):.4g}", f"= {math.cos(values[0]):.4g}"]


def test_the_output_of_a_wide_drawing_is_in_sight(visit, tmp_path):
    leaves = [f"x{k}" for k in range(40)]
    model = tmp_path / "wide.grad"
    model.write_text("\n".join([*(f"{x} = 1" for x in leaves), f"L = {' * '.join(leaves)}"]))
    browser = visit(write(model, tmp_path / "wide.html", "--no-check"))
    frame, box = (
        browser.execute_script(
            "const r = document.querySelector(arguments[0]).getBoundingClientRect();"
            "return [r.left, r.right]",
            selector,
        )
        for selector in (".backward .wide", ".backward .output .box")
    )
    wide = "return document.querySelector('.backward svg').clientWidth"
    assert browser.execute_script(wide) > frame[1] - frame[0]
    assert frame[0] < box[0] < box[1] < frame[1]


def test_a_path_is_chosen_by_keyboard_alone(visit, two_paths):
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    browser = visit(two_paths)

    def press(*keys: str) -> None:
        ActionChains(browser).send_keys(*keys).perform()

    def focused() -> str:
        return browser.execute_script("return document.activeElement.textContent")

    reached = []
    for _ in range(60):
        press(Keys.TAB)
        reached.append(focused())
        if reached[-1] == "L → d → c → a":
            break
    assert reached[0] == "Skip to the gradients"
    assert reached[-1] == "L → d → c → a"
    assert in_any_order(lit(browser)) == in_any_order(HEAVIEST)  # by the focus alone
    press(Keys.ENTER)
    press(Keys.TAB, Keys.TAB)
    pressed = "return document.querySelector('.paths button').getAttribute('aria-pressed')"
    assert browser.execute_script(pressed) == "true"
    browser.execute_script("document.activeElement.blur()")
    assert in_any_order(lit(browser)) == in_any_order(HEAVIEST)  # because it was chosen
    press(Keys.ESCAPE)
    assert lit(browser) == NOTHING
    assert browser.execute_script(pressed) == "false"


def test_the_other_direction(visit, two_paths):
    browser = visit(two_paths)
    visible = "return getComputedStyle(document.querySelector(arguments[0])).display !== 'none'"
    ways = (".drawing.backward", ".drawing.forward")
    assert [browser.execute_script(visible, way) for way in ways] == [True, False]
    browser.execute_script("document.getElementById('forward').click()")
    assert [browser.execute_script(visible, way) for way in ways] == [False, True]


# ---- text stays text

HOSTILE = "</title><img src=x onerror=alert(1)><script>alert(2)</script>&amp;\u202e"


def test_a_hostile_name_stays_text(visit, tmp_path):
    folder = tmp_path / HOSTILE.replace("/", "")
    folder.mkdir()
    model = folder / "<b onmouseover=alert(3)>'\"`${7*7}.grad"
    model.write_text(
        "# </script><script>alert(4)</script> <!-- \n"
        "x = 1.5  # </pre><img src=x onerror=alert(5)>\n"
        "L = x**2\n"
        "dL/dx == 3*x  # <svg onload=alert(6)>\n"
    )
    browser = visit(write(model, tmp_path / "page.html"))
    assert text(browser, "h1 .model").endswith("<b onmouseover=alert(3)>'\"`${7*7}.grad")
    assert "alert(4)</script> <!--" in texts(browser, ".source li")[0]
    elements = "return [...document.querySelectorAll('img, b, iframe, [onerror], [onload]')].length"
    assert browser.execute_script(elements) == 0
    assert browser.execute_script("return document.scripts.length") == 2
    move(browser, 0, "2")
    assert text(browser, ".list tbody td") == "4"


def test_the_policy_stops_what_is_not_ours(browser, two_paths):
    """Were markup to get through all the same, it could not run."""
    browser.get_log("browser")
    browser.get(two_paths.as_uri())
    browser.execute_script(
        """const script = document.createElement("script");
        script.textContent = "document.title = 'taken'";
        document.body.append(script);
        document.body.insertAdjacentHTML("beforeend", "<p id=p onclick='document.title = 1'>");
        document.getElementById("p").click();
        const image = new Image();
        image.src = "http://127.0.0.1:9/x.png";"""
    )
    assert "two_paths" in browser.title
    refused = [entry["message"] for entry in browser.get_log("browser")]
    assert len(refused) == 3
    assert all("Content Security Policy" in message for message in refused)


def test_no_file_is_asked_for(two_paths):
    page = two_paths.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    words = ("http:", "https:", "src=", "@import", "url(", "unsafe")
    assert [word for word in words if word in page] == []
