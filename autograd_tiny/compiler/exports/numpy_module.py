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
from collections.abc import Sequence
from math import prod
from textwrap import indent, wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from ...table.namespaces.source import ATOM, Source, Term
from ...table.primitive import Primitive
from ..record.graph import Ints
from .folding import Folding
from .tensors import Read, Step, Straight, Tensor, straight
from .walk import Target, read, walk

if TYPE_CHECKING:
    from ..program import Program

HEAD = '''"""{name}, exported by autograd_tiny.

    value({inputs})           what the function gives for each of n samples
    value_and_grad({inputs})  the same, and the gradient of its mean by each of PARAMETERS

Each argument has the samples along its first axis. A gradient is a dict like PARAMETERS.
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
        return f"{_atom(joined)}[{'..., ' if each else ''}{name}]"

    def arrange(self, x: str, axes: tuple[int | None, ...], each: bool) -> str:
        kept = [axis for axis in axes if axis is not None]
        if kept != list(range(len(kept))):
            order = [0, *[axis + 1 for axis in kept]] if each else kept
            x = f"{x}.transpose({', '.join(map(str, order))})"
        if None not in axes:
            return x
        return f"{x}[{', '.join([':'] * each + ['None' if axis is None else ':' for axis in axes])}]"

    def spread(self, x: str, shape: tuple[int, ...], each: bool) -> str:
        return f"np.broadcast_to({x}, {_tuple((['n'] if each else []) + [str(k) for k in shape])})"

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


def _atom(text: str) -> str:
    """In brackets, unless it is a name, a number or an element."""
    return text if re.fullmatch(r"[\w.]+(\[[^\[\]]*\])?", text) else f"({text})"


def _tuple(parts: Sequence[str]) -> str:
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


class Reverse:
    """The lines of the gradient, after those of the value."""

    def __init__(self, line: Straight, text: NumpyText, known: dict[str, Any]) -> None:
        self.line, self.text, self.known = line, text, known
        self.begun: set[str] = set()
        self.scatters = False
        self.wanted = {tensor.name for tensor in line.parameters} | {
            step.result.name for step in line.steps if any(step.learns)
        }

    def write(self) -> None:
        outputs, lines = self.line.outputs, self.text.lines
        root = outputs.source
        shape = _tuple([*(["n"] if root.each else []), *map(str, root.shape)])
        seed = "1.0 / n" if root.each else "1.0"
        if root.size == 1:
            lines.append(f"d_{root.name} = np.full({shape}, {seed})")
        else:
            lines.append(f"d_{root.name} = np.zeros({shape})")
            place = np.unravel_index(int(outputs.index.reshape(-1)[0]), root.shape)
            lines.append(f"d_{root.name}[{', '.join(['...', *map(str, place)])}] = {seed}")
        self.begun.add(root.name)
        for step in reversed(self.line.steps):
            if step.result.name in self.begun:
                for i, (operand, learns) in enumerate(zip(step.reads, step.learns, strict=True)):
                    if isinstance(operand, Read) and learns:
                        self._pass_on(step, i, operand)

    def _pass_on(self, step: Step, i: int, operand: Read) -> None:
        up, text = f"d_{step.result.name}", self.text
        reads = [read(r, text, self.known, whole=step.kind != "elementwise") if isinstance(r, Read) else r
                 for r in step.reads]  # fmt: skip
        if step.kind == "product":
            own, other = step.subscripts[i], step.subscripts[1 - i]
            each = [isinstance(r, Read) and r.each for r in step.reads]
            n = "n" if step.result.each else ""
            missing = [x for x in own if x not in other + step.subscripts[2]]
            assert not missing
            found = text.product(
                (n + step.subscripts[2], up), (("n" if each[1 - i] else "") + other, reads[1 - i]),
                ("n" if operand.each else "") + own,
            )  # fmt: skip
            self._add(operand, found, operand.each)
            return
        if step.kind == "reduction":
            slope = text.rule(
                lambda source, names: step.row.partials[i](source, *names), [*reads, f"{step.result.name}[..., None]"]
            )
            found = f"{up}[..., None] * {_atom(slope)}" if slope != "1.0" else f"{up}[..., None]"
            if slope == "1.0" or step.row.name == "dot":
                found = text.spread(found, operand.shape, step.result.each)
        else:
            slope = text.rule(lambda source, names: step.row.partials[i](source, *names), [*reads, step.result.name])
            if slope == "0.0":
                return
            found = up if slope == "1.0" else f"-{up}" if slope == "-1.0" else f"{up} * {_atom(slope)}"
        self._add(operand, found, step.result.each)

    def _add(self, operand: Read, found: str, each: bool) -> None:
        """Add to the adjoints of what an operand reads, which has the samples' axis or, as ``found``, may not have."""
        axes = operand.axes()
        if axes is not None:
            source = operand.source
            gone = tuple(i + each for i, axis in enumerate(axes) if axis is None)
            if each and not source.each:
                gone = (0, *gone)
            if gone:
                found = f"{_atom(found)}.sum({gone if len(gone) > 1 else gone[0]})"
            back = [int(b) for b in np.argsort([axis for axis in axes if axis is not None])]
            if back != list(range(len(back))):
                order = [0, *[b + 1 for b in back]] if source.each else back
                found = f"{_atom(found)}.transpose({', '.join(map(str, order))})"
            self._into(source, found)
            return
        own, shape = operand.each, operand.shape
        if each and not own:
            found = f"{_atom(found)}.sum(0)"
        total = sum(source.size for source in operand.sources)
        flat = found if len(shape) == 1 else f"{_atom(found)}.reshape({'n, ' * own}-1)"
        flat = f"{_atom(found)}[..., None]" if not shape else flat
        if np.array_equal(operand.index.reshape(-1), np.arange(total)):
            self.text.lines.append(f"up = {flat}")
        else:
            index = np.ascontiguousarray(operand.index).reshape(-1)
            name = self.text.index_name(index)
            if ":" in name:
                name = f"slice({name.replace(':', ', ')})"
            self.scatters = True
            self.text.lines.append(f"up = scatter({flat}, {name}, {total})")
        start = 0
        for source in operand.sources:
            part = "up" if source.size == total and source.shape else f"up[..., {start}:{start + source.size}]"
            part = f"up[..., {start}]" if not source.shape else part
            if own and not source.each:
                part += ".sum(0)"
            if len(source.shape) > 1:
                part += f".reshape({', '.join(['n'] * source.each + [str(k) for k in source.shape])})"
            self._into(source, part)
            start += source.size

    def _into(self, source: Tensor, found: str) -> None:
        if source.name not in self.wanted:
            return
        name = f"d_{source.name}"
        self.text.lines.append(f"{name} = {name} + {found}" if source.name in self.begun else f"{name} = {found}")
        self.begun.add(source.name)


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
    if line.inputs:
        start.append(f"n = len({line.inputs[0].name})")
        start += [
            f"{t.name} = np.asarray({t.name}, float).reshape({', '.join(['n', *map(str, t.shape)])})"
            for t in line.inputs
        ]
    parts = [HEAD.format(name=line.name, inputs=inputs), "import math\n", "import numpy as np\n"]
    bodies = [("value", "Of n samples, the first axis of each argument, what the function gives.", [*start, *forward])]
    if line.single:
        reverse = Reverse(line, text, known)
        reverse.write()
        gradients = [
            f'"{t.name}": '
            + (f"d_{t.name}" if t.name in reverse.begun else f"np.zeros({_tuple([*map(str, t.shape)])})")
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


def _array(numbers: Any) -> str:
    flat = np.asarray(numbers).reshape(-1).tolist()
    listed = "\n".join(wrap(f"[{', '.join(map(repr, flat))}]", 116, initial_indent="", subsequent_indent="        "))
    shape = np.shape(numbers)
    if len(shape) == 1 and prod(shape):
        return f"np.array({listed})"
    return f"np.array({listed}).reshape({_tuple([*map(str, shape)])})"
