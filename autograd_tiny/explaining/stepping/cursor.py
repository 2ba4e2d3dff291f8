"""`Cursor`, a place in a row of steps that moves both ways: what a backward and a forward pass have in common.

A subclass says how many steps there are, what each is (`step`), and what else a move from one place to another
does (`_move`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic, Protocol, TypeVar

from ... import errors
from ...core import Value
from ..names import Names
from ..naming import caller_names
from ..shown import Printed
from .setting import with_number
from .until import Condition, condition


class Stepped(Protocol):
    """What every step has."""

    @property
    def node(self) -> Value: ...

    def _repr_latex_(self) -> str: ...


S = TypeVar("S", bound=Stepped)


class Cursor(Printed, Generic[S]):
    """An iterator over steps that knows where it is and can go back."""

    quantities: Sequence[str] = ("data",)
    """What a comparison in words may be about."""

    def __init__(self, order: list[Value], variables: Mapping[Value, str] | None = None) -> None:
        self.order = order
        self.root = order[-1]
        if variables is None:
            variables = caller_names()
        self.names = Names(order, {node: variables[node] for node in order if node in variables}, networks=True)
        self.breakpoints: list[Condition] = []
        self.listeners: list[Callable[[], None]] = []
        """Called after each move and each `set`."""
        self._position = 0

    # What a subclass says

    def __len__(self) -> int:
        raise NotImplementedError

    def step(self, n: int) -> S:
        """The record of step ``n``, counted from 1, without going there."""
        raise NotImplementedError

    def node_of(self, n: int) -> Value:
        """The node of step ``n``."""
        raise NotImplementedError

    def _known(self) -> Collection[Value]:
        return set(self.order)

    def _touches(self, n: int, nodes: Collection[Value]) -> bool:
        """Whether step ``n`` is about one of ``nodes``, for a leaf: has it as an operand."""
        node = self.node_of(n)
        return node in nodes or any(parent in nodes and not parent.parents for parent in node.parents)

    def _shift(self, n: int) -> None:
        self._position = n

    def _move(self, n: int) -> None:
        """Go there, and tell those who listen."""
        self._shift(n)
        self._told()

    def _told(self) -> None:
        for listener in list(self.listeners):
            listener()

    # What if

    def set(self, leaf: Value | str, number: float) -> S | None:
        """Give a leaf another number, and stay at the same step of the graph as it is then; the step done last.

        The leaf itself is set, as ``leaf.data = number`` would. What depends on it is computed anew, in nodes of its
        own, from which the pass goes on: ``root`` is the new root. Raises ``ValueError`` for what is no leaf of this
        pass, and `NonFiniteError`, with everything as it was, where the number leaves the domain of an operation.
        """
        node = self._leaf(leaf)
        here = self._position
        self._shift(0)
        try:
            new = with_number(self.order, node, number)
            self.follow(new)
        finally:
            self._shift(here)
        self._told()
        return self.current

    def _leaf(self, leaf: Value | str) -> Value:
        found = [leaf] if isinstance(leaf, Value) else [node for node in self.order if node.label == leaf]
        if not found and isinstance(leaf, str):
            found = self.names.find(leaf)
        leaves = [node for node in self.order if node.is_leaf]
        settable = [node for node in found if node in leaves]
        if len(settable) > 1:
            numbers = ", ".join(f"{node.data:.5g}" for node in settable[:8])
            raise ValueError(
                f"set({leaf}): {len(settable)} leaves have this name, with the numbers {numbers}: give the Value "
                "itself, as in steps(root).set(v, 1.0), or the leaves different labels"
            )
        if settable:
            return settable[0]
        some = ", ".join(map(self.names, leaves[:8])) + (", …" if len(leaves) > 8 else "")
        named = self.names(found[0]) if found and found[0] in self.order else errors.shorten(leaf)
        what = "is computed from others" if found and found[0].parents else "is no leaf of this pass"
        raise ValueError(f"set({named}): {named} {what}: expected one of {some}")

    def follow(self, new: Mapping[Value, Value]) -> None:
        """Stand for the nodes that replace some of the old ones, under the same names. At 0 only."""
        computed = self.names.computed
        given, words = self.names.given, {node: self.names.word(node) for node in self.order if not node.label}
        self.order = [new.get(node, node) for node in self.order]
        self.root = new.get(self.root, self.root)
        self.names = Names(self.order, {new.get(node, node): word for node, word in words.items() if word}, self.root)
        self.names.given = {new.get(node, node): name for node, name in given.items()}
        self.names.computed = computed
        self.breakpoints = [
            replace(each, nodes=frozenset(new.get(node, node) for node in each.nodes)) for each in self.breakpoints
        ]

    # Moving

    @property
    def position(self) -> int:
        """How many steps are done: 0 is none, ``len`` all."""
        return self._position

    @property
    def current(self) -> S | None:
        """The step done last; None at 0."""
        return self.step(self._position) if self._position else None

    def __iter__(self) -> Cursor[S]:
        return self

    def __next__(self) -> S:
        if self._position == len(self):
            raise StopIteration
        self._move(self._position + 1)
        return self.step(self._position)

    def back(self) -> S:
        """The last step, which is undone. Raises ``IndexError`` at 0."""
        if self._position == 0:
            raise IndexError("back(): no step is done yet")
        undone = self.step(self._position)
        self._move(self._position - 1)
        return undone

    def goto(self, n: int) -> S | None:
        """Go to where ``n`` steps are done, forwards or back; the step done last, None at 0."""
        self._checked("goto", n, 0)
        self._move(n)
        return self.current

    def reset(self) -> None:
        """Go back to where nothing is done."""
        self._move(0)

    def until(self, what: Any) -> S | None:
        """Go on until the step of a node or operation is done, or one that meets a condition; that step.

        ``what`` is a node, a label, an operation's name, a function of a step, or words such as
        ``"abs(gradient) > 10"`` and ``"nonfinite"``. A leaf has no step of its own: there it is the next that has
        the leaf as a parent. A breakpoint on the way stops it too. If no step ahead matches it stays where it is
        and gives None. Raises ``ValueError``, with the nearest name, for what is nothing of this pass.
        """
        found = self._ahead([self._condition(what), *self.breakpoints])
        return None if found is None else self.goto(found)

    def run(self) -> S | None:
        """Go on to the next breakpoint, and give its step; without one to the end, and give None."""
        found = self._ahead(self.breakpoints)
        if found is not None:
            return self.goto(found)
        self._finish()
        return None

    def _finish(self) -> None:
        self._move(len(self))

    # Breakpoints

    def break_on(self, what: Any) -> Condition:
        """The breakpoint that is set: `run` and `until` stop after each step that ``what`` fits (see `until`)."""
        breakpoint_ = self._condition(what)
        self.breakpoints.append(breakpoint_)
        return breakpoint_

    def clear(self, breakpoint_: Condition | None = None) -> None:
        """Remove one breakpoint, or all."""
        if breakpoint_ is None:
            self.breakpoints.clear()
        elif breakpoint_ in self.breakpoints:
            self.breakpoints.remove(breakpoint_)
        else:
            raise ValueError(
                f"clear() got {errors.shorten(breakpoint_)}: expected one of .breakpoints, or nothing for all"
            )

    def _condition(self, what: Any) -> Condition:
        return condition(what, self.names, self._known(), self.quantities)

    def _ahead(self, conditions: list[Condition]) -> int | None:
        """The first step ahead that meets one of the conditions."""
        if conditions:
            for n in range(self._position + 1, len(self) + 1):
                if any(self._meets(n, wanted) for wanted in conditions):
                    return n
        return None

    def _meets(self, n: int, wanted: Condition) -> bool:
        if wanted.test is not None:
            return bool(wanted.test(self.step(n)))
        return self._touches(n, wanted.nodes) if wanted.nodes else self.node_of(n).op == wanted.op

    def _repr_latex_(self) -> str | None:
        """The step done last; None, and so the text, where there is none."""
        current = self.current
        return None if current is None else current._repr_latex_()

    def _checked(self, place: str, n: Any, least: int) -> None:
        if isinstance(n, bool) or not isinstance(n, int):
            raise TypeError(f"{place}() got {errors.shorten(n)}, {errors.article(type(n).__name__)}: expected an int")
        if not least <= n <= len(self):
            start = "0 (nothing done)" if least == 0 else str(least)
            raise IndexError(f"{place}({n}): expected {start} to {len(self)}, the number of steps")
