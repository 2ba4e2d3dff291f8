"""Run the workloads, print the tables, keep those of a whole run in ``benchmarks/results.md``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from time import perf_counter

from rich.console import Console

from .harness import ROOT, measure
from .machine import describe, load
from .report import Section, markdown, print_goals, print_section, section
from .workloads import WORKLOADS

RESULTS = ROOT / "benchmarks" / "results.md"
QUICK_ROUNDS = 2
WIDTH = 160
"""Columns where the output is no terminal, so that no row of a log is folded."""


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Our costs next to our peers', as ratios."
    )
    names = [workload.name for workload in WORKLOADS]
    parser.add_argument("--only", choices=names, action="append", metavar="NAME", help=f"one of {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="two rounds: to see that it runs, not for the figures")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = options(arguments)
    whole = not chosen.only and not chosen.quick
    workloads = [workload for workload in WORKLOADS if not chosen.only or workload.name in chosen.only]
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)

    start, load_before = perf_counter(), load()
    heading = [
        *describe(contender for workload in workloads for contender in workload.contenders),
        "Medians over rounds of A B … A B …, every sample in a fresh process, garbage collector on; ratios are taken "
        "within a round, and less is better throughout.",
    ]
    if chosen.quick:
        heading.append(f"Quick: {QUICK_ROUNDS} rounds, to see that it runs; read nothing into the figures.")
    for line in heading:
        console.print(f"- {line}", markup=False, highlight=False)
    console.print()

    sections: list[Section] = []
    for workload in workloads:
        rounds = QUICK_ROUNDS if chosen.quick else workload.rounds
        with console.status(f"{workload.name}: {rounds} rounds of {len(workload.contenders)} contenders"):
            outcomes = measure(workload, rounds)
        sections.append(section(workload, outcomes, rounds))
        print_section(console, sections[-1])

    print_goals(console, sections)
    took = f"{perf_counter() - start:.0f} s; load average {load_before} at the start, {load()} at the end"
    console.print(f"Took {took}.", markup=False, highlight=False)
    if whole:
        date = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, `.venv/bin/python -m benchmarks`, {took}"
        RESULTS.write_text(markdown([date, *heading], sections), encoding="utf-8")
        console.print(f"Written to {RESULTS.relative_to(ROOT)}.", markup=False, highlight=False)
    else:
        console.print("Not written: results.md holds whole runs only.", markup=False, highlight=False)


if __name__ == "__main__":
    main()
