"""How the command ends: its exit status, what a wrong word gets, what a reader that goes away gets, and its help."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograd_tiny import NonFiniteError, Value
from autograd_tiny_cli import COMMANDS, demo, lesson, main, parser, told
from autograd_tiny_cli.libraries import need

pytestmark = pytest.mark.once

NAMES = [command.__name__.rpartition(".")[2] for command in COMMANDS]
COMMAND = [sys.executable, "-m", "autograd_tiny"]


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[Any, str, str]:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    said = capsys.readouterr()
    return stopped.value.code, said.out, said.err


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["dmo"], "autograd-tiny: there is no command 'dmo'; did you mean 'demo'?\n  options and an example: autograd-tiny --help\n"),
        (["xyz"], "autograd-tiny: there is no command 'xyz'; there are 'demo', 'train', 'predict', 'examples', 'lesson', 'step', 'playground', 'completion'\n  options and an example: autograd-tiny --help\n"),
        (["demo", "--seed", "x"], "autograd-tiny demo: --seed: got 'x': expected a whole number, such as 20\n  options and an example: autograd-tiny demo --help\n"),
        (["train", "--epochs", "1e3"], "autograd-tiny train: --epochs: got '1e3': expected a whole number, such as 20\n  options and an example: autograd-tiny train --help\n"),
        (["train", "--lr", "fast"], "autograd-tiny train: --lr: got 'fast': expected a number, such as 0.1\n  options and an example: autograd-tiny train --help\n"),
        (["predict"], "autograd-tiny predict: the following arguments are required: MODEL, DATA\n  options and an example: autograd-tiny predict --help\n"),
        (["lesson", "--fast"], "autograd-tiny: unrecognized arguments: --fast\n  options and an example: autograd-tiny --help\n"),
    ],
)  # fmt: skip
def test_2_for_what_is_not_understood(arguments: list[str], error: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(arguments, capsys) == (2, "", error)


def test_2_and_the_help_where_nothing_was_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(["--"], capsys)[0] == 2  # in other words from one Python to the next
    status, out, err = refused([], capsys)
    assert (status, out) == (2, "")
    assert all(re.search(rf"^ +{name}\s+\w", err, re.MULTILINE) for name in NAMES)


def test_0_for_help_with_an_example_that_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    for name in NAMES:
        status, out, err = refused([name, "--help"], capsys)
        assert (status, err) == (0, "")
        examples = re.split(r"^ *examples?\b", out, flags=re.MULTILINE)[-1]
        lines = re.findall(r"autograd-tiny (.*)", examples.replace(')"\n', "\n") if "$(" in examples else examples)
        assert lines, f"{name} --help has no example"
        for line in lines:
            assert parser().parse_args(shlex.split(line)).command == name
        assert max(map(len, out.splitlines())) <= 120
    status, out, err = refused(["--help"], capsys)
    assert (status, err) == (0, "")
    assert "example: autograd-tiny demo --out out" in out


def test_every_option_says_what_it_is_for() -> None:
    for action in parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                assert all(argument.help for argument in command._actions), name


def stop(options: argparse.Namespace) -> int:
    raise KeyboardInterrupt


def overflow(options: argparse.Namespace) -> int:
    return int(Value(-1.0, "x").log().data)


def test_130_for_a_key(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(lesson, "run", stop)
    assert main(["lesson"]) == 130
    assert capsys.readouterr().err == "\nautograd-tiny lesson: stopped\n"


def test_1_and_a_sentence_for_our_own_errors(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lesson, "run", overflow)
    assert main(["lesson"]) == 1
    said = capsys.readouterr()
    with pytest.raises(NonFiniteError) as error:
        overflow(argparse.Namespace())
    assert (said.out, said.err) == ("", f"autograd-tiny lesson: {error.value}\n")


def test_a_mistake_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lesson, "run", lambda options: {}["no such key"])
    with pytest.raises(KeyError):
        main(["lesson"])


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (FileNotFoundError(2, "No such file or directory", "/proc/x"), "'/proc/x': no such file or directory"),
        (PermissionError(13, "Permission denied", Path("a b")), "'a b': permission denied"),
        (OSError(28, "No space left on device"), "no space left on device"),
        (OSError("there is no file 'x'"), "there is no file 'x'"),
        (ValueError("two\nlines"), "two\nlines"),
        (ValueError(), "ValueError"),
        (ModuleNotFoundError("No module named 'rich'", name="rich"), "rich is missing here: pip install 'autograd-tiny'"),
        (ModuleNotFoundError("No module named 'side'", name="side"), "No module named 'side'"),
    ],
)  # fmt: skip
def test_what_is_told_of_an_error(error: Exception, words: str) -> None:
    assert told(error) == words


def test_the_demo_looks_for_its_libraries_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("sklearn", reason="the demo's data come from scikit-learn: extra `data`")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["demo", "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "autograd-tiny demo: matplotlib is missing here: pip install 'autograd-tiny[plot]'\n"
    assert not (tmp_path / "out").exists()
    need("json", "csv")
    assert demo.writable(tmp_path) == tmp_path


def surroundings() -> list[dict[str, str]]:
    """Where what is printed is written at the end, and where it is at once."""
    without = {name: text for name, text in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return [without, {**without, "PYTHONUNBUFFERED": "1"}]


@pytest.mark.parametrize("arguments", [["lesson"], ["--help"], ["step", "a*b", "a=2", "b=3", "--steps"], ["train"]])
def test_a_reader_that_goes_away_gets_no_complaint(arguments: list[str]) -> None:
    """As ``autograd-tiny lesson | head -0``: the pipe is closed before a line is written."""
    for environment in surroundings():
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "wb") as pipe:
            done = subprocess.run(
                [*COMMAND, *arguments], stdout=pipe, stderr=subprocess.PIPE, text=True, env=environment
            )
        assert done.stderr == ""
        assert done.returncode == 1 or "--help" in arguments  # argparse itself passes over what it cannot print


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_disk_is_a_sentence() -> None:
    for environment, who in zip(surroundings(), ("autograd-tiny", "autograd-tiny lesson"), strict=True):
        with open("/dev/full", "w") as full:
            done = subprocess.run([*COMMAND, "lesson"], stdout=full, stderr=subprocess.PIPE, text=True, env=environment)
        assert (done.returncode, done.stderr) == (1, f"{who}: no space left on device\n")


@pytest.mark.skipif(os.name == "nt", reason="the shell's >&- is meant")
def test_without_any_output_a_model_is_trained_all_the_same(tmp_path: Path) -> None:
    """As ``autograd-tiny train … >&-``, or under pythonw."""
    (tmp_path / "data.csv").write_text("x,y\n" + "".join(f"{i % 7},{'ab'[i % 7 > 3]}\n" for i in range(30)))
    words = [*COMMAND, "train", "data.csv", "--target", "y", "--epochs", "2", "--out", "m.safetensors"]
    done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *words], stderr=subprocess.PIPE, text=True, cwd=tmp_path,
                          env={**os.environ, "PYTHONPATH": os.pathsep.join([os.getcwd(), *sys.path])})  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "m.safetensors").exists()


WRITING = [
    "train data.csv --target y --epochs 2 --out written",
    "predict model.safetensors data.csv --out written",
    "step a*b a=2 b=3 --steps --html written",
    "step a*b a=2 b=3 --json --svg written",
]


def folder_with_a_model(folder: Path) -> None:
    (folder / "data.csv").write_text("x,y\n" + "".join(f"{i % 7},{'ab'[i % 7 > 3]}\n" for i in range(30)))
    words = ["train", str(folder / "data.csv"), "--target", "y", "--epochs", "1", "--out"]
    assert main([*words, str(folder / "model.safetensors")]) == 0


@pytest.mark.parametrize("line", WRITING)
@pytest.mark.parametrize("unread", ["stdout", "both"])
def test_a_reader_that_goes_away_does_not_keep_a_file_from_being_written(
    line: str, unread: str, tmp_path: Path
) -> None:
    """As ``autograd-tiny train … | head -1``, and ``2>&1 |``: hours of training are not lost with the line that told of
    them.
    """
    folder_with_a_model(tmp_path)
    for environment in surroundings():
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "wb") as pipe:
            done = subprocess.run(
                [*COMMAND, *line.split()], stdout=pipe, stderr=pipe if unread == "both" else subprocess.PIPE,
                cwd=tmp_path, env={**environment, "PYTHONPATH": os.pathsep.join([os.getcwd(), *sys.path])},
            )  # fmt: skip
        written = tmp_path / "written"
        assert (done.returncode, written.exists()) == (0, True)
        assert b"Error" not in (done.stderr or b"") and b"Exception" not in (done.stderr or b"")
        written.unlink()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_disk_for_what_is_printed_does_not_keep_a_model_from_being_written(tmp_path: Path) -> None:
    folder_with_a_model(tmp_path)
    words = [*COMMAND, *["train", "data.csv", "--target", "y", "--epochs", "2", "--out", "written"]]
    for environment in surroundings():
        with open("/dev/full", "w") as full:
            done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
                                  env={**environment, "PYTHONPATH": os.pathsep.join([os.getcwd(), *sys.path])})  # fmt: skip
        assert (done.returncode, done.stderr) == (1, "autograd-tiny train: no space left on device\n")
        (tmp_path / "written").unlink()


def test_nothing_warns_on_import() -> None:
    code = "import autograd_tiny, nn, visualize, autograd_tiny_cli, autograd_tiny.testing, autograd_tiny.compiler"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
