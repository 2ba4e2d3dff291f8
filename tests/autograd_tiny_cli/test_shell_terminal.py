"""The shell on a terminal: completion, the keys that end it, Ctrl-C."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from autograd_tiny_cli.shell import Session, open_shell
from autograd_tiny_cli.shell.completion import candidates

from .test_step_shell import tour

ROOT = Path(__file__).parent.parent.parent


def test_completion() -> None:
    session = Session(tour())
    assert candidates(session, "", "b") == ["back", "break", "backward", "b"]
    assert candidates(session, "set ", "") == ["a", "b", "c"]
    assert candidates(session, "until ", "") == ["a", "b", "c", "d", "L", "a×b"]
    assert candidates(session, "p ", "d") == ["d"]
    assert candidates(session, "help ", "un") == ["until", "unwatch"]
    assert candidates(session, "run ", "") == candidates(session, "nope ", "") == []
    assert "Makefile" in candidates(session, "draw ", str(ROOT / "Makef"))[0]


@pytest.fixture
def terminal() -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The shell on a pseudo terminal."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "autograd_tiny", "step", "tanh(a*b)", "a=1", "b=2"],
        stdin=slave, stdout=slave, stderr=slave, cwd=ROOT, start_new_session=True, preexec_fn=_control,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
    )  # fmt: skip
    os.close(slave)
    yield master, process
    process.kill()
    process.wait()
    os.close(master)


def _control() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # what runs us in the background has it ignored


def read_until(master: int, wanted: bytes, seconds: float = 300.0) -> bytes:
    found = b""
    while wanted not in found and select.select([master], [], [], seconds)[0]:
        try:
            found += os.read(master, 4096)
        except OSError:  # the other side has closed
            break
    return found


@pytest.mark.parametrize(("key", "status"), [(b"\x04", 0), (b"quit\n", 0)])
def test_keys_that_end_it(terminal: tuple[int, subprocess.Popen[bytes]], key: bytes, status: int) -> None:
    master, process = terminal
    assert b"0/2> " in read_until(master, b"0/2> ")
    os.write(master, b"\n")
    shown = read_until(master, b"1/2> ")
    assert b"\x1b[1;33m" in shown, "the step is lit"
    rest = b""
    for _ in range(5):  # a signal that comes just before readline waits is seen at the next key: so is a person's
        os.write(master, key)
        rest += read_until(master, b"\0", 4.0)
        with contextlib.suppress(subprocess.TimeoutExpired):  # it closes the terminal before it has ended
            process.wait(4.0)
            break
    assert process.wait(300) == status
    assert b"Traceback" not in rest


def test_ctrl_c_stops_a_line_or_a_command_and_not_the_session(terminal: tuple[int, subprocess.Popen[bytes]]) -> None:
    master, process = terminal
    read_until(master, b"0/2> ")
    os.write(master, b"wat")
    read_until(master, b"wat", 4.0)
    shown = b""
    for _ in range(5):  # a signal that comes just before readline waits is seen at the next key: so is a person's
        os.write(master, b"\x03")
        shown += read_until(master, b"leaves.", 4.0)
        if b"leaves." in shown:
            break
    assert b"Ctrl-C stops a command; quit, or Ctrl-D, leaves." in shown
    os.write(master, b"\n")
    assert b"0/2> " not in read_until(master, b"1/2> ").rpartition(b"1/2> ")[0][-20:]
    os.write(master, b"unw\t\n")
    assert b"watching nothing" in read_until(master, b"watching nothing")
    os.write(master, b"quit\n")
    read_until(master, b"\0", 3.0)
    assert process.wait(300) == 0


def test_an_interrupted_command_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograd_tiny_cli.shell import loop

    def interrupted(screen: object, typed: str) -> None:
        raise KeyboardInterrupt

    lines = iter(["run", "quit"])
    real = loop._do
    monkeypatch.setattr(loop, "_do", lambda screen, typed: (interrupted if typed == "run" else real)(screen, typed))
    monkeypatch.setattr(loop, "_read", lambda screen, at_terminal: next(lines))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    out = io.StringIO()
    assert open_shell(tour(), Console(file=out, width=100)) == 0
    assert "'run' was interrupted" in out.getvalue()
