"""Programs of the system that some tests ask: where one is missing, those tests are skipped, and say which and why.

``@needs("fish")`` marks a test; `program` is for within. `tools/bare.py` hides them all, to prove that nothing fails.
"""

from __future__ import annotations

import shutil

import pytest

SYSTEM = {
    "dot": ("dot", "lays out graphs as plain text, PNG and PDF: apt install graphviz"),
    "chromium": ("chromium chromium-browser google-chrome", "shows the pages: apt install chromium"),
    "node": ("node", "runs the pages' own program without a browser: apt install nodejs"),
    "bash": ("bash", "completes its commands"),
    "fish": ("fish", "completes its commands: apt install fish"),
    "zsh": ("zsh", "completes its commands: apt install zsh"),
    "git": ("git", "applies the diff of CONTRIBUTING.md"),
    "cc": ("cc", "compiles C: apt install gcc"),
    "c++": ("c++", "compiles C++: apt install g++"),
}
"""What it goes by on PATH, and what tests want it for."""


def program(name: str) -> str | None:
    """Where it is; None if it is not on PATH."""
    return next((found for other in SYSTEM[name][0].split() if (found := shutil.which(other))), None)


def reason(name: str) -> str:
    """Why a test without it is skipped."""
    return f"no {name} on PATH, which {SYSTEM[name][1]}"


def needs(name: str) -> pytest.MarkDecorator:
    """The mark of a test that asks the program of that name."""
    return pytest.mark.skipif(program(name) is None, reason=reason(name))


def ask_for(name: str) -> str:
    """Where the program is; a test that gets no further without it is skipped."""
    found = program(name)
    if found is None:
        pytest.skip(reason(name))
    return found
