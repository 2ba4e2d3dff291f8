"""What goes into the source distribution and into a wheel: every file is accounted for, none is there by chance."""

from __future__ import annotations

import shutil
import sys
import tarfile
from collections.abc import Callable
from email.parser import Parser
from pathlib import Path

import pytest

import autograd_tiny

from .conftest import ALONE, of_the_examples, of_the_packages

pytestmark = pytest.mark.skipif(autograd_tiny.engine != "python", reason="once is enough")

METADATA = {"PKG-INFO", "setup.cfg", *(f"autograd_tiny.egg-info/{name}" for name in (
    "PKG-INFO", "SOURCES.txt", "dependency_links.txt", "entry_points.txt", "requires.txt", "top_level.txt"))}  # fmt: skip


@pytest.fixture(scope="module")
def unpacked(sdist: Path) -> Path:
    with tarfile.open(sdist) as archive:
        trusted = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # 3.11 has it from 3.11.4 on
        archive.extractall(sdist.parent, **trusted)
    return sdist.parent / sdist.name.removesuffix(".tar.gz")


def test_the_sdist_is_what_a_build_needs(checkout: Path, unpacked: Path) -> None:
    files = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    engine = {
        path.relative_to(checkout).as_posix()
        for path in (checkout / "autograd_tiny").rglob("*")
        if path.suffix in (".pyx", ".pxi", ".h")
    }
    assert len(engine) > 4
    assert files == METADATA | set(ALONE) | engine | of_the_packages(checkout) | of_the_examples(checkout)


@pytest.mark.long
def test_an_sdist_packed_again_has_the_same_bytes(
    checkout: Path, sdist: Path, tmp_path: Path, run: Callable[..., str]
) -> None:
    """From another folder, by files of another time."""
    copy = tmp_path / "elsewhere"
    shutil.copytree(checkout, copy, ignore=shutil.ignore_patterns("build", "*.egg-info"), copy_function=shutil.copyfile)
    code = "from setuptools import build_meta; print(build_meta.build_sdist('../dist'))"
    again = tmp_path / "dist" / run(sys.executable, "-c", code, cwd=copy).split()[-1]
    assert again.read_bytes() == sdist.read_bytes()
    with tarfile.open(sdist) as archive:
        entries = archive.getmembers()
    assert {(entry.uid, entry.gid, entry.uname, entry.mtime) for entry in entries} == {(0, 0, "", 1767225600)}


def test_the_metadata(unpacked: Path) -> None:
    info = Parser().parsestr((unpacked / "PKG-INFO").read_text(encoding="utf-8"))
    assert (info["Name"], info["License-Expression"], info["License-File"]) == ("autograd-tiny", "MIT", "LICENSE")
    assert info["Requires-Python"] == ">=3.11"
    always = [line for line in info.get_all("Requires-Dist", []) if "extra" not in line]
    assert always == ["graphviz>=0.20", "rich>=13"]
    entries = (unpacked / "autograd_tiny.egg-info" / "entry_points.txt").read_text()
    assert "autograd-tiny = autograd_tiny_cli:main" in entries
    assert "[hypothesis]" in entries
    assert "[pytest11]" in entries


def test_the_plain_part_of_a_wheel(checkout: Path, tmp_path: Path, run: Callable[..., str]) -> None:
    """Built twice, the second time over what is left of the first and of an older one."""
    left = tmp_path / "lib" / "nn" / "a_module_of_last_year.py"
    expected = of_the_packages(checkout) | {f"autograd_tiny_cli/_{name}" for name in of_the_examples(checkout)}
    for _ in range(2):
        left.parent.mkdir(parents=True, exist_ok=True)
        left.write_text("x = 1")
        run(
            sys.executable,
            "setup.py",
            "-q",
            "build_py",
            "--build-lib",
            tmp_path / "lib",
            cwd=checkout,
            AUTOGRAD_TINY_PURE="1",
        )
        files = {
            path.relative_to(tmp_path / "lib").as_posix() for path in (tmp_path / "lib").rglob("*") if path.is_file()
        }
        assert files == expected
    for name in ("autograd_tiny/py.typed", "nn/py.typed", "visualize/py.typed", "autograd_tiny/derivatives/functions.pyi",
                 "visualize/page/stepper.html", "autograd_tiny_cli/_examples/lessons/symmetry.py",
                 "_autograd_tiny_plugins.py"):  # fmt: skip
        assert name in files
