"""``autograd-tiny completion``: each shell is asked what it would offer, on lines as one types them."""

from __future__ import annotations

import argparse
import os
import pty
import select
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from autograd_tiny_cli import examples, lesson, main, parser
from autograd_tiny_cli.completion import grammar
from autograd_tiny_cli.completion_scripts import WRITERS
from tests.needs import needs

TOP, *COMMANDS = grammar(parser())
NAMES = [command.name for command in COMMANDS]
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
    for shell, write in WRITERS.items():
        (tmp_path / shell).mkdir()
        (tmp_path / shell / "script").write_text(write(TOP, COMMANDS), encoding="utf-8")
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
    return [n for command in [TOP, *COMMANDS] if command.name == name for o in command.options for n in o.names]


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
        (["predict", "model", "my"], ["my data.csv"]),
        (["predict", "model", "data", ""], []),
        (["step", "a*b", ""], []),
    ]
    cases += [([name, "-"], options(name)) for name in NAMES]
    for (line, expected), got in zip(cases, bash(folder, *[line for line, _ in cases]), strict=True):
        assert sorted(got) == sorted(expected), line


@needs("fish")
def test_fish_offers_the_same(folder: Path) -> None:
    def offered(line: str) -> list[str]:
        code = f"source script; complete -C '{line}'"
        home = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        done = subprocess.run(
            ["fish", "--no-config", "-c", code], cwd=folder / "fish", capture_output=True, text=True, env=home
        )
        assert (done.returncode, done.stderr) == (0, "")
        return [word.partition("\t")[0] for word in done.stdout.splitlines()]

    assert sorted(offered("autograd-tiny ")) == sorted(NAMES)
    assert sorted(offered("autograd-tiny lesson ")) == sorted(LESSONS)
    assert sorted(offered("autograd-tiny train --task ")) == ["classify", "regress"]
    assert offered("autograd-tiny train --seed ") == []
    assert offered("autograd-tiny step a ") == []
    assert "digits" in offered("autograd-tiny train ")
    assert [word.replace("\\", "") for word in offered("autograd-tiny predict my")] == ["my data.csv"]
    assert [word.replace("\\", "") for word in offered("autograd-tiny demo --out my")] == ["my data.csv"]
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
        end = time.monotonic() + 30
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


def test_every_argument_of_the_command_is_in_the_grammar() -> None:
    for action in parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            assert list(action.choices) == NAMES
            for command in COMMANDS:
                arguments = [*command.options, *command.places]
                assert len(arguments) == len(action.choices[command.name]._actions)
                assert all(argument.help or argument.metavar for argument in arguments)


def test_what_the_help_says_is_quoted(tmp_path: Path) -> None:
    top = argparse.ArgumentParser(prog="autograd-tiny")
    made = top.add_subparsers().add_parser("go", help='it\'s [a: "b"] $HOME \\ `date`')
    made.add_argument("--how", choices=["a'b"], help='it\'s [a: "b"] $HOME \\ `date`')
    for shell, write in WRITERS.items():
        script = tmp_path / shell
        first, *rest = grammar(top)
        script.write_text(write(first, rest))
        if shutil.which(shell):
            assert subprocess.run([shell, "-n", script], capture_output=True, text=True).stderr == ""
    assert r"\[a\: " in (tmp_path / "zsh").read_text(), "brackets and colons have a meaning in its specifications"
    if shutil.which("bash"):
        done = subprocess.run(["bash", "-c", f"source {tmp_path / 'bash'}; COMP_WORDS=(autograd-tiny go --how ''); COMP_CWORD=3; _autograd_tiny; echo \"${{COMPREPLY[@]}}\""],
                              capture_output=True, text=True)  # fmt: skip
        assert (done.stdout, done.stderr) == ("a'b\n", "")


def test_without_the_examples_there_is_a_script_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(examples, "FOLDER", tmp_path / "none")
    assert main(["completion", "bash"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("# Tab completion for autograd-tiny")
    assert "digits" not in said
    assert "predict" in said
