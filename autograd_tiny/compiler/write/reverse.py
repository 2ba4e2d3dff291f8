"""The reverse sweep of an array program: which adjoints an instruction adds to, and how.

The first to write an adjoint stores, later ones add; only places that are read before anybody wrote all of them are set
to zero beforehand. An operand that one address occurs in twice is summed by address first: adding into a view that
overlaps itself would lose all but the last.

>>> ledger = Ledger({FLAT: 4}, {FLAT: np.ones(4, bool)})
>>> [ledger.target(View(FLAT, 0, (2,), (1,)), False).stores for _ in range(2)]
[True, False]
>>> ledger.read(View(FLAT, 2, (2,), (1,)))  # nobody has written these
False
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..lower.layout import FLAT, Gather, View
from ..record.graph import Bools, Ints


@dataclass(frozen=True)
class Target:
    """Where a contribution goes: ``axes`` of it are summed away first, then it is stored or added.

    Through ``view``; or, if ``order`` is there, element by element: taken in that order, segments from ``starts`` on
    are summed, and go to the places ``index``.
    """

    memory: str
    axes: tuple[int, ...]
    stores: bool
    view: View | None
    order: Ints | None = None
    starts: Ints | None = None
    index: Ints | None = None


@dataclass
class Ledger:
    """Which adjoints have been written, as the reverse program is made; and which must start from zero."""

    sizes: dict[str, int]
    wanted: dict[str, Bools]
    """The addresses of what passes a gradient on: no other adjoint matters."""
    written: dict[str, Bools] = field(init=False)
    zeroed: dict[str, Bools] = field(init=False)

    def __post_init__(self) -> None:
        self.written = {memory: np.zeros(size, bool) for memory, size in self.sizes.items()}
        self.zeroed = {memory: np.zeros(size, bool) for memory, size in self.sizes.items()}

    def read(self, view: View) -> bool:
        """Make sure that all of a view is there to be read; whether anybody wrote any of it."""
        a = view.addresses().reshape(-1)
        written = self.written[view.memory]
        missing = a[~written[a]]
        self.zeroed[view.memory][missing] = True
        written[missing] = True
        return len(missing) < len(a)

    def target(self, access: View | Gather, batched: bool) -> Target:
        """The target for a contribution of the operand's shape, with a batch axis behind if ``batched``."""
        addresses = access.addresses()
        axes: tuple[int, ...] = ()
        if isinstance(access, View):
            axes = tuple(
                i for i, (n, s) in enumerate(zip(access.shape, access.strides, strict=True)) if n > 1 and s == 0
            )
            kept = tuple(0 if i in axes else slice(None) for i in range(addresses.ndim))
            addresses = addresses[kept]
        if batched and access.memory == FLAT:
            axes = (*axes, len(access.shape))
        flat = addresses.reshape(-1)
        written = self.written[access.memory]
        wanted = self.wanted[access.memory]
        keep = None if isinstance(access, View) else wanted[flat]
        index, order, counts = _sorted(flat, None if keep is None or keep.all() else keep)
        single = len(index) == len(order)
        fresh = not written[index].any()
        if not fresh:
            missing = index[~written[index]]
            self.zeroed[access.memory][missing] = True
        written[index] = True
        if isinstance(access, View) and single:
            left = [i for i in range(len(access.shape)) if i not in axes]
            view = View(
                access.memory, access.offset, tuple(access.shape[i] for i in left),
                tuple(access.strides[i] for i in left),
            )  # fmt: skip
            return Target(access.memory, axes, fresh, view)
        starts = None if single else np.cumsum(counts) - counts
        return Target(access.memory, axes, fresh, _as_view(access.memory, index), order, starts, index)


def _sorted(flat: Ints, keep: Bools | None) -> tuple[Ints, Ints, Ints]:
    """The different addresses, the elements in order of theirs, and how many each has; only those to ``keep``."""
    order = np.argsort(flat, kind="stable")
    if keep is not None:
        order = order[keep[order]]
    ordered = flat[order]
    first = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    places = np.flatnonzero(first)
    return ordered[places], order, np.diff(np.append(places, len(ordered)))


def _as_view(memory: str, index: Ints) -> View | None:
    """A run of addresses as a view."""
    step = int(index[1] - index[0]) if len(index) > 1 else 1
    if len(index) == 1 or (np.diff(index) == step).all():
        return View(memory, int(index[0]), (len(index),), (step,))
    return None
