"""Array instructions as formulas: what each computes, and how the adjoint of its result reaches its operands.

>>> from autograd_tiny import Value, compile
>>> program = compile(lambda x: Value(2.0) * x - 1.0, scalars="never")
>>> program(3.0)
5.0
>>> product, difference = program.last.program.instructions
>>> described(product, ["w1", "x"]), described(difference, ["t1", "1"])
(('w1 × x', 'mul', ''), ('t1 − 1', 'sub', ''))
>>> rule(product, 0, ["w1", "x"], 1), rule(difference, 1, ["t1", "1"], 2)
('+= ∂t1 × x', '−= ∂t2')
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from ...derivatives.loop_rows import loop_of
from ...errors import counted
from ..lower.instructions import (
    Elementwise,
    Instruction,
    LoopCall,
    MatrixProduct,
    Reduction,
    Segments,
    Total,
    operands_of,
)
from ..lower.layout import Number
from ..write.terms import Term, Terms

SHOWN = 4
"""Of an operand that is read from more places than this, the first and the last are named."""


def joined(names: Sequence[str]) -> str:
    """What is read from several places as one."""
    if len(names) == 1:
        return names[0]
    shown = names if len(names) <= SHOWN else [*names[: SHOWN - 2], "…", names[-1]]
    return f"({', '.join(shown)})"


def order(instruction: MatrixProduct) -> tuple[int, int]:
    """Which operand is written first, and which second."""
    rows, columns = _lengths(instruction)[1:3]
    return (1, 0) if (instruction.transposed and rows > 1 and columns > 1) or rows == 1 < columns else (0, 1)


def _lengths(instruction: MatrixProduct) -> tuple[int, int, int, int]:
    """How many products; of each, the vectors on the left, those on the right, and how long they are."""
    left, right = instruction.left, instruction.right
    assert not isinstance(left, Number)
    assert not isinstance(right, Number)
    return left.shape[0], left.shape[1], right.shape[1], left.shape[2]


def described(instruction: Instruction, texts: Sequence[str]) -> tuple[str, str, str]:
    """The formula of an instruction, what it does in words, and of a product which dot products it is."""
    one = prod(instruction.out.shape) == 1
    match instruction:
        case MatrixProduct():
            return _product(instruction, texts)
        case Total():
            return f"Σ {texts[0]}", "sum" if one else "sums", ""
        case Segments():
            return f"{instruction.row.name}({texts[0]})", f"{instruction.row.name} of vectors of several lengths", ""
        case Reduction():
            formula = f"{instruction.row.name}({', '.join(texts)})"
            return formula, f"{instruction.row.name} of {'a vector' if one else 'vectors'}", ""
        case LoopCall():
            loop = loop_of(instruction.row)
            steps = counted(loop.steps, "step")
            return f"{loop.name}({', '.join(texts)})", f"loop of {'up to ' if loop.stops else ''}{steps}", ""
        case Elementwise():
            row = instruction.row
            if row.name == "identity":
                return texts[0], "copy", ""
            if row.operator and len(texts) == 2:
                return f"{texts[0]} {row.symbol} {texts[1]}", row.name, ""
            if row.operator:
                return f"{row.symbol}{texts[0]}", row.name, ""
            return f"{row.name}({', '.join(texts)})", row.name, ""


def _product(instruction: MatrixProduct, texts: Sequence[str]) -> tuple[str, str, str]:
    stack, rows, columns, length = _lengths(instruction)
    a, b = (texts[i] for i in order(instruction))
    terms = f"of {counted(length, 'term')}"
    if rows == columns == 1:
        apart = ", each of two vectors of its own" if stack > 1 else ""
        kind = "dot product" if stack == 1 else "dot products"
        return f"{a} · {b}", kind, f"{counted(stack, 'dot product')} {terms}{apart}"
    formula = f"{a} · {b}" + ("ᵀ" if rows > 1 and columns > 1 else "")
    times = f"{stack} times " if stack > 1 else ""
    most, least = max(rows, columns), min(rows, columns)
    if least == 1:
        how = f"each row of {a} with the same vector"
    elif instruction.transposed:
        how = f"each of {columns} vectors with each of {rows}"
    else:
        how = f"each of {rows} vectors with each of {columns}"
    kind = "matrix product" if stack == 1 else f"{stack} matrix products"
    return formula, kind, f"{times}{counted(most * least, 'dot product')} {terms}, {how}"


def rule(instruction: Instruction, i: int, texts: Sequence[str], number: int) -> str | None:
    """How the adjoint of a result reaches that of operand ``i``, after the adjoint's name; None if nothing does."""
    up = f"∂t{number}"
    match instruction:
        case MatrixProduct():
            _, rows, columns, _ = _lengths(instruction)
            other, first = texts[1 - i], order(instruction)[0] == i
            if rows == columns == 1:
                return f"+= {up} × {other}"
            if min(rows, columns) == 1:
                return f"+= {up} · {other}ᵀ" if first else f"+= {other}ᵀ · {up}"
            return f"+= {up} · {other}" if first else f"+= {up}ᵀ · {other}"
        case Total():
            return f"+= {up}"
        case LoopCall():
            return f"+= {up} back through the steps"
        case _:
            return _by_the_row(instruction, i, texts, up, f"t{number}")


def _by_the_row(
    instruction: Elementwise | Segments | Reduction, i: int, texts: Sequence[str], up: str, out: str
) -> str | None:
    """The same from the rule of its primitive, written out where that is a number or one of the operands."""
    row, accesses = instruction.row, operands_of(instruction)
    length = accesses[0].shape[1] if isinstance(instruction, Reduction) else 1  # type: ignore[union-attr]
    terms = Terms(length)
    operands = [x.value if isinstance(x, Number) else terms.name(f"o{j}") for j, x in enumerate(accesses)]
    local = row.partials[i](terms, *operands, terms.name("y"))
    known = {f"o{j}": text for j, text in enumerate(texts)} | {"y": out}
    if isinstance(local, Term):
        return f"+= {up} × {known.get(local.operation, f'∂{row.name}/∂{row.arguments[i]}')}"
    if not isinstance(local, float | int):
        return f"+= {up} × ∂{row.name}/∂{row.arguments[i]}"
    if local == 0.0:
        return None
    if local in (1.0, -1.0):
        return f"{'+=' if local > 0 else '−='} {up}"
    return f"+= {up} × {local:g}".replace("× -", "× −")
