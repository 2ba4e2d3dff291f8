"""The steps of a program as lines of numpy; a rule that needs something twice gives it a line of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...table.namespaces.source import ATOM, Source, Term
from ...table.primitive import Primitive
from ..record.graph import Ints
from .folding import Folding
from .walk import Target

if TYPE_CHECKING:
    pass

NUMPY = {"fabs": "np.abs", "asinh": "np.arcsinh", "acosh": "np.arccosh", "atanh": "np.arctanh", "atan2": "np.arctan2",
         "asin": "np.arcsin", "acos": "np.arccos", "atan": "np.arctan", "pow": "np.power",
         "erf": "erf", "erfc": "erfc"}  # fmt: skip
_NUMBER = re.compile(r"-?[\d.e+-]+")
_CALL = re.compile(r"(?<![.\w])([a-z]\w*)\(")


class NumpySource(Folding, Source):
    """A rule as an expression of numpy; a vector is the last axis of an array."""

    select = "where({0}, {1}, {2})"
    truth = "where({0}, 1.0, 0.0)"

    def each(self, f: Any, xs: Any) -> Any:
        return f(xs)

    def sum_of(self, f: Any, *vectors: Any) -> Term:
        return self.term("{}.sum(-1, keepdims=True)", (f(*vectors),), ATOM, (ATOM,))

    def largest(self, xs: Any) -> Term:
        return self.term("{}.max(-1, keepdims=True)", (xs,), ATOM, (ATOM,))

    def smallest(self, xs: Any) -> Term:
        return self.term("{}.min(-1, keepdims=True)", (xs,), ATOM, (ATOM,))


class NumpyText(Target):
    """Expressions as text, a line for each result."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.indices: dict[bytes, tuple[str, Ints]] = {}

    def index_name(self, index: Ints) -> str:
        """A slice, or a constant of the module that holds the index."""
        flat = index.reshape(-1)
        if index.ndim == 1 and len(flat) and (np.diff(flat) == 1).all():
            return f"{flat[0]}:{flat[-1] + 1}"
        if index.ndim == 0:
            return str(int(index))
        key = repr(index.shape).encode() + index.tobytes()
        return self.indices.setdefault(key, (f"INDEX{len(self.indices) + 1}", index))[0]

    def number(self, x: float) -> Any:
        return x

    def pick(self, sources: list[tuple[Any, bool, int]], index: Ints, each: bool) -> str:
        flat = []
        for x, own, axes in sources:
            one = x if axes == 1 else f"{x}[..., None]" if axes == 0 else f"{x}.reshape({'n, ' * own}-1)"
            flat.append(f"np.broadcast_to({one}, (n, {x}.size))" if each and not own else one)
        joined = flat[0] if len(flat) == 1 else f"np.concatenate([{', '.join(flat)}], -1)"
        name = self.index_name(index)
        return f"{atom(joined)}[{'..., ' if each else ''}{name}]"

    def arrange(self, x: str, axes: tuple[int | None, ...], each: bool) -> str:
        kept = [axis for axis in axes if axis is not None]
        if kept != list(range(len(kept))):
            order = [0, *[axis + 1 for axis in kept]] if each else kept
            x = f"{x}.transpose({', '.join(map(str, order))})"
        if None not in axes:
            return x
        return f"{x}[{', '.join([':'] * each + ['None' if axis is None else ':' for axis in axes])}]"

    def spread(self, x: str, shape: tuple[int, ...], each: bool) -> str:
        return f"np.broadcast_to({x}, {tuple_of((['n'] if each else []) + [str(k) for k in shape])})"

    def elementwise(self, row: Primitive, operands: list[Any]) -> str:
        return self.rule(lambda source, names: getattr(source, row.name)(*names), operands)

    def reduce(self, row: Primitive, vectors: list[Any]) -> str:
        if row.name in ("sum", "maximum", "minimum"):
            return f"{vectors[0]}.{ {'sum': 'sum', 'maximum': 'max', 'minimum': 'min'}[row.name] }(-1)"
        return f"({self.rule(lambda source, names: row.forward(source, *names), vectors)})[..., 0]"

    def product(self, left: tuple[str, Any], right: tuple[str, Any], out: str) -> str:
        return f'np.einsum("{left[0]},{right[0]}->{out}", {left[1]}, {right[1]}, optimize=True)'

    def keep(self, name: str, x: Any) -> str:
        self.lines.append(f"{name} = np.array({x})" if _NUMBER.fullmatch(x) else f"{name} = {x}")
        return name

    def rule(self, formula: Any, operands: Sequence[Any]) -> str:
        """A formula of the table on operands, as an expression; what it needs twice goes into lines of its own."""
        source = NumpySource()
        names = [x if isinstance(x, float) else source.name(f"operand_{i}_") for i, x in enumerate(operands)]
        found = formula(source, names)
        if not isinstance(found, Term):
            return repr(float(found))
        statements, (text,) = source.program([found], names=["result"])

        def put(text: str) -> str:
            text = re.sub(r"\bt(\d+)\b", r"u\1", text)
            text = _CALL.sub(lambda m: f"{NUMPY.get(m[1], 'np.' + m[1])}(", text)
            return re.sub(r"operand_(\d+)_", lambda m: str(operands[int(m[1])]), text)

        self.lines += map(put, statements)
        return put(text)


def atom(text: str) -> str:
    """In brackets, unless it is a name, a number or an element."""
    return text if re.fullmatch(r"[\w.]+(\[[^\[\]]*\])?", text) else f"({text})"


def tuple_of(parts: Sequence[str]) -> str:
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
