"""One step of a loop, as it was recorded: a graph of its own, from what it carries, takes and shares to what it gives.

What in the step depends on nothing that differs between steps is no part of it: it is computed once, outside, and is
among what all steps share. So are the parameters that the step uses.

>>> from autograd_tiny import Value
>>> w, h = Value(2.0), make_node(INPUT, 1.0, (), ())
>>> step = Step.of([w.exp() * h], [h], 1, 0)
>>> step.sizes, [node.op for node in step.shared], [root.op for root in step.roots]
((1, 0, 1), ['exp'], ['mul'])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ...core import Value, apply, make_node, topological_order
from ...derivatives.loop_rows import loop_of
from ...errors.looking import looking
from ...modes.recording import INPUT, note_derived
from ...table.ops import TABLE
from ..record.checks import record_checked
from ..record.graph import COMPUTED, CONSTANT, PARAMETER, Bools, Graph, Ints


@dataclass(frozen=True)
class Step:
    """``leaves`` are the numbers carried, streamed and shared, whose outside Values are ``shared``; ``roots`` the next
    carry and what else it gives. What was differentiated in it, ``beside``, has to be finite too.
    """

    leaves: list[Value]
    roots: list[Value]
    shared: list[Value]
    carried: int
    streamed: int
    beside: Sequence[Value] = ()

    @classmethod
    def of(
        cls, outputs: Sequence[Value], own: Sequence[Value], carried: int, streamed: int, beside: Sequence[Value] = ()
    ) -> Step:
        """The step that gives ``outputs`` of its ``own`` leaves, those carried and those streamed."""
        with looking():  # numbers are copied into nodes of the step, which runs on others
            order = topological_order(*outputs, *beside)
            inside = set(own)
            for node in order:
                if not inside.isdisjoint(node.parents):
                    inside.add(node)
            copy: dict[Value, Value] = dict(zip(own, own, strict=True))
            shared: list[Value] = []

            def mapped(node: Value) -> Value:
                if node not in copy:
                    if node.is_constant:
                        copy[node] = node
                    else:
                        copy[node] = make_node(INPUT, node.data, (), ())
                        shared.append(node)
                return copy[node]

            for node in order:
                if node in inside and node not in copy:
                    parents = tuple(map(mapped, node.parents))
                    copy[node] = make_node(node.primitive, node.data, parents, node.local_derivatives)
            roots: dict[Value, None] = {}
            for output in outputs:
                root = mapped(output)
                if root in roots or not root.parents:  # each root is to have a place of its own
                    root = apply(TABLE["identity"], (root,))
                roots[root] = None
        note_derived(node for node in beside if node not in inside)
        looked = [copy[node] for node in beside if node in inside]
        return cls([*own, *(copy[node] for node in shared)], [*roots], shared, carried, streamed, looked)

    @property
    def given(self) -> int:
        """How many roots there are beside the carry."""
        return len(self.roots) - self.carried

    @property
    def sizes(self) -> tuple[int, int, int]:
        """How many leaves of each section."""
        return self.carried, self.streamed, len(self.shared)

    @cached_property
    def graph(self) -> Graph:
        """Its graph, whose leaves are all parameters; `places` says where they are."""
        graph, leaves = self._recorded, self.places
        kinds = graph.kinds.copy()
        kinds[leaves] = PARAMETER
        return replace(graph, roots=graph.roots[: len(self.roots)], kinds=kinds, learns=kinds != CONSTANT)

    @cached_property
    def places(self) -> Ints:
        """The nodes of its leaves in the graph."""
        return self._recorded.roots[len(self.roots) :]

    @cached_property
    def _recorded(self) -> Graph:
        with looking():
            return record_checked([*self.roots, *self.leaves], [self.leaves], False, beside=self.beside)

    @cached_property
    def constants(self) -> frozenset[float]:
        """The constants in it."""
        return frozenset(self.graph.numbers[self.graph.kinds == CONSTANT].tolist())

    @cached_property
    def key(self) -> bytes:
        """Equal for steps that do the same, whatever Values they were recorded on; of loops in it, only for these."""
        graph = self.graph
        parts = [graph.codes, graph.starts, graph.operands, graph.roots, self.places]
        parts.append(graph.numbers[graph.kinds == CONSTANT])
        return b"".join(map(np.ndarray.tobytes, parts)) + repr([id(row) for row in graph.rows[2:]]).encode()

    @property
    def has_loops(self) -> bool:
        """Whether a loop is in it."""
        return any(loop_of(row) is not None for row in self.graph.rows)

    @property
    def differentiable(self) -> bool:
        """Whether it can run back: not if the pullback of a loop is in it."""
        return all(loop is None or loop.differentiable for loop in map(loop_of, self.graph.rows))

    @property
    def operations(self) -> int:
        """How many operations it has, those of loops in it a step each."""
        return int((self.graph.kinds == COMPUTED).sum())

    def written_out(self) -> int:
        """How many operations it has with all steps of loops in it."""
        graph, total = self.graph, self.operations
        for code in graph.codes[graph.kinds == COMPUTED].tolist():
            loop: Any = loop_of(graph.rows[code])
            total += loop.written_out() if loop is not None else 0
        return total

    def reached(self, sources: Bools) -> Bools:
        """Which nodes depend on the ``sources``, these included."""
        graph, found = self.graph, sources.copy()
        for i in np.flatnonzero(graph.kinds == COMPUTED).tolist():
            found[i] |= found[graph.operands[graph.starts[i] : graph.starts[i + 1]]].any()
        return found
