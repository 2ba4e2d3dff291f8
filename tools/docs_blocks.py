"""The code blocks of a documentation page, run from top to bottom in one session, as a reader would.

``pycon``    a session at the prompt, compared as a doctest is
``python``   a script; a ``text`` block right after it is what it prints
``console``  ``$ autograd-tiny ...`` with what it prints
``sh``       installing and making: checked, not run
``toml``     a lesson's questions, read as the command reads them

A comment ``<!-- run ... -->`` holds Python that is run and not shown. Pictures are the files that the blocks write:
a page in ``tutorial/`` runs in a folder of that name, and so its links to them are right.

>>> text = "```python\\nprint(x)\\n```\\n```text\\n2\\n```\\n<!-- run\\nx = 3\\n-->\\n```pycon\\n>>> x\\n3\\n```\\n"
>>> page = Page("p.md", text)
>>> [(block.language, block.expected) for block in page.blocks]
[('python', '2\\n'), ('run', None), ('pycon', None)]
>>> page.run({"x": 2})
"""

from __future__ import annotations

import contextlib
import doctest
import io
import linecache
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
LANGUAGES = ("pycon", "python", "console", "sh", "toml", "run")
ALREADY_RUN = ("testing.md",)
"""tests/autograd_tiny/testing/test_chapter.py runs it, since what it prints names files of its own."""

FENCE = re.compile(
    r"^```(?P<language>\w*)[^\n]*\n(?P<code>.*?)^```$|^<!-- run\n(?P<hidden>.*?)^-->$", flags=re.DOTALL | re.MULTILINE
)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class BlockError(AssertionError):
    """A block that fails, or that prints something else than the page says."""


@dataclass(frozen=True)
class Block:
    """One block: its language ("run" for a hidden one), its text, where it starts, and what it should print."""

    language: str
    code: str
    line: int
    expected: str | None = None


@dataclass(frozen=True)
class Page:
    """A page of the documentation: its path below docs/ and its Markdown."""

    path: str
    text: str

    @property
    def blocks(self) -> list[Block]:
        """All blocks in order; a ``text`` block is the output of the script before it."""
        blocks: list[Block] = []
        end = 0
        for match in FENCE.finditer(self.text):
            line = self.text.count("\n", 0, match.start()) + 1
            language = match["language"] if match["hidden"] is None else "run"
            code = match["code"] if match["hidden"] is None else match["hidden"]
            if (
                language == "text"
                and blocks
                and blocks[-1].language == "python"
                and not self.text[end : match.start()].strip()
            ):
                last = blocks.pop()
                blocks.append(Block(last.language, last.code, last.line, code))
            elif language in LANGUAGES:
                blocks.append(Block(language, code, line))
            else:
                raise BlockError(f"{self.path}:{line}: a block of language {language!r}: expected one of {LANGUAGES}, "
                                 "or text right after python")  # fmt: skip
            end = match.end()
        return blocks

    @property
    def references(self) -> set[str]:
        """What the page shows or frames, as paths from the page: pictures and pages of ours."""
        found = re.findall(r"!\[[^\]]*\]\(([^)#\s]+)|<(?:iframe|img)[^>]*\ssrc=\"([^\"]+)\"", self.text)
        return {a or b for a, b in found}

    def run(self, session: dict[str, Any] | None = None) -> None:
        """Run all blocks in the current folder; raise `BlockError` at the first that is not as the page says."""
        session = {"__name__": "__page__"} if session is None else session
        for block in self.blocks:
            where = f"docs/{self.path}:{block.line}"
            RUNNERS[block.language](block, session, where)


def _script(block: Block, session: dict[str, Any], where: str) -> None:
    printed = io.StringIO()
    name = f"<{where}>"
    linecache.cache[name] = (len(block.code), None, block.code.splitlines(keepends=True), name)
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(block.code, name, "exec"), session)
    except Exception as error:
        raise BlockError(f"{where}: {type(error).__name__}: {error}\n{block.code}") from error
    _compare(printed.getvalue(), block.expected or "", where)


def _prompt(block: Block, session: dict[str, Any], where: str) -> None:
    examples = doctest.DocTestParser().get_doctest(block.code, session, where, where, block.line)
    examples.globs = session  # not a copy: the next block goes on from here
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    if runner.run(examples, out=report.append, clear_globs=False).failed:
        raise BlockError(f"{where}\n{''.join(report)}")


def _commands(block: Block, session: dict[str, Any], where: str) -> None:
    for command, expected in commands(block.code):
        words = shlex.split(command)
        if words[0] != "autograd-tiny":
            raise BlockError(f"{where}: {command!r}: only autograd-tiny is run; put installing into a sh block")
        done = subprocess.run([sys.executable, "-m", "autograd_tiny", *words[1:]], text=True, capture_output=True,
                              check=False, env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"})  # fmt: skip
        if done.returncode:
            raise BlockError(f"{where}: {command!r} exits with {done.returncode}\n{done.stdout}{done.stderr}")
        _compare(done.stdout, expected, where)


def _install(block: Block, session: dict[str, Any], where: str) -> None:
    makefile, project = (ROOT / "Makefile").read_text(), (ROOT / "pyproject.toml").read_text()
    for line in block.code.splitlines():
        command = line.split("#")[0].strip()
        if command.startswith("make "):
            for target in command.split()[1:]:
                if not re.search(rf"^{target}:", makefile, flags=re.MULTILINE):
                    raise BlockError(f"{where}: {command!r}: the Makefile has no {target!r}")
        elif command.startswith("pip install"):
            for extra in re.findall(r"[\w-]+(?=[,\]])", command):
                if not re.search(rf"^{extra} = \[", project, flags=re.MULTILINE):
                    raise BlockError(f"{where}: {command!r}: pyproject.toml has no extra {extra!r}")
        elif command:
            raise BlockError(f"{where}: {command!r}: expected make or pip install")


def _questions(block: Block, session: dict[str, Any], where: str) -> None:
    """A lesson's questions, which are to be as the command reads them."""
    from autograd_tiny.explaining import questions

    try:
        questions.read(block.code)
    except ValueError as error:
        raise BlockError(f"{where}: {error}") from error


RUNNERS = {
    "python": _script,
    "run": _script,
    "pycon": _prompt,
    "console": _commands,
    "sh": _install,
    "toml": _questions,
}


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block with what it prints.

    >>> list(commands("$ one\\n1\\n$ two\\n"))
    [('one', '1\\n'), ('two', '')]
    """
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, printed = part.partition("\n")
        yield command, printed


def _compare(printed: str, expected: str, where: str) -> None:
    """Console output may be left out or cut with ``...``; blanks at the ends of lines do not matter."""
    shown = "".join(f"{line.rstrip()}\n" for line in printed.splitlines())
    wanted = "".join(f"{line.rstrip()}\n" for line in expected.splitlines())
    if not doctest.OutputChecker().check_output(wanted, shown, doctest.ELLIPSIS):
        raise BlockError(f"{where}: the page says\n{wanted}but it prints\n{shown}")


def pages(folder: Path = DOCS) -> list[Page]:
    """Every page written by hand whose blocks are ours to run, in the order of their paths."""
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.md"))
    return [Page(path, (folder / path).read_text(encoding="utf-8")) for path in paths if path not in ALREADY_RUN]


def run_in(page: Page, folder: Path) -> list[Path]:
    """Run a page with its own place below ``folder`` as the current one; the files it wrote, from ``folder``."""
    place = folder / Path(page.path).parent
    place.mkdir(parents=True, exist_ok=True)
    before = {path: path.stat().st_mtime_ns for path in place.rglob("*") if path.is_file()}
    with contextlib.chdir(place):
        page.run()
    after = {path: path.stat().st_mtime_ns for path in place.rglob("*") if path.is_file()}
    return sorted(path.relative_to(folder) for path, time in after.items() if before.get(path) != time)
