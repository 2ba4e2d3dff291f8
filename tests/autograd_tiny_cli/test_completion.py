"""``autograd-tiny completion``: each shell is asked what it would offer, on lines as one types them."""

from __future__ import annotations

import argparse
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograd_tiny_cli import examples, lesson, main, parser
from autograd_tiny_cli.completion import SHELLS, script
from tests.needs import ask_for, needs

pytestmark = pytest.mark.once

pytest.importorskip("shtab", reason="which writes the scripts: extra `completion`")

COMMANDS = next(action.choices for action in parser()._actions if isinstance(action, argparse._SubParsersAction))
NAMES = list(COMMANDS)
LESSONS = list(lesson.files())

BASH = """
source ./script
ask() {
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
    _autograd_tiny
    printf '%s\\n' "${COMPREPLY[@]}"; echo --
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a script for each shell, and two files to be offered."""
    for shell in SHELLS:
        (tmp_path / shell).mkdir()
        (tmp_path / shell / "script").write_text(script(parser(), shell), encoding="utf-8")
        (tmp_path / shell / "my data.csv").write_text("")
        (tmp_path / shell / "tables").mkdir()
    return tmp_path


def bash(folder: Path, *lines: list[str]) -> list[list[str]]:
    """What bash offers for the last word of each line."""
    asked = "\n".join("ask " + " ".join(f"'{word}'" for word in ["autograd-tiny", *line]) for line in lines)
    done = subprocess.run(["bash", "--norc", "-c", BASH + asked], cwd=folder / "bash", capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return [[word for word in part.splitlines() if word] for part in done.stdout.split("--\n")[:-1]]


def options(name: str) -> list[str]:
    return [option for action in COMMANDS[name]._actions for option in action.option_strings]


needs_bash = needs("bash")
FILES = ["my data.csv", "script", "tables"]


@needs_bash
def test_bash_offers_commands_options_names_and_files(folder: Path) -> None:
    cases: list[tuple[list[str], list[str]]] = [
        ([""], NAMES),
        (["pre"], ["predict"]),
        (["--v"], ["--version"]),
        (["zzz"], []),
        (["lesson", ""], LESSONS),
        (["lesson", "sym"], ["symmetry"]),
        (["lesson", "symmetry", ""], []),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["train", "--task", ""], ["classify", "regress"]),
        (["train", "--task", "=", "r"], ["regress"]),
        (["train", "--task", "="], ["classify", "regress"]),
        (["train", "--seed", ""], []),
        (["train", "--seed", "3", "my"], ["my data.csv"]),
        (["train", "--seed", "=", "3", "my"], ["my data.csv"]),
        (["train", "dig"], ["digits"]),
        (["train", "x.csv", ""], []),
        (["train", "--skip-bad-rows", "gp"], ["gpt"]),
        (["predict", "--out", ""], FILES),
        (["predict", ""], FILES),
        (["predict", "my d"], ["my data.csv"]),
        (["predict", "--out", "=", "my"], ["my data.csv"]),
        (["predict", "--out", "="], FILES),
        (["predict", "model", "my"], ["my data.csv"]),
        (["predict", "model", "data", ""], []),
        (["step", "a*b", ""], []),
    ]
    cases += [([name, "-"], options(name)) for name in NAMES]
    for (line, expected), got in zip(cases, bash(folder, *[line for line, _ in cases]), strict=True):
        assert sorted(got) == sorted(expected), line


@needs("fish")
def test_fish_offers_the_same(folder: Path) -> None:
    def lines(line: str) -> list[str]:
        code = f"source script; complete -C '{line}'"
        home = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        done = subprocess.run(
            ["fish", "--no-config", "-c", code], cwd=folder / "fish", capture_output=True, text=True, env=home
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()

    def offered(line: str) -> list[str]:
        return [word.partition("\t")[0] for word in lines(line)]

    assert "lesson\tsee a common mistake beside what is right, step by step" in lines("autograd-tiny ")
    assert sorted(offered("autograd-tiny ")) == sorted(NAMES)
    assert sorted(offered("autograd-tiny lesson ")) == sorted(LESSONS)
    assert sorted(offered("autograd-tiny train --task ")) == ["classify", "regress"]
    assert offered("autograd-tiny train --seed ") == []
    assert offered("autograd-tiny step a ") == []
    assert "digits" in offered("autograd-tiny train ")
    assert [word.replace("\\", "") for word in offered("autograd-tiny predict my")] == ["my data.csv"]
    assert [word.replace("\\", "") for word in offered("autograd-tiny demo --out my")] == ["my data.csv"]
    assert [word.replace("\\", "") for word in offered("autograd-tiny demo --out=my")] == ["--out=my data.csv"]
    for name in NAMES:
        assert sorted(offered(f"autograd-tiny {name} --")) == [n for n in sorted(options(name)) if n.startswith("--")]


@needs("zsh")
def test_zsh_completes_at_its_prompt(folder: Path) -> None:
    """zsh completes in a terminal only: so it is given one, and the line that it makes is read from there."""
    terminal, its_end = pty.openpty()
    environment = {**os.environ, "HOME": str(folder), "TERM": "dumb", "COLUMNS": "200"}
    zsh = subprocess.Popen(["zsh", "-f", "-i"], cwd=folder / "zsh", env=environment, start_new_session=True,
                           stdin=its_end, stdout=its_end, stderr=its_end)  # fmt: skip
    os.close(its_end)
    seen = ""

    def read_until(mark: str) -> str:
        nonlocal seen
        end = time.monotonic() + 300
        while mark not in seen:
            ready, _, _ = select.select([terminal], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"zsh has not said {mark!r} but {seen!r}"
            seen += os.read(terminal, 4096).decode(errors="replace")
        before, _, seen = seen.partition(mark)
        return before

    def typed(text: str) -> None:
        os.write(terminal, text.encode())

    try:
        typed('unsetopt zle_bracketed_paste; PS1=; autoload -Uz compinit; compinit -u -D; eval "$(<script)"\n')
        # Ctrl-X r shows the line as it is, on a line of its own.
        typed("show() { print -r -- \"<$BUFFER>\"; BUFFER= }; zle -N show; bindkey '^Xr' show; echo rea''dy\n")
        read_until("ready")
        for line, completed in (
            ("lesson sym\t", "lesson symmetry "),
            ("pre\t", "predict "),
            ("train --tas\tcl\t", "train --task=classify "),
            ("train --task cl\t", "train --task classify "),
            ("train --seed=3 dig\t", "train --seed=3 digits "),
            ("train --seed 3 dig\t", "train --seed 3 digits "),
            ("predict my\t", "predict my\\ data.csv "),
            ("predict m my\t", "predict m my\\ data.csv "),
            ("demo --out=my\t", "demo --out=my\\ data.csv "),
            ("completion f\t", "completion fish "),
            ("step --ht\t", "step --html="),
        ):
            typed(f"autograd-tiny {line}\x18r")
            read_until("<autograd-tiny ")
            assert read_until(">\r\n") == completed
    finally:
        zsh.kill()
        zsh.wait()
        os.close(terminal)


@pytest.mark.parametrize("shell", SHELLS)
def test_what_the_help_says_is_quoted(shell: str, tmp_path: Path) -> None:
    top = argparse.ArgumentParser(prog="autograd-tiny")
    made = top.add_subparsers().add_parser("go", help='it\'s [a: "b"] $HOME `date`')
    made.add_argument("--how", choices=["ab"], help='it\'s [a: "b"] $HOME `date`')
    (tmp_path / "script").write_text(script(top, shell), encoding="utf-8")
    done = subprocess.run([ask_for(shell), "-n", tmp_path / "script"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_shtab_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["completion", "bash"]) == 1
    out, err = capsys.readouterr()
    assert out == "", "so that eval runs nothing"
    assert err == "autograd-tiny completion: shtab is missing here: pip install 'autograd-tiny[completion]'\n"


def test_without_the_examples_there_is_a_script_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(examples, "FOLDER", tmp_path / "none")
    assert main(["completion", "bash"]) == 0
    said = capsys.readouterr().out
    assert said.rstrip().endswith("complete -o bashdefault -F _autograd_tiny autograd-tiny")
    assert "digits" not in said
    assert "predict" in said
