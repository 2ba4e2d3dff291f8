"""Which numbers of an array program are drawn with lines between them: what `Program.listing` says, made ready to draw.

>>> from autograd_tiny import Value, compile
>>> w = [Value(0.5), Value(2.0)]
>>> program = compile(lambda x: (w[0] * x[0] + w[1] * x[1]).tanh(), scalars="never")
>>> program([2.0, -0.5])
0.0
>>> listed = program.listing()
>>> [sources(listed, instruction) for instruction in listed.forward]
[[('x', 2, True)], [('t1', 1, False)]]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograd_tiny.compiler.show.listing import ListedInstruction, Listing

SOME = "[…]"


def uses(names: Sequence[str]) -> list[str]:
    """The names of what is read, each once, in whatever part and order.

    >>> uses(["t1", "t1[…]", "W1"])
    ['t1', 'W1']
    """
    return list(dict.fromkeys(name.removesuffix(SOME) for name in names))


def sources(listed: Listing, instruction: ListedInstruction) -> list[tuple[str, int, bool]]:
    """The results and inputs that it reads: name, numbers in it, and whether each result is of all of them.

    Only those whose numbers go one to one, being of one shape, or all to each; what is fetched one by one is not.
    """
    earlier = {other.result: other for other in listed.forward}
    matrices = {matrix.name: matrix for matrix in listed.matrices}
    found = []
    for name in instruction.operands:
        if name.endswith(SOME):
            continue
        if instruction.kind in ("matrix product", "dot product", "dot products"):
            weights = [matrices[other] for other in instruction.operands if other in matrices]
            if len(weights) != 1 or name == weights[0].name:
                continue
            *rows, columns = weights[0].shape
            count = earlier[name].numbers if name in earlier else listed.inputs.get(name, 0)
            if (rows or [1]) == [instruction.numbers] and count in (1, columns):
                found.append((name, count, True))
        elif name in earlier and (earlier[name].numbers == 1 or earlier[name].shape == instruction.shape):
            found.append((name, earlier[name].numbers, False))
    return found
