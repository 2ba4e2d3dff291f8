"""Every page that we write, in Chromium: axe-core finds nothing, nothing is asked for, it fits phone and projector."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import nn
from autograd_tiny import Value
from autograd_tiny_cli import gallery
from tests.needs import needs
from visualize import save_svg, write_playground, write_stepper

from .browsing import within

axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="has axe-core: pip install axe-playwright-python"
)
playwright = pytest.importorskip("playwright.sync_api", reason="the pages are driven by Playwright")
pytestmark = [pytest.mark.once, needs("chromium"), pytest.mark.xdist_group("browser")]

Write = Callable[[Path], Path]


def small(folder: Path) -> Path:
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    return write_stepper((a * b + c).tanh(), folder / "small.html")


def network(folder: Path) -> Path:
    model = nn.MLP(2, [8, 8, 1], "tanh", seed=0)
    return write_stepper((model([0.5, -1.0]) - 1.0) ** 2, folder / "network.html", model=model)


def folded(folder: Path) -> Path:
    model = nn.MLP(2, [2, 1], "tanh", seed=0)
    return write_stepper((model([0.5, -1.0]) - 1.0) ** 2, folder / "network.html", model=model)


def playground(folder: Path) -> Path:
    return write_playground(
        nn.MLP(2, [8, 8, 1], "tanh", seed=0), [[0.0, 0.5], [1.0, 1.5]], [0, 1], folder / "play.html"
    )


def cards(folder: Path) -> Path:
    x = Value(2.0, "x")
    for theme, name in (("light", "a.svg"), ("dark", f"{gallery.DARK}/a.svg")):
        save_svg(x * x, folder / name, theme=theme)
    write_stepper(x * x, folder / "step.html")
    told = [
        gallery.Picture("a.svg", "A square", "What it shows.", "A graph", wide=True),
        gallery.Picture("step.html", "Steps", "A page."),
    ]
    return gallery.write(folder, told)


PAGES = {"stepper": (small, "go(4)"), "network": (folded, "choose(true); go(total)"),
         "playground": (playground, "document.querySelectorAll('.neuron')[3].click()"), "gallery": (cards, "")}  # fmt: skip
SIZES = [(400, 800, "light"), (1400, 900, "dark"), (1920, 1080, "light")]


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_nothing_is_asked_for(name: str, browser: Any, tmp_path: Path) -> None:
    write, then = PAGES[name]
    path, asked = write(tmp_path), set()
    for width, height, scheme in SIZES:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True  # for axe's own program
        )  # fmt: skip
        tab = context.new_page()
        tab.on("request", lambda request: asked.add(request.url))
        tab.goto(path.as_uri())
        if then:
            tab.evaluate(then)
        if width < 1900:
            found = axe.Axe().run(tab)
            assert found.violations_count == 0, f"{width} {scheme}\n{found.generate_report()}"
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, "it is moved sideways"
        context.close()
    assert all(url.startswith((tmp_path.as_uri(), "about:")) for url in asked)


@pytest.mark.parametrize(("write", "most"), [(network, 400_000), (playground, 300_000)])
def test_pages_are_small(write: Write, most: int, tmp_path: Path) -> None:
    assert write(tmp_path).stat().st_size < most


def test_the_type_is_larger_on_a_projector(browser: Any, tmp_path: Path) -> None:
    path, sizes = small(tmp_path), []
    for width, height in ((1400, 900), (1920, 1080)):
        tab = browser.new_page(viewport={"width": width, "height": height})
        tab.goto(path.as_uri())
        box, words = (
            tab.query_selector(selector).bounding_box()["height"] for selector in ("#n0 .title", "#now .head")
        )
        sizes.append((box, words))
        tab.close()
    assert all(on_projector > 1.2 * on_desk for on_desk, on_projector in zip(*sizes, strict=True))
    assert sizes[0][0] >= 13


@pytest.mark.parametrize(("activation", "nth"), [("", 6), ("leaky_relu", 3), ("identity", 11), ("relu", 18)])
def test_a_neuron_of_the_playground_opens_its_stepping_page(
    activation: str, nth: int, browser: Any, tmp_path: Path
) -> None:
    said: list[str] = []
    tab = browser.new_page()
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.goto(playground(tmp_path).as_uri())
    if activation:
        tab.select_option("#activation", activation)
    tab.click(f".neuron >> nth={nth}")
    told = tab.inner_text("#told").split("\n")
    tab.click("#open")
    frame = within(tab)
    z, a = (next(line for line in told if line.startswith(name)).split(" = ")[-1] for name in ("z", ("a", "ŷ")))
    shown = frame.evaluate("nodes.map((node, i) => [node.name, show(values[i])])")
    assert dict(map(tuple, shown))["a"] == a
    if nth < 18 and activation != "identity":
        assert dict(map(tuple, shown))["z"] == z
    frame.evaluate("go(total)")
    assert "Done: every leaf has its gradient." in frame.inner_text("#now")
    tab.click("#shut")
    # The dialog's `close` event, which takes the frame away, comes after the click has returned.
    tab.wait_for_selector("iframe", state="detached")
    assert said == []
    tab.close()


PAPER = """() => {
  const read = () => [document.documentElement.dataset.theme, getComputedStyle(document.body).color];
  const seen = [read()];
  dispatchEvent(new Event("beforeprint"));
  seen.push(read());
  dispatchEvent(new Event("afterprint"));
  return [...seen, read()];
}"""


def test_a_dark_page_is_dark_on_light_on_paper(browser: Any, tmp_path: Path) -> None:
    h = Value(0.1, "h")
    for _ in range(30):
        h = h.sin()
    for path in (playground(tmp_path), write_stepper(h, tmp_path / "long.html")):
        tab = browser.new_page(viewport={"width": 800, "height": 900}, color_scheme="dark")
        tab.goto(f"file://{path}")
        tab.emulate_media(media="print")
        before, printed, after = tab.evaluate(PAPER)
        assert before == after
        assert (before[0], printed) == ("dark", ["light", "rgb(31, 41, 51)"])
        assert tab.locator("header button:visible").count() == 0
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    last = tab.locator("#n30 rect").bounding_box()
    assert 0 < last["x"] < 800 - last["width"], "all of the picture"
    assert tab.evaluate("document.querySelector('aside').scrollHeight <= document.querySelector('aside').clientHeight")
