"""What pytest and Hypothesis find by entry point: the header, the details of a failed check, types to draw.

A module of its own, outside the package: both tools import it as they start, before any conftest has chosen an
engine and before coverage is measured, so it must not import the package, nor pytest where Hypothesis runs alone.
`autograd_tiny.testing` has the substance. To be installed costs other projects' tests 2 ms.

    pytest --check-engine my.module:Value      every operation of an engine as a test
    pytest -p no:autograd_tiny                 does without it
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any


def hook(**options: bool) -> Callable[[Any], Any]:
    """`pytest.hookimpl`, which leaves its options in this place."""

    def marked(function: Any) -> Any:
        function.pytest_impl = options
        return function

    return marked


def pytest_report_header(config: Any) -> str | None:
    """``autograd_tiny 0.1.0, compiled engine; Hypothesis profile default, seed 7``."""
    found = _version_and_engine()
    if found is None:
        return None
    if isinstance(found, str):
        return found
    header = f"autograd_tiny {found[0]}, {found[1]} engine"
    hypothesis = sys.modules.get("hypothesis")
    if hypothesis is not None:
        profile = config.getoption("--hypothesis-profile", None)
        profile = profile or getattr(hypothesis.settings, "_current_profile", None) or "default"
        seed = config.getoption("--hypothesis-seed", None)
        seeded = "fixed by derandomize" if hypothesis.settings().derandomize else "random" if seed is None else seed
        header += f"; Hypothesis profile {profile}, seed {seeded}"
    return header


def pytest_addoption(parser: Any) -> None:
    """``--check-engine module:Class``."""
    parser.getgroup("autograd_tiny").addoption(
        "--check-engine",
        action="append",
        default=[],
        metavar="MODULE:CLASS",
        help="test an autodiff engine: each operation of its class of values (or Adapter), and how they work together",
    )


def _version_and_engine() -> tuple[str, str] | str | None:
    """Which package there is, without importing it where nobody has yet: other projects' tests start as they did."""
    module = sys.modules.get("autograd_tiny")
    if module is not None and hasattr(module, "engine"):
        return module.__version__, module.engine
    spec = importlib.util.find_spec("autograd_tiny")
    if spec is None or spec.origin is None:
        return None
    built = any(path.suffix in (".so", ".pyd") for path in (Path(spec.origin).parent / "core").glob("_engine.*"))
    asked = os.environ.get("AUTOGRAD_TINY_ENGINE") or ("compiled" if built else "python")
    if asked not in ("python", "compiled") or (asked == "compiled" and not built):
        try:
            importlib.import_module("autograd_tiny")
        except ImportError as error:  # such as the compiled engine being asked for where it is not built
            return f"autograd_tiny: {error}"
    version = re.search(r'^__version__ = "(.+)"', Path(spec.origin).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return version.group(1) if version else "", asked


@hook(trylast=True)
def pytest_collection_modifyitems(session: Any, config: Any, items: list[Any]) -> None:
    """A test for each row of the table that `check_engine` gives of an engine that was asked about."""
    for spec in config.getoption("--check-engine", None) or ():
        items.extend(_engine_items(session, spec))


def _engine_items(session: Any, spec: str) -> list[Any]:
    import pytest

    from autograd_tiny.testing import check_engine

    module, _, name = spec.partition(":")
    sys.path.insert(0, str(session.config.invocation_params.dir))
    try:
        engine = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        hint = "expected module:Class, such as micrograd.engine:Value"
        raise pytest.UsageError(f"--check-engine {spec}: {hint} ({error})") from None
    finally:
        sys.path.pop(0)
    report = check_engine(engine, show=False)

    class Row(pytest.Item):
        """One operation or behaviour."""

        row: Any

        def runtest(self) -> None:
            row = self.row
            if row.status == "wrong":
                pytest.fail(f"{row.name}: {row.note}", pytrace=False)
            if row.status != "right":
                pytest.skip(f"{row.status}: {row.note}" if row.note else row.status)

        def reportinfo(self) -> tuple[str, int | None, str]:
            return spec, None, f"check_engine {spec}: {self.row.name}"

    made = []
    for row in report.rows:
        item = Row.from_parent(session, name=f"check_engine[{report.engine}: {row.name}]")
        item.row = row
        made.append(item)
    return made


@hook(wrapper=True)
def pytest_runtest_makereport(item: Any, call: Any) -> Generator[None, Any, Any]:
    """A section with the expression as Python, the verdicts and the picture, on a test that a check made fail."""
    report = yield
    verdicts = sys.modules.get("autograd_tiny.testing.verdicts")
    if verdicts is not None and call.excinfo is not None and isinstance(call.excinfo.value, verdicts.GradientError):
        details = call.excinfo.value.report
        str(call.excinfo.value)  # which draws the picture
        lines = [f"function: {details.case.title}", *str(details).splitlines()]
        if details.picture:
            lines.append(f"picture: {details.picture}")
        report.sections.append(("gradient check", "\n".join(lines)))
        report.user_properties.append(("gradient_picture", details.picture))
    return report


def register_types() -> None:
    """``st.from_type(Value)`` and ``st.from_type(nn.MLP)``, of the packages that are imported.

    Hypothesis calls this when it is imported itself, and a package that is imported later does.
    """
    value = getattr(sys.modules.get("autograd_tiny"), "Value", None)
    mlp = getattr(sys.modules.get("nn"), "MLP", None)
    if value is None and mlp is None:
        return
    from hypothesis import strategies as st

    def values(_: Any) -> Any:
        from autograd_tiny.testing import values

        return values()

    def mlps(_: Any) -> Any:
        from autograd_tiny.testing import mlps

        return mlps()

    if value is not None:
        st.register_type_strategy(value, values)
    if mlp is not None:
        st.register_type_strategy(mlp, mlps)
