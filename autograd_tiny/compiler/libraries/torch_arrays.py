"""PyTorch on the CPU as the library that runs a program: its functions under numpy's signatures.

Three things differ. A torch function resizes a result that is larger than its operands are together, where numpy
spreads them over it; torch's views have no negative strides; and it does not say when a number is not finite.

No operand asks for a gradient, so torch records nothing. The number of threads is whatever the user has set.

>>> a, out = np.array([2.0, 3.0]), np.empty(2)
>>> of_two(np.multiply)(a, a, out)      # torch.multiply, for one, takes its result by name only
>>> out.tolist()
[4.0, 9.0]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .arrays import FUNCTIONS, NumpyArrays, row_dots

LINE = 2e-6
"""Seconds a line takes on a few numbers, as `cost.LINE`: torch's own call, and that of an adapter."""
THEIRS = {"power": "pow", "equal": "eq", "rint": "round"}
"""Functions that torch calls otherwise; its own ``equal`` compares whole tensors."""
OF_ONE = FUNCTIONS[FUNCTIONS.index("exp") : FUNCTIONS.index("greater")]
OF_TWO = ("subtract", "multiply", "divide", "power", "arctan2", "fmod", *FUNCTIONS[FUNCTIONS.index("greater") :][:6])


class TorchArrays(NumpyArrays):
    """torch tensors on numpy's memory."""

    title = "PyTorch"
    notices = turns = native = False
    dot_notices = True  # all numbers are looked at
    line = LINE

    def __init__(self, dtype: str) -> None:
        super().__init__(dtype)
        self.shares = False
        import torch

        self.torch: Any = torch

    def functions(self) -> dict[str, Any]:
        torch = self.torch
        found: dict[str, Any] = {
            **{name: of_one(getattr(torch, THEIRS.get(name, name), None) or self._cbrt) for name in OF_ONE},
            **{name: of_two(getattr(torch, THEIRS.get(name, name))) for name in OF_TWO},
            "add": Reducible(torch.add, torch.sum, torch.segment_reduce, "sum"),
            "maximum": Reducible(torch.maximum, torch.amax, torch.segment_reduce, "max"),
            "minimum": Reducible(torch.minimum, torch.amin, torch.segment_reduce, "min"),
            "erf": torch.erf,
            "erfc": torch.erfc,
            "take": lambda a, index, axis, out, _: torch.index_select(a, axis, index, out=out),
            "copyto": self._copyto,
            "matmul": self._matmul,
            "dot": self._dot,
        }
        return found | {"row_dots": row_dots(found)}

    def look(self, array: Any) -> Any:
        if not array.flags.writeable:  # broadcast: torch would warn that it must not be written to, and it is not
            array = array.view()
            array.flags.writeable = True
        # Made within the user's torch.inference_mode() it could not be changed outside.
        with self.torch.inference_mode(False):
            return self.torch.from_numpy(array)

    def segments(self, starts: Any, size: int) -> Any:
        return np.append(starts, size)

    def _cbrt(self, a: Any, out: Any) -> None:
        out.copy_(self.torch.sign(a) * self.torch.pow(self.torch.abs(a), 1.0 / 3.0))

    def _copyto(self, out: Any, a: Any, _: str = "", where: Any = None) -> None:
        if where is None:
            out.copy_(a)
        else:
            self.torch.where(where, a, out, out=out)

    def _matmul(self, a: Any, b: Any, out: Any) -> None:
        if a.ndim == b.ndim == 2:
            self.torch.mm(a, b, out=out)
        else:  # with ``out`` it fails for stacks of strided results (torch 2.13)
            out.copy_(self.torch.matmul(a, b))

    def _dot(self, a: Any, b: Any, out: Any) -> None:
        if a.ndim == b.ndim:
            self.torch.mm(a, b, out=out)
        elif b.ndim == 1:
            self.torch.mv(a, b, out=out)
        else:
            self.torch.mv(b.T, a, out=out)


def of_one(f: Callable[..., Any]) -> Callable[[Any, Any], None]:
    """A torch function of one operand, its result as numpy has it."""

    def call(a: Any, out: Any) -> None:
        f(a if a.shape == out.shape else a.expand(out.shape), out=out)

    return call


def of_two(f: Callable[..., Any]) -> Callable[[Any, Any, Any], None]:
    """A torch function of two operands, its result as numpy has it."""

    def call(a: Any, b: Any, out: Any) -> None:
        shape = out.shape
        f(a if a.shape == shape or b.shape == shape else a.expand(shape), b, out=out)

    return call


class Reducible:
    """A torch function of two operands; ``reduce`` and ``reduceat`` repeat it over an axis, or segments of it."""

    def __init__(self, two: Callable[..., Any], many: Callable[..., Any], segments: Callable[..., Any],
                 name: str) -> None:  # fmt: skip
        self.two, self.many, self.segments, self.name = of_two(two), many, segments, name

    def __call__(self, a: Any, b: Any, out: Any) -> None:
        self.two(a, b, out)

    def reduce(self, a: Any, axes: int | tuple[int, ...], _: None, out: Any, keepdims: bool = False) -> None:
        if out is a:  # vectors of one number; torch clears the result first
            a = a.clone()
        self.many(a, axes, keepdims, out=out)

    def reduceat(self, a: Any, offsets: Any, axis: int, _: None, out: Any) -> None:
        out.copy_(self.segments(a, self.name, offsets=offsets, axis=axis))
