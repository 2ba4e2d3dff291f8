"""What every test run shares: Hypothesis profiles, the ``--long`` switch. The header is our plug-in's, once installed."""

from __future__ import annotations

import gc
import os
from collections import Counter
from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

import autograd_tiny

# No deadline: a garbage collection in the middle of an example is not a failure. In CI the examples are the
# same every time, so that a red run is the fault of the change that it tests.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=25)
settings.register_profile("ci", parent=settings.get_profile("default"), derandomize=True)
settings.register_profile("long", parent=settings.get_profile("default"), max_examples=2000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the tests marked long, and 2,000 examples a property")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What was skipped: how often, and why, one line a reason."""
    reasons = Counter(
        str(report.longrepr[2]).removeprefix("Skipped: ")
        if isinstance(report.longrepr, tuple)
        else str(report.longrepr)
        for report in terminalreporter.stats.get("skipped", [])
    )
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count:5,} skipped: {reason}")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("long" if config.getoption("--long") else "ci" if os.environ.get("CI") else "default")


def pytest_collection_finish() -> None:
    """The ten thousand tests stay to the end: the garbage collector need not look at them again and again."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--long"):
        skipped = {"long": "takes minutes: make test-long"}
        if autograd_tiny.engine == "python" and find_spec("autograd_tiny.core._engine"):
            skipped["once"] = "nothing of it depends on the engine: run on the compiled one, by make test-long on both"
        for item in items:
            for marker, reason in skipped.items():
                if marker in item.keywords:
                    item.add_marker(pytest.mark.skip(reason=reason))
