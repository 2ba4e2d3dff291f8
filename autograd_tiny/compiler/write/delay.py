"""One product in reverse for many in the text: what each adds to the gradient of a matrix that they share.

A recurrent net multiplies with one matrix at every step, and each step adds δ hᵀ to the gradient of that matrix. If
the h of all steps lie at even distances, and the δ too, they are the rows of two matrices, and Σ δ hᵀ is the product
of these. It waits until the first of the steps, the last in reverse, has its δ.

>>> from autograd_tiny import Value, compile, sum
>>> w = [[Value(0.1), Value(0.2)], [Value(0.3), Value(0.4)]]
>>> def f(a, b):
...     h = [a, b]
...     for _ in range(9):
...         h = [(row[0] * h[0] + row[1] * h[1]).tanh() for row in w]
...     return sum(h)
>>> program = compile(f, scalars="never")
>>> _ = program(0.5, 0.6)
>>> products = [(i, {}) for i in program.last.program.instructions if isinstance(i, MatrixProduct)]
>>> [i.right.shape for i, _ in delayed(Code(), products) if i.learns[0]]
[(1, 9, 2)]
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..lower.instructions import Instruction, MatrixProduct
from ..lower.layout import FLAT, View
from .code import Code

Step = tuple[Instruction, dict[str, Any]]
"""An instruction, and what its reverse needs of its forward lines."""

Wide = tuple[View, View]
"""The other operands of several products as one matrix, and the results as one."""


def delayed(code: Code, steps: list[Step]) -> list[Step]:
    """The steps for the reverse: before the first of products that share a matrix there is one for its gradient."""
    products = {i: step for i, (step, _) in enumerate(steps) if isinstance(step, MatrixProduct)}
    before: dict[int, list[Step]] = {}
    for side in (0, 1):
        groups: dict[Any, list[int]] = {}
        for i, product in products.items():
            if _may_wait(product, side):
                other, out = _operand(product, 1 - side), product.out
                shared = _operand(product, side), other.shape, other.strides, out.shape, out.strides, product.transposed
                groups.setdefault(shared, []).append(i)
        for group in groups.values():
            for members in _even(products, group, side):
                wide = _widened([products[i] for i in members], side)
                if wide is not None:
                    before.setdefault(members[0], []).append(_product(code, products[members[0]], side, *wide))
                    for i in members:
                        learns = products[i].learns
                        still = (False, learns[1]) if side == 0 else (learns[0], False)
                        products[i] = replace(products[i], learns=still)
    made: list[Step] = []
    for i, (instruction, kept) in enumerate(steps):
        made += [*before.get(i, []), (products.get(i, instruction), kept)]
    return made


def _operand(instruction: MatrixProduct, side: int) -> View:
    access = instruction.right if side else instruction.left
    assert isinstance(access, View)
    return access


def _may_wait(instruction: MatrixProduct, side: int) -> bool:
    """Whether the operand's gradient is a plain product of two views, the same for all samples."""
    views = (instruction.left, instruction.right)
    return instruction.learns[side] and all(
        isinstance(view, View) and view.memory == FLAT and view.shape[0] == 1 for view in views
    )


def _even(products: dict[int, MatrixProduct], group: list[int], side: int) -> list[list[int]]:
    """Runs of the group whose other operands, and whose results, lie at even distances; two make no run."""
    if len(group) < 3:
        return []
    offsets = np.array([(_operand(products[i], 1 - side).offset, products[i].out.offset) for i in group])
    gaps = np.diff(offsets, axis=0)
    runs, start = [], 0
    for end in range(1, len(group)):
        if end == len(group) - 1 or (gaps[end] != gaps[start]).any():
            if end - start >= 2:
                runs.append(group[start : end + 1])
                start = end + 1
            else:
                start = end
    return runs


def _widened(products: list[MatrixProduct], side: int) -> Wide | None:
    """The views over all of the products at once; None if their rows do not follow each other at one distance."""
    first, second = products[:2]
    count = len(products)
    axis = 2 if first.transposed == (side == 1) else 1  # of the result: that which the gradient sums over
    views = []
    for one, two, along in (
        (_operand(first, 1 - side), _operand(second, 1 - side), 1),
        (first.out, second.out, axis),
    ):
        size, step, gap = one.shape[along], one.strides[along], two.offset - one.offset
        if gap == 0 or (size > 1 and gap != size * step):
            return None
        shape, strides = list(one.shape), list(one.strides)
        shape[along], strides[along] = count * size, gap if size == 1 else step
        views.append(View(FLAT, one.offset, tuple(shape), tuple(strides)))
    return views[0], views[1]


def _product(code: Code, first: MatrixProduct, side: int, other: View, out: View) -> Step:
    operands = (first.left, other) if side == 0 else (other, first.right)
    wide = replace(first, left=operands[0], right=operands[1], learns=(side == 0, side == 1), out=out)
    return wide, {"left": code.fetch(wide.left, False), "right": code.fetch(wide.right, False)}
