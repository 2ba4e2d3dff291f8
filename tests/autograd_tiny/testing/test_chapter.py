"""docs/testing.md, run from top to bottom: its Python, and what it says that prints; and the plug-ins it relies on."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import _autograd_tiny_plugins as plugins
import nn
from autograd_tiny import Value, engine

pytestmark = pytest.mark.once

ROOT = Path(__file__).parent.parent.parent.parent
CHAPTER = (ROOT / "docs" / "testing.md").read_text()


@pytest.fixture
def as_a_reader(request: pytest.FixtureRequest) -> Iterator[None]:
    """In `make test-long` as many examples as Hypothesis draws for a reader of the chapter; the same each time.

    Nine tenths of the time of a failing property are its last phase, which asks what else could have failed as well,
    for a comment beside the example that the chapter does not show.
    """
    long = request.config.getoption("--long")
    phases = [phase for phase in Phase if long or phase is not Phase.explain]
    settings.register_profile(
        "reader", max_examples=100 if long else 25, deadline=None, derandomize=True, phases=phases
    )
    name = settings.get_current_profile_name()
    settings.load_profile("reader")
    yield
    settings.load_profile(name)


@pytest.mark.usefixtures("as_a_reader")
def test_the_chapter_runs_and_prints_what_it_says() -> None:
    session: dict[str, Any] = {"__name__": "chapter"}
    blocks = re.findall(r"```python\n(.*?)```(?:\n```text\n(.*?)```)?", CHAPTER, flags=re.DOTALL)
    assert len(blocks) == 16
    without_micrograd = importlib.util.find_spec("micrograd") is None
    for code, expected in blocks:
        if without_micrograd and ("micrograd" in code or "second_backward" in code):
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "testing.md", "exec"), session)
        shown = [line for line in printed.getvalue().splitlines() if "picture of the graph" not in line]
        shown, wanted = (
            [re.sub(r"\d\.\de-\d\d", "…", line) for line in lines] for lines in (shown, expected.splitlines())
        )
        assert shown == wanted, code


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", CHAPTER):
        assert (ROOT / "docs" / target).exists(), target


def test_types_can_be_drawn() -> None:
    plugins.register_types()

    @settings(max_examples=10, database=None, phases=[Phase.generate])
    @given(st.from_type(Value), st.from_type(nn.MLP))
    def draws(v: Value, model: nn.MLP) -> None:
        assert v.is_leaf
        assert model.parameters()

    draws()


def test_pytest_shows_the_engine_and_the_details(tmp_path: Path) -> None:
    (tmp_path / "test_wrong.py").write_text(
        "from autograd_tiny.testing import assert_gradients\n"
        "def test_cut():\n    assert_gradients(lambda x: x.data * x, 3.0)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "AUTOGRAD_TINY_ENGINE": engine}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:autograd_tiny"]
    run = lambda *more: (
        subprocess.run(
            [*command, *more, "test_wrong.py"], cwd=tmp_path, capture_output=True, text=True, env=environment
        ).stdout
    )
    shown = run("-p", "_autograd_tiny_plugins")
    assert re.search(rf"autograd_tiny \S+, {engine} engine", shown)
    assert "gradient check" in shown
    assert re.search(r"function: the lambda at test_wrong.py:3\ndisagreed: df/dx at x = 3.0", shown)
    without = run()
    assert "1 failed" in without
    assert "- gradient check -" not in without


def test_the_plug_in_module_does_not_import_the_package() -> None:
    code = "import sys, _autograd_tiny_plugins; print([m for m in sys.modules if m.startswith(('autograd_tiny', 'nn', 'mpmath', 'pytest', 'hypothesis'))])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


@pytest.mark.parametrize(
    "order",
    [
        "hypothesis, autograd_tiny, nn",
        "autograd_tiny, nn, hypothesis",
        "autograd_tiny, hypothesis, nn",
        "nn, hypothesis",
    ],
)
def test_types_are_drawn_whichever_is_imported_first(order: str) -> None:
    """Hypothesis alone imports nothing of ours."""
    code = (
        f"import hypothesis.strategies as st, {order}\n"
        "from autograd_tiny import Value\n"
        "import nn\n"
        "print(st.from_type(Value).wrapped_strategy.is_empty, st.from_type(nn.MLP).wrapped_strategy.is_empty)"
    )
    if order.startswith(("autograd_tiny", "nn")):
        code = code.replace(
            f"import hypothesis.strategies as st, {order}", f"import {order}, hypothesis.strategies as st"
        )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "False False\n", done.stderr


def test_hypothesis_imports_nothing_of_ours() -> None:
    code = "import sys, hypothesis.strategies; print([m for m in sys.modules if m in ('autograd_tiny', 'nn', 'numpy')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


def test_hypothesis_without_pytest_loads_the_plug_in_all_the_same() -> None:
    code = "import sys; sys.modules['pytest'] = None; import _autograd_tiny_plugins as p; p.register_types(); import hypothesis"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_header_does_not_import_the_package_either() -> None:
    code = (
        "import sys, types, _autograd_tiny_plugins as p\n"
        "config = types.SimpleNamespace(getoption=lambda name, default: default)\n"
        "print(p.pytest_report_header(config), [m for m in sys.modules if m.startswith('autograd_tiny')])"
    )
    environment = {**os.environ, "AUTOGRAD_TINY_ENGINE": engine}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env=environment)
    assert re.fullmatch(rf"autograd_tiny \d+\.\d+\.\d+, {engine} engine \[\]\n", done.stdout), done.stderr


@pytest.mark.parametrize("missing", ["hypothesis", "mpmath"])
def test_a_missing_library_names_the_extra(missing: str) -> None:
    code = (
        "import importlib.util as u; find = u.find_spec\n"
        f"u.find_spec = lambda name, *more: None if name == {missing!r} else find(name, *more)\n"
        "import autograd_tiny.testing"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert f"autograd_tiny.testing needs {missing}: pip install 'autograd-tiny[test]'" in done.stderr
