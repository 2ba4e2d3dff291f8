"""The shell's tree: a large graph is cut to what is near, and the counts of what is left out add up."""

from __future__ import annotations

import pytest

import autograd_tiny as ad
from autograd_tiny import Value
from autograd_tiny_cli.shell import Session
from autograd_tiny_cli.shell.tree import around, whole

from .test_step_shell import typed


def chain(length: int, width: int) -> Value:
    x = [Value(0.1 * i, f"x{i}") for i in range(width)]
    node = ad.sum(x)
    for _ in range(length):
        node = (node * 0.9 + x[0]).tanh()
    return node


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_large_graph_is_cut_to_what_is_near_with_counts(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = typed(chain(100, 50), "until sum\ntree all\ntree x0\nuntil zzz\n", monkeypatch, width)
    assert max(map(len, shown)) <= width
    head = shown[: shown.index("301/301> tree all")]
    assert sum("│" in line or "└" in line or "├" in line for line in head) <= 12
    assert any("values are not shown)" in line for line in head)


def test_counts_of_what_is_left_out_add_up() -> None:
    session = Session(chain(30, 20))
    for n in (0, 1, 40, len(session.backward)):
        session.backward.goto(n)
        rows = around(session, session.root if session.current is None else session.current)
        nodes = {row.node for row in rows if row.node is not None}
        assert rows[-1].note == f"({len(session.order) - len(nodes)} of {len(session.order)} values are not shown)"
        between = [row.note for row in rows if "between" in row.note]
        assert len(between) == (1 if n == 40 or n == len(session.backward) else 0)
    assert len(whole(session, most=50)) <= 120


def test_a_shared_node_is_written_out_once() -> None:
    a = Value(2.0, "a")
    square = a * a
    square.label = "s"
    session = Session(square + square.exp())
    rows = whole(session)
    assert [session.names(row.node) + row.note for row in rows if row.node] == [
        "root",
        "s",
        "a",
        "a",
        "exp(s)",
        "sshown above",
    ]


def test_a_value_of_0_is_a_node_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    root = chain(100, 3)
    session = Session(root)
    zero = session.node("x0")
    assert [row.node for row in around(session, zero)].count(zero) == 1
    shown = typed(root, "tree x0\n", monkeypatch)
    assert any("└─ x0  (used by 101 operations)" in line and line.endswith(" 0") for line in shown)


def test_labels_move_no_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    a = Value(2.0, "\x1b[2Ja\x07")
    out = "\n".join(typed(a.exp(), "n\nprint\nl \x1b[2Ja\x07\ntree all\n", monkeypatch))
    assert "\x1b" not in out.split("> l ")[0]
