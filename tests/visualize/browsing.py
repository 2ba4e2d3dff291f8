"""What the tests of pages in a real browser share: how it is started, and what a stepper page shows.

Needs Playwright and the system's Chromium (`.ci/run` installs it; `apt install chromium` does elsewhere).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from autograd_tiny import Value
from tests.needs import needs

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
IN_BROWSER = [pytest.mark.once, needs("chromium"), pytest.mark.xdist_group("browser")]
"""Marks: on one engine, with what is missing said, and all in one process."""

Open = Callable[..., Any]


def worked() -> Value:
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    d = a * b + c
    d.label = "d"
    L = d.tanh()
    L.label = "L"
    return L


def lines(tab: Any) -> list[str]:
    return [p.text_content() for p in tab.query_selector_all("#now p")]


def until(tab: Any, holds: str | Callable[[], bool]) -> None:
    """Waits, for a minute and more, for something to hold in the page, or here.

    Playwright's own waiting evaluates text in the page, which its policy forbids.
    """
    for _ in range(2400):
        if tab.evaluate(holds) if isinstance(holds, str) else holds():
            return
        tab.wait_for_timeout(25)
    pytest.fail(f"{holds} did not come about")


def within(tab: Any) -> Any:
    """The stepper page in this page's frame, once its program has run: its boxes are there before."""
    frame = tab.wait_for_selector("iframe", state="attached").content_frame()
    frame.wait_for_selector("#n0", state="attached")
    frame.wait_for_load_state("load")
    return frame


def gradients(tab: Any) -> list[str]:
    return [row.query_selector_all("td")[2].text_content() for row in tab.query_selector_all("#leaves tr")]
