"""A browser's Python: Pyodide from npm, our pure wheel, and what it stands on, for the site's page and for tests.

Graphs are laid out there by Viz.js, which is graphviz's ``dot`` for browsers (MIT; graphviz itself EPL).

The site's page is read from the file system too, where a browser fetches nothing: so each file is packed into a script
of its own, compressed, that a page can load from anywhere.

>>> packed("a.txt", b"text")[:24]
'(self.PACKED ??= {})["a.'
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYODIDE = "314.0.7"
PYTHON = "3.14"
"""The Python that it is."""
FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
LAYOUT, LAYOUT_FILE = "@viz-js/viz@3.31.0", "dist/viz.js"
NEEDED = ("graphviz",)
"""What `visualize` imports; the command's rich has no terminal there."""


class NotFetched(RuntimeError):
    """Something could not be had; the message says what, in the words of the program that was asked."""


def run(*command: str | Path, cwd: Path | None = None, **environment: str) -> None:
    """Run a program; `NotFetched` with the end of what it says if it fails or is not there."""
    try:
        done = subprocess.run(command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True)
    except OSError as error:
        raise NotFetched(f"{command[0]}: {error}") from error
    if done.returncode:
        raise NotFetched(f"{' '.join(map(str, command[:4]))}: {(done.stderr or done.stdout).strip()[-400:]}")


def pyodide(folder: Path) -> Path:
    """The folder with Pyodide's files below ``folder``, asked of npm unless they are there."""
    return packet(f"pyodide@{PYODIDE}", FILES, folder)


def viz(folder: Path) -> Path:
    """The module that lays out graphs, asked of npm unless it is below ``folder``."""
    return packet(LAYOUT, [LAYOUT_FILE], folder) / LAYOUT_FILE


def packet(name: str, files: Iterable[str], folder: Path) -> Path:
    """The folder below ``folder`` with npm's packet ``name@version``, asked for unless it has these files."""
    unpacked = name.lstrip("@").replace("/", "-").replace("@", "-")
    where = folder / unpacked
    if not all((where / file).exists() for file in files):
        npm = shutil.which("npm")
        if npm is None:
            raise NotFetched("there is no npm on PATH, which has Pyodide: apt install npm")
        folder.mkdir(parents=True, exist_ok=True)
        run(npm, "pack", name, "--silent", cwd=folder)
        with tarfile.open(folder / f"{unpacked}.tgz") as archive:
            archive.extractall(folder, filter="data")
        shutil.rmtree(where, ignore_errors=True)
        (folder / "package").rename(where)
    return where


def wheel(folder: Path) -> Path:
    """Our wheel without the compiled engine, in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("autograd_tiny-*.whl"):
        old.unlink()
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    run(*pip, "--no-build-isolation", "-w", folder, ROOT, AUTOGRAD_TINY_PURE="1")
    [made] = folder.glob("autograd_tiny-*-py3-none-any.whl")
    return made


def wheels(folder: Path, names: Iterable[str]) -> None:
    """Wheels of these packages and of what they need, for any machine, in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"]
    run(*pip, "--platform", "any", "--implementation", "py", "--abi", "none", "--python-version", PYTHON, "-d", folder,
        *names)  # fmt: skip


def packed(name: str, content: bytes) -> str:
    """A script that puts a file where the page's program finds it."""
    data = base64.b64encode(gzip.compress(content, mtime=0)).decode()
    return f"(self.PACKED ??= {{}})[{json.dumps(name)}] = {json.dumps(data)};\n"


def pack(folder: Path, cache: Path) -> list[Path]:
    """The scripts of all that the page needs, written to ``folder``; ``files.js`` names them."""
    source, stand = pyodide(cache), cache / "wheels"
    shutil.rmtree(stand, ignore_errors=True)
    wheels(stand, NEEDED)
    wheel(stand)
    lock = json.loads((source / "pyodide-lock.json").read_text(encoding="utf-8"))
    contents = {name: (source / name).read_bytes() for name in FILES}
    contents["viz.mjs"] = viz(cache).read_bytes()
    contents["lock.json"] = json.dumps({**lock, "packages": {}}).encode()
    contents |= {path.name: path.read_bytes() for path in sorted(stand.glob("*.whl"))}
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for number, (name, content) in enumerate(contents.items()):
        written.append(folder / f"{number:02d}.js")
        written[-1].write_text(packed(name, content), encoding="utf-8")
    names = folder / "files.js"
    names.write_text(f"self.PARTS = {json.dumps([path.name for path in written])};\n", encoding="utf-8")
    return [names, *written]
