"""A program as an ONNX model: the value for a batch, in float64, by operators of opset 17.

onnxruntime has ``Erf`` in float32 only, so that `erf`, `erfc`, `norm_cdf` and `gelu` have seven digits there. Its
``Asin``, ``Acos`` and ``Atan`` too, whose answers are corrected to sixteen here by one step with sine and cosine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import AutogradError
from ...table.namespaces import FLOATS, Namespace
from ...table.primitive import Primitive
from ..record.graph import Ints
from .libraries import COMPARED
from .straight import straight
from .walk import Target, walk

if TYPE_CHECKING:
    from ..program import Program

OPSET, IR = 17, 8
OPERATORS = {"exp": "Exp", "log": "Log", "sqrt": "Sqrt", "sin": "Sin", "cos": "Cos",
             "tanh": "Tanh", "abs": "Abs", "floor": "Floor", "ceil": "Ceil", "round": "Round"}  # fmt: skip
COMPARISONS = {"greater": "Greater", "less": "Less", "greater_equal": "GreaterOrEqual",
               "less_equal": "LessOrEqual", "equal": "Equal"}  # fmt: skip


class Node:
    """A tensor of the model by its name."""

    def __init__(self, model: Model, name: str, truth: str = "") -> None:
        self.model, self.name, self.truth = model, name, truth

    def __add__(self, other: Any) -> Node:
        return self.model.node("Add", self, other)

    def __radd__(self, other: Any) -> Node:
        return self.model.node("Add", other, self)

    def __sub__(self, other: Any) -> Node:
        return self.model.node("Sub", self, other)

    def __rsub__(self, other: Any) -> Node:
        return self.model.node("Sub", other, self)

    def __mul__(self, other: Any) -> Node:
        return self.model.node("Mul", self, other)

    def __rmul__(self, other: Any) -> Node:
        return self.model.node("Mul", other, self)

    def __neg__(self) -> Node:
        return self.model.node("Neg", self)


class Model:
    """The nodes and constants so far."""

    def __init__(self, onnx: Any) -> None:
        self.onnx = onnx
        self.nodes: list[Any] = []
        self.initializers: dict[str, Any] = {}
        self.constants: dict[tuple[str, bytes, tuple[int, ...]], str] = {}

    def node(self, operator: str, *operands: Any, name: str = "", **attributes: Any) -> Node:
        out = name or f"n{len(self.nodes) + 1}"
        inputs = [self.tensor(x).name for x in operands]
        self.nodes.append(self.onnx.helper.make_node(operator, inputs, [out], name=f"{operator}_{out}", **attributes))
        return Node(self, out)

    def tensor(self, x: Any) -> Node:
        if isinstance(x, Node):
            return x
        array = np.asarray(x, np.int64 if isinstance(x, np.ndarray) and x.dtype.kind == "i" else np.float64)
        key = (array.dtype.str, array.tobytes(), array.shape)
        if key not in self.constants:
            self.constants[key] = f"k{len(self.constants) + 1}"
            self.initializers[self.constants[key]] = array
        return Node(self, self.constants[key])

    def single(self, operator: str, x: Any) -> Node:
        """An operator that onnxruntime has in float32 only."""
        to = self.onnx.TensorProto
        return self.node("Cast", self.node(operator, self.node("Cast", x, to=to.FLOAT)), to=to.DOUBLE)


class OnnxNamespace(Namespace):
    """A rule as nodes; numbers alone stay numbers. A vector is the last axis."""

    pi = math.pi

    def __init__(self, model: Model) -> None:
        self.model = model
        for name in (*OPERATORS, *COMPARED, "expm1", "log1p", "tan", "asin", "acos", "atan", "sinh", "cosh", "erf",
                     "erfc", "pow", "div", "fmod"):  # fmt: skip
            self.__dict__[name] = self._folding(name)

    def _folding(self, name: str) -> Any:
        def call(*operands: Any) -> Any:
            if not any(isinstance(x, Node) for x in operands):
                return getattr(FLOATS, name)(*operands)
            if name in OPERATORS:
                return self.model.node(OPERATORS[name], *operands)
            return self._compared(name, *operands) if name in COMPARED else getattr(self, f"_{name}")(*operands)

        return call

    def _compared(self, name: str, a: Any, b: Any) -> Node:
        if name == "not_equal":
            truth = self.model.node("Not", self.model.node("Equal", a, b))
        else:
            truth = self.model.node(COMPARISONS[name], a, b)
        found = self.model.node("Where", truth, 1.0, 0.0)
        return Node(self.model, found.name, truth.name)

    def where(self, condition: Any, a: Any, b: Any) -> Any:
        if not isinstance(condition, Node):
            return a if condition else b
        truth = condition.truth or self.model.node("Not", self.model.node("Equal", condition, 0.0)).name
        return self.model.node("Where", Node(self.model, truth), a, b)

    def _div(self, a: Any, b: Any) -> Node:
        return self.model.node("Div", a, b)

    def _pow(self, a: Any, b: Any) -> Node:
        return a * a if b == 2.0 else self.model.node("Pow", a, b)

    def _log1p(self, x: Any) -> Any:
        """log u · x / (u - 1) with u = 1 + x, whose roundings cancel: Kahan, in the manual of the HP-15C."""
        u = 1.0 + x
        same = self.equal(u, 1.0)
        return self.where(same, x, self.log(u) * self._div(x, self.where(same, 1.0, u - 1.0)))

    def _expm1(self, x: Any) -> Any:
        """(u - 1) · x / log u with u = e^x, by the same; u - 1 where e^x is nearly 0 or huge."""
        u = self.exp(x)
        far = self.greater(self.abs(x), 1.0)
        same = self.equal(u, 1.0)
        near = (u - 1.0) * self._div(x, self.log(self.where(same, 2.0, u)))
        return self.where(far, u - 1.0, self.where(same, x, near))

    def _tan(self, x: Any) -> Node:
        return self._div(self.sin(x), self.cos(x))

    def _sinh(self, x: Any) -> Any:
        e = self._expm1(self.abs(x))
        return self.sign(x) * 0.5 * (e + self._div(e, e + 1.0))

    def _cosh(self, x: Any) -> Any:
        return 0.5 * (self.exp(x) + self.exp(-x))

    def _corrected(self, y: Node, sine: Any, cosine: Any) -> Any:
        """An angle, given seven of its digits, its sine and its cosine: y + arcsin(sin(true - y))."""
        off = sine * self.cos(y) - cosine * self.sin(y)
        return y + off

    def _asin(self, x: Any) -> Any:
        return self._corrected(self.model.single("Asin", x), x, self.sqrt((1.0 - x) * (1.0 + x)))

    def _acos(self, x: Any) -> Any:
        return self._corrected(self.model.single("Acos", x), self.sqrt((1.0 - x) * (1.0 + x)), x)

    def _atan(self, x: Any) -> Any:
        near = self.less_equal(self.abs(x), 1.0)  # beyond it of 1/x, whose square is no infinity
        z = self.where(near, x, self._div(1.0, self.where(near, 1.0, x)))
        length = self.sqrt(1.0 + z * z)
        found = self._corrected(self.model.single("Atan", z), self._div(z, length), self._div(1.0, length))
        return self.where(near, found, self.sign(x) * (0.5 * math.pi) - found)

    def _fmod(self, a: Any, b: Any) -> Node:
        return self.model.node("Mod", a, b, fmod=1)

    def _erf(self, x: Any) -> Node:
        return self.model.single("Erf", x)

    def _erfc(self, x: Any) -> Node:
        return 1.0 - self._erf(x)

    def each(self, f: Any, xs: Any) -> Any:
        return f(xs)

    def sum_of(self, f: Any, *vectors: Any) -> Node:
        return self.model.node("ReduceSum", f(*vectors), np.array([-1]), keepdims=1)

    def largest(self, xs: Any) -> Node:
        return self.model.node("ReduceMax", xs, axes=[-1], keepdims=1)

    def smallest(self, xs: Any) -> Node:
        return self.model.node("ReduceMin", xs, axes=[-1], keepdims=1)


class OnnxTarget(Target):
    """Tensors as nodes of a model."""

    def __init__(self, model: Model, first: str) -> None:
        self.model, self.first = model, first
        self.namespace = OnnxNamespace(model)
        self._samples: Node | None = None

    @property
    def samples(self) -> Node:
        """How many there are, as a tensor of one integer."""
        if self._samples is None:
            shape = self.model.node("Shape", Node(self.model, self.first))
            self._samples = self.model.node("Slice", shape, np.array([0]), np.array([1]))
        return self._samples

    def number(self, x: float) -> Any:
        return x

    def pick(self, sources: list[tuple[Any, bool, int]], index: Ints, each: bool) -> Any:
        flat = []
        for x, own, _ in sources:
            row = self.model.node("Reshape", x, np.array([0, -1] if own else [-1]))
            if each and not own:
                size = self.model.node("Shape", row)
                row = self.model.node("Expand", row, self.model.node("Concat", self.samples, size, axis=0))
            flat.append(row)
        joined = flat[0] if len(flat) == 1 else self.model.node("Concat", *flat, axis=-1)
        return self.model.node("Gather", joined, np.array(index, np.int64), axis=-1)

    def arrange(self, x: Any, axes: tuple[int | None, ...], each: bool) -> Any:
        kept = [axis for axis in axes if axis is not None]
        if kept != list(range(len(kept))):
            x = self.model.node("Transpose", x, perm=[0, *[axis + 1 for axis in kept]] if each else kept)
        new = [i + each for i, axis in enumerate(axes) if axis is None]
        return self.model.node("Unsqueeze", x, np.array(new)) if new else x

    def spread(self, x: Any, shape: tuple[int, ...], each: bool) -> Any:
        wanted: Any = np.array(shape, np.int64)
        if each:
            wanted = self.model.node("Concat", self.samples, wanted, axis=0) if shape else self.samples
        return self.model.node("Expand", x, wanted)

    def elementwise(self, row: Primitive, operands: list[Any]) -> Any:
        return getattr(self.namespace, row.name)(*operands) if row.name != "add" else operands[0] + operands[1]

    def reduce(self, row: Primitive, vectors: list[Any]) -> Any:
        return self.model.node("Squeeze", row.forward(self.namespace, *vectors), np.array([-1]))

    def product(self, left: tuple[str, Any], right: tuple[str, Any], out: str) -> Any:
        if not left[0] or not right[0]:
            return self.model.node("Mul", left[1], right[1])
        return self.model.node("Einsum", left[1], right[1], equation=f"{left[0]},{right[0]}->{out}")

    def keep(self, name: str, x: Any) -> Any:
        return self.model.node("Identity", x, name=name)


def onnx_model(program: Program) -> Any:
    """The model; what `Program.to_onnx` gives."""
    try:
        import onnx
    except ImportError:
        raise AutogradError("to_onnx needs onnx: pip install 'autograd-tiny[onnx]'") from None
    line = straight(program)
    model = Model(onnx)
    target = OnnxTarget(model, line.counted.name if line.counted is not None else "")
    known: dict[str, Any] = {t.name: Node(model, t.name) for t in (*line.parameters, *line.constants, *line.inputs)}
    for t in line.inputs:
        same = t.name in line.shared
        if line.shapes[t.name] != t.shape:
            known[t.name] = model.node("Reshape", known[t.name], np.array([*[0][same:], *t.shape]))
        if same:
            known[t.name] = target.spread(known[t.name], t.shape, True)
    result = walk(line, target, known)
    model.node("Identity", result, name="output")
    double = onnx.TensorProto.DOUBLE

    def shape(each: bool, numbers: Sequence[int]) -> list[Any]:
        return [*(["n"] if each else []), *numbers]

    fixed = {t.name: t.initial() for t in line.parameters}
    fixed |= {t.name: np.asarray(t.numbers, np.float64) for t in line.constants}
    graph = onnx.helper.make_graph(
        model.nodes,
        line.name if line.name.isidentifier() else "program",
        [
            onnx.helper.make_tensor_value_info(t.name, double, shape(t.name not in line.shared, line.shapes[t.name]))
            for t in line.inputs
        ],
        [onnx.helper.make_tensor_value_info("output", double, shape(line.batch, line.outputs.shape[line.single :]))],
        [onnx.numpy_helper.from_array(x, name) for name, x in {**fixed, **model.initializers}.items()],
    )
    opsets = [onnx.helper.make_opsetid("", OPSET)]
    made = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=IR, producer_name="autograd_tiny")
    onnx.checker.check_model(made, full_check=True)
    return made
