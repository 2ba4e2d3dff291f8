"""A copy of the sources to build from, with what a working folder collects lying about in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("autograd_tiny", "nn", "visualize", "autograd_tiny_cli")
ALONE = ("LICENSE", "README.md", "CHANGELOG.md", "CITATION.cff", "MANIFEST.in", "pyproject.toml", "setup.py",
         "_autograd_tiny_plugins.py")  # fmt: skip

STRAY = (
    "build/engine/other.c",
    "build/lib/autograd_tiny/from_an_earlier_build.py",
    "autograd_tiny/core/_engine.cpython-39-aarch64-linux-gnu.so",
    "autograd_tiny/table/__pycache__/ops.cpython-311.pyc",
    "autograd_tiny/notes.txt",
    "examples/__pycache__/gpt.cpython-311.pyc",
    "examples/lessons/out.svg",
    "tests/test_stray.py",
    "tests/nn/test_stray.py",
    "docs/index.md",
    "site/index.html",
    "notebooks/backprop_by_hand.ipynb",
    "benchmarks/__init__.py",
    "tools/generate.py",
    "out/index.html",
    ".hypothesis/examples/x",
    ".venv/lib/python3.11/site-packages/some.py",
)
"""Files of a working folder that are nobody's business but its owner's."""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources, nothing built, and the stray files."""
    pytest.importorskip("setuptools", minversion="77", reason="builds with it: extra `dev`")
    pytest.importorskip("Cython", reason="builds with it: extra `dev`")
    folder = tmp_path_factory.mktemp("packaging") / "checkout"
    for name in (*PACKAGES, "examples"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    for name in ALONE:
        shutil.copy(ROOT / name, folder / name)
    for name in STRAY:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("stray")
    return folder


@pytest.fixture(scope="session")
def run() -> Callable[..., str]:
    """Run a command in a folder; what it printed, both streams. No cache is used and nothing fetched."""

    def run(*command: str | Path, cwd: Path, **environment: str) -> str:
        offline = {"PIP_NO_INDEX": "1", "PIP_NO_CACHE_DIR": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("PYTHON", "AUTOGRAD_TINY"))}
        done = subprocess.run(
            list(map(str, command)), cwd=cwd, env={**kept, **offline, **environment}, timeout=600,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-3000:]
        return done.stdout

    return run


@pytest.fixture(scope="module")
def sdist(checkout: Path, run: Callable[..., str]) -> Path:
    """The source distribution. A warning of setuptools that something will stop working is an error here."""
    code = "from setuptools import build_meta; print(build_meta.build_sdist('../dist'))"
    said = run(sys.executable, "-c", code, cwd=checkout)
    assert "Deprecat" not in said, said
    return checkout.parent / "dist" / said.split()[-1]


def of_the_packages(folder: Path) -> set[str]:
    """What a wheel has of the packages: all that stands in them but what the compiled engine is made of, and strays."""
    sources = (".pyx", ".pxi", ".h", ".so", ".pyc")
    found = {path.relative_to(folder).as_posix() for name in PACKAGES for path in (folder / name).rglob("*.*")}
    return {name for name in found if not name.endswith(sources) and name not in STRAY} | {"_autograd_tiny_plugins.py"}


def of_the_examples(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in (folder / "examples").rglob("*")
        if path.suffix in (".py", ".toml")
    }
