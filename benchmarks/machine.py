"""Where a run took place: machine, Python, versions of what was compared."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .harness import Contender


def processor() -> str:
    """The processor's model name, as the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def load() -> str:
    """How many processes wanted the processors over the last minute: above 0 before the start, spreads widen."""
    return f"{os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else "unknown"


def versions(contenders: Iterable[Contender]) -> list[str]:
    """Name and version of each package the contenders need, each once, in order."""
    modules = dict.fromkeys(contender.package.module for contender in contenders if contender.package)
    return [f"{module} {_version(module)}" for module in modules]


def _version(module: str) -> str:
    try:
        return version(module)
    except PackageNotFoundError:
        return "missing"


def describe(contenders: Iterable[Contender]) -> list[str]:
    """The lines that go above the tables."""
    python = f"{platform.python_implementation()} {platform.python_version()}, {platform.python_compiler()}"
    return [
        f"{processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        f"{python}; " + ", ".join(versions(contenders)),
    ]
