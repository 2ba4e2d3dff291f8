"""Terms, and contributions to adjoints, as lines: in which order, and which buffer each result is put into.

>>> from .terms import Terms
>>> code, terms = Code(), Terms()
>>> x = code.buffer((4,), batched=False, keep=True)
>>> _ = code.emit(terms.name("x") * 2.0 + 1.0, {"x": x})
>>> code.lines
['multiply(a0, a1, a2)', 'add(a2, a3, a2)']
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..lower.layout import FLAT
from .lines import Lines
from .memory import Named
from .reverse import Target
from .terms import COMPARISONS, Term

NAMES = {"add": "add", "sub": "subtract", "mul": "multiply", "div": "divide", "pow": "power", "asin": "arcsin",
         "acos": "arccos", "atan": "arctan", "abs": "absolute", "asinh": "arcsinh", "acosh": "arccosh",
         "atanh": "arctanh", "atan2": "arctan2", "round": "rint"}  # fmt: skip

Known = dict[str, Named]
Rooms = dict[int, Named]
"""Arrays by the name that a rule has for them; by the term (its id) that they hold."""


@dataclass
class Code(Lines):
    """Lines, and what is known of the instruction that is being written."""

    shared: dict[int, tuple[Term, Named | None]] = field(default_factory=dict)
    """Terms of the instruction at hand that its reverse will need again, and where they are kept once computed."""
    joint: tuple[dict[int, int], Rooms] | None = None
    """While several terms are written that share parts: how often each part is used, and where those made are."""
    segments: tuple[int, int, str, str] | None = None
    """While an instruction over segments is written: elements, segments, where they start, whose each element is."""

    # Terms

    def emit(self, term: Any, names: dict[str, Named], into: Named | None = None) -> Named:
        """Lines that compute a term; its array. ``into`` is where it is to be, of the full shape."""
        if self.joint is not None:
            return self._emit(term, names, *self.joint, into)
        uses: dict[int, int] = {}
        count_uses(term, uses)
        return self._emit(term, names, uses, self.rooms(), into)

    def rooms(self) -> Rooms:
        """The shared terms that have been computed."""
        return {key: room for key, (_, room) in self.shared.items() if room is not None}

    def _emit(self, term: Term, names: Known, uses: dict[int, int], made: Rooms, into: Named | None) -> Named:
        if id(term) in made:
            return made[id(term)]
        made_before = self.shared
        if not term.operands:
            source = names[term.operation]
            if into is not None:
                self.line(f"copyto({into.name}, {source.name})")
                return into
            return source
        result: Named | None = into
        if term.operation == "where":
            result = self._choose(term, names, uses, made, into)
        else:
            operands = [self._operand(term, x, names, uses, made) for x in term.operands]
            operands = self._alike(operands)
            arrays = [x for x in operands if isinstance(x, Named)]
            shape, batched = broadcast(arrays)
            if term.operation.startswith("reduce_"):
                shape = (self.segments[1],) if self.segments else (*shape[:-1], 1)
            if result is None:
                for x, operand in zip(term.operands, operands, strict=True):
                    if (
                        isinstance(x, Term)
                        and uses[id(x)] == 1
                        and id(x) not in made_before
                        and operand.scratch
                        and (operand.shape, operand.batched) == (shape, batched)
                    ):
                        result = operand
                        break
                else:
                    result = self.buffer(shape, batched)
            if id(term) in self.shared and into is None:
                result = self.buffer(shape, batched, keep=True)
                self.shared[id(term)] = (term, result)
            texts = [x.name if isinstance(x, Named) else x for x in operands]
            if term.operation == "maximum" and not isinstance(term.operands[1], Term):
                texts[1] = self.filled(term.operands[1], shape, batched)
            if term.operation.startswith("reduce_") and self.segments:
                self.line(f"{term.operation[7:]}.reduceat({texts[0]}, {self.segments[2]}, 0, None, {result.name})")
            elif term.operation.startswith("reduce_"):
                self.line(f"{term.operation[7:]}.reduce({texts[0]}, {len(shape) - 1}, None, {result.name}, True)")
            elif term.operation in ("erf", "erfc"):
                self.line(f"{result.name}[...] = {term.operation}({texts[0]})")
            else:
                out = "out=" if term.operation == "maximum" else ""  # numpy has its third place deprecated
                self.line(f"{NAMES.get(term.operation, term.operation)}({', '.join(texts)}, {out}{result.name})")
        made[id(term)] = result
        return result

    def _operand(self, term: Term, x: Any, names: Known, uses: dict[int, int], made: Rooms) -> Any:
        """An operand's array, or its name if it is a number. What a product takes as 1 or 0 stays true or false."""
        if not isinstance(x, Term):
            return self.number(x)
        if term.operation == "mul" and x.operation in COMPARISONS and id(x) not in made and self.segments is None:
            sides = [self._operand(x, side, names, uses, made) for side in x.operands]
            truth = self.buffer(*broadcast([side for side in sides if isinstance(side, Named)]), truth=True)
            texts = [side.name if isinstance(side, Named) else side for side in sides]
            self.line(f"{x.operation}({', '.join(texts)}, {truth.name})")
            truth.scratch = False
            return truth
        return self._emit(x, names, uses, made, None)

    def product(self, left: str, right: str, out: str, inner: int, plain: bool = False) -> None:
        """A line for a matrix product; of a column and a row it is a broadcast product, which is five times as fast.

        ``plain``: of two matrices, no stacks, into a packed one, and overflow need not be noticed at once: then `dot`
        does it, in 0.4 µs less than `matmul`.
        """
        self.line(f"{'multiply' if inner == 1 else 'dot' if plain else 'matmul'}({left}, {right}, {out})")

    def spread(self, array: Named) -> Named:
        """What there is one of for each segment, once for each element."""
        assert self.segments is not None
        size, count, _, owner = self.segments
        if array.shape != (count,) or size == count:
            return array
        room = self.buffer((size,), array.batched)
        self.line(f"take({array.name}, {owner}, 0, {room.name}, 'clip')")
        return room

    def _alike(self, operands: list[Any]) -> list[Any]:
        """Operands of one length, where some have an element for each segment only."""
        arrays = [x for x in operands if isinstance(x, Named)]
        if self.segments is None or len({x.shape for x in arrays}) < 2:
            return operands
        return [self.spread(x) if isinstance(x, Named) else x for x in operands]

    def _choose(self, term: Term, names: Known, uses: dict[int, int], made: Rooms, into: Named | None) -> Named:
        condition, a, b = term.operands
        parts = [self._emit(x, names, uses, made, None) if isinstance(x, Term) else self.number(x) for x in (a, b)]
        if condition.operation in COMPARISONS:
            sides = [
                self._emit(x, names, uses, made, None) if isinstance(x, Term) else self.number(x)
                for x in condition.operands
            ]
            comparison = condition.operation
        else:
            sides, comparison = [self._emit(condition, names, uses, made, None), self.number(0.0)], "not_equal"
        both = self._alike([*sides, *parts])
        sides, parts = both[: len(sides)], both[len(sides) :]
        shape, batched = broadcast([x for x in sides if isinstance(x, Named)])
        truth = self.buffer(shape, batched, truth=True)
        texts = [x.name if isinstance(x, Named) else x for x in sides]
        self.line(f"{comparison}({', '.join(texts)}, {truth.name})")
        if into is None:
            into = self.buffer(*broadcast([truth, *(x for x in parts if isinstance(x, Named))]))
        texts = [x.name if isinstance(x, Named) else x for x in parts]
        self.line(f"copyto({into.name}, {texts[1]})")
        self.line(f"copyto({into.name}, {texts[0]}, 'same_kind', {truth.name})")
        return into

    # Contributions to adjoints

    def give(self, target: Target, term: Any, names: dict[str, Named], shape: tuple[int, ...], batched: bool) -> None:
        """Lines that store or add a contribution of the given full shape."""
        where = "dV" if target.memory == FLAT else "dB"
        if target.view is not None and target.index is None:
            into = self.view(target.view, False, adjoint=True)
            if not target.axes and target.stores:
                self.emit(term, names, self._shaped(into, shape, batched))
                return
            found = self.emit(term, names)
            if target.axes:
                found = self._summed(found, target, shape, into if target.stores else None)
            if not target.stores:
                self.line(f"add({into.name}, {found.name}, {into.name})")
            return
        found = self.emit(term, names)
        if target.axes:
            found = self._summed(found, target, shape, None)
        elif not found.scratch:
            copy = self.buffer(shape, batched)
            self.line(f"copyto({copy.name}, {found.name})")
            found = copy
        assert target.order is not None
        whole, size = int(np.prod(found.shape)), len(target.order)
        flat = self.turned(found, lambda a: a.reshape(whole, -1) if found.batched else a.reshape(whole))
        place = None if target.view is None else self.view(target.view, False, adjoint=True)
        direct = place.name if place is not None and target.stores else None
        if not np.array_equal(target.order, np.arange(whole)):
            order = self.bind(lambda m: target.order)
            room = direct if direct and target.starts is None else self.buffer((size,), found.batched).name
            self.line(f"take({flat}, {order}, 0, {room}, 'clip')")
            flat = room
        if target.starts is not None:
            starts = self.bind(lambda m: m.arrays.segments(target.starts, size))
            room = direct or self.buffer((len(target.starts),), found.batched).name
            self.line(f"add.reduceat({flat}, {starts}, 0, None, {room})")
            flat = room
        if place is None:
            index = self.bind(lambda m: target.index)
            self.line(f"{where}[{index}] {'=' if target.stores else '+='} {flat}")
        elif not target.stores:
            self.line(f"add({place.name}, {flat}, {place.name})")
        elif flat != place.name:
            self.line(f"copyto({place.name}, {flat})")

    def _shaped(self, into: Named, shape: tuple[int, ...], batched: bool) -> Named:
        """The same array where the contribution has an axis of 1 for the batch that it has not."""
        if batched and not into.batched:
            return Named(self.turned(into, lambda a: a[..., None]), into.shape, True)
        return into

    def _summed(self, found: Named, target: Target, shape: tuple[int, ...], into: Named | None) -> Named:
        left = tuple(n for i, n in enumerate(shape) if i not in target.axes)
        batched = found.batched and len(shape) not in target.axes
        if into is None:
            into = self.buffer(left, batched)
        # Numbers that overflow are seen in the gradient.
        self.total(found, target.axes, into, into.packed)
        return into

    def total(self, found: Named, axes: tuple[int, ...], into: Named, quick: bool) -> None:
        """A line for the sum over some axes; over one of a matrix it may be ``quick``, a product with ones.

        That takes half the time, but does not say that it overflowed.
        """
        whole = (*found.shape, 0) if found.batched else found.shape
        if quick and len(whole) == 2 and len(axes) == 1 and found.packed:
            (axis,) = axes
            ones = self.bind(lambda m: np.ones(m.env[found.name].shape[axis], m.flat.dtype))
            last = self.out[-1] if axis and found.scratch and self.joint is None and self.out else ""
            if last.startswith("multiply(") and last.endswith(f", {found.name})"):  # nobody else will read the products
                self.out[-1] = f"row_dots({last[9:-1]}, {ones}, {into.name})"
                return
            self.line(f"dot({found.name}, {ones}, {into.name})" if axis else f"dot({ones}, {found.name}, {into.name})")
            return
        self.line(f"add.reduce({found.name}, {axes if len(axes) > 1 else axes[0]}, None, {into.name})")


def count_uses(term: Any, uses: dict[int, int]) -> None:
    """How often each term below is used, into ``uses``."""
    if isinstance(term, Term):
        uses[id(term)] = uses.get(id(term), 0) + 1
        if uses[id(term)] == 1:
            for operand in term.operands:
                count_uses(operand, uses)


def broadcast(arrays: list[Named]) -> tuple[tuple[int, ...], bool]:
    """The shape that arrays have together, and whether with a batch axis."""
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    return tuple(int(n) for n in shape), any(array.batched for array in arrays)
