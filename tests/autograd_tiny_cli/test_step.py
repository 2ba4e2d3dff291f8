"""The command ``step``: its texts, data and files, and the expressions that it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from autograd_tiny import Value, steps
from autograd_tiny_cli import main

TOUR = ["tanh(a*b + c)", "a=2", "b=-3", "c=10"]
ROOT = Path(__file__).parent.parent.parent


def shell(arguments: list[str], typed: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with a pipe for a keyboard."""
    import os

    return subprocess.run(
        [sys.executable, "-m", "autograd_tiny", "step", *arguments], input=typed, capture_output=True, text=True,
        cwd=ROOT, env={**os.environ, "COLUMNS": "80", **environment}, timeout=600,
    )  # fmt: skip


def test_steps_prints_both_passes_and_the_gradients(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    d = Value(2.0, "a") * Value(-3.0, "b") + Value(10.0, "c")
    d.label = "d"
    root = d.tanh()
    root.label = "L"
    assert main(["step", "d = a*b + c; L = tanh(d)", "a=2", "b=-3", "c=10", "--steps"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "forward",
        "step 1 of 3   a × b = 2 × -3 = -6",
        "step 2 of 3   d = a × b + c = -6 + 10 = 4",
        "step 3 of 3   L = tanh(d) = tanh(4) = 0.999",
        "",
        "backward",
        *"\n".join(map(str, steps(root))).splitlines(),
        "",
        "gradients",
        "  ∂L/∂a = -0.00402285204907769",
        "  ∂L/∂b = 0.0026819013660517935",
        "  ∂L/∂c = 0.0013409506830258967",
    ]


def test_json_is_the_same_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["step", "--json", *TOUR]) == 0
    told = json.loads(capsys.readouterr().out)
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    y = (a * b + c).tanh()
    y.label = "y"
    p = steps(y)
    assert told["backward"] == json.loads(json.dumps([p.step(n).as_dict() for n in range(1, 4)]))
    assert [step["value"] for step in told["forward"]] == [-6.0, 4.0, y.data]
    y.backward()
    assert told["gradients"] == {"a": a.grad, "b": b.grad, "c": c.grad}
    assert (told["variables"], told["expression"]) == ({"a": 2.0, "b": -3.0, "c": 10.0}, TOUR[0])


def test_json_has_texts_for_what_is_not_finite(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["step", "sqrt(a)", "a=0", "--json"]) == 0
    told = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert told["gradients"] == {"a": "inf"}
    assert told["backward"][0]["contributions"][0]["local_derivative"] == "inf"


def test_files_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, picture = tmp_path / "page.html", tmp_path / "graph.svg"
    assert main(["step", *TOUR, "--html", str(page), "--svg", str(picture)]) == 0
    assert capsys.readouterr().out == f"wrote {page}\nwrote {picture}\n"
    assert "tanh(a*b + c)" in page.read_text()
    assert "−0.004023" in picture.read_text(), "the gradient of a"
    assert main(["step", *TOUR, "--json", "--svg", str(picture)]) == 0
    said = capsys.readouterr()
    json.loads(said.out)
    assert said.err == f"wrote {picture}\n"


def test_a_page_asks_a_file_of_questions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, mine = tmp_path / "page.html", tmp_path / "my.toml"
    mine.write_text('[[question]]\ngradient = "a"')
    assert main(["step", "-a*b", "a=2", "b=3", "--questions", str(mine), "--html", str(page)]) == 0
    assert "At a = 2, b = 3: What is ∂" in page.read_text()
    capsys.readouterr()
    assert main(["step", *TOUR, "--questions", str(mine)]) == 1
    assert "autograd-tiny lesson FILE" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["tanh(a*q)", "a=1"], "no number for q: give it: q=1.0\n  tanh(a*q)\n         ^\n"),
        (["tahn(a)", "a=1"], "unknown function tahn: did you mean tanh?\n  tahn(a)\n  ^^^^\n"),
        (["log(a*b)", "a=1", "b=-1"], "log(-1.0) is not a number: log needs x > 0\n  log(a*b)\n  ^^^^^^^^\n"),
        (["a", "a"], "'a' is no assignment: write NAME=NUMBER without spaces, such as a=2.0\n"),
        (["a*b", "a=1", "b=2", "--svg", "/nowhere/x/y.png"], "save_svg"),
    ],
)
def test_errors_say_where(arguments: list[str], error: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["step", *arguments]) == 1
    assert capsys.readouterr().err.startswith(f"autograd-tiny step: {error}")


def test_an_expression_that_begins_with_a_minus(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["step", "--steps", "--", "-a*b", "a=1", "b=2"]) == 0
    assert "∂y/∂a = -2.0" in capsys.readouterr().out


def test_a_pipe_is_a_keyboard() -> None:
    done = shell(TOUR, "next\n\nu a\nquit\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert [line for line in done.stdout.splitlines() if "> " in line] == ["0/3> next", "2/3> u a", "3/3> quit"]


def test_the_end_of_a_pipe_ends_it_and_a_refused_command_is_told() -> None:
    assert shell(TOUR, "n").returncode == 0
    done = shell(TOUR, "nxt\nn\n")
    assert done.returncode == 1
    assert "no command 'nxt': did you mean next? help lists them" in done.stdout
    assert "step 1 of 3" in done.stdout, "and it goes on"


def test_a_reader_that_has_gone_is_no_error() -> None:
    command = f"'{sys.executable}' -m autograd_tiny step 'tanh(a*b)' a=1 b=2 --json | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=ROOT, timeout=600)
    assert (done.stdout, done.stderr) == ("{\n", "")


def test_an_expression_may_begin_with_a_minus(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["-a*b", "a=1", "b=2", "--steps"], ["--steps", "-a*b", "a=1", "b=2"], ["--steps", "--", "-a*b", "a=1", "b=2"]):  # fmt: skip
        assert main(["step", *arguments]) == 0
        assert "∂y/∂a = -2.0" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["step", "a*b", "--nope"])
