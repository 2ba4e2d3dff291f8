'''A program as one Python file that needs numpy and nothing else: value, and value and gradient.

>>> from autograd_tiny import Value, compile
>>> w = [Value(2.0, "w[0]"), Value(-1.0, "w[1]")]
>>> program = compile(lambda x: (w[0] * x[0] + w[1] * x[1]).tanh())
>>> program([1.0, 2.0])
0.0
>>> print(numpy_module(program).split("def value(")[1].split("def value_and_grad")[0])
x, parameters=PARAMETERS):
    """Of n samples, the first axis of each argument, what the function gives."""
    w1 = parameters["w1"]
    n = len(x)
    x = np.asarray(x, float).reshape(n, 2)
    t1 = np.einsum("k,nk->n", w1, x, optimize=True)
    t2 = np.tanh(t1)
    return t2
<BLANKLINE>
<BLANKLINE>
'''

from __future__ import annotations

import re
from math import prod
from textwrap import indent, wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from .numpy_reverse import Reverse
from .numpy_text import NumpyText, tuple_of
from .straight import straight
from .tensors import Tensor
from .walk import walk

if TYPE_CHECKING:
    from ..program import Program

HEAD = '''"""{name}, exported by autograd_tiny.

    value({inputs})           what the function gives for each of n samples
    value_and_grad({inputs})  the same, and the gradient of its mean by each of PARAMETERS

{each} A gradient is a dict like PARAMETERS.
"""
'''
ERF = """
erf = np.vectorize(math.erf, otypes=[float])
erfc = np.vectorize(math.erfc, otypes=[float])
"""
SCATTER = """

def scatter(numbers, index, size):
    \"\"\"The numbers added up by place, along their last axis.\"\"\"
    found = np.zeros((*numbers.shape[:-1], size))
    np.add.at(found, (..., index), numbers)
    return found
"""


def numpy_module(program: Program) -> str:
    """The text of the file; what `Program.to_numpy` gives."""
    line = straight(program)
    text = NumpyText()
    known: dict[str, Any] = {t.name: t.name for t in (*line.parameters, *line.constants, *line.inputs)}
    result = walk(line, text, known)
    forward = [*text.lines, f"return {result}"]
    inputs = ", ".join(tensor.name for tensor in line.inputs)
    given = f"{inputs}, " if inputs else ""
    start = [f'{tensor.name} = parameters["{tensor.name}"]' for tensor in line.parameters]
    if line.counted is not None:
        start.append(f"n = len({line.counted.name})")
        start += [f"{t.name} = {_samples(t, t.name in line.shared)}" for t in line.inputs]
    each = "Each argument has the samples along its first axis."
    if line.shared:
        same = [t.name for t in line.inputs if t.name in line.shared]
        each = f"Each argument has the samples along its first axis, but {' and '.join(same)}, the same for all."
    parts = [
        HEAD.format(name=re.sub(r"[^\w<>. ]", "_", line.name), inputs=inputs, each=each),
        "import math\n",
        "import numpy as np\n",
    ]
    bodies = [("value", "Of n samples, the first axis of each argument, what the function gives.", [*start, *forward])]
    if line.single:
        reverse = Reverse(line, text, known)
        reverse.write()
        gradients = [
            f'"{t.name}": '
            + (f"d_{t.name}" if t.name in reverse.begun else f"np.zeros({tuple_of([*map(str, t.shape)])})")
            for t in line.parameters
        ]
        end = f"return {result}, {{{', '.join(gradients)}}}"
        bodies.append(("value_and_grad", "The values, and the gradient of their mean.", [*start, *text.lines, end]))
        if reverse.scatters:
            parts.append(SCATTER)
    whole = "\n".join("\n".join(body) for _, _, body in bodies)
    if re.search(r"\berfc?\(", whole):
        parts.append(ERF)
    else:
        parts.remove("import math\n")
    numbers = [f'    "{t.name}": {_array(t.initial())},' for t in line.parameters]
    parts.append("\nPARAMETERS = {\n" + "".join(f"{entry}\n" for entry in numbers) + "}\n")
    parts += [f"{t.name} = {_array(t.numbers)}\n" for t in line.constants if re.search(rf"\b{t.name}\b", whole)]
    parts += [f"{name} = {_array(index)}\n" for name, index in text.indices.values() if name in whole]
    for name, doc, body in bodies:
        parts.append(f'\n\ndef {name}({given}parameters=PARAMETERS):\n    """{doc}"""\n')
        parts.append(indent("\n".join(body), "    ") + "\n")
    return "".join(parts)


def _samples(tensor: Tensor, same: bool) -> str:
    """An argument as an array with the samples along its first axis."""
    whole = tuple_of(["n", *map(str, tensor.shape)])
    given = f"np.asarray({tensor.name}, float)"
    if same:
        return f"np.broadcast_to({given}.reshape({tuple_of([*map(str, tensor.shape)])}), {whole})"
    return f"{given}.reshape({whole[1:-1].rstrip(',')})"


def _array(numbers: Any) -> str:
    flat = np.asarray(numbers).reshape(-1).tolist()
    listed = "\n".join(wrap(f"[{', '.join(map(repr, flat))}]", 116, initial_indent="", subsequent_indent="        "))
    shape = np.shape(numbers)
    if len(shape) == 1 and prod(shape):
        return f"np.array({listed})"
    return f"np.array({listed}).reshape({tuple_of([*map(str, shape)])})"
