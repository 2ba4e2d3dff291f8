"""The stepper page in a real browser, asking: its quiz, and a lecturer's own questions."""

from __future__ import annotations

from pathlib import Path

from autograd_tiny import Value

from .browsing import IN_BROWSER, Open, lines, until, worked

pytestmark = IN_BROWSER


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


def test_playing_stops_where_it_asks_and_an_answer_that_is_none_is_said(show: Open) -> None:
    tab = show(worked(), "#step=2")
    tab.locator("#quiz").check()
    tab.click("#play")
    until(tab, "!!element('answer')")
    assert tab.get_attribute("#play", "aria-pressed") == "false"
    assert tab.text_content("#where") == "backward 0 of 3"
    tab.fill("#answer", "tanh")
    tab.keyboard.press("Enter")
    assert lines(tab)[-1] == "A number, such as −0.5."
    assert tab.input_value("#answer") == "tanh"


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
