"""A browser's Python: the pure wheel under Node with the suite's core, and the site's page where a reader runs code."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import autograd_tiny
from tests.needs import ask_for, program
from tests.visualize.browsing import within
from tools import browser_python
from tools.browser_python import NotFetched

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(autograd_tiny.engine != "python", reason="runs the plain engine: once is enough"),
]
ROOT = browser_python.ROOT
CORE = [
    "core/test_backward.py", "core/test_freeing.py",
    "derivatives/test_gradient_graphs.py", "derivatives/test_taylor.py", "explaining/test_derived_names.py",
    "explaining/test_find_nonfinite.py", "explaining/test_ledger.py", "explaining/test_network_names.py",
    "explaining/test_quiz.py", "explaining/test_stepping.py", "explaining/test_stepping_text.py",
    "table/test_primitives.py",
]  # fmt: skip
"""What of the suite asks for no arrays, no processes and no other engine."""
NOT_THERE = {
    "core/test_backward.py::test_depth_is_no_limit": "starts a process",
    "derivatives/test_taylor.py::test_inside_a_compiled_function_it_holds_for_other_samples": "compiles to arrays",
    "table/test_primitives.py::test_a_slope_that_is_recorded_at_an_edge_is_right_elsewhere": "compiles to arrays",
}


def fetched(what: Any, *arguments: Any) -> Any:
    """What npm and pip give; the test is skipped where they cannot."""
    try:
        return what(*arguments)
    except NotFetched as error:
        pytest.skip(f"a browser's Python is fetched for this: {error}")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Pyodide is kept: with the site's, if that was built here."""
    kept = ROOT / "build" / "pyodide"
    return kept if kept.is_dir() else tmp_path_factory.mktemp("pyodide")


def test_the_core_of_the_suite_passes_under_node(cache: Path, tmp_path: Path) -> None:
    node, source = ask_for("node"), fetched(browser_python.pyodide, cache)
    wheels = tmp_path / "wheels"
    fetched(browser_python.wheels, wheels, ["pytest", "hypothesis", "mpmath", "graphviz", "rich"])
    fetched(browser_python.wheel, wheels)
    alone = tmp_path / "clone" / "tests_alone"
    alone.mkdir(parents=True)
    shutil.copytree(ROOT / "tests", alone / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", alone)
    left_out = [f"--deselect=tests/autograd_tiny/{name}" for name in NOT_THERE]
    tests = [*left_out, *(f"tests/autograd_tiny/{name}" for name in CORE)]
    command = [node, Path(__file__).parent / "pyodide.mjs", source, wheels, alone.parent, *tests]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert re.search(r"^engine python from /lib/python3[.\d]*/site-packages/autograd_tiny/", done.stdout, re.MULTILINE)
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 500  # type: ignore[index]


def test_the_page_runs_code_from_its_own_files_alone(cache: Path, tmp_path: Path) -> None:
    sync = pytest.importorskip("playwright.sync_api", reason="the page is driven by Playwright")
    ask_for("chromium")
    fetched(browser_python.pack, tmp_path / "python", cache)
    shutil.copy(ROOT / "docs" / "python" / "try.js", tmp_path / "python")
    text = (ROOT / "docs" / "try.md").read_text(encoding="utf-8")
    body = text[text.index('<div class="try">') : text.index("What runs is")]
    (tmp_path / "try.html").write_text(
        f'<!doctype html><meta charset="utf-8"><title>try</title>{body}', encoding="utf-8"
    )
    asked: list[str] = []
    with sync.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program("chromium"), args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto((tmp_path / "try.html").as_uri())

        def ran() -> str:
            tab.click("#run")
            tab.wait_for_selector(
                "#run:enabled", timeout=900_000
            )  # it is disabled from the click to the end of the run
            assert tab.text_content("#state") == "done"
            return str(tab.text_content("#out"))

        assert "gradients: -0.00402285204907769 0.0026819013660517935 0.0013409506830258967" in ran()
        frame = within(tab)
        assert frame.text_content("h1") == "Backpropagation through L"
        tab.fill("#code", "from autograd_tiny import Value\nValue(-1.0, 'p').log()")
        assert (
            ran().splitlines()[-3:][0]
            == "autograd_tiny.errors.NonFiniteError: log(-1.0) is not a number: log needs x > 0"
        )
        tab.select_option("#start", "start-network")
        assert "completed [0." in ran() and tab.query_selector("#shown svg") is not None
        tab.select_option("#start", "start-orders")
        assert ran() == "12.0\n[[4.0, 2.0], [2.0, 0.0]]\n[8.0, 12.0, 12.0, 6.0, 0.0]\n"
        tab.select_option("#start", "start-picture")
        ran()
        assert "−3.209" in tab.text_content("#shown svg"), "laid out by the page"
        tab.fill(
            "#code",
            "from visualize import write_stepper\nfrom autograd_tiny import Value\nwrite_stepper(Value(2.0)**2, 'p.html')",
        )
        ran()
        assert within(tab).query_selector("#scrubber") is not None
        tab.fill("#code", "import __main__\n__main__.LIMIT = 1.0\ndef f():\n    while True:\n        pass\nf()")
        assert ran().endswith("TimeoutError: stopped after 1 seconds: is there a loop that does not end?\n")
        browser.close()
    assert [url for url in asked if not url.startswith(("file:", "blob:"))] == []
