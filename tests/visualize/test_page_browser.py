"""The stepper page in a real browser: keys, clicks, hovering, links, no network, no errors.

Needs Playwright and the system's Chromium (`.ci/run` installs it; `apt install chromium` does elsewhere).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograd_tiny import Value
from autograd_tiny.core import gradient_numbers, topological_order
from tests.needs import needs, program
from visualize import write_stepper

playwright = pytest.importorskip(
    "playwright.sync_api", reason="the page is driven by Playwright: pip install playwright"
)
CHROMIUM = program("chromium")
pytestmark = [
    pytest.mark.once,
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

    def opened(root: Value, link: str = "", model: Any = None, questions: Any = None, **options: Any) -> Any:
        path = write_stepper(root, tmp_path / "backprop.html", model=model, questions=questions)
        context = browser.new_context(**{"viewport": {"width": 1200, "height": 800}, **options})
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


# What if


def values(tab: Any) -> list[str]:
    return [box.text_content().removeprefix("= ") for box in tab.query_selector_all(".n .value")]


def follows(tab: Any, root: Value) -> None:
    """All that the page shows at its end is what Python has for the same graph."""
    tab.evaluate("go(total)")
    order = topological_order(root)
    assert tab.evaluate("values") == pytest.approx([node.data for node in order], rel=1e-12)
    want = gradient_numbers(root, order)
    assert tab.evaluate("gradients") == pytest.approx(want, rel=1e-12)
    assert [text.removeprefix("∂ ") for text in tab.locator(".n .grad").all_text_contents()] == [
        tab.evaluate(f"show({number!r})") for number in want]  # fmt: skip


def other(a: float, b: float, c: float) -> Value:
    return (Value(a, "a") * Value(b, "b") + Value(c, "c")).tanh()


def test_a_typed_number_moves_all_that_depends_on_it_and_keeps_the_place(show: Open) -> None:
    tab = show(worked(), "#step=3")
    assert lines(tab)[0] == "L = tanh(d) = tanh(4) = 0.9993"
    field = tab.locator("#leaves tr:nth-child(1) input[type=text]")
    field.fill("3,5")
    field.press("Enter")
    assert lines(tab)[0] == "L = tanh(d) = tanh(−0.5) = −0.4621"
    assert tab.text_content("#where") == "backward 0 of 3"
    field.blur()
    follows(tab, other(3.5, -3.0, 10.0))
    tab.click("#reset")
    follows(tab, worked())


@pytest.mark.parametrize("typed", ["", "abc", "1e999", "0x10", "1/2", "alert(1)", "NaN"])
def test_what_is_no_number_changes_nothing(show: Open, typed: str) -> None:
    tab = show(worked(), "#step=6")
    before = tab.inner_text("main")
    field = tab.locator("#leaves tr:nth-child(2) input[type=text]")
    field.fill(typed)
    field.press("Enter")
    field.blur()
    assert field.input_value() == "−3"
    assert tab.inner_text("main") == before


def test_a_leaf_is_dragged_slid_and_moved_by_keys(show: Open) -> None:
    tab = show(worked())
    tab.keyboard.press("End")
    box = tab.locator("#n0").bounding_box()
    tab.mouse.move(box["x"] + 40, box["y"] + 30)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 90, box["y"] + 34, steps=5)
    tab.mouse.up()
    assert tab.evaluate("values[0]") == 2.25
    assert tab.text_content("#where") == "backward 3 of 3", "a drag is no click"
    follows(tab, other(2.25, -3.0, 10.0))
    tab.focus("#n3")
    tab.keyboard.press("ArrowDown")
    assert tab.evaluate("values[3]") == 9.0
    tab.locator("#leaves tr:nth-child(2) input[type=range]").fill("-1.5")
    follows(tab, other(2.25, -1.5, 9.0))


def test_the_ground_is_dragged_and_the_wheel_and_keys_zoom(show: Open) -> None:
    tab = show(worked())
    first = tab.evaluate("({...view})")
    place = tab.locator("#picture").bounding_box()
    tab.mouse.move(place["x"] + 20, place["y"] + place["height"] - 200)
    tab.mouse.down()
    tab.mouse.move(place["x"] + 80, place["y"] + place["height"] - 160, steps=3)
    tab.mouse.up()
    assert tab.evaluate("view.x") == pytest.approx(first["x"] - 60 / first["scale"])
    tab.mouse.wheel(0, -200)
    until(tab, f"view.scale > {first['scale']} * 1.2")
    tab.keyboard.press("0")
    assert tab.evaluate("({...view})") == pytest.approx(tab.evaluate("(fit(), {...view})"))
    tab.keyboard.press("-")
    assert tab.evaluate("view.scale") < first["scale"]


def test_steps_of_descent_are_those_of_python_and_draw_a_curve(show: Open) -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    loss = (a * b - 1.0) ** 2
    tab = show(loss)
    tab.fill("#rate", "0.01")
    tab.locator("#leaves tr:nth-child(2) input[type=checkbox]").uncheck()
    tab.click("#step1")
    tab.click("#step10")
    numbers = [loss.data]
    for _ in range(11):
        (gradient,) = gradient_numbers((a * b - 1.0) ** 2, [a])
        a.data -= 0.01 * gradient
        numbers.append(((a * b - 1.0) ** 2).data)
    assert tab.evaluate("curve") == pytest.approx(numbers, rel=1e-12)
    assert tab.evaluate("values[1]") == -3.0
    assert "after 11 steps" in tab.text_content("#said")
    assert len(tab.get_attribute("#line", "points").split()) == 12
    tab.fill("#rate", "1e200")
    tab.click("#step10")
    assert "a smaller rate?" in tab.text_content("#said")
    assert math.isfinite(tab.evaluate("values[root]"))
    tab.fill("#rate", "-1")
    tab.click("#step1")
    assert "above 0" in tab.text_content("#said")
    tab.click("#reset")
    assert tab.evaluate("curve") == [49.0]


def test_the_local_derivatives_stand_on_the_edges(show: Open) -> None:
    tab = show(worked(), "#step=1")
    assert tab.locator("text.slope").all_text_contents() == ["−3", "2", "", "", ""]
    tab.keyboard.press("End")
    assert tab.locator("text.slope").all_text_contents() == ["−3", "2", "1", "1", "0.00134"]
    tab.locator("#slopes").uncheck()
    assert tab.locator("text.slope").first.is_hidden()


def test_a_leaf_moved_out_of_the_domain_is_said_with_the_domain(show: Open) -> None:
    p = Value(0.5, "p")
    loss = -p.log()
    loss.label = "L"
    tab = show(loss, "#step=1")
    tab.evaluate("set(0, -1)")
    assert lines(tab)[:2] == ["log(p) = log(−1) = nan", "This is not a finite number: log needs x > 0."]
    tab.evaluate("set(0, 0.25)")
    follows(tab, -Value(0.25).log())


def test_gradients_from_before_do_not_double_what_the_page_shows(show: Open) -> None:
    x = Value(3.0, "x")
    y = x * x
    y.backward()
    tab = show(y)
    assert gradients(tab) == ["0"]
    assert tab.text_content("#n0 .grad") == ""
    tab.keyboard.press("End")
    assert gradients(tab) == ["6"]


def test_a_kink_is_said_and_not_held_against_backward(show: Open) -> None:
    x = Value(0.0, "x")
    tab = show(x.relu() * 3.0)
    tab.click("#leaves tr:nth-child(1) button")
    assert tab.text_content("#leaves td .kink") == "kink: 0 | 3"
    assert "by convention" in tab.text_content("#spoken")


def test_a_page_around_it_sets_the_theme(show: Open) -> None:
    tab = show(worked(), "?theme=dark")
    assert tab.evaluate("document.documentElement.dataset.theme") == "dark"
    tab.evaluate("postMessage({ theme: 'light' }, '*')")
    until(tab, "document.documentElement.dataset.theme === 'light'")
    tab.evaluate("postMessage({ theme: 'x\"><b>' }, '*')")
    tab.wait_for_timeout(50)
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


def test_a_switch_shows_the_derivatives_as_they_are_computed(show: Open) -> None:
    tab = show(worked(), "#step=4")
    assert lines(tab)[1] == "∂L/∂d = 1 − tanh²(d) = 0.001341"
    tab.locator("#books").uncheck()
    assert lines(tab)[1] == "∂L/∂d = 1 / cosh²(d) = 0.001341"


def test_a_network_folds_by_layer_and_a_layer_opens(show: Open) -> None:
    import nn

    model = nn.MLP(2, [4, 4, 1], "tanh", seed=0)
    loss = (model([0.5, -1.0]) - 1.0) ** 2
    tab = show(loss, "#step=9", model=model)
    assert tab.locator("#fold").is_checked(), "a larger network opens folded"
    titles = tab.locator("svg:not([hidden]) .n .title").all_text_contents()
    assert [title for title in titles if title.startswith("layers")] == ["layers.0", "layers.1", "layers.2"]
    assert "x" in titles
    current = tab.evaluate("fold.of[operations[8]]")
    assert "lit" in tab.get_attribute(f"#fn{current}", "class")
    tab.keyboard.press("End")
    outputs = tab.evaluate("fold.groups.find(g => g.name === 'layers.2').shown.map(i => show(values[i], 3))")
    layer = tab.evaluate("fold.groups.findIndex(g => g.name === 'layers.2')")
    assert tab.text_content(f"#fn{layer} .value") == "= " + ", ".join(outputs)
    loss.backward()
    size = math.hypot(*(p.grad for p in model.layers[2].parameters()))
    assert tab.text_content(f"#fn{layer} .grad") == "‖∂‖ " + tab.evaluate(f"show({size!r})")
    tab.keyboard.press("0")
    tab.click(f"#fn{layer}")
    assert not tab.locator("#fold").is_checked()
    assert tab.locator("#n0").is_visible()


def test_a_quiz_asks_before_a_step_and_names_the_mistake(show: Open) -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    d = a * b
    d.label = "d"
    tab = show(d * d * 0.5, "#step=3")
    tab.locator("#quiz").check()
    assert lines(tab)[1].startswith("What is the gradient of d × d after the next step?")
    tab.fill("#answer", "1")
    tab.keyboard.press("Enter")
    assert (
        lines(tab)[0]
        == "1 is the upstream gradient alone: the local derivative ∂root/∂(d×d), 0.5, is forgotten. It is 0 + 1 × 0.5 = 0.5."
    )
    assert tab.text_content("#where") == "backward 1 of 3"
    tab.click("#next")
    assert tab.is_visible("#answer")
    tab.click("#next")
    assert tab.text_content("#where") == "backward 2 of 3", "it is shown without an answer too"
    tab.click("#next")
    tab.fill("#answer", "no number")
    tab.keyboard.press("Enter")
    assert tab.text_content("#where") == "backward 2 of 3"
    tab.fill("#answer", "18")
    tab.click("#now button")
    assert lines(tab)[0] == "Right: 0 + −6 × −3 = 18."
    tab.locator("#quiz").uncheck()
    tab.keyboard.press("Home")
    assert not tab.query_selector("#answer")


OWN = """
[[question]]
gradient = "a"
why = "Two links: tanh, then the product."
[[question]]
ask = "Is <b>this</b> </script><script>alert(1)</script> text?"
answer = 6
mistakes = { "-3" = "<img src=x onerror=alert(2)>" }
"""


def test_a_lecturers_own_questions_are_asked_and_judged(show: Open, tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text(OWN)
    tab = show(worked(), questions=tmp_path / "my.toml")
    items = tab.locator("#asked li")
    assert items.locator("p:first-child").all_text_contents() == [
        "At a = 2, b = −3, c = 10: What is ∂L/∂a?", "Is <b>this</b> </script><script>alert(1)</script> text?", ]  # fmt: skip
    assert tab.locator("#asked b, #asked script, #asked img").count() == 0
    first, second = items.nth(0), items.nth(1)
    first.locator("input").fill("what")
    first.locator("button").click()
    assert first.locator("div").text_content() == "A number, such as −0.5."
    first.locator("input").fill("-3")
    first.locator("input").press("Enter")
    assert first.locator("div p").all_text_contents() == [
        "−3 is ∂(a×b)/∂a alone: the upstream gradient, 0.00134, is forgotten. It is 0 + 0.00134 × −3 = −0.00402.",
        "Two links: tanh, then the product.",
    ]
    assert tab.text_content("#where") == "forward 0 of 3", "typing steps nowhere"
    first.locator("input").fill("−0.00402")
    first.locator("input").press("Enter")
    assert first.locator("div p").first.text_content() == "Right: 0 + 0.00134 × −3 = −0.00402."
    second.locator("input").fill("-3")
    second.locator("button").click()
    assert second.locator("div").text_content() == "−3 is <img src=x onerror=alert(2)>. It is 6."
    assert tab.text_content("#score") == "0 of 2 right at the first answer"
    assert not show(worked()).is_visible("#questions")


def test_no_box_is_behind_the_buttons_below_the_picture(show: Open) -> None:
    for width in (400, 1400):
        tab = show(worked(), viewport={"width": width, "height": 800})
        picture, bar = (tab.query_selector(name).bounding_box() for name in ("#picture", "#zoom"))
        assert bar["y"] >= picture["y"] + picture["height"] - 1


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400, 1920])
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
