"""The outcomes as rows, and the rows as a table on the terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .goals import Goal
from .harness import Contender, Outcome, Outcomes, Spread, Workload

HEADINGS = ("contender", "quantity", "median", "min … max", "next to the peer")
GOAL_HEADINGS = ("work", "contender", "quantity", "to reach", "found", "verdict")
REACHED, NOT_REACHED = "reached", "NOT reached"

Row = tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """One workload's results: ``rows`` have a cell for each of `HEADINGS`, ``goals`` for each of `GOAL_HEADINGS`."""

    title: str
    rows: Sequence[Row]
    goals: Sequence[Row]
    notes: Sequence[str]


def section(workload: Workload, outcomes: Outcomes, rounds: int) -> Section:
    """What there is to tell about a workload, in the order of its quantities."""
    rows: list[Row] = []
    for contender in workload.contenders:
        if outcomes[contender.name].problem:
            rows.append((contender.name, outcomes[contender.name].problem, "", "", ""))
    for quantity in workload.quantities:
        rows += [
            _row(workload, outcomes, contender, quantity)
            for contender in workload.contenders
            if not outcomes[contender.name].problem
        ]
    title = f"{workload.title} ({workload.name}, {rounds} rounds)"
    goals = [
        (workload.name, goal.contender, goal.quantity, goal.text, *_verdict(goal, outcomes)) for goal in workload.goals
    ]
    return Section(title, rows, goals, workload.notes(outcomes))


def _row(workload: Workload, outcomes: Outcomes, contender: Contender, quantity: str) -> Row:
    own, peer = outcomes[contender.name], outcomes[workload.peer]
    shown = workload.quantities[quantity]
    spread = Spread.of(own.quantity(quantity))
    cells = (contender.name, quantity, shown.format(spread.middle), _range(spread, shown.partition("}")[0] + "}"))
    if own is peer:
        return *cells, "the peer" if len(outcomes) > 1 else ""
    return *cells, "" if peer.problem else _ratio(own, peer, quantity)


def _range(spread: Spread, shown: str) -> str:
    return f"{shown.format(spread.low)} … {shown.format(spread.high)}"


def _ratio(own: Outcome, peer: Outcome, quantity: str) -> str:
    """How many times less (or more) than the peer, round by round."""
    pairs = list(zip(own.quantity(quantity), peer.quantity(quantity), strict=True))
    less = Spread.of([theirs / ours for ours, theirs in pairs])
    word, spread = (
        ("less", less) if less.middle >= 1 else ("more", Spread.of([ours / theirs for ours, theirs in pairs]))
    )
    low, middle, high = (f"{x:,.0f}" if x >= 100.0 else f"{x:.3g}" for x in (spread.low, spread.middle, spread.high))
    return f"{middle}× {word} ({low} … {high})"


def _verdict(goal: Goal, outcomes: Outcomes) -> tuple[str, str]:
    """What was found, and whether it will do."""
    own, peer = outcomes[goal.contender], outcomes[goal.peer]
    if own.problem:
        return own.problem, NOT_REACHED
    if goal.compare is None:
        return "", REACHED
    if peer.problem:
        return f"no {goal.peer} to compare with: {peer.problem}", "open"
    pairs = zip(own.quantity(goal.quantity), peer.quantity(goal.quantity), strict=True)
    spread = Spread.of([goal.compare(ours, theirs) for ours, theirs in pairs])
    found = f"{goal.shown.format(spread.middle)} ({_range(spread, goal.shown.partition('}')[0] + '}')})"
    return found, REACHED if goal.reached(spread.middle) else NOT_REACHED


def print_section(console: Console, section: Section) -> None:
    """The section as a table on the terminal, a line between quantities where contenders share them."""
    table = _table(section.title, HEADINGS, right=(2, 3))
    several = len({row[0] for row in section.rows}) > 1
    previous = ""
    for row in section.rows:
        if several and previous not in ("", row[1]):
            table.add_section()
        table.add_row(*map(escape, row))
        previous = row[1]
    console.print(table)
    for note in section.notes:
        console.print(f"- {note}", markup=False, highlight=False)
    console.print()


def print_goals(console: Console, sections: Sequence[Section]) -> None:
    """Every figure to reach, in one table on the terminal."""
    table = _table("What was to be reached", GOAL_HEADINGS)
    for section in sections:
        for row in section.goals:
            table.add_row(*map(escape, row), style={REACHED: "green", NOT_REACHED: "red"}.get(row[-1], "yellow"))
    console.print(table)


def _table(title: str, headings: Sequence[str], right: Sequence[int] = ()) -> Table:
    table = Table(title=escape(title), title_justify="left", title_style="bold")
    for i, heading in enumerate(headings):
        table.add_column(heading, justify="right" if i in right else "left", overflow="fold")
    return table


def markdown(heading: Sequence[str], sections: Sequence[Section]) -> str:
    """The whole report as Markdown: every line of ``heading`` an item, the goals, then the sections."""
    lines = ["# Benchmarks", "", *(f"- {line}" for line in heading), "", "## What was to be reached", ""]
    lines += [*_rows(GOAL_HEADINGS, [row for section in sections for row in section.goals]), ""]
    for section in sections:
        lines += [f"## {section.title}", "", *_rows(HEADINGS, section.rows), ""]
        lines += [*(f"- {note}" for note in section.notes), ""]
    return "\n".join(lines)


def _rows(headings: Sequence[str], rows: Sequence[Row]) -> list[str]:
    return [_cells(headings), _cells(["---"] * len(headings)), *map(_cells, rows)]


def _cells(row: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
