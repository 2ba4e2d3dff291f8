"""The tests that use programs of the system, run where there are none: python tools/bare.py [pytest's arguments].

PATH becomes a folder of links to all that was on it but for dot, Chromium, zsh, fish and node. Every test must pass or
be skipped with its reason; the summary counts them. `.ci/run` calls it after the whole suite.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HIDDEN = {"dot", "chromium", "chromium-browser", "google-chrome", "zsh", "fish", "node"}
USERS = ["tests/visualize", "tests/autograd_tiny_cli", "tests/autograd_tiny/table/test_javascript.py"]
"""The folders of the tests that ask for them."""


def bare_path(folder: Path) -> None:
    """Fill ``folder`` with links to the programs on PATH, the first of each name, without the hidden ones."""
    for place in os.environ.get("PATH", os.defpath).split(os.pathsep):
        for entry in sorted(Path(place).iterdir()) if place and Path(place).is_dir() else ():
            link = folder / entry.name
            if entry.name not in HIDDEN and not link.is_symlink() and os.access(entry, os.X_OK):
                link.symlink_to(entry)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        bare_path(Path(folder))
        command = [sys.executable, "-m", "pytest", *(sys.argv[1:] or ["-n", "2", *USERS])]
        return subprocess.run(command, env={**os.environ, "PATH": folder}).returncode


if __name__ == "__main__":
    raise SystemExit(main())
