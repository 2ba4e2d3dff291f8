"""The stepper page in a real browser: keys, clicks, hovering, links, no network, no errors.

Needs Playwright and the system's Chromium (`.ci/run` installs it; `apt install chromium` does elsewhere).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograd_tiny import Value
from tests.needs import needs, program
from visualize import write_stepper

playwright = pytest.importorskip(
    "playwright.sync_api", reason="the page is driven by Playwright: pip install playwright"
)
CHROMIUM = program("chromium")
pytestmark = [
    needs("chromium"),
    pytest.mark.xdist_group("browser"),
]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


Open = Callable[..., Any]


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Opens the page of a graph, and sees to it at the end that it asked for nothing and complained of nothing."""
    said: list[str] = []
    contexts = []

    def opened(root: Value, link: str = "", **options: Any) -> Any:
        path = write_stepper(root, tmp_path / "backprop.html")
        context = browser.new_context(viewport={"width": 1200, "height": 800}, **options)
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.on("request", lambda request: None if request.url.startswith("file://") else said.append(request.url))
        tab.goto(f"file://{path}{link}")
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert said == []


def worked() -> Value:
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    d = a * b + c
    d.label = "d"
    L = d.tanh()
    L.label = "L"
    return L


def lines(tab: Any) -> list[str]:
    return [p.text_content() for p in tab.query_selector_all("#now p")]


def until(tab: Any, holds: str) -> None:
    """Waits for something to hold; Playwright's own waiting evaluates text in the page, which its policy forbids."""
    for _ in range(200):
        if tab.evaluate(holds):
            return
        tab.wait_for_timeout(25)
    pytest.fail(f"{holds} did not come about")


def gradients(tab: Any) -> list[str]:
    return [row.query_selector_all("td")[2].text_content() for row in tab.query_selector_all("#leaves tr")]


def test_keys_step_forward_then_gradients_flow_back(show: Open) -> None:
    tab = show(worked())
    assert tab.text_content("#n2 .value") == "= ·"
    tab.keyboard.press("ArrowRight")
    assert lines(tab)[0] == "a × b = 2 × −3 = −6"
    assert tab.text_content("#n2 .value") == "= −6"
    assert tab.text_content("#where") == "forward 1 of 3"
    for _ in range(3):
        tab.keyboard.press("ArrowRight")
    assert lines(tab)[:3] == [
        "L = tanh(d): its gradient is 1", "∂L/∂d = 1 / cosh²(d) = 0.001341", "⇒ d gets 1 × 0.001341 = 0.001341: 0 → 0.001341"]  # fmt: skip
    assert tab.text_content("#n4 .grad") == "∂ 0.001341"
    assert gradients(tab) == ["0", "0", "0"]
    tab.keyboard.press("End")
    assert gradients(tab) == ["−0.004023", "0.002682", "0.001341"]
    assert "Done: every leaf has its gradient." in lines(tab)
    tab.keyboard.press("ArrowLeft")
    assert gradients(tab) == ["0", "0", "0.001341"]
    tab.keyboard.press("Home")
    assert gradients(tab) == ["0", "0", "0"]
    assert tab.text_content("#n2 .value") == "= ·"
    assert tab.text_content("#n4 .grad") == ""


def test_going_back_and_forth_ends_where_it_began(show: Open) -> None:
    tab = show(worked())
    seen = []
    for step in range(7):
        tab.evaluate(f"go({step})")
        seen.append(tab.inner_text("body"))
    assert len(set(seen)) == 7
    for step in (3, 6, 0, 5, 1, 4, 2, 6, 3):
        tab.evaluate(f"go({step})")
        assert tab.inner_text("body") == seen[step]


def test_a_link_opens_at_its_step_and_stepping_writes_it(show: Open) -> None:
    tab = show(worked(), "#step=5")
    assert tab.text_content("#where") == "backward 2 of 3"
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate("location.hash") == "#step=6"
    tab.evaluate("location.hash = '#step=2'")
    until(tab, "position === 2")
    assert lines(tab)[0].startswith("d = a × b + c")
    for nonsense in ("#step=99", "#step=-1", "#nonsense"):
        tab.evaluate(f"location.hash = '{nonsense}'")
    until(tab, "position === 0")


def test_the_scrubber_and_the_buttons(show: Open) -> None:
    tab = show(worked())
    tab.locator("#scrubber").fill("4")
    assert tab.text_content("#where") == "backward 1 of 3"
    for button, where in [("first", "forward 0 of 3"), ("next", "forward 1 of 3"), ("turn", "backward 0 of 3"),
                          ("last", "backward 3 of 3"), ("back", "backward 2 of 3")]:  # fmt: skip
        tab.click(f"#{button}")
        assert tab.text_content("#where") == where


def test_space_plays_and_pauses(show: Open) -> None:
    tab = show(worked())
    tab.keyboard.press(" ")
    assert tab.get_attribute("#play", "aria-pressed") == "true"
    until(tab, "position === 1")
    tab.keyboard.press(" ")
    assert tab.get_attribute("#play", "aria-pressed") == "false"


def test_hovering_shows_the_ledger_and_a_click_runs_to_the_node(show: Open) -> None:
    tab = show(worked())
    tab.click("#n2")
    assert tab.text_content("#where") == "backward 3 of 3"
    tab.mouse.move(5, 700)
    assert tab.is_hidden("#ledger")
    tab.hover("#n0")
    ledger = tab.inner_text("#ledger")
    assert "value 2" in ledger
    assert "from a × b: 0.001341 × −3 = −0.004023 → −0.004023" in ledger


def test_nodes_are_reached_and_run_to_by_keyboard(show: Open) -> None:
    tab = show(worked())
    tab.focus("#n4")
    assert tab.is_visible("#ledger")
    tab.keyboard.press("Enter")
    assert tab.text_content("#where") == "backward 2 of 3"
    tab.keyboard.press("Escape")
    assert tab.is_hidden("#ledger")
    assert tab.get_attribute("#n4", "role") == "button"
    assert tab.get_attribute("#n4", "aria-label") == "d, value 4, gradient 0.001341"


def test_a_leaf_is_checked_by_nudging(show: Open) -> None:
    tab = show(worked())
    tab.keyboard.press("End")
    tab.click("#leaves tr:nth-child(1) button")
    assert tab.text_content("#leaves tr:nth-child(1) .ok") == "✓ −0.004023"
    assert "they agree" in tab.text_content("#spoken")


def test_labels_show_as_text(show: Open) -> None:
    a, b = Value(1.5, "<script>alert(1)</script>"), Value(2.0, '"><img src=x onerror=alert(1)>')
    root = a * b
    root.label = "</script><b>x"
    tab = show(root, "#step=2")
    assert tab.query_selector("img") is None
    assert tab.query_selector("b") is None
    assert "<script>alert(1)</script>" in tab.inner_text("#leaves")
    assert "</script><b>x" in tab.inner_text("h1")


def test_reduced_motion_and_dark_are_honoured(show: Open) -> None:
    still = show(worked(), "#step=4", reduced_motion="reduce", color_scheme="dark")
    assert still.evaluate("getComputedStyle(document.querySelector('.e.backward path')).animationName") == "none"
    assert still.evaluate("document.documentElement.dataset.theme") == "dark"
    still.click("#theme")
    assert still.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    moving = show(worked(), "#step=4")
    assert moving.evaluate("getComputedStyle(document.querySelector('.e.backward path')).animationName") == "flow"


def test_no_text_leaves_its_box(show: Open) -> None:
    import nn

    model = nn.MLP(2, [3, 1], "tanh", seed=0)
    for name, parameter in model.named_parameters():
        parameter.label = name
    tab = show((model([0.5, -1e-7]) - 1e8) ** 2, "#step=9")
    tab.evaluate("go(total)")
    assert tab.evaluate("""boxes.every(box => { const r = box.querySelector("rect").getBBox();
        return [...box.querySelectorAll("text")].filter(t => t.textContent).every(t => { const b = t.getBBox();
            return b.x >= r.x && b.x + b.width <= r.x + r.width && b.y >= r.y && b.y + b.height <= r.y + r.height; }); })""")
