"""What every test run shares: Hypothesis profiles, the ``--long`` switch. The header is our plug-in's, once installed."""

from __future__ import annotations

import gc
import os
import re
from collections import Counter
from collections.abc import Generator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from _pytest.doctest import DoctestModule
from hypothesis import HealthCheck, settings

import autograd_tiny

# No deadline: a garbage collection in the middle of an example is not a failure. In CI the examples are the
# same every time, so that a red run is the fault of the change that it tests.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=25)
settings.register_profile("ci", parent=settings.get_profile("default"), derandomize=True)
settings.register_profile("long", parent=settings.get_profile("default"), max_examples=2000)


ONCE = "nothing of it depends on the engine: run on the compiled one, by make test-long on both"
ONCE_THROUGHOUT = re.compile(r"^pytestmark = \[?(pytest\.mark\.once|IN_BROWSER)\b", re.MULTILINE)


def runs_once(config: pytest.Config) -> bool:
    """Whether what no engine has a part in is left to the run on the compiled one."""
    built = find_spec("autograd_tiny.core._engine") is not None
    return built and autograd_tiny.engine == "python" and not config.getoption("--long")


def is_once_throughout(path: Path) -> bool:
    """Whether all tests of a file are marked once: it is not even read then, nor are the libraries that it imports."""
    name = path.name
    return name.startswith("test_") and name.endswith(".py") and bool(ONCE_THROUGHOUT.search(path.read_text("utf-8")))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    asked = any(collection_path.name in argument for argument in config.args)
    return True if not asked and runs_once(config) and is_once_throughout(collection_path) else None


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Files of tests are not searched for doctests: there are none, and it takes as long as collecting the tests."""
    found = yield
    return [c for c in found if not (isinstance(c, DoctestModule) and file_path.name.startswith("test_"))]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the tests marked long, and 2,000 examples a property")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """What was skipped: how often, and why, one line a reason."""
    if runs_once(config):
        count = sum(map(is_once_throughout, Path(__file__).parent.rglob("test_*.py")))
        terminalreporter.write_line(f"{count:5,} files not read: {ONCE}")
    reasons = Counter(
        str(report.longrepr[2]).removeprefix("Skipped: ")
        if isinstance(report.longrepr, tuple)
        else str(report.longrepr)
        for report in terminalreporter.stats.get("skipped", [])
    )
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count:5,} skipped: {reason}")


def pytest_configure(config: pytest.Config) -> None:
    name = "long" if config.getoption("--long") else "ci" if os.environ.get("CI") else "default"
    if runs_once(config):  # most of what a property is of, both engines share
        settings.register_profile(f"{name}-plain", parent=settings.get_profile(name), max_examples=12)
        name += "-plain"
    settings.load_profile(name)


def pytest_collection_finish() -> None:
    """The ten thousand tests stay to the end: the garbage collector need not look at them again and again."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--long"):
        skipped = {"long": "takes minutes: make test-long"}
        if runs_once(config):
            skipped["once"] = ONCE
        for item in items:
            for marker, reason in skipped.items():
                if marker in item.keywords:
                    item.add_marker(pytest.mark.skip(reason=reason))
