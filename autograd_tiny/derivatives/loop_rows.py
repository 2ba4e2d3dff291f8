"""What a loop is in a graph that is being recorded: one node for all of its steps, and one for each number it gives.

The loop's node takes all that comes from outside: the first carry, the stream (the numbers of each step, step by step),
and what every step shares. Its own number says nothing; ``loop_output(loop, j)`` is the j-th number that it gives: the
last carry, then what the steps gave, step by step. Only the compiler makes these, and its programs run them: a
derivative that is taken inside of the recorded function wants the steps themselves (`Unroll`).

>>> OUTPUT.arguments, loop_row(None, "scan", 3).arguments
(('loop', 'j'), ('x', 'x', 'x'))
"""

from __future__ import annotations

from typing import Any

from ..modes.looping import Unroll
from ..table.primitive import Primitive


class Rule:
    """The rule of a loop: known to the compiler only. ``loop`` is what it repeats."""

    numerical = True

    def __init__(self, loop: Any) -> None:
        self.loop = loop

    def __call__(self, xp: Any, *operands: Any) -> Any:
        raise Unroll


def loop_row(loop: Any, name: str, count: int) -> Primitive:
    """The row of a loop's node, with so many operands."""
    rule = Rule(loop)
    return Primitive(name, rule, (rule,) * count, arguments=("x",) * count, text=name, symbol="↻")


_RULE = Rule(None)
OUTPUT = Primitive("loop_output", _RULE, (_RULE, _RULE), arguments=("loop", "j"), text="{0}", symbol="↻")


def loop_of(row: Primitive) -> Any:
    """The loop of a row, if it is one's."""
    return getattr(row.forward, "loop", None)
