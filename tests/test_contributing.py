"""CONTRIBUTING.md: its drawing has every folder, its diff adds a primitive, its commands exist."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import ask_for
from tools.floors import PACKAGES

pytestmark = pytest.mark.once  # what runs the engine here does so in processes of their own
ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_drawing_has_every_folder() -> None:
    picture = TEXT.partition("<!-- the house")[2].partition("<!-- end")[0]
    for package in PACKAGES:
        for path in (ROOT / package).rglob("__init__.py"):
            assert f"{path.parent.name}/ " in picture


def test_the_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"\bmake ([a-z-]+)", TEXT):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for path in re.findall(r"(?<![\w/])tests/[\w/]+(?:\.py)?", TEXT):
        assert (ROOT / path).exists(), path


@pytest.fixture(scope="module")
def with_softsign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources to which the diff was applied, and `make generate` run."""
    pytest.importorskip("ruff", reason="make generate lays its files out with ruff: extra `dev`")
    ask_for("git")
    folder = tmp_path_factory.mktemp("contributing")
    for name in (*PACKAGES, "tools", "tests", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    for name in ("pyproject.toml", "_autograd_tiny_plugins.py", "CONTRIBUTING.md"):
        shutil.copy(ROOT / name, folder / name)
    [diff] = re.findall(r"```diff\n(.*?)```", TEXT, re.DOTALL)
    done = subprocess.run(["git", "apply", "--verbose"], cwd=folder, input=diff, capture_output=True, text=True)
    assert done.returncode == 0, f"the diff no longer fits ops.py: {done.stderr}"
    run(folder, "tools/generate.py")
    return folder


def run(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(folder), "AUTOGRAD_TINY_ENGINE": "python"}
    done = subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def test_the_diff_adds_a_primitive(with_softsign: Path) -> None:
    package = with_softsign / "autograd_tiny"
    assert "def softsign(self) -> Value:" in (package / "core" / "_operations.py").read_text()
    assert "def softsign(x: Value) -> Value: ..." in (package / "derivatives" / "functions.pyi").read_text()
    code = """if True:
        import autograd_tiny as ad, nn
        x = ad.Value(3.0, "x")
        y = x.softsign()
        y.backward()
        print(y.data, x.grad, ad.softsign(-3.0), nn.activations.Softsign()(3.0), ad.explain(y, x))
    """
    said = run(with_softsign, "-c", code)
    assert said.startswith("0.75 0.0625 -0.75 0.75 ∂y/∂x")


def test_the_suite_finds_the_new_row(with_softsign: Path) -> None:
    tests = ["tests/autograd_tiny/table/test_primitives.py", "-k", "softsign", "-p", "no:cacheprovider", "-v"]
    passed = re.search(r"(\d+) passed", run(with_softsign, "-m", "pytest", *tests))
    assert passed is not None
    assert int(passed[1]) >= 2
