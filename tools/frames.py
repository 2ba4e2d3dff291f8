"""How long a frame of the playground takes, in Chromium: ``python tools/frames.py``, for a network of 2-8-8-1.

Of each set of points, size of batch and activation: frames a second, and the time that the page's own program works in
a frame (median and 95 of 100), by the page's clock. The second figure is what the page is answerable for: on a machine
that others use, or without a GPU, frames fail to come for reasons of their own.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
SECONDS = 3
MEASURE = """milliseconds => new Promise(done => {
  const at = [], work = [], own = frame;
  frame = now => { at.push(now); const from = performance.now(); own(); work.push(performance.now() - from); };
  document.getElementById("play").click();
  setTimeout(() => { document.getElementById("play").click(); frame = own; done([at, work]); }, milliseconds);
})"""
BATCH = """size => {
  const slider = document.getElementById("batch");
  slider.value = size;
  slider.dispatchEvent(new Event("input"));
}"""


def cases() -> Iterator[tuple[str, int, str]]:
    """A set of points, a size of batch and an activation ("" is the model's own, tanh)."""
    for batch in (1, 16, 200):
        for activation in ("", "gelu"):
            yield "moons", batch, activation
    for data in ("circles", "spirals", "exclusive or"):
        yield data, 16, ""


def told(at: Sequence[float], work: Sequence[float]) -> str:
    """Frames a second, and the work in one; the first few are not counted, as the program is not compiled yet."""
    at, work = at[10:], work[10:]
    gaps = [later - earlier for earlier, later in pairwise(at)]
    high = sorted(work)[int(0.95 * len(work))]
    return f"{1000 * len(gaps) / sum(gaps):5.1f} frames/s   work {median(work):5.2f} ms, 95 of 100 below {high:5.2f} ms"


def main() -> None:
    sys.path.insert(0, str(ROOT))
    from playwright.sync_api import sync_playwright

    import nn
    from tests.needs import program
    from tests.visualize.browsing import ARGUMENTS
    from visualize import write_playground

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        page = write_playground(nn.MLP(2, [8, 8, 1], "tanh", seed=0), [[0, 0], [1, 1]], [0, 1], Path(folder) / "p.html")
        browser = started.chromium.launch(executable_path=program("chromium"), args=ARGUMENTS)
        tab = browser.new_page(viewport={"width": 1400, "height": 900})
        tab.goto(page.as_uri())
        for data, batch, activation in cases():
            tab.select_option("#data", data)
            tab.select_option("#activation", activation)
            tab.evaluate(BATCH, batch)
            print(
                f"{data:12}  batch {batch:3}  {activation or 'tanh':4}  {told(*tab.evaluate(MEASURE, 1000 * SECONDS))}"
            )
        browser.close()


if __name__ == "__main__":
    main()
