"""The command where it is used: pipes, no terminal, NO_COLOR, LANG=C, narrow windows, code pages of Windows."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograd_tiny_cli import main
from autograd_tiny_cli.code_pages import PLAIN

pytestmark = pytest.mark.once

COMMAND = [sys.executable, "-m", "autograd_tiny"]
STEPS = ["step", "y = a*b*tanh(c)", "a=2", "b=3", "c=1", "--steps"]


def said(
    *arguments: str, cwd: Path | None = None, given: str = "", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    kept = {
        name: text for name, text in os.environ.items() if name not in ("PYTHONIOENCODING", "PYTHONUTF8", "COLUMNS")
    }
    return subprocess.run([*COMMAND, *arguments], cwd=cwd, input=given.encode(), capture_output=True,
                          env={**kept, **environment})  # fmt: skip


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "ascii"])
def test_no_command_ends_for_want_of_a_letter(encoding: str) -> None:
    """One process for all: each is what the command does, with the streams that a code page gives."""
    code = f"""if True:
        from autograd_tiny_cli import main
        for arguments in (["lesson"], ["train"], {STEPS!r}, ["lesson", "symmetry"], ["step", "tanh(a)", "a=1"]):
            assert main(arguments) == 0, arguments
    """
    done = subprocess.run([sys.executable, "-c", code], input=b"next\nquit\n", capture_output=True,
                          env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"})  # fmt: skip
    text = done.stdout.decode(encoding)
    assert (done.returncode, done.stderr.decode(encoding)) == (0, "")
    assert "dy/d(a" in text
    assert "?y" not in text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("∂L/∂w₁", "dL/dw1"),
        ("z² − 1 → 0", "z^2 - 1 -> 0"),
        ("╭σ╮", "?sigma?"),
        ("é", "e"),
        ("ŷ", "y^"),
        ("├─ └", "|- `"),
    ],
)
def test_signs_that_a_code_page_lacks(text: str, plain: str) -> None:
    assert text.encode("ascii", PLAIN).decode() == plain


def test_predictions_and_json_are_data(tmp_path: Path) -> None:
    """They are whole or not there, never with another letter."""
    pytest.importorskip("safetensors", reason="the model goes into a safetensors file: extra `files`")
    rows = "\n".join(f"{i},{('名', 'b')[i % 2]}" for i in range(8))
    (tmp_path / "d.csv").write_text(f"x,kind\n{rows}\n", encoding="utf-8")
    page = {"PYTHONIOENCODING": "cp1252"}
    model = str(tmp_path / "model")
    assert main(["train", str(tmp_path / "d.csv"), "--target", "kind", "--epochs", "1", "--out", model]) == 0
    done = said("predict", "model", "d.csv", cwd=tmp_path, **page)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"cannot be printed in cp1252, which standard output has here: write them into a file" in done.stderr
    assert main(["predict", model, str(tmp_path / "d.csv"), "--out", str(tmp_path / "p.csv")]) == 0
    assert "名" in (tmp_path / "p.csv").read_text(encoding="utf-8")
    done = said("step", "y = a*b", "a=1", "b=2", "--json", **page)
    assert json.loads(done.stdout.decode("cp1252"))["expression"] == "y = a*b"
    assert "∂" in str(json.loads(done.stdout.decode("cp1252")))


def test_lang_c_no_color_and_a_narrow_window() -> None:
    shell = said("step", "y = a*b*tanh(c)", "a=2", "b=3", "c=1", given="next\nnext\nquit\n", LANG="C", LC_ALL="C", NO_COLOR="1",
                 COLUMNS="40")  # fmt: skip
    text = shell.stdout.decode()
    assert (shell.returncode, shell.stderr) == (0, b"")
    assert "\x1b" not in text
    assert "∂y/∂" in text
    assert max(map(len, re.findall(r".+", text))) <= 40
    steps = said(*STEPS, COLUMNS="40")
    assert max(map(len, steps.stdout.decode().splitlines())) <= 40
