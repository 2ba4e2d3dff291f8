"""The stepper page in a real browser: keys, clicks, hovering, links, no network, no errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograd_tiny import Value
from visualize import write_stepper

from .browsing import IN_BROWSER, Open, gradients, lines, until, worked
from .test_page_questions import OWN

pytestmark = IN_BROWSER


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
        "L = tanh(d): its gradient is 1", "∂L/∂d = 1 − tanh²(d) = 0.001341", "⇒ d gets 1 × 0.001341 = 0.001341: 0 → 0.001341"]  # fmt: skip
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
    x = Value(0.5, "x")
    for _ in range(300):  # it is not at its end before it is told to pause, however slow the machine
        x = x.sin()
    tab = show(x)
    tab.keyboard.press(" ")
    assert tab.get_attribute("#play", "aria-pressed") == "true"
    until(tab, "position >= 1")
    tab.keyboard.press(" ")
    assert tab.get_attribute("#play", "aria-pressed") == "false"


def test_hovering_shows_the_ledger_and_a_click_runs_to_the_node(show: Open) -> None:
    tab = show(worked())
    tab.click("#n2")
    assert tab.text_content("#where") == "backward 3 of 3"
    tab.mouse.move(5, 700)
    until(tab, "ledger.hidden")
    tab.hover("#n0")
    until(tab, "!ledger.hidden")
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


def test_a_page_around_it_sets_the_theme(show: Open) -> None:
    tab = show(worked(), "?theme=dark")
    assert tab.evaluate("document.documentElement.dataset.theme") == "dark"
    tab.evaluate("postMessage({ theme: 'light' }, '*')")
    until(tab, "document.documentElement.dataset.theme === 'light'")
    tab.evaluate("postMessage({ theme: 'x\"><b>' }, '*')")
    tab.evaluate(
        "new Promise(seen => { addEventListener('message', seen); postMessage('the last', '*'); }).then(() => 0)"
    )
    assert tab.evaluate("document.documentElement.dataset.theme") == "light"


def test_the_picture_follows_the_step_where_the_graph_is_larger_than_the_room(show: Open) -> None:
    h = Value(0.1, "h")
    for i in range(12):
        h = (h * Value(0.5, f"w{i}")).tanh()
    tab = show(h, viewport={"width": 400, "height": 800})
    assert tab.evaluate("view.scale") == 1, "readable"
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    inside = """(() => { const a = lit[0][0].getBoundingClientRect(), b = picture.getBoundingClientRect();
        return a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom; })()"""
    for step in (1, 12, 24, 30, 48):
        tab.evaluate(f"go({step})")
        assert tab.evaluate(inside), step


def test_no_box_is_behind_the_buttons_below_the_picture(show: Open) -> None:
    for width in (400, 1400):
        tab = show(worked(), viewport={"width": width, "height": 800})
        picture, bar = (tab.query_selector(name).bounding_box() for name in ("#picture", "#zoom"))
        assert bar["y"] >= picture["y"] + picture["height"] - 1


LONG = [pytest.param(*at, marks=pytest.mark.long) for at in ((400, "light"), (1400, "dark"), (1920, "light"))]


@pytest.mark.parametrize(("width", "theme"), [(400, "dark"), (1400, "light"), (1920, "dark"), *LONG])
def test_axe_finds_nothing(browser: Any, tmp_path: Path, width: int, theme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python", reason="axe-core comes with pip install axe-playwright-python")
    import nn
    from visualize import write_playground

    program = (Path(axe.__file__).parent / "axe.min.js").read_text()
    model = nn.MLP(2, [3, 1], "tanh", seed=0)
    loss = (model([0.5, -1.0]) - 1.0) ** 2
    (tmp_path / "my.toml").write_text(OWN.replace('"a"', '"w²₁₁"'))
    pages = [write_stepper(loss, tmp_path / "s.html", model=model, questions=tmp_path / "my.toml"),
             write_playground(model, [[0, 0], [1, 1]], [0, 1], tmp_path / "p.html")]  # fmt: skip
    for path in pages:
        tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=theme, bypass_csp=True)
        tab.goto(f"file://{path}#step=12")
        tab.evaluate(program + ";0")
        assert [(found["id"], found["nodes"][0]["html"]) for found in tab.evaluate("axe.run()")["violations"]] == []
        tab.close()


def test_a_notebooks_cell_shows_the_live_page(browser: Any, tmp_path: Path) -> None:
    from visualize import show_stepper

    outer, said = tmp_path / "cell.html", []
    outer.write_text(f"<!DOCTYPE html><title>t</title>{show_stepper(worked(), height=500)._repr_html_()}")
    tab = browser.new_page(viewport={"width": 1200, "height": 800})
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.goto(f"file://{outer}")
    frame = tab.frame_locator("iframe")
    frame.locator("#next").click()
    assert frame.locator("#now p").first.text_content() == "a × b = 2 × −3 = −6"
    frame.locator("#last").click()
    frame.locator("#leaves tr:nth-child(1) input[type=text]").fill("1")
    frame.locator("#leaves tr:nth-child(1) input[type=text]").press("Enter")
    assert frame.locator("#n2 .value").text_content() == "= −3"
    assert said == []
    tab.close()
