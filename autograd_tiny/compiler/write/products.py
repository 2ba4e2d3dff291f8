"""A matrix product as lines of numpy, forward and reverse: which operand is turned how.

Three cases: neither factor differs between samples, the right one does, or both do. Then the batch is an axis,
behind the columns or in front of everything.

>>> from autograd_tiny import Value, compile
>>> w = [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]]
>>> program = compile(lambda x: [row[0] * x[0] + row[1] * x[1] for row in w], scalars="never")
>>> [row.tolist() for row in program([[1.0, 0.0], [1.0, 1.0], [0.0, 2.0]], batch=True)]
[[1.0, 3.0, 4.0], [3.0, 7.0, 8.0]]
>>> _modes(program.last.program.instructions[0])  # the weights are shared, the inputs differ
(False, True)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..lower.instructions import MatrixProduct
from ..lower.layout import ARGUMENT, FLAT, Number, View
from .code import Code
from .memory import Named
from .reverse import Ledger
from .terms import Terms


def _modes(instruction: MatrixProduct) -> tuple[bool, bool]:
    left, right = instruction.left, instruction.right
    assert not isinstance(left, Number)
    assert not isinstance(right, Number)
    return left.memory != FLAT, right.memory != FLAT


LONGEST_ROW = 256
"""Up to this length, one sum over all rows' products is faster than a product of matrices for each row."""


def _is_row_wise(instruction: MatrixProduct) -> bool:
    """Whether each row of the left meets one row of the right: no matrix is needed, nor made to be."""
    left_batched, right_batched = _modes(instruction)
    count, width, length = instruction.left.shape  # type: ignore[union-attr]
    alone = width == instruction.right.shape[1] == 1  # type: ignore[union-attr]
    return alone and left_batched == right_batched and (left_batched or (count > 1 and length <= LONGEST_ROW))


def product_forward(code: Code, instruction: MatrixProduct) -> dict[str, Any]:
    left_batched, right_batched = _modes(instruction)
    left, right = code.fetch(instruction.left, False), code.fetch(instruction.right, False)
    out = code.view(instruction.out, False)
    quick = code.dot_notices and out.packed and left.shape[0] == 1
    if _is_row_wise(instruction):
        room = code.buffer(left.shape, left_batched)
        code.line(f"multiply({left.name}, {right.name}, {room.name})")
        if code.dot_notices and out.packed and not left_batched:
            rows = Named(code.turned(room, _only), (left.shape[0], left.shape[2]), False, packed=True)
            code.total(rows, (1,), Named(code.turned(out, lambda a: a.reshape(-1)), out.shape[:1], False), True)
        else:
            code.line(f"add.reduce({room.name}, 2, None, {code.turned(out, _first_column)})")
        return {"left": left, "right": right}
    if not right_batched:
        if instruction.transposed:
            a, b, c = code.turned(right, _drop), code.turned(left, _turn), code.turned(out, _drop)
        else:
            a, b, c = code.turned(left, _drop), code.turned(right, _turn), code.turned(out, _drop)
    elif not left_batched:
        one = right.shape[1] == 1
        quick = quick and one
        a = code.turned(left, _drop if one else _spread)
        b, c = code.turned(right, _only if one else _same), code.turned(out, _only if one else _same)
    else:
        quick = False
        a, b, c = code.turned(left, _front), code.turned(right, _front_turned), code.turned(out, _front)
    code.product(a, b, c, left.shape[2], quick)
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
    if _is_row_wise(instruction):
        _rows_backward(code, instruction, left, right, up, ledger)
        return
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
        plain = mine.shape[0] == 1 and into.packed
        if not right_batched:
            # up is (S, U, V), or (S, V, U) if transposed; its factor for the left is U × V, for the right V × U
            g = code.turned(up, _turn if instruction.transposed == (i == 0) else _drop)
            code.product(g, code.turned(other, _drop), code.turned(into, _drop), other.shape[1], plain)
        elif not left_batched and i == 0:
            one = right.shape[1] == 1
            pick, pick_turned = (_only, _only_turned) if one else (_same, _same_turned)
            if one:
                product = "dot" if plain else "matmul"
                factors = f"{code.turned(up, pick)}, {code.turned(right, pick_turned)}"
                code.line(f"{product}({factors}, {code.turned(into, _drop)})")
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
            code.product(turned, code.turned(up, pick), code.turned(into, pick), left.shape[1], plain and one)
        else:
            g = code.turned(up, _front if i == 0 else _front_turned)
            code.product(g, code.turned(other, _front), code.turned(into, _front), other.shape[1])
        if not direct:
            code.give(target, Terms().name("found"), {"found": into}, shape, batched)


def _rows_backward(
    code: Code, instruction: MatrixProduct, left: Named, right: Named, up: Named, ledger: Ledger
) -> None:
    terms = Terms()
    names = {"up": up, "left": left, "right": right}
    squares = isinstance(instruction.left, View) and instruction.left == instruction.right and all(instruction.learns)
    for access, learns, other in (
        (instruction.left, instruction.learns[0], "right"),
        (instruction.right, instruction.learns[1] and not squares, "left"),
    ):
        assert not isinstance(access, Number)
        if learns and not access.memory.startswith(ARGUMENT):
            code.scratch = (0, 0)
            slope = terms.name("up") * 2.0 if squares else terms.name("up")
            batched = access.memory != FLAT
            code.give(ledger.target(access, batched), slope * terms.name(other), names, access.shape, batched)


def _first_column(a: Any) -> Any:
    return a[:, :, 0]


def _only_turned(a: Any) -> Any:
    return _drop(a[:, 0]).swapaxes(-1, -2)


def _same_turned(a: Any) -> Any:
    return _drop(a).swapaxes(-1, -2)


def _spread_turned(a: Any) -> Any:
    return _drop(a[:, None].swapaxes(-1, -2))
