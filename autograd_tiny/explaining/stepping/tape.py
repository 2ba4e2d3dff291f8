"""`Tape`, a reverse sweep written down: each contribution, with its parent's adjoint before and after.

It repeats `backward._sweep` multiplication by multiplication, so that its adjoints are bit for bit those of
either engine, and touches no node. A zero sends nothing, unless it meets a derivative that is not finite on an edge
that is taken (see `masks`). With both sides of each contribution kept, 24 bytes an edge, any stretch of
the sweep is done or undone by reading it forwards or backwards: no local derivative is multiplied twice.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection
from math import isfinite

from ...core import Value
from ...core.masks import taken


class Tape:
    """The sweep over a topological ``order``, whose last is the root.

    A node is known by its place in ``order``, its slot; all constants share the slot ``len(order)``, since they
    take no gradient. Step n, from 1, has the rows ``starts[n - 1]`` to ``starts[n]``.
    """

    def __init__(self, order: list[Value]) -> None:
        self.order = order
        self.constants = len(order)
        self.slot_of = {node: self.constants if node.is_constant else i for i, node in enumerate(order)}
        self.senders, self.starts = array("q"), array("q", [0])
        self.upstreams = array("d")
        self.slots, self.before, self.after = array("q"), array("d"), array("d")
        self.sends = bytearray()
        """For each row whether anything is sent."""
        self._record()

    def _record(self) -> None:
        order, slot_of, now = self.order, self.slot_of, self.fresh()
        slots, before, after, sends = self.slots.append, self.before.append, self.after.append, self.sends.append
        reached = bytearray(len(order) + 1)
        reached[len(order) - 1] = True
        for i in range(len(order) - 1, -1, -1):
            node = order[i]
            parents = node.parents
            if parents:
                upstream = now[i]
                for parent, local, goes in zip(parents, node.local_derivatives, taken(node), strict=True):
                    slot = slot_of[parent]
                    adjoint = now[slot]
                    slots(slot)
                    before(adjoint)
                    passes = reached[i] and goes
                    sent = upstream != 0.0 if isfinite(upstream * local) else passes
                    if sent:
                        adjoint += upstream * local
                        now[slot] = adjoint
                    reached[slot] |= passes
                    after(adjoint)
                    sends(sent)
            elif i == len(order) - 1:  # a root without parents sends its 1 to itself
                upstream = 1.0
                slots(slot_of[node])
                before(0.0)
                after(1.0)
                sends(True)
                now[i] = 1.0
            else:
                continue
            self.senders.append(i)
            self.upstreams.append(upstream)
            self.starts.append(len(self.slots))
        self.finite = all(isfinite(now[i]) for i, node in enumerate(order) if node.is_leaf)

    def sends_any(self, n: int) -> bool:
        """Whether step ``n`` sends anything at all."""
        return any(self.sends[self.starts[n - 1] : self.starts[n]])

    def fresh(self) -> array[float]:
        """The adjoint of each slot as the sweep begins: 0, and 1 in the root."""
        now = array("d", bytes(8 * (len(self.order) + 1)))
        if self.order[-1].parents:
            now[len(self.order) - 1] = 1.0
        return now

    def replay(self, now: array[float], here: int, there: int) -> None:
        """Bring the adjoints ``now``, which are those after step ``here``, to where they are after ``there``.

        From 0 they may be anything: there the sweep begins afresh.
        """
        if there < here - there:  # shorter from the start
            here = 0
        if here == 0:
            now[:] = self.fresh()
        low, high = self.starts[min(here, there)], self.starts[max(here, there)]
        slots, adjoints = self.slots[low:high], (self.after if there > here else self.before)[low:high]
        if there < here:
            slots.reverse()
            adjoints.reverse()
        for slot, adjoint in zip(slots, adjoints, strict=True):
            now[slot] = adjoint

    def touched(self, here: int, there: int, every: Collection[int]) -> Collection[int]:
        """The slots whose adjoint the steps between the two write, but for that of the constants.

        Far apart they are likely most: then ``every`` slot, which is quicker than to tell them apart.
        """
        low, high = self.starts[min(here, there)], self.starts[max(here, there)]
        if high - low > len(every) // 4:
            return every
        touched = set(self.slots[low:high])
        touched.discard(self.constants)
        return touched
