"""The shell: every command, what it shows, and the gradients that it leaves."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from autograd_tiny import Value, debug
from autograd_tiny.parsing import parse
from autograd_tiny_cli.shell import open_shell
from autograd_tiny_cli.shell.commands import COMMANDS, find


def tour() -> Value:
    return parse("d = a*b + c; L = tanh(d)", {"a": 2.0, "b": -3.0, "c": 10.0}).root


def typed(root: Value, lines: str, monkeypatch: pytest.MonkeyPatch, width: int = 80) -> list[str]:
    """What the shell shows for these lines, without what it opens with."""
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
    open_shell(root, Console(file=out, width=width))
    shown = out.getvalue().splitlines()
    return shown[next(i for i, line in enumerate(shown) if re.match(r"\d+/\d+>", line)) + 1 :]


def test_the_first_screen(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert open_shell(tour(), Console(file=sys.stdout, width=80)) == 0
    assert capsys.readouterr().out.splitlines() == [
        "L = 0.999; the backward pass from it has 3 steps. next does one, help lists the",
        "commands, quit leaves.",
        "                         value  gradient",
        "  L = tanh(d)            0.999",
        "  └─ d = a × b + c           4",
        "     ├─ a × b               -6",
        "     │  ├─ a                 2",
        "     │  └─ b                -3",
        "     └─ c                   10",
    ]


def test_a_step_is_shown_in_the_tree_on_the_board_and_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    assert typed(tour(), "next 3\n", monkeypatch) == [
        "                         value  gradient",
        "  L = tanh(d)            0.999  1",
        "  └─ d = a × b + c           4  0.00134",
        "▶    ├─ a × b               -6  0.00134",
        "+    │  ├─ a                 2  -0.00402",
        "+    │  └─ b                -3  0.00268",
        "     └─ c                   10  0.00134",
        "",
        "step 3 of 3   a × b                          ∂L/∂(a×b) = 0.00134",
        "  ∂(a×b)/∂a = b = -3    0.00134 × -3 = -0.00402    a.grad: 0 → -0.00402",
        "  ∂(a×b)/∂b = a = 2     0.00134 × 2 = 0.00268      b.grad: 0 → 0.00268",
        "Per unit of a, a×b changes by -3; per unit of a×b, L changes by 0.00134. Along",
        "this path L changes by 0.00134 × -3 = -0.00402 per unit of a.",
        "Per unit of b, a×b changes by 2; per unit of a×b, L changes by 0.00134. Along",
        "this path L changes by 0.00134 × 2 = 0.00268 per unit of b.",
        "That was the last step: the gradients are those of backward().",
    ]


def test_gradients_that_are_not_complete_or_from_before(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    a.grad = 5.0
    y = (a * a + a * b).tanh()
    y.label = "y"
    shown = typed(y, "n 3\nquit\n", monkeypatch)
    cells = [line.strip("▶+│├└─ ").split() for line in shown]
    leaves = [row for row in cells if row[:1] == ["a"] and "×" not in row and len(row) == 4]
    assert leaves == [["a", "2", "5", "~"]] * 3, "a waits for a × a"
    assert a.grad == 5.0


@pytest.mark.parametrize(
    ("lines", "last"),
    [
        ("b\n", "No step is done yet: next goes on, quit leaves."),
        ("n 3\nn\n", "All steps are done: back goes back, quit leaves."),
        ("r\nr\n", "All steps are done: back goes back, goto 0 to the start, quit leaves."),
        ("n x\n", "next 'x': expected how many steps, such as next 3"),
        ("n 0\n", "next '0': expected how many steps, such as next 3"),
        ("goto\n", "goto where? write the number of a step, such as goto 0, or the name of a value"),
        ("goto 9\n", "goto 9: there are 3 steps, 0 is where none is done"),
        ("goto a\n", "a has no step of its own: until a goes to the next step that it takes part in"),
        ("until\n", "until what? write a value, an operation such as mul, or abs(gradient) > 10"),
        ("g end\nu a\n", "No step ahead fits a; nothing has moved. goto 0 goes to the start."),
        ("until abs(gradient) > 10\n", "start."),
        ("break\n", "There are no breakpoints: break a, break mul, break abs(gradient) > 10"),
        ("break mul\nbr tanh\nbreak\n", "breakpoint 2: tanh"),
        ("break mul\nclear\n", "0 breakpoints left"),
        ("break mul\nbreak a\nclear 2\n", "1 breakpoint left"),
        ("clear 1\n", "clear '1': expected the number of a breakpoint; break lists them"),
        ("print zz\n", "nothing here is called 'zz': there are a, b, c, d, L, a×b"),
        ("print A\n", "nothing here is called 'A': did you mean a?"),
        ("print a*b\n", "  used by d"),
        ("print c\n", "  used by d"),
        ("print\n", "L = 0.999329299739067   gradient 0.0"),
        ("watch\n", "watch what? write the name of a value, such as watch a"),
        ("w a\nw b\nunwatch a\n", "watching b"),
        ("ledger\n", "the ledger of what? write the name of a value, such as ledger a"),
        ("ledger a\n", "  ∂L/∂d · ∂d/∂(a×b) · ∂(a×b)/∂a  =  0.00134 × 1 × -3  =  -0.00402"),
        ("n\nl\n", "  the node itself  =  1  =  1"),
        ("draw\n", "draw what file? write its name, such as draw graph.svg"),
        ("f\nn\n", "step 1 of 3   a × b = 2 × -3 = -6"),
        ("f\ng L\n", "step 3 of 3   L = tanh(d) = tanh(4) = 0.999"),
        ("f\np L\n", "  gradient 0.0, nothing sent to it yet"),
        ("bac\n", "'bac' is not clear: back or backward?"),
        ("nxt\n", "no command 'nxt': did you mean next? help lists them"),
        ("__import__\n", "no command '__import__': help lists them"),
        ("quit now\n", "quit 'now': write quit, quit complete or quit restore"),
        ("x = 3\n", "nothing here is called 'x': there are a, b, c, d, L, a×b"),
        ("set\n", "set what? write a leaf and a number, such as set w = 0.5, or only w = 0.5"),
        ("set a\n", "set what? write a leaf and a number, such as set w = 0.5, or only w = 0.5"),
        ("d = 3\n", "d is computed from others, and follows them: set one of the leaves, a, b, c"),
        ("a = two\n", "a = 'two': expected a number, such as a = 0.5"),
        ("a = nan\n", "a = 'nan': expected a finite number, such as a = 0.5"),
        ("a = 1e400\n", "a = '1e400': expected a finite number, such as a = 0.5"),
        ("until a = 3\n", "function of a step"),
        ("help nope\n", "no command 'nope': help lists them"),
        ("h goto\n", "go to where N steps are done; 0 is the start; or to the step of a value"),
    ],
)  # fmt: skip
def test_what_each_command_says(lines: str, last: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert typed(tour(), lines, monkeypatch)[-1] == last


def test_an_empty_line_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = typed(tour(), "\n\n\nb 2\n\n", monkeypatch)
    assert [line[5] for line in shown if line.startswith("step ")] == ["1", "2", "3", "1"]
    assert [line for line in shown if line.startswith(("1/3>", "0/3>", "2/3>", "3/3>"))] == [
        "1/3>",
        "2/3>",
        "3/3> b 2",
        "1/3>",
    ]


def test_breakpoints_stop_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = typed(tour(), "break c\nrun\nrun\n", monkeypatch)
    assert [line[5] for line in shown if line.startswith("step ")] == ["2", "3"]


def test_a_picture_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "graph.svg"
    shown = typed(tour(), f"n\ndraw {path}\ndraw {tmp_path}/x.png\n", monkeypatch, width=200)
    assert f"wrote {path}" in shown
    assert "<svg" in path.read_text()
    assert not (tmp_path / "x.png").exists()


def test_every_command_has_one_name_one_letter_and_help(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = [command.letter for command in COMMANDS if command.letter]
    assert len(set(letters)) == len(letters)
    for command in COMMANDS:
        assert find(command.name) is command
        assert not command.letter or find(command.letter) is command
    shown = typed(tour(), "help\n", monkeypatch)
    assert [line.split()[0 if line[0] == " " else 1] for line in shown[: len(COMMANDS)]] == [c.name for c in COMMANDS]
    assert max(map(len, shown)) <= 80


# What is left behind


SOME = st.sampled_from(["a = 0.1", "set b = 2", "b = 1e999", "n", "b", "n 2", "g 0", "g end", "u a", "r", "f", "backward", "tree all", "p a", "l a", "w b", "break mul", "zz", ""])  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(lines=st.lists(SOME, max_size=8), before=st.sampled_from([0.0, -7.3]))
def test_whatever_is_typed_quit_keeps_its_word_about_gradients_and_numbers(
    lines: list[str], before: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = parse("d = a*b + a; L = tanh(d)", {"a": 0.2, "b": -3.0})
    again.leaves["a"].grad = before
    again.root.backward()
    full = [node.grad for node in again.names.values()]
    for way in ("quit", "quit restore", "quit complete"):
        parsed = parse("d = a*b + a; L = tanh(d)", {"a": 0.2, "b": -3.0})
        a = parsed.leaves["a"]
        a.grad = before
        shown = typed(parsed.root, "\n".join(["f", "backward", *lines, way]) + "\n", monkeypatch)
        left = [node.grad for node in parsed.names.values()]
        changed = any(line in ("a = 0.1", "set b = 2") for line in lines)
        kept = way == "quit complete" or (way == "quit" and "3/3> quit" in shown and not changed)
        if (
            way == "quit"
            and any(line.startswith("forward ") and line.endswith("> quit") for line in shown)
            and not changed
        ):
            assert left in (full, [before, 0.0, 0.0, 0.0])  # wherever the other pass was left
        else:
            assert left == (full if kept else [before, 0.0, 0.0, 0.0])
        assert [leaf.data for leaf in parsed.leaves.values()] == [0.2, -3.0]


def test_what_run_promised_quit_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    x = Value(3.0, "x")
    shown = typed(x * x, "run\nquit\n", monkeypatch)
    assert "That was the last step: the gradients are those of backward()." in shown
    assert x.grad == 6.0
    typed(x * x, "run\nquit restore\n", monkeypatch)
    assert x.grad == 6.0


def test_a_leaf_is_set_and_the_place_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    L = (a * b).tanh()
    L.label = "L"
    shown = typed(L, "n 2\nset a=0.5\nb = -1\nset a 0.25\nprint L\nquit\n", monkeypatch)
    assert "a: 2 → 0.5, and L: -1 → -0.905. The pass stays at its step; quit puts the" in shown
    assert "2/2> b = -1" in shown
    assert "∂(a×b)/∂a = b = -1 0.786 × -1 = -0.786 a.grad: 0 → -0.786" in [" ".join(line.split()) for line in shown]
    assert f"L = tanh(a × b) = {(Value(0.25) * -1.0).tanh().data!r}" in shown
    assert (a.data, b.data, a.grad, b.grad) == (2.0, -3.0, 0.0, 0.0)


def test_a_number_outside_the_domain_is_refused_and_nothing_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    p = Value(0.5, "p")
    shown = typed(p.log(), "n\np = -1\nprint p\n", monkeypatch)
    assert any("log" in line and "x > 0" in line for line in shown)
    assert "p = 0.5" in shown
    assert p.data == 0.5


def test_watches_and_breakpoints_live_on_after_a_set(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = typed(tour(), "watch d\nbreak a*b\na = 1\nf\nn\nbackward\nrun\n", monkeypatch)
    assert "step 1 of 3   a × b = 1 × -3 = -3" in shown
    assert [line[5] for line in shown if line.startswith("step ")][-1] == "3"
    assert any(line.startswith("watched: d.grad = ") for line in shown)


def test_debug_knows_the_callers_variables(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    w, b = Value(0.5), Value(1.0)
    loss = (w * 3.0 + b).exp()
    monkeypatch.setattr(sys, "stdin", io.StringIO("n 3\nl w\n"))
    monkeypatch.setenv("COLUMNS", "100")
    debug(loss)
    out = capsys.readouterr().out
    assert "loss = exp(w × 3 + b)" in out
    assert "∂loss/∂w = 1 path" in out
    assert loss.label == w.label == ""
    assert w.grad == loss.data * 3.0, "the pass was at its end"
    with pytest.raises(TypeError, match=r"^debug\(root\) got 3.0: expected the Value to step back from$"):
        debug(3.0)  # type: ignore[arg-type]


# Questions


def test_a_quiz_names_the_mistake_and_then_shows_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    d = Value(2.0, "a") * Value(-3.0, "b")
    d.label = "d"
    L = d * d * 0.5
    L.label = "L"
    shown = typed(L, "quiz\n\nn\n0\nn\n-3\nquiz off\nn\n", monkeypatch, width=140)
    assert any("What is (d×d).grad after this step?" in line for line in shown)
    assert [line[:12] for line in shown if line.startswith("step ")] == ["step 1 of 3 ", "step 2 of 3 ", "step 3 of 3 "]
    assert any("0 is not it" in line for line in shown)
    assert "-3 is ∂d/∂a alone: the upstream gradient, -6, is forgotten. It is 0 + -6 × -3 = 18." in shown
    assert "All steps are done: back goes back, quit leaves." in shown


def test_a_command_drops_the_question_and_the_shell_may_begin_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.StringIO("print a\nn\n0.00134\nquit\n"))
    assert open_shell(tour(), Console(file=out, width=120), quizzing=True) == 0
    shown = out.getvalue()
    assert "answer> print a" in shown
    assert "Right: 0 + 1 × 0.00134 = 0.00134." in shown


@pytest.mark.parametrize("typed", ["q", "qu", "qui", "quit"])
def test_the_beginnings_of_quit_quit_and_those_of_quiz_need_its_last_letter(typed: str) -> None:
    assert find(typed).name == "quit"
    assert find("quiz").name == "quiz"
