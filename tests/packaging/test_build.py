"""Installing: with no C compiler at all, and the whole suite under AddressSanitizer. Minutes, so ``make test-long``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import autograd_tiny

pytestmark = pytest.mark.long
ROOT = Path(__file__).parent.parent.parent
SOURCES = (
    "autograd_tiny", "autograd_tiny_cli", "nn", "visualize", "examples", "docs", "tests", "_autograd_tiny_plugins.py", "setup.py", "pyproject.toml",
    "MANIFEST.in", "README.md", "LICENSE",
)  # fmt: skip


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The sources without anything built."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=1500,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.skipif(autograd_tiny.engine != "python", reason="once is enough")
def test_without_a_compiler_the_plain_engine_is_installed(checkout: Path, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    run(sys.executable, "-m", "venv", venv, cwd=tmp_path)
    run(venv / "bin" / "pip", "install", "--quiet", checkout, cwd=tmp_path, CC="/bin/false", CXX="/bin/false")
    code = "import autograd_tiny as ad; print(ad.engine, ad.grad(ad.grad(lambda x: x**3))(2.0))"
    assert run(venv / "bin" / "python", "-c", code, cwd=tmp_path, AUTOGRAD_TINY_ENGINE="") == "python 12.0\n"


@pytest.mark.skipif(autograd_tiny.engine != "python", reason="once is enough")
def test_the_wheel_and_the_sdist_hold_what_they_must(checkout: Path, tmp_path: Path) -> None:
    """Every module, the plug-ins that pytest and Hypothesis look for, the engine's source; no tests, no docs."""
    plain = {"CC": "/bin/false", "CXX": "/bin/false"}  # what is packed is the same with an engine, and quicker without
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps")
    run(*pip, "--no-build-isolation", "--wheel-dir", tmp_path, ".", cwd=checkout, **plain)
    run(sys.executable, "-W", "ignore", "setup.py", "-q", "sdist", "--dist-dir", tmp_path, cwd=checkout, **plain)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        packed = set(wheel.namelist())
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as sdist:
        sent = {name.partition("/")[2] for name in sdist.getnames()}
    modules = {str(path.relative_to(checkout)) for package in ("autograd_tiny", "autograd_tiny_cli", "nn", "visualize")
               for path in (checkout / package).rglob("*.py")} | {"_autograd_tiny_plugins.py"}  # fmt: skip
    assert modules <= packed
    assert modules <= sent
    assert {str(path.relative_to(checkout)) for path in (checkout / "autograd_tiny").rglob("*.p[xy]*")} <= sent
    assert {"setup.py", "pyproject.toml", "LICENSE", "README.md"} <= sent
    assert not {name.split("/")[0] for name in packed} & {"tests", "docs", "examples"}
    assert not {name.split("/")[0] for name in sent} & {"tests", "docs"}


@pytest.mark.skipif(autograd_tiny.engine != "compiled", reason="looks at the compiled engine")
def test_the_suite_is_clean_under_address_sanitizer(checkout: Path) -> None:
    """Freed nodes really freed (no spare ones kept), every access checked."""
    library = subprocess.run(["cc", "-print-file-name=libasan.so"], capture_output=True, text=True).stdout.strip()
    if not os.path.isabs(library):
        pytest.skip("the C compiler has no AddressSanitizer")
    engine = checkout / "autograd_tiny" / "core" / "_engine.pyx"
    text = engine.read_text()
    assert "SPARE_NODES = 1 << 17" in text
    assert "SPARE_BYTES = 128 << 20" in text
    engine.write_text(
        text.replace("SPARE_NODES = 1 << 17", "SPARE_NODES = 0").replace("SPARE_BYTES = 128 << 20", "SPARE_BYTES = 0")
    )
    flags = "-fsanitize=address -fno-omit-frame-pointer -g -O1"
    build = ("-W", "ignore", "setup.py", "-q", "build_ext", "--inplace")
    run(
        sys.executable,
        *build,
        cwd=checkout,
        CFLAGS=flags,
        LDFLAGS="-fsanitize=address",
        AUTOGRAD_TINY_REQUIRE_COMPILED="1",
    )
    said = run(
        sys.executable, "-m", "pytest", "-n", "2", "-p", "no:cacheprovider", "tests/autograd_tiny/core", "tests/autograd_tiny/compiler",
        "--deselect", "tests/autograd_tiny/core/test_engines.py::test_adding_a_row_and_rebuilding_gives_a_compiled_primitive",
        "--deselect", "tests/autograd_tiny/core/test_robustness.py::test_a_million_rounds_leak_nothing",
        "--deselect", "tests/autograd_tiny/core/test_engines.py::test_ten_million_in_a_chain_and_a_million_in_a_sum",
        "--ignore", "tests/test_house.py", "--ignore", "tests/autograd_tiny/core/test_torch.py",
        cwd=checkout, LD_PRELOAD=library, ASAN_OPTIONS="detect_leaks=0", PYTHONMALLOC="malloc",
        AUTOGRAD_TINY_ENGINE="compiled",
    )  # fmt: skip
    assert " passed" in said
