"""The outcomes as rows, and the rows as a table on the terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .harness import Contender, Goal, Outcome, Outcomes, Spread, Workload

HEADINGS = ("contender", "quantity", "median", "min … max", "against the peer", "to reach", "verdict")
REACHED, NOT_REACHED = "reached", "NOT reached"


@dataclass(frozen=True)
class Section:
    """One workload's results: its rows have a cell for each of `HEADINGS`."""

    title: str
    rows: Sequence[tuple[str, ...]]
    notes: Sequence[str]


def section(workload: Workload, outcomes: Outcomes, rounds: int) -> Section:
    """What there is to tell about a workload, in the order of its quantities."""
    rows: list[tuple[str, ...]] = []
    for contender in workload.contenders:
        outcome = outcomes[contender.name]
        if outcome.problem:
            goals = [goal for goal in workload.goals if goal.contender == contender.name]
            wanted = "; ".join(goal.text for goal in goals)
            rows.append((contender.name, outcome.problem, "", "", "", wanted, NOT_REACHED if goals else ""))
    for quantity in workload.quantities:
        rows += [
            _row(workload, outcomes, contender, quantity)
            for contender in workload.contenders
            if not outcomes[contender.name].problem
        ]
    return Section(f"{workload.title} ({workload.name}, {rounds} rounds)", rows, workload.notes(outcomes))


def _row(workload: Workload, outcomes: Outcomes, contender: Contender, quantity: str) -> tuple[str, ...]:
    own, peer = outcomes[contender.name], outcomes[workload.peer]
    shown = workload.quantities[quantity]
    spread = Spread.of(own.quantity(quantity))
    cells = (contender.name, quantity, shown.format(spread.middle), _range(spread, shown.partition("}")[0] + "}"))
    against = "the peer" if own is peer else "" if peer.problem else _ratio(own, peer, quantity)
    goals = [goal for goal in workload.goals if (goal.contender, goal.quantity) == (contender.name, quantity)]
    verdicts = "; ".join(_verdict(goal, own, peer) for goal in goals)
    return *cells, against, "; ".join(goal.text for goal in goals), verdicts


def _range(spread: Spread, shown: str) -> str:
    return f"{shown.format(spread.low)} … {shown.format(spread.high)}"


def _ratio(own: Outcome, peer: Outcome, quantity: str) -> str:
    """How many times less (or more) than the peer, round by round."""
    pairs = list(zip(own.quantity(quantity), peer.quantity(quantity), strict=True))
    less = Spread.of([theirs / ours for ours, theirs in pairs])
    word, spread = (
        ("less", less) if less.middle >= 1 else ("more", Spread.of([ours / theirs for ours, theirs in pairs]))
    )
    return f"{spread.middle:.3g}× {word} ({_range(spread, '{:.3g}')})"


def _verdict(goal: Goal, own: Outcome, peer: Outcome) -> str:
    if goal.compare is None:
        return REACHED
    if peer.problem:
        return "no peer to compare with"
    pairs = zip(own.quantity(goal.quantity), peer.quantity(goal.quantity), strict=True)
    spread = Spread.of([goal.compare(ours, theirs) for ours, theirs in pairs])
    return f"{REACHED if goal.reached(spread.middle) else NOT_REACHED}: {goal.shown.format(spread.middle)}"


def print_section(console: Console, section: Section) -> None:
    """The section as a table on the terminal."""
    table = Table(title=escape(section.title), title_justify="left", title_style="bold")
    for i, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="right" if i in (2, 3) else "left", overflow="fold")
    previous = ""
    for row in section.rows:
        if previous not in ("", row[1]):
            table.add_section()
        style = "red" if row[-1].startswith(NOT_REACHED) else "green" if row[-1].startswith(REACHED) else ""
        table.add_row(*map(escape, row), style=style)
        previous = row[1]
    console.print(table)
    for note in section.notes:
        console.print(f"- {note}", markup=False, highlight=False)
    console.print()


def markdown(heading: Sequence[str], sections: Sequence[Section]) -> str:
    """The whole report as Markdown; every line of ``heading`` an item."""
    lines = ["# Benchmarks", "", *(f"- {line}" for line in heading), ""]
    for section in sections:
        lines += [f"## {section.title}", "", _cells(HEADINGS), _cells(["---"] * len(HEADINGS))]
        lines += [_cells(row) for row in section.rows]
        lines += ["", *(f"- {note}" for note in section.notes), ""]
    return "\n".join(lines)


def _cells(row: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
