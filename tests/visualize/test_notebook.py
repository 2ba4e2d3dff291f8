"""A pass in a notebook's cell: its page, and as a widget the same place and numbers on both sides."""

from __future__ import annotations

import importlib.util
import sys
import types
from typing import Any

import pytest
from hypothesis import given, settings

import visualize.notebook as cells
from autograd_tiny import Value, dot, steps
from autograd_tiny.core import topological_order
from autograd_tiny.explaining.digits import short
from tests.needs import needs, program
from visualize import show_stepper
from visualize.page.story import story

from .browsing import ARGUMENTS, until, within
from .test_page import data_of, graphs, in_node


def worked() -> tuple[Value, list[Value]]:
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    L = (a * b + c).tanh()
    L.label = "L"
    return L, [a, b, c]


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "_is_notebook", lambda: True)


@pytest.fixture
def no_anywidget(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(cells, "find_spec", lambda name: None if name == "anywidget" else found(name))


def test_a_pass_shows_its_page(notebook: None, no_anywidget: None) -> None:
    L, leaves = worked()
    bundle = steps(L)._repr_mimebundle_()
    assert bundle is not None
    shown = bundle["text/html"]
    assert shown.startswith('<iframe sandbox="allow-scripts"') and "srcdoc=" in shown
    assert [leaf.grad for leaf in leaves] == [0.0] * 3
    assert show_stepper(L)._repr_html_() == shown, "the names of the pass are those that the caller's variables give"


def test_at_a_terminal_and_for_a_large_graph_it_is_text() -> None:
    L, _ = worked()
    assert steps(L)._repr_mimebundle_() is None


def test_a_graph_too_large_for_a_page_is_text_in_a_notebook_too(notebook: None) -> None:
    x = Value(0.5)
    for _ in range(2001):
        x = x.sin()
    assert steps(x)._repr_mimebundle_() is None


@pytest.mark.once
@needs("node")
@settings(max_examples=10)
@given(graphs())
def test_the_page_has_as_many_steps_as_the_pass(graph: tuple[Value, list[Value]]) -> None:
    root, _ = graph
    assert in_node(root, "console.log(sweep.length);") == len(steps(root))


class TestWidget:
    @pytest.fixture
    def opened(self) -> tuple[Any, Any, list[Value]]:
        pytest.importorskip("anywidget", reason="the widget needs it: pip install 'autograd-tiny[notebook]'")
        L, leaves = worked()
        opened = steps(L)
        return show_stepper(opened), opened, leaves

    def test_what_the_page_asks_for_is_so_in_python(self, opened: Any) -> None:
        widget, p, (a, _, c) = opened
        numbers = dict(map(tuple, widget.told["numbers"]))
        assert sorted(numbers.values()) == [-3.0, 2.0, 10.0] and data_of(widget.page)["bound"] is True
        widget.asked = {"step": 2, "numbers": widget.told["numbers"]}
        assert p.position == 2 and c.grad != 0.0 and a.grad == 0.0
        of_a = next(i for i, x in numbers.items() if x == 2.0)
        widget.asked = {"step": 3, "numbers": [[of_a, 3.0]]}
        assert a.data == 3.0 and p.root.data == pytest.approx(0.76159415595)
        assert a.grad == pytest.approx(-3.0 / 2.38109784554) and widget.told["refused"] == ""

    def test_what_python_does_is_told(self, opened: Any) -> None:
        widget, p, (a, *_) = opened
        turn = widget.told.get("turn", 0)
        p.goto(2)
        assert widget.told["step"] == 2
        p.set(a, 3.5)
        assert widget.told["step"] == 2 and [x for _, x in widget.told["numbers"] if x not in (-3.0, 10.0)] == [3.5]
        assert widget.told["turn"] == turn + 2
        p.reset()
        assert widget.told["step"] == 0

    def test_what_cannot_be_is_refused_and_the_page_is_told_how_it_is(self) -> None:
        pytest.importorskip("anywidget")
        x = Value(2.0, "x")
        p = steps(x.log())
        widget = show_stepper(p)
        widget.asked = {"step": 1, "numbers": [[0, -1.0]]}
        assert x.data == 2.0 and widget.told["numbers"] == [[0, 2.0]]
        assert widget.told["refused"] == "log(-1.0) is not a number: log needs x > 0"
        widget.asked = {"step": 1}
        x.grad = 7.0
        widget.asked = {"step": 0}
        assert p.position == 1 and "x.grad" in widget.told["refused"]

    def test_a_pass_shown_twice_is_one_widget_and_plain_numbers_stay(self) -> None:
        pytest.importorskip("anywidget")
        w = [Value(2.0, "w1"), Value(3.0, "w2")]
        p = steps(dot(w, [0.5, -1.0]))
        widget = show_stepper(p)
        assert show_stepper(p) is widget
        kinds = [node["kind"] for node in story(p.root)["nodes"]]
        assert [kinds[i] for i, _ in widget.told["numbers"]] == ["leaf", "leaf"]
        assert len(topological_order(p.root)) == 3
        p.set("w1", 4.0)
        assert p.root.data == -1.0

    def test_without_anywidget_no_module_of_it_is_asked_for(self, no_anywidget: None, monkeypatch: Any) -> None:
        monkeypatch.setitem(sys.modules, "anywidget", types.ModuleType("anywidget"))
        assert isinstance(show_stepper(steps(worked()[0])), cells.LivePage)


@pytest.mark.once
@needs("chromium")
@pytest.mark.xdist_group("browser")
def test_in_a_browser_both_ways() -> None:
    """The widget's own program, with a model that stands for Jupyter's: steps and drags come out, told states go in."""
    pytest.importorskip("anywidget")
    sync = pytest.importorskip("playwright.sync_api")

    L, (a, b, c) = worked()
    p = steps(L)
    p.goto(1)
    widget = show_stepper(p)
    said: list[str] = []
    with sync.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=program("chromium"), args=ARGUMENTS)
        tab = opened.new_page()
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))

        def ask(state: dict[str, Any]) -> dict[str, Any]:
            widget.asked = state
            return dict(widget.told)

        tab.expose_function("ask", ask)
        tab.evaluate("told => { window.told = told; }", dict(widget.told))
        tab.evaluate("page => { window.page = page; }", widget.page)
        body = str(widget._esm).replace("export default { render };", "window.renderWidget = render;")
        tab.add_script_tag(content=body + MODEL)
        frame = within(tab)
        until(tab, lambda: frame.text_content("#where") == "backward 1 of 3")  # what it is told first would undo a step
        frame.evaluate("go(forwardSteps + 2)")
        until(tab, lambda: p.position == 2)
        assert c.grad == pytest.approx(0.00134095)
        frame.fill("[aria-label='value of a']", "3")
        frame.evaluate("go(position)")  # as when Python's answer to something earlier comes while one types
        frame.press("[aria-label='value of a']", "Enter")
        until(tab, lambda: a.data == 3.0)
        tab.evaluate("hold()")
        frame.evaluate("i => set(i, 4)", leaf := next(i for i, x in widget.told["numbers"] if x == 3.0))
        until(tab, "model.waiting.numbers.some(([i, x]) => x === 4)")
        frame.evaluate("i => { set(i, 5); }", leaf)
        tab.evaluate("release()")  # the answer to 4 comes when 5 is set, and not said yet or not answered
        until(tab, lambda: a.data == 5.0)
        assert frame.evaluate("i => values[i]", leaf) == 5.0
        frame.evaluate("i => set(i, 3)", leaf)
        until(tab, lambda: a.data == 3.0)
        assert p.root.data == pytest.approx(0.76159416)
        p.goto(3)
        p.set(b, -2.0)
        tab.evaluate("told => tell(told)", dict(widget.told))
        until(tab, lambda: frame.text_content("#where") == "backward 3 of 3")
        assert frame.input_value("[aria-label='value of b']") == "−2"
        assert frame.text_content("#n0 .grad") == f"∂ {short(a.grad, 4)}".replace("-", "−")
        opened.close()
    assert said == []


MODEL = """
let gate = null, release = null;
const hold = () => { gate = new Promise(done => { release = done; }); };
const heard = [];
const model = {
  get: name => ({ page: window.page, height: 600, told: window.told })[name],
  set: (_, state) => { model.waiting = state; },
  save_changes: async () => { const state = model.waiting; await gate; tell(await ask(state)); },
  on: (_, listener) => heard.push(listener), off: () => {},
};
window.tell = state => { window.told = state; heard.forEach(each => each()); };
window.renderWidget({ model, el: document.body });
"""
