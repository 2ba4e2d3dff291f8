"""A wheel made from the source distribution, and a clone, each installed where there is nothing else of ours."""

from __future__ import annotations

import os
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import autograd_tiny

from .conftest import of_the_examples, of_the_packages

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(autograd_tiny.engine != "compiled", reason="compiles an engine of its own: once is enough"),
]
Run = Callable[..., str]


@pytest.fixture(scope="module")
def wheel(sdist: Path, run: Run) -> Path:
    folder = sdist.parent / "wheels"
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", folder]
    run(*pip, sdist, cwd=sdist.parent, AUTOGRAD_TINY_REQUIRE_COMPILED="1")
    [made] = folder.iterdir()
    return made


def test_a_wheel_built_again_has_the_same_bytes(wheel: Path, sdist: Path, tmp_path: Path, run: Run) -> None:
    """In another folder, since pip unpacks the sources into one of its own, and by somebody more careful."""
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", tmp_path]
    usual = os.umask(0o077)
    try:
        run(*pip, sdist, cwd=tmp_path, AUTOGRAD_TINY_REQUIRE_COMPILED="1")
    finally:
        os.umask(usual)
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


def environment(folder: Path, run: Run) -> Path:
    """The folder of programs of a fresh environment. The libraries come from the running one, by a path without hooks:
    what is installed there in editable form is not seen.
    """
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent)
    site = next(folder.glob("lib/python*/site-packages"))
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    return folder / "bin"


def install(bin: Path, run: Run, *what: str | Path) -> None:
    pip = [sys.executable, "-m", "pip", "--python", bin / "python", "install", "--quiet", "--ignore-installed"]
    run(*pip, "--no-deps", "--no-build-isolation", *what, cwd=bin.parent)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory, run: Run) -> Path:
    bin = environment(tmp_path_factory.mktemp("installed") / "venv", run)
    install(bin, run, wheel)
    return bin


def test_a_wheel_holds_the_packages_the_engine_and_the_examples(wheel: Path, checkout: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    about = {name for name in names if name.startswith("autograd_tiny-") and ".dist-info/" in name}
    assert {name.partition("/")[2] for name in about} == {
        "METADATA", "WHEEL", "RECORD", "entry_points.txt", "top_level.txt", "licenses/LICENSE"}  # fmt: skip
    built = {name for name in names if name.endswith((".so", ".pyd"))}
    assert {name.partition(".")[0] for name in built} == {
        path.relative_to(checkout).with_suffix("").as_posix() for path in (checkout / "autograd_tiny").rglob("*.pyx")
    }
    examples = {f"autograd_tiny_cli/_{name}" for name in of_the_examples(checkout)}
    assert names - about - built == of_the_packages(checkout) | examples


def test_an_installed_wheel_computes_draws_and_has_its_lessons(installed: Path, tmp_path: Path, run: Run) -> None:
    code = """if True:
        import autograd_tiny as ad, nn, visualize
        x = ad.Value(3.0)
        (x * x).backward()
        visualize.write_stepper(x * x, "page.html")
        print(ad.__file__, nn.__file__, visualize.__file__, ad.engine, x.grad)
    """
    *files, engine, gradient = run(installed / "python", "-c", code, cwd=tmp_path).split()
    assert all(Path(file).is_relative_to(installed.parent) for file in files)
    assert (engine, gradient) == ("compiled", "6.0")
    assert "<script>" in (tmp_path / "page.html").read_text()

    command = installed / "autograd-tiny"
    said = run(command, "lesson", "symmetry", cwd=tmp_path)
    assert said.startswith("SYMMETRY: ")
    assert str(installed.parent) in said.splitlines()[-1]
    assert "  digits  " in run(command, "train", cwd=tmp_path)
    assert "epoch 1/1" in run(command, "train", "two_layer_net", "--epochs", "1", cwd=tmp_path)
    assert "digits" in run(command, "completion", "bash", cwd=tmp_path)
    assert "compiled engine" in run(command, "--version", cwd=tmp_path)


def test_a_type_checker_finds_the_types(installed: Path, tmp_path: Path, run: Run) -> None:
    pytest.importorskip("mypy", reason="asks mypy: extra `dev`")
    (tmp_path / "mine.py").write_text(
        "import autograd_tiny as ad, nn\nreveal_type(ad.tanh(ad.Value(1.0)))\nnn.MLP(2, [1])\n"
    )
    mypy = [sys.executable, "-m", "mypy", "--strict", "--python-executable", installed / "python"]
    said = run(*mypy, "--cache-dir", tmp_path / "cache", "mine.py", cwd=tmp_path)
    assert 'Revealed type is "autograd_tiny' in said
    assert ".Value" in said


def test_a_clone_in_editable_form_uses_its_own_folder(checkout: Path, tmp_path: Path, run: Run) -> None:
    bin = environment(tmp_path / "venv", run)
    install(bin, run, "-e", checkout)
    said = run(bin / "autograd-tiny", "lesson", "symmetry", cwd=tmp_path)
    assert said.splitlines()[-1] == f"The lesson's code: {checkout / 'examples' / 'lessons' / 'symmetry.py'}"
    assert not (checkout / "autograd_tiny_cli" / "_examples").exists()
    assert "  digits  " in run(bin / "autograd-tiny", "train", cwd=tmp_path)
