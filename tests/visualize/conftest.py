from __future__ import annotations

import shutil
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograd_tiny import Value
from tests import needs
from visualize import write_stepper

from .browsing import ARGUMENTS, Open


@pytest.fixture
def no_dot(monkeypatch, tmp_path_factory):
    """PATH leads to nothing: graphviz-pure is found among the environment's scripts, if it is installed."""
    monkeypatch.setenv("PATH", str(tmp_path_factory.mktemp("empty")))


@pytest.fixture
def no_program(no_dot, monkeypatch, tmp_path):
    """There is no layout program at all."""
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path / "no scripts"))


@pytest.fixture(params=["dot", "graphviz-pure"])
def program(request):
    """Each layout program in turn is the one that gets used."""
    if request.param == "dot":
        needs.ask_for("dot")
        return "dot"
    if shutil.which("graphviz-pure", path=sysconfig.get_path("scripts")) is None:
        pytest.skip("graphviz-pure is not installed")
    request.getfixturevalue("no_dot")
    return "graphviz-pure"


@pytest.fixture
def tour():
    """tanh(a*b + c), as in the tour, before backward."""
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    L = (a * b + c).tanh()
    L.label = "L"
    return L


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="pages are driven by Playwright: pip install playwright"
    )
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=needs.program("chromium"), args=ARGUMENTS)
        yield opened
        opened.close()


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
