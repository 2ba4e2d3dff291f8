"""The suite on every Python that is there, on both engines; lint; the docs.

    pipx run nox                    all of it
    pipx run nox -s tests-3.13      one Python
    pipx run nox -l                 what there is

Arguments after ``--`` go to pytest: ``nox -s tests-3.12 -- tests/nn -x``. A Python that is missing is passed over.
"""

from __future__ import annotations

import os
from pathlib import Path

import nox

PYTHONS = ["3.11", "3.12", "3.13"]

nox.options.error_on_missing_interpreters = False
nox.options.reuse_existing_virtualenvs = True

# pyenv's own `python3.12` refuses to start unless that version is switched on: so what it has built comes first.
_BUILDS = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
_FOUND = [str(path) for version in PYTHONS for path in sorted(_BUILDS.glob(f"{version}.*/bin"))]
os.environ["PATH"] = os.pathsep.join([*_FOUND, os.environ.get("PATH", "")])


@nox.session(python=PYTHONS)
@nox.parametrize("engine", ["python", "compiled"])
def tests(session: nox.Session, engine: str) -> None:
    """The suite; the compiled engine must be built where it is asked for."""
    session.install("-e", ".[dev]", env={"AUTOGRAD_TINY_REQUIRE_COMPILED": "1"})
    session.run("python", "-m", "pytest", "-n", "2", *session.posargs, env={"AUTOGRAD_TINY_ENGINE": engine})


@nox.session(python="3.11")
def lint(session: nox.Session) -> None:
    """What `make lint` runs."""
    session.install("-e", ".[dev]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")


@nox.session(python="3.11")
def docs(session: nox.Session) -> None:
    """The site, in site/; a warning is an error."""
    session.install("-e", ".[docs]")
    session.run("python", "-W", "error", "-m", "mkdocs", "build", "--quiet", env={"NO_MKDOCS_2_WARNING": "1"})
