"""The parameters of a compiled function: every leaf that it has met, each at its place, in Values or in one array.

>>> w, b = Value(2.0), Value(1.0)
>>> known = Parameters("f", [w])
>>> known.meet([w, b])
>>> known.leaves == [w, b], known.index[b]
(True, 1)
>>> held = known.take()
>>> held += 1.0
>>> w.data
2.0
>>> known.give_back()
>>> w.data
3.0
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core import Value, data_of, set_data
from ..errors import shorten

if TYPE_CHECKING:
    from .trace import Trace


class Parameters:
    """The leaves of one function. There only ever come more."""

    def __init__(self, name: str, given: Iterable[Value] | None) -> None:
        self.name = name
        self.said = given is not None
        """Whether they were given beforehand, if only to say that there are none."""
        self.leaves: list[Value] = []
        self.index: dict[Value, int] = {}
        self.held: Any = None
        """Their numbers, while they are held in an array."""
        self.meet(given or ())

    def meet(self, leaves: Iterable[Value]) -> None:
        """Take those that are new behind the others."""
        new = [leaf for leaf in dict.fromkeys(leaves) if leaf not in self.index]
        if new and self.held is not None:
            raise RuntimeError(
                f"{self.name} used a parameter that it had not used before, {shorten(new[0])}, while its "
                "parameters are held in an array: give all of them to compile(…, parameters=…)"
            )
        for leaf in new:
            self.index[leaf] = len(self.leaves)
            self.leaves.append(leaf)

    def read(self, trace: Trace, out: Any, shared: Any = None) -> None:
        """Fill ``out`` with the numbers of the trace's parameters, as they are now, and with those that are ``shared``
        by the samples of a call.
        """
        if trace.mine is not None:
            out[trace.theirs] = shared[trace.sources]
            mine = np.empty(len(trace.mine))
            self._read(trace, mine)
            out[trace.mine] = mine
        else:
            self._read(trace, out)

    def _read(self, trace: Trace, out: Any) -> None:
        if self.held is None:
            out[:] = data_of(trace.parameters)
        else:
            trace.fetch(self.held, self.index, out)

    def take(self) -> Any:
        """All the numbers in one array, which is what is read until `give_back`."""
        if self.held is not None:
            raise RuntimeError("hold() inside hold(): the parameters of this program are in an array already")
        held = np.empty(len(self.leaves))
        held[:] = data_of(self.leaves)
        self.held = held
        return held

    def write_back(self) -> None:
        """Give the Values the numbers of the array."""
        if self.held is None:
            raise RuntimeError("write_back() outside `with program.hold()`: there is no array to write back")
        set_data(self.leaves, self.held)

    def settle(self) -> None:
        """The same if they are held: before the function itself runs."""
        if self.held is not None:
            self.write_back()

    def give_back(self) -> None:
        """Write back, and the array is one no more, even if a number in it is none that a Value takes."""
        try:
            self.write_back()
        finally:
            self.held = None


def check_leaves(parameters: Any, names: Any) -> None:
    """``TypeError`` for parameters that are no sequence of leaves, and names that do not lead to such."""
    if names is not None and not isinstance(names, Mapping):
        raise TypeError(
            f"compile(names={shorten(names)}): expected a mapping of names to Values, such as "
            "dict(model.named_parameters())"
        )
    if parameters is not None and (not isinstance(parameters, Iterable) or isinstance(parameters, (str, Mapping))):
        raise TypeError(
            f"compile(parameters={shorten(parameters)}): expected a list of Values, such as model.parameters()"
        )
    for what, given in (("parameters", parameters or ()), ("names", (names or {}).values())):
        for leaf in given:
            if not isinstance(leaf, Value) or not leaf.is_leaf:
                raise TypeError(f"compile({what}=…) got {shorten(leaf)}: expected a leaf, as Value(…) makes it")
