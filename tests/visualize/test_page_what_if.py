"""The stepper page in a real browser, changed: other numbers, steps of descent, folding; all follows as in Python."""

from __future__ import annotations

import math
from typing import Any

import pytest

import nn
from autograd_tiny import Value
from autograd_tiny.core import gradient_numbers, topological_order

from .browsing import IN_BROWSER, Open, gradients, lines, until, worked

pytestmark = IN_BROWSER


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


@pytest.mark.parametrize("typed", ["", "abc", "1e999", "0x10", "1/2", "alert(1)", "NaN", "<b>"])
def test_what_is_no_number_changes_nothing_and_is_said(show: Open, typed: str) -> None:
    tab = show(worked(), "#step=6")
    before = tab.inner_text("main")
    field = tab.locator("#leaves tr:nth-child(2) input[type=text]")
    field.fill(typed)
    field.press("Enter")
    field.blur()
    assert field.input_value() == "−3"
    said = tab.inner_text("#refused")
    assert said == f"“{typed}” is no number that b can have: write one such as −0.5 or 1e-3."
    assert tab.inner_text("main").replace(said, "").split() == before.split()
    field.fill("2")
    field.press("Enter")
    assert tab.inner_text("#refused") == ""


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
    tab.locator("#fold").check()
    tab.evaluate("travelled = 50")  # as after the ground was dragged
    tab.focus(f"#fn{layer}")
    tab.keyboard.press("Enter")
    assert not tab.locator("#fold").is_checked()


def test_a_page_that_had_no_room_is_there_when_it_has(show: Open) -> None:
    """As in a tab behind another, or in a frame that opens."""
    model = nn.MLP(2, [8, 1], "tanh", seed=0)
    tab = show((model([0.5, -1.0]) - 1.0) ** 2, model=model, viewport={"width": 1, "height": 1})
    tab.set_viewport_size({"width": 400, "height": 800})
    until(tab, "drawing.getAttribute('viewBox').split(' ')[2] > 100")
    assert tab.evaluate("[...drawing.getAttribute('viewBox').split(' ')].slice(2).every(x => x > 0)")
    assert tab.evaluate("view.scale") >= 0.85


@pytest.mark.parametrize("width", [400, 1400])
def test_a_long_label_leaves_the_numbers_beside_it_whole(show: Open, width: int) -> None:
    x, z = Value(0.7, 'a very long label that goes on <b>&"quote"</b>'), Value(1.3, "<script>")
    tab = show((x * z + x).exp().log() * z, viewport={"width": width, "height": 900})
    tab.keyboard.press("End")
    broken = """[...document.querySelectorAll("#leaves td:nth-child(3), #table th")].filter(cell => {
      const range = document.createRange();
      range.selectNodeContents(cell);
      return range.getClientRects().length > 1;
    }).map(cell => cell.textContent)"""
    assert tab.evaluate(broken) == []
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert tab.evaluate("element('table').scrollWidth <= element('table').clientWidth")


def test_a_number_changed_by_hand_begins_the_curve_anew(show: Open) -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    tab = show((a * b - 1.0) ** 2)
    tab.fill("#rate", "0.01")
    tab.click("#step10")
    field = tab.locator("#leaves tr:nth-child(1) input[type=text]")
    field.fill("5")
    field.press("Enter")
    assert tab.evaluate("[curve, curve[0] === values[root]]") == [[tab.evaluate("values[root]")], True]
    assert tab.text_content("#said") == ""
    before = tab.evaluate("show(values[root])")
    tab.click("#step1")
    assert before in tab.text_content("#said")
    assert "after 1 step" in tab.text_content("#said")


def test_a_root_that_is_no_number_is_not_blamed_on_the_rate(show: Open) -> None:
    p = Value(0.5, "p")
    tab = show(p.log(), "#step=1")
    field = tab.locator("#leaves input[type=text]")
    for typed in ("-1", "0"):
        field.fill(typed)
        field.press("Enter")
        tab.click("#step1")
        assert "is no finite number here: change a leaf first" in tab.text_content("#said")
        assert "NaN" not in tab.inner_html("#curve") + tab.inner_html("#picture")
    assert tab.evaluate("values[0]") == 0


def test_a_ticked_box_does_not_take_the_keys(show: Open) -> None:
    tab = show(worked())
    tab.click("#slopes")
    tab.keyboard.press("ArrowRight")
    assert tab.text_content("#where") == "forward 1 of 3"
    tab.keyboard.press(" ")
    assert tab.get_attribute("#play", "aria-pressed") == "false"
    assert tab.locator("#slopes").is_checked()


def test_space_on_a_box_presses_it_as_buttons_are(show: Open) -> None:
    tab = show(worked())
    tab.focus("#n4")
    tab.keyboard.press(" ")
    assert tab.text_content("#where") == "backward 2 of 3"
    assert tab.get_attribute("#play", "aria-pressed") == "false"
