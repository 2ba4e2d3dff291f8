"""Where a node was made: line, expression and variable, read from the instruction that ran."""

from __future__ import annotations

import linecache
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from autograd_tiny import Value, dot, softmax, track_sources
from autograd_tiny.modes.sources import WIDTH, Program, Source, read


def source(node: Value) -> Source:
    found = node.source
    assert found is not None
    return found


def seen(node: Value) -> tuple[str, str]:
    return source(node).expression, source(node).variable


def test_the_whole_right_hand_side() -> None:
    with track_sources():
        x = Value(2.0)
        y = (x * 3.0 + x).tanh()
    assert seen(x) == ("Value(2.0)", "x")
    assert seen(y) == ("(x * 3.0 + x).tanh()", "y")
    inner = y.parents[0]
    assert seen(inner) == ("x * 3.0 + x", "")
    assert seen(inner.parents[0]) == ("x * 3.0", "")
    assert str(source(y)) == f"test_sources.py:{source(y).line}: y = (x * 3.0 + x).tanh()"
    assert str(source(inner)) == f"test_sources.py:{source(y).line}: x * 3.0 + x, in y = (x * 3.0 + x).tanh()"
    assert source(y).function == "test_the_whole_right_hand_side"


def test_kinds_of_assignment() -> None:
    thing, table, x = SimpleNamespace(), dict[str, Value](), Value(2.0)
    with track_sources():
        thing.w = x * 1.0
        table["k"] = x * 2.0
        one = two = x * 3.0
        a, (b, c) = x * 4.0, [x * 5.0, (x * 6.0)]
        annotated: Value = x * 7.0
        if (walrus := x * 8.0).data:
            pass
        changed = x
        changed *= 9.0
        *starred, last = [x * 10.0, x * 11.0]
    variables = [source(v).variable for v in (thing.w, table["k"], one, a, b, c, annotated, walrus, changed, last)]
    assert variables == ["thing.w", "table['k']", "one", "a", "b", "c", "annotated", "walrus", "changed", ""]
    assert two is one
    assert seen(starred[0]) == ("x * 10.0", "")
    assert source(changed).expression == "changed *= 9.0"


def test_several_lines() -> None:
    with track_sources():
        x = Value(2.0)
        y = (
            x * 3.0
            + dot(
                [x, x],
                [1.0, 2.0],
            )
        )  # fmt: skip
        z = (
            y
            .tanh(
            )
        )  # fmt: skip
    assert seen(y) == ("x * 3.0 + dot([x, x], [1.0, 2.0],)", "y")
    assert str(source(y)).endswith(": y = x * 3.0 + dot([x, x], [1.0, 2.0],)")
    assert seen(y.parents[1]) == ("dot([x, x], [1.0, 2.0],)", "")
    assert seen(z) == ("y .tanh()", "z")


def test_not_ascii() -> None:
    with track_sources():
        größe = Value(2.0)
        σ = größe * größe; τ = σ * größe  # fmt: skip
    assert seen(σ) == ("größe * größe", "σ")
    assert seen(τ) == ("σ * größe", "τ")


def test_our_own_frames_are_passed_over() -> None:
    with track_sources():
        p, q = Value(1.0), Value(2.0)
        r = softmax([p, q])[0]
    assert seen(r) == ("softmax([p, q])", "")
    assert source(r).text == "r = softmax([p, q])[0]"


def test_a_long_line_is_cut() -> None:
    with track_sources():
        x = Value(2.0)
        y = x + 1.0; words = "a line that says much more than anybody would like to read in an error, or at least tries"  # fmt: skip
    assert words
    assert len(str(source(y))) <= len(f"test_sources.py:{source(y).line}: ") + WIDTH
    assert str(source(y)).endswith("…")


@pytest.mark.parametrize("cell", ["%matplotlib inline\ny = x * 2.0\n", "y = x *", ""])
def test_code_whose_text_is_no_python_or_is_gone(cell: str) -> None:
    linecache.cache["<cell>"] = (len(cell), None, cell.splitlines(keepends=True), "<cell>")
    try:
        names: dict[str, Any] = {"x": Value(2.0)}
        with track_sources():
            exec(compile("\ny = x * 2.0", "<cell>", "exec"), names)
        found = source(names["y"])
        assert found.variable == ""
        assert str(found) == ("<cell>:2: x * 2.0, in y = x * 2.0" if "%" in cell else "<cell>:2")
    finally:
        del linecache.cache["<cell>"]


def test_without_positions_in_the_code() -> None:
    code = (
        "from autograd_tiny import Value, track_sources\nwith track_sources():\n    y = Value(1.0) * 2.0\n"
        "print([y.source.expression, y.source.variable, y.source.line])"
    )
    shown = subprocess.run([sys.executable, "-X", "no_debug_ranges", "-c", code], capture_output=True, text=True)
    assert shown.stdout == "['', '', 3]\n", shown.stderr


def test_equal_where_the_same_instruction_ran() -> None:
    nodes = []
    with track_sources():
        for x in (Value(1.0), Value(2.0)):
            nodes += [x * 2.0, x * 3.0]
    assert source(nodes[0]) == source(nodes[2]) != source(nodes[1])
    assert repr(source(nodes[0])).startswith("Source(filename=")
    assert len({source(node) for node in nodes}) == 2


def test_read_is_empty_for_what_is_no_python() -> None:
    assert read("x = (") == read("\0") == Program({}, {})
