"""Instructions as lines of numpy, forward and reverse, with every array bound to a name beforehand.

A line calls one function of the array library with its result in place: ``multiply(a3, a7, a9)``. What a name stands
for is a recipe, run once for each size of batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .instructions import Elementwise, Instruction, MatrixProduct, Reduction, Segments, Total
from .layout import ARGUMENT, BATCH, FLAT, Access, Gather, Number, View
from .reverse import Ledger, Target
from .terms import COMPARISONS, Term, Terms

NAMES = {"add": "add", "sub": "subtract", "mul": "multiply", "div": "divide", "pow": "power", "asin": "arcsin",
         "acos": "arccos", "atan": "arctan", "abs": "absolute"}  # fmt: skip

Recipe = Callable[[Any], Any]
"""From a `Memory` to an array."""


@dataclass
class Memory:
    """The arrays of a program bound to one size of batch."""

    flat: Any
    batch: Any
    flat_adjoint: Any
    batch_adjoint: Any
    scratch: Any
    truths: Any
    length: int
    arguments: dict[str, Any] = field(default_factory=dict)
    env: dict[str, Any] = field(default_factory=dict)

    def view(self, view: View, adjoint: bool, narrow: bool, tail: bool) -> Any:
        """``narrow``: axes of stride 0 have size 1. ``tail``: what has no batch gets an axis of 1 behind."""
        size = self.flat.itemsize
        shape = tuple(1 if narrow and s == 0 else n for n, s in zip(view.shape, view.strides, strict=True))
        if view.memory == FLAT:
            base, unit, more, step = self.flat_adjoint if adjoint else self.flat, size, (1,) * tail, (size,) * tail
        elif view.memory == BATCH:
            base, more, step = self.batch_adjoint if adjoint else self.batch, (self.length,), (size,)
            unit = size * self.length
        else:
            base = self.arguments[view.memory]
            unit, more, step = size, (self.length,), (base.strides[0],)
        strides = tuple(s * unit for s in view.strides)
        return np.ndarray(shape + more, base.dtype, base, view.offset * unit, strides + step)

    def buffer(self, place: tuple[int, int], shape: tuple[int, ...], batched: bool, truth: bool) -> Any:
        arena = self.truths if truth else self.scratch
        full = (*shape, self.length) if batched else shape
        start = place[0] + place[1] * self.length
        return arena[start : start + int(np.prod(full))].reshape(full)


@dataclass
class Named:
    """An array known by name: its shape without the batch axis, and whether it has one (of the batch, or of 1)."""

    name: str
    shape: tuple[int, ...]
    batched: bool
    scratch: bool = False


Known = dict[str, Named]
Rooms = dict[int, Named]
"""Arrays by the name that a rule has for them; by the term (its id) that they hold."""


@dataclass
class Code:
    """Lines, and what the names in them stand for; ``late`` names depend on the inputs given."""

    lines: list[str] = field(default_factory=list)
    reverse_lines: list[str] = field(default_factory=list)
    recipes: dict[str, Recipe] = field(default_factory=dict)
    late: dict[str, Recipe] = field(default_factory=dict)
    scratch: tuple[int, int] = (0, 0)
    kept: list[tuple[str, tuple[int, ...], bool]] = field(default_factory=list)
    most: list[tuple[int, int]] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)
    shared: dict[int, tuple[Term, Named | None]] = field(default_factory=dict)
    """Terms of the instruction at hand that its reverse will need again, and where they are kept once computed."""
    segments: tuple[int, int, str, str] | None = None
    """While an instruction over segments is written: elements, segments, where they start, whose each element is."""
    out: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.out = self.lines

    def bind(self, recipe: Recipe, late: bool = False) -> str:
        name = f"{'x' if late else 'a'}{len(self.recipes) + len(self.late)}"
        (self.late if late else self.recipes)[name] = recipe
        return name

    def number(self, x: float) -> str:
        """A constant as an array of no axes: numpy takes a third longer to make one of a Python number each time."""
        key = repr(x)
        if key not in self.numbers:
            self.numbers[key] = self.bind(lambda m: np.array(x, m.flat.dtype))
        return self.numbers[key]

    def line(self, text: str) -> None:
        self.out.append(text)

    def buffer(self, shape: tuple[int, ...], batched: bool, truth: bool = False, keep: bool = False) -> Named:
        """Room for an array: until the end of the instruction, or with ``keep`` as long as the program."""
        size = int(np.prod(shape))
        if keep:
            return Named(
                self.bind(lambda m: np.empty((*shape, m.length) if batched else shape, m.flat.dtype)), shape, batched
            )
        place = self.scratch
        self.scratch = (place[0], place[1] + size) if batched else (place[0] + size, place[1])
        self.most.append(self.scratch)
        return Named(self.bind(lambda m: m.buffer(place, shape, batched, truth)), shape, batched, True)

    # Operands

    def view(self, view: View, tail: bool, adjoint: bool = False, narrow: bool = False) -> Named:
        recipe = lambda m: m.view(view, adjoint, narrow, tail)
        shape = tuple(1 if narrow and s == 0 else n for n, s in zip(view.shape, view.strides, strict=True))
        return Named(self.bind(recipe, view.memory.startswith(ARGUMENT)), shape, view.memory != FLAT or tail)

    def fetch(self, access: Access, tail: bool, narrow: bool = False) -> Named:
        """An operand to read; a gather is done now, into room of its own, since the reverse reads it again."""
        if isinstance(access, View):
            return self.view(access, tail, narrow=narrow)
        assert isinstance(access, Gather)
        index = self.bind(lambda m: access.index)
        if access.memory.startswith(ARGUMENT):
            room = self.bind(lambda m: np.empty((m.length, len(access.index)), m.flat.dtype))
            self.line(f"take({access.memory}, {index}, 1, {room}, 'clip')")
            recipe = lambda m: m.env[room].T.reshape(*access.shape, m.length)
            shaped = self.bind(recipe)
            self.line(f"# {shaped} is {room}, transposed")
            return Named(shaped, access.shape, True)
        batched = access.memory == BATCH
        room_ = self.buffer((len(access.index),), batched, keep=True)
        self.line(f"take({'B' if batched else 'V'}, {index}, 0, {room_.name}, 'clip')")
        more = (lambda m: (m.length,)) if batched else (lambda m: (1,) * tail)
        return Named(
            self.bind(lambda m: m.env[room_.name].reshape(access.shape + more(m))), access.shape, batched or tail
        )

    def turned(self, array: Named, turn: Callable[[Any], Any]) -> str:
        """A name for another view of an array."""
        return self.bind(lambda m: turn(m.env[array.name]), array.name in self.late)

    # Terms

    def emit(self, term: Any, names: dict[str, Named], into: Named | None = None) -> Named:
        """Lines that compute a term; its array. ``into`` is where it is to be, of the full shape."""
        uses: dict[int, int] = {}
        count_uses(term, uses)
        made = {key: room for key, (_, room) in self.shared.items() if room is not None}
        return self._emit(term, names, uses, made, into)

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

    def product(self, left: str, right: str, out: str, inner: int) -> None:
        """A line for a matrix product; of a column and a row it is a broadcast product, which is five times as fast."""
        self.line(f"{'multiply' if inner == 1 else 'matmul'}({left}, {right}, {out})")

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
        if not np.array_equal(target.order, np.arange(whole)):
            order, room = self.bind(lambda m: target.order), self.buffer((size,), found.batched)
            self.line(f"take({flat}, {order}, 0, {room.name}, 'clip')")
            flat = room.name
        if target.starts is not None:
            starts, room = self.bind(lambda m: target.starts), self.buffer((len(target.starts),), found.batched)
            self.line(f"add.reduceat({flat}, {starts}, 0, None, {room.name})")
            flat = room.name
        if target.view is not None:
            into = self.view(target.view, False, adjoint=True)
            self.line(f"copyto({into.name}, {flat})" if target.stores else f"add({into.name}, {flat}, {into.name})")
        else:
            index = self.bind(lambda m: target.index)
            self.line(f"{where}[{index}] {'=' if target.stores else '+='} {flat}")

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
        axes = target.axes if len(target.axes) > 1 else target.axes[0]
        self.line(f"add.reduce({found.name}, {axes}, None, {into.name})")
        return into


def in_place(access: Access, out: View) -> bool:
    """Whether an operand was where the result is now: its adjoint then is that of the result, as it stands."""
    return isinstance(access, View) and (access.memory, access.offset) == (out.memory, out.offset)


def shared_terms(result: Any, needed: list[Any]) -> dict[int, tuple[Term, Named | None]]:
    """The terms below a forward result that the derivatives need too; of those, the outermost ones."""
    below: dict[int, int] = {}
    count_uses(result, below)
    found: dict[int, tuple[Term, Named | None]] = {}

    def visit(term: Any) -> None:
        if isinstance(term, Term) and term.operands and term.operation not in COMPARISONS:
            if id(term) in below and term is not result and term.operation != "where":
                found[id(term)] = (term, None)
            else:
                for operand in term.operands:
                    visit(operand)

    for term in needed:
        visit(term)
    return found


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


def forward(code: Code, instruction: Instruction) -> dict[str, Any]:
    """Lines for an instruction; what its reverse needs of them."""
    code.scratch = (0, 0)
    batched = instruction.out.memory == BATCH
    if isinstance(instruction, Elementwise):
        terms, names = Terms(), dict[str, Named]()
        operands: list[Any] = []
        for i, access in enumerate(instruction.operands):
            if isinstance(access, Number):
                operands.append(access.value)
            else:
                names[f"o{i}"] = code.fetch(access, batched, narrow=True)
                operands.append(terms.name(f"o{i}"))
        out = code.view(instruction.out, False)
        rule = getattr(terms, instruction.row.name) if hasattr(Terms, instruction.row.name) else None
        result = rule(*operands) if rule is not None else instruction.row.forward(terms, *operands)
        needed = [
            rule(terms, *operands, terms.name("y"))
            for rule, learns in zip(instruction.row.partials, instruction.learns, strict=True) if learns
        ]  # fmt: skip
        code.shared = shared_terms(result, needed)
        put(code, result, names, out)
        shared, code.shared = code.shared, {}
        return {"terms": terms, "names": {**names, "y": out}, "operands": operands, "shared": shared}
    if isinstance(instruction, Reduction):
        length = instruction.vectors[0].shape[1]  # type: ignore[union-attr]
        terms, names = Terms(length), dict[str, Named]()
        operands = []
        for i, access in enumerate(instruction.vectors):
            names[f"o{i}"] = code.fetch(access, batched)
            operands.append(terms.name(f"o{i}"))
        flat = code.view(instruction.out, False)
        out = Named(code.turned(flat, lambda a: a[:, None]), (*flat.shape, 1), flat.batched)
        put(code, instruction.row.forward(terms, *operands), names, out)
        return {"terms": terms, "names": {**names, "y": out}, "operands": operands}
    if isinstance(instruction, Total):
        operand, out = code.fetch(instruction.operand, batched), code.view(instruction.out, False)
        rank = len(operand.shape)
        axes = tuple(range(rank - instruction.inner, rank))
        if rank == instruction.inner:  # one sum: the result has an axis of 1 that nothing is left for
            out = Named(code.turned(out, lambda a: a[0]), (), out.batched)
            if not out.batched:
                out = Named(code.turned(code.view(instruction.out, False), lambda a: a.reshape(())), (), False)
        code.line(f"add.reduce({operand.name}, {axes if len(axes) > 1 else axes[0]}, None, {out.name})")
        return {}
    if isinstance(instruction, Segments):
        operand, out = code.fetch(instruction.operand, batched), code.view(instruction.out, False)
        (size,) = operand.shape
        counts = np.diff(np.append(instruction.starts, size))
        starts = code.bind(lambda m: instruction.starts)
        owner = code.bind(lambda m: np.repeat(np.arange(len(counts)), counts))
        code.segments = (size, len(counts), starts, owner)
        terms = Terms()
        result = instruction.row.forward(terms, terms.name("o"))
        code.emit(result, {"o": operand}, out)
        memo = {"terms": terms, "names": {"o": operand, "y": out}, "segments": code.segments}
        code.segments = None
        return memo
    return product_forward(code, instruction)


def put(code: Code, result: Any, names: dict[str, Named], out: Named) -> None:
    """Lines that leave ``result``, a term or a number, in ``out``."""
    if isinstance(result, Term):
        code.emit(result, names, out)
    else:
        code.line(f"{out.name}.fill({result!r})")


def backward(code: Code, instruction: Instruction, kept: dict[str, Any], ledger: Ledger) -> None:
    """Lines that pass the adjoint of an instruction's result on to its operands."""
    code.scratch = (0, 0)
    batched = instruction.out.memory == BATCH
    if not any(instruction.learns if isinstance(instruction.learns, tuple) else (instruction.learns,)):
        return
    if not ledger.read(instruction.out):
        return  # nothing that the result depends on this way
    if isinstance(instruction, Elementwise | Reduction):
        many = isinstance(instruction, Reduction)
        accesses = instruction.vectors if isinstance(instruction, Reduction) else instruction.operands
        up = code.view(instruction.out, False, adjoint=True)
        if many:
            up = Named(code.turned(up, lambda a: a[:, None]), (*up.shape, 1), up.batched)
        terms, names = kept["terms"], {**kept["names"], "up": up}
        code.shared = kept.get("shared", {})
        for i, access in enumerate(accesses):
            if instruction.learns[i] and not isinstance(access, Number) and not in_place(access, instruction.out):
                code.scratch = (0, 0)
                local = instruction.row.partials[i](terms, *kept["operands"], terms.name("y"))
                contribution = terms.call("mul", terms.name("up"), local)
                if not isinstance(contribution, Term):
                    continue
                if many and not isinstance(local, Term):
                    shape = access.shape
                    wide = lambda a, shape=shape: np.broadcast_to(a, shape + a.shape[2:])
                    names["up"] = Named(code.turned(up, wide), shape, up.batched)
                shape = access.shape
                code.give(ledger.target(access, batched), contribution, names, shape, batched)
        code.shared = {}
        return
    if isinstance(instruction, Total):
        access = instruction.operand
        assert not isinstance(access, Number)
        up = code.view(instruction.out, False, adjoint=True)
        shape, inner = access.shape, instruction.inner
        outer = shape[: len(shape) - inner]
        spread = lambda a: np.broadcast_to(
            a.reshape(outer + (1,) * inner + a.shape[len(instruction.out.shape) :]),
            shape + a.shape[len(instruction.out.shape) :],
        )
        spread_up = Named(code.turned(up, spread), shape, batched)
        code.give(ledger.target(access, batched), Terms().name("up"), {"up": spread_up}, shape, batched)
        return
    if isinstance(instruction, Segments):
        access = instruction.operand
        assert not isinstance(access, Number)
        code.segments = kept["segments"]
        terms = kept["terms"]
        up = code.spread(code.view(instruction.out, False, adjoint=True))
        local = instruction.row.partials[0](terms, terms.name("o"), terms.name("y"))
        contribution = terms.call("mul", terms.name("up"), local)
        if isinstance(contribution, Term):
            code.give(ledger.target(access, batched), contribution, {**kept["names"], "up": up}, access.shape, batched)
        code.segments = None
        return
    product_backward(code, instruction, kept, ledger)


# Matrix products


def _modes(instruction: MatrixProduct) -> tuple[bool, bool]:
    left, right = instruction.left, instruction.right
    assert not isinstance(left, Number)
    assert not isinstance(right, Number)
    return left.memory != FLAT, right.memory != FLAT


def product_forward(code: Code, instruction: MatrixProduct) -> dict[str, Any]:
    left_batched, right_batched = _modes(instruction)
    left, right = code.fetch(instruction.left, False), code.fetch(instruction.right, False)
    out = code.view(instruction.out, False)
    if not right_batched:
        if instruction.transposed:
            a, b, c = code.turned(right, _drop), code.turned(left, _turn), code.turned(out, _drop)
        else:
            a, b, c = code.turned(left, _drop), code.turned(right, _turn), code.turned(out, _drop)
    elif not left_batched:
        one = right.shape[1] == 1
        a = code.turned(left, _drop if one else _spread)
        b, c = code.turned(right, _only if one else _same), code.turned(out, _only if one else _same)
    else:
        a, b, c = code.turned(left, _front), code.turned(right, _front_turned), code.turned(out, _front)
    code.product(a, b, c, left.shape[2])
    return {"left": left, "right": right}


def _drop(a: Any) -> Any:
    """Without a stack of one: a plain matrix takes numpy's shortest way."""
    return a[0] if a.shape[0] == 1 else a


def _turn(a: Any) -> Any:
    return _drop(a).swapaxes(-1, -2)


def _spread(a: Any) -> Any:
    return _drop(a[:, None])


def _only(a: Any) -> Any:
    return _drop(a[:, 0])


def _same(a: Any) -> Any:
    return _drop(a)


def _front(a: Any) -> Any:
    return np.moveaxis(a, -1, 0)


def _front_turned(a: Any) -> Any:
    return np.moveaxis(a, -1, 0).swapaxes(-1, -2)


def product_backward(code: Code, instruction: MatrixProduct, kept: dict[str, Any], ledger: Ledger) -> None:
    left_batched, right_batched = _modes(instruction)
    left, right = kept["left"], kept["right"]
    up = code.view(instruction.out, False, adjoint=True)
    for i, (access, mine, other) in enumerate(((instruction.left, left, right), (instruction.right, right, left))):
        if not instruction.learns[i]:
            continue
        assert not isinstance(access, Number)
        if access.memory.startswith(ARGUMENT):
            continue
        code.scratch = (0, 0)
        target = ledger.target(access, access.memory != FLAT)
        direct = not target.axes and target.stores and target.index is None
        shape, batched = mine.shape, access.memory != FLAT
        into = code.view(target.view, False, adjoint=True) if direct and target.view else code.buffer(shape, batched)
        if not right_batched:
            # up is (S, U, V), or (S, V, U) if transposed; its factor for the left is U × V, for the right V × U
            g = code.turned(up, _turn if instruction.transposed == (i == 0) else _drop)
            code.product(g, code.turned(other, _drop), code.turned(into, _drop), other.shape[1])
        elif not left_batched and i == 0:
            one = right.shape[1] == 1
            pick, pick_turned = (_only, _only_turned) if one else (_same, _same_turned)
            if one:
                code.line(
                    f"matmul({code.turned(up, pick)}, {code.turned(right, pick_turned)}, {code.turned(into, _drop)})"
                )
            else:
                s, v = right.shape[0], right.shape[1]
                room = code.buffer((s, v, *shape[1:]), False)
                code.line(
                    f"matmul({code.turned(up, pick)}, {code.turned(right, pick_turned)}, {code.turned(room, _drop)})"
                )
                code.line(f"add.reduce({room.name}, 1, None, {into.name})")
        elif not left_batched:
            one = right.shape[1] == 1
            turned = code.turned(left, _turn if one else _spread_turned)
            pick = _only if one else _same
            code.product(turned, code.turned(up, pick), code.turned(into, pick), left.shape[1])
        else:
            g = code.turned(up, _front if i == 0 else _front_turned)
            code.product(g, code.turned(other, _front), code.turned(into, _front), other.shape[1])
        if not direct:
            code.give(target, Terms().name("found"), {"found": into}, shape, batched)


def _only_turned(a: Any) -> Any:
    return _drop(a[:, 0]).swapaxes(-1, -2)


def _same_turned(a: Any) -> Any:
    return _drop(a).swapaxes(-1, -2)


def _spread_turned(a: Any) -> Any:
    return _drop(a[:, None].swapaxes(-1, -2))
