"""A workload, its contenders, and the interleaved rounds that measure them.

This file imports neither rich nor any contender: it is loaded in every child, next to the thing that is measured.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from .goals import Goal

ROOT = Path(__file__).resolve().parent.parent
CHILD_SECONDS = 300
"""A child that takes longer is stopped and reported: the slowest needs about 8."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""The environment of a contender that would otherwise take every core: we have one."""


class Package(NamedTuple):
    """What a contender needs: the module to look for, and what to give to pip where it is missing."""

    module: str
    requirement: str


@dataclass(frozen=True)
class Sample:
    """What one child found: ``quantities`` in the units of the workload, ``facts`` for its notes."""

    quantities: dict[str, float]
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Contender:
    """One way to do the work. ``run`` is called in a fresh process with ``environment`` added.

    ``deep`` runs it in a thread with a 512 MiB stack and a high recursion limit, for peers that recurse; where
    one contender of a workload needs that, all get it.
    """

    name: str
    run: Callable[[], Sample]
    package: Package | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    deep: bool = False


@dataclass
class Outcome:
    """One contender's samples, a round each; or the problem that stopped it."""

    samples: list[Sample] = field(default_factory=list)
    problem: str = ""

    def quantity(self, name: str) -> list[float]:
        """The quantity in each round."""
        return [sample.quantities[name] for sample in self.samples]


Outcomes = Mapping[str, Outcome]


class Spread(NamedTuple):
    """A median with the smallest and the largest."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, numbers: Sequence[float]) -> Spread:
        return cls(median(numbers), min(numbers), max(numbers))


def no_notes(outcomes: Outcomes) -> list[str]:
    return []


@dataclass(frozen=True)
class Workload:
    """Work that ``contenders`` do in turn, with what is measured and what must be reached.

    ``quantities`` maps each name to its format, unit included; less is better for all of them. Ratios are against
    the contender called ``peer``. ``notes`` turns the outcomes into sentences, checks among them.
    """

    name: str
    title: str
    contenders: Sequence[Contender]
    quantities: Mapping[str, str]
    peer: str
    goals: Sequence[Goal] = ()
    rounds: int = 9
    notes: Callable[[Outcomes], list[str]] = no_notes


def measure(workload: Workload, rounds: int) -> dict[str, Outcome]:
    """The outcome of every contender after ``rounds`` rounds of A B … A B …"""
    outcomes = {contender.name: Outcome(problem=_missing(contender)) for contender in workload.contenders}
    for _ in range(rounds):
        for contender in workload.contenders:
            outcome = outcomes[contender.name]
            if not outcome.problem:
                _run_child(workload, contender, outcome)
    return outcomes


def _missing(contender: Contender) -> str:
    package = contender.package
    if package is None or find_spec(package.module) is not None:
        return ""
    return f"missing: pip install {package.requirement}"


def _run_child(workload: Workload, contender: Contender, outcome: Outcome) -> None:
    command = [sys.executable, "-m", "benchmarks.child", workload.name, contender.name]
    environment = {**os.environ, **contender.environment}
    try:
        child = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=CHILD_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        outcome.problem = f"stopped after {CHILD_SECONDS} s"
        return
    if child.returncode:
        last_line = (child.stderr.strip().splitlines() or [""])[-1]
        outcome.problem = f"killed by signal {-child.returncode}" if child.returncode < 0 else last_line
        return
    outcome.samples.append(Sample(**json.loads(child.stdout.splitlines()[-1])))
