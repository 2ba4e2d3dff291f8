"""Where the numbers of a step lie in the memory of its array program.

>>> flat, batch = np.arange(4.0), np.zeros((2, 3))
>>> slots = Slots([(0, 2), (1, 0)], flat, batch)
>>> found = np.empty((2, 3))
>>> slots.read(found)
>>> found.tolist()
[[2.0, 2.0, 2.0], [0.0, 0.0, 0.0]]
"""

from __future__ import annotations

from typing import Any

import numpy as np


class Slots:
    """Numbers at addresses in the memory that samples share and in that of each, as one array of numbers × samples."""

    def __init__(self, places: list[tuple[int, int]], flat: Any, batch: Any) -> None:
        self.count, self.places = len(places), places
        self.parts = []
        for memory, base in ((0, flat), (1, batch)):
            mine = [i for i, place in enumerate(places) if place[0] == memory]
            if mine:
                addresses = np.array([places[i][1] for i in mine])
                rows = slice(mine[0], mine[-1] + 1) if len(mine) == mine[-1] - mine[0] + 1 else np.array(mine)
                run = len(mine) == addresses[-1] - addresses[0] + 1 and (np.diff(addresses) == 1).all()
                view = base[addresses[0] : addresses[-1] + 1] if run else None
                self.parts.append((memory, base, addresses, rows, view))

    def read(self, out: Any) -> None:
        """Copy them into ``out``."""
        for memory, base, addresses, rows, view in self.parts:
            found = view if view is not None else base[addresses]
            out[rows] = found if memory else found[:, None]

    def write(self, numbers: Any) -> None:
        """Put ``numbers`` there; what is shared gets those of the first sample."""
        for memory, base, addresses, rows, view in self.parts:
            found = numbers[rows] if memory else numbers[rows, 0]
            if view is not None:
                view[...] = found
            else:
                base[addresses] = found

    def add_to(self, total: Any) -> None:
        """Add them to an array of such; what samples share, being their sum already, to the first column."""
        for memory, base, addresses, rows, view in self.parts:
            found = view if view is not None else base[addresses]
            if memory:
                total[rows] += found
            else:
                total[rows, 0] += found
