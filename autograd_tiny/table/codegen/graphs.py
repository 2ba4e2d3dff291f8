"""The partials once more, as Cython that makes the nodes of a derivative's graph: what `Values` does, without Python.

Each operand is a Value or a number, known when the code runs only: ``n`` is the Value, borrowed, or NULL, ``v`` the
number. What is made of numbers alone is a number; `op1`, `op2`, `op3` in ``_engine_graphs.pxi`` see to that.

>>> from autograd_tiny.table.ops import TABLE
>>> print(partial(TABLE["div"], 1, {"div": 5, "neg": 6}))
cdef PyObject* partial_5_1(Stamp* stamp, PyObject* n_a, double v_a, PyObject* n_b, double v_b, \
PyObject* n_y, double v_y, double* out) except? NULL:
    cdef PyObject* n1
    cdef PyObject* n2
    cdef double v1, v2
    n1 = op2(5, stamp, n_y, v_y, n_b, v_b, &v1)
    n2 = op1(6, stamp, n1, v1, &v2)
    out[0] = v2
    return n2
<BLANKLINE>
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..namespaces.base import Namespace
from ..namespaces.floats import FLOATS
from ..ops import TABLE
from ..primitive import Primitive


class Made:
    """A Value or number of the program, by the names of the two."""

    __slots__ = ("node", "number", "program")

    def __init__(self, program: Program, node: str, number: str) -> None:
        self.program, self.node, self.number = program, node, number

    def __add__(self, other: Any) -> Any:
        return self.program.add(self, other)

    def __radd__(self, other: Any) -> Any:
        return self.program.add(other, self)

    def __sub__(self, other: Any) -> Any:
        return self.program.sub(self, other)

    def __rsub__(self, other: Any) -> Any:
        return self.program.sub(other, self)

    def __mul__(self, other: Any) -> Any:
        return self.program.apply(TABLE["mul"], (self, other))

    def __rmul__(self, other: Any) -> Any:
        return self.program.apply(TABLE["mul"], (other, self))

    def __neg__(self) -> Any:
        return self.program.neg(self)


class Program(Namespace):
    """The namespace that writes one function down, statement by statement."""

    pi = math.pi

    def __init__(self, codes: Mapping[str, int]) -> None:
        self.codes, self.lines, self.count, self.indent = codes, list[str](), 0, ""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        row = TABLE.get(name)
        if row is None:
            raise AttributeError(f"a rule called xp.{name}, which is no primitive")
        return lambda *operands: self.apply(row, operands)

    def write(self, line: str) -> None:
        self.lines.append(self.indent + line)

    def fresh(self) -> Made:
        self.count += 1
        return Made(self, f"n{self.count}", f"v{self.count}")

    def given(self, x: Any) -> str:
        return f"{x.node}, {x.number}" if isinstance(x, Made) else f"NULL, {float(x)!r}"

    def apply(self, row: Primitive, operands: Sequence[Any]) -> Any:
        if not any(isinstance(x, Made) for x in operands):
            return row.forward(FLOATS, *operands)
        made = self.fresh()
        given = ", ".join(map(self.given, operands))
        call = f"op{len(operands)}({self.codes[row.name]}, stamp, {given}, &{made.number})"
        self.write(f"{made.node} = {call}")
        return made

    def take(self, made: Made, x: Any) -> None:
        """Let ``made`` be ``x``."""
        node, number = (x.node, x.number) if isinstance(x, Made) else ("NULL", repr(float(x)))
        self.write(f"{made.node} = {node}")
        self.write(f"{made.number} = {number}")

    def choose(self, condition: str, first: Callable[[Made], None], second: Callable[[Made], None]) -> Made:
        made, outer = self.fresh(), self.indent
        for head, fill in ((f"if {condition}:", first), ("else:", second)):
            self.write(head)
            self.indent = outer + "    "
            fill(made)
            self.indent = outer
        return made

    def where(self, condition: Any, a: Any, b: Any) -> Any:
        if not isinstance(condition, Made):
            return a if condition else b
        pick = lambda made: self.take(made, self.edge(condition, a, b))
        call = f"op3({self.codes['where']}, stamp, {', '.join(map(self.given, (condition, a, b)))}"
        return self.choose(
            f"{condition.node} is NULL", pick, lambda made: self.write(f"{made.node} = {call}, &{made.number})")
        )

    def edge(self, condition: Any, pinned: Any, usual: Any) -> Any:
        return self.corner(condition, lambda: pinned, usual)

    def corner(self, condition: Any, pinned: Callable[[], Any], usual: Any) -> Any:
        if not isinstance(condition, Made):
            return pinned() if condition else usual
        return self.choose(
            f"{condition.number} != 0.0", lambda made: self.take(made, pinned()), lambda made: self.take(made, usual)
        )


def partial(row: Primitive, i: int, codes: Mapping[str, int]) -> str:
    """The function of the partial by operand ``i`` of a row with a fixed number of operands."""
    program = Program(codes)
    names = (*row.arguments, "y")
    result = row.partials[i](program, *(Made(program, f"n_{name}", f"v_{name}") for name in names))
    parameters = "".join(f"PyObject* n_{name}, double v_{name}, " for name in names)
    lines = _declared(program)
    node, number = (result.node, result.number) if isinstance(result, Made) else ("NULL", repr(float(result)))
    lines += [*program.lines, f"out[0] = {number}", f"return {node}"]
    head = f"cdef PyObject* partial_{codes[row.name]}_{i}(Stamp* stamp, {parameters}double* out) except? NULL:"
    return head + "\n" + "".join(f"    {line}\n" for line in lines)


def _declared(program: Program) -> list[str]:
    """The declarations of what the program makes."""
    places = range(1, program.count + 1)
    numbers = [f"cdef double {', '.join(f'v{k}' for k in places)}"] if program.count else []
    return [*(f"cdef PyObject* n{k}" for k in places), *numbers]


class Vectors(Program):
    """The namespace that writes the function of a many-parent row down: vectors are ``Terms``, gone over in loops."""

    def __init__(self, codes: Mapping[str, int]) -> None:
        super().__init__(codes)
        self.loops: dict[str, tuple[int, int]] = {}

    def each(self, f: Callable[[Any], Any], xs: Any) -> Any:
        return self._loop(f, (xs,))

    def sum_of(self, f: Callable[..., Any], *vectors: Any) -> Any:
        terms, made = self._loop(f, vectors), self.fresh()
        self.write(f"{made.node} = sum_of_terms(stamp, {terms}, &{made.number})")
        return made

    def _loop(self, f: Callable[..., Any], vectors: Sequence[str]) -> str:
        name = f"w{len(self.loops) + 1}"
        start, elements = len(self.lines), [self.fresh() for _ in vectors]
        self.write(f"{name} = new_terms(n)")
        self.write("for i in range(n):")
        self.indent = "    "
        for vector, element in zip(vectors, elements, strict=True):
            self.write(f"{element.node} = {vector}.nodes[i]")
            self.write(f"{element.number} = {vector}.numbers[i]")
        self.write(f"{name}.put(i, {self.given(f(*elements))})")
        self.indent = ""
        self.loops[name] = start, len(self.lines)
        return name


def many_partial(row: Primitive, k: int, codes: Mapping[str, int]) -> str | None:
    """The function of the partials by the elements of vector ``k``; None of a rule that is not written in loops.

    What the last loop makes is the derivative by one element each, and what comes before is shared.
    """
    program = Vectors(codes)
    try:
        result = row.partials[k](program, *row.arguments, Made(program, "n_y", "v_y"))
    except (AttributeError, TypeError):
        return None
    if result not in program.loops:
        return None
    start, end = program.loops[result]
    lines = [line.replace("stamp,", "&shared,") for line in program.lines]
    own = [line.replace("&shared,", "&own,") for line in lines[start + 2 : end]]
    lines[start + 2 : end] = [f"    own.edge, own.slot = {k} * n + i, NULL", *own]
    vectors = ", ".join(f"Terms {name}" for name in row.arguments)
    head = f"cdef Terms partials_{codes[row.name]}_{k}(Stamp own, {vectors}, PyObject* n_y):"
    body = [
        "cdef Stamp shared = own",
        "cdef double v_y = (<Value>n_y)._data",
        f"cdef Py_ssize_t i, n = {row.arguments[0]}.n",
        f"cdef Terms {', '.join(program.loops)}",
        *_declared(program),
        *lines,
        f"return {result}",
    ]
    return head + "\n" + "".join(f"    {line}\n" for line in body)


def partials(rows: Sequence[Primitive], first_code: int) -> str:
    """All of them, and ``local_graph``, which chooses one by the code of the row and the number of the operand."""
    codes = {row.name: code for code, row in enumerate(rows, start=first_code)}
    parts = ["# Written by setup.py from the table in ops.py.\n"]
    parts.append("cdef enum:\n" + "".join(f"    ROW_{name} = {code}\n" for name, code in codes.items()))
    choices, many_choices = list[str](), list[str]()
    for row in rows:
        if row.variadic:
            for k in range(len(row.arguments)):
                text = many_partial(row, k, codes)
                if text is not None:
                    parts.append(text)
                    vectors = ", ".join(f"xs{j}" for j in range(len(row.arguments)))
                    many_choices += [f"if code == {MOST * codes[row.name] + k}:",
                                     f"    return partials_{codes[row.name]}_{k}(own, {vectors}, y)"]  # fmt: skip
            continue
        for i in range(len(row.arguments)):
            parts.append(partial(row, i, codes))
            operands = ", ".join(f"n{k}, v{k}" for k in range(len(row.arguments)))
            call = f"partial_{codes[row.name]}_{i}(stamp, {operands}, y, (<Value>y)._data, out)"
            choices += [f"if code == {MOST * codes[row.name] + i}:", f"    return {call}"]
    given = "".join(f"PyObject* n{k}, double v{k}, " for k in range(MOST))
    head = f"cdef PyObject* local_graph(int code, Stamp* stamp, {given}PyObject* y, double* out) except? NULL:"
    parts.append("\n    ".join([head, *choices, "out[0] = NAN", "return NULL"]) + "\n")
    head = "cdef Terms local_graphs(int code, Stamp own, Terms xs0, Terms xs1, PyObject* y):"
    parts.append("\n    ".join([head, *many_choices, "return None"]) + "\n")
    return "\n\n".join(parts)


MOST = 3
"""Operands of a row that is not variadic."""
