"""Types: a user's script passes `mypy --strict` and pyright as it is, and runs."""

from __future__ import annotations

import json
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import autograd_tiny

SCRIPT = Path(__file__).parent / "typed_script.py"
ROOT = Path(__file__).parent.parent.parent
once = pytest.mark.skipif(autograd_tiny.engine != "python", reason="once is enough")


def test_the_script_runs() -> None:
    runpy.run_path(str(SCRIPT))


@once
@pytest.mark.long
def test_mypy(tmp_path: Path) -> None:
    pytest.importorskip("mypy", reason="asks mypy: extra `dev`")
    copy = shutil.copy(SCRIPT, tmp_path / "mine.py")
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(copy)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    Path(copy).write_text("import autograd_tiny as ad\nx: str = ad.tanh(ad.Value(1.0)) + 1\nad.tanh('1').nothing\n")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (
        'expression has type "Value", variable has type "str"' in done.stdout
    )  # types are looked at, not waved through


@once
@pytest.mark.long
def test_pyright(tmp_path: Path) -> None:
    program = shutil.which("pyright") or shutil.which("pyright", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("pyright is not installed: pip install pyright")
    shutil.copy(SCRIPT, tmp_path / "mine.py")
    (tmp_path / "pyrightconfig.json").write_text(json.dumps({"extraPaths": [str(ROOT)], "include": ["mine.py"]}))
    command = [program, "--pythonpath", sys.executable, "--outputjson"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    found = json.loads(done.stdout)
    assert found["summary"]["filesAnalyzed"] == 1
    assert found["generalDiagnostics"] == []
