"""The methods of the compiled `Value`, in Cython: one or more a row, to stand in the class in ``_engine.pyx``.

Each calls the row's C rule on the numbers and hands the result on to ``node1``, ``node2`` or ``many``, which make
the node, or leave it to the general way if it is out of the ordinary.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from ..docstrings import document
from ..primitive import Primitive


def _method(head: str, row: Primitive, body: str) -> str:
    doc = f'"""{document(row)}\n"""\n' if not head.startswith("def __") else ""
    return f"{head}\n" + textwrap.indent(doc + textwrap.dedent(body).lstrip("\n"), "    ") + "\n"


def _unary(row: Primitive, code: int, name: str) -> str:
    return _method(f"def {name}(self):", row, f"""
        cdef double d
        cdef double y = rule_{row.name}(self._data, &d)
        return node1(self, {code}, y, d)
        """)  # fmt: skip


def _binary(row: Primitive, code: int, head: str, other: str, foreign: str) -> str:
    """A method of one more operand, ``other``: a Value or a number; of anything else, ``foreign`` decides."""
    number = f"rule_{row.name}_l(self._data, right._data, &d_a)" if row.dunder else (
        f"rule_{row.name}(self._data, right._data, &d_a, &d_b)")  # fmt: skip
    modulo = "modulo is None and " if "modulo" in head else ""
    return _method(head, row, f"""
        cdef double d_a, d_b, y
        cdef Value right
        if {modulo}type({other}) is Value:
            y = rule_{row.name}(self._data, (<Value>{other})._data, &d_a, &d_b)
            return node2(self, <Value>{other}, {code}, y, d_a, d_b)
        right = {f"number_node({other}) if modulo is None else None" if modulo else f"number_node({other})"}
        if right is None:
            return {foreign}
        y = {number}
        return node2(self, right, {code}, y, d_a, 0.0)
        """)  # fmt: skip


def _reflected(row: Primitive, code: int) -> str:
    return _method(_operator_head(row, "r"), row, f"""
        cdef double d_b, y
        cdef Value left = number_node(other)
        if left is None:
            return NotImplemented
        y = rule_{row.name}_r(left._data, self._data, &d_b)
        return node2(left, self, {code}, y, 0.0, d_b)
        """)  # fmt: skip


def _general(row: Primitive) -> str:
    if row.variadic:
        # With the axes that numpy hands on: `np.sum(v)` asks for ``v.sum(axis=None, out=None)``.
        return _method(f"def {row.name}(self, *others, axis: None = None, out: None = None):", row, f"""
            node = variadic(TABLE["{row.name}"], ((self, *others),))
            return apply(TABLE["{row.name}"], ([self, *others],)) if node is None else node
            """)  # fmt: skip
    return _method(f"def {row.name}(self, *others, **named):", row, f"""
        return apply(TABLE["{row.name}"], (self, *others), named)
        """)  # fmt: skip


def _named_binary(row: Primitive, code: int, name: str) -> str:
    second = row.arguments[1]
    default = f"={row.defaults[-1]!r}" if row.defaults else ""
    foreign = f'apply(TABLE["{row.name}"], (self, {second}))'
    return _binary(row, code, f"def {name}(self, {second}{default}):", second, foreign)


def _operator_head(row: Primitive, prefix: str) -> str:
    """``def __add__(self, other):``; a power of a Value takes no modulus."""
    return f"def __{prefix}{row.dunder}__(self, other{', modulo' if row.dunder == 'pow' else ''}):"


def methods(rows: Sequence[Primitive], first_code: int) -> str:
    """All of them, to stand in the body of the class; the row at index i has the code ``first_code + i``."""
    parts = ["# Written by setup.py from the table in ops.py.\n"]
    for code, row in enumerate(rows, start=first_code):
        count = len(row.arguments)
        if row.variadic:
            parts += [_general(row)] if count == 1 else []
        elif count == 1:
            parts += [_unary(row, code, name) for name in (row.name, *row.aliases)]
            parts += [_unary(row, code, f"__{row.dunder}__")] if row.dunder else []
        elif count == 2:
            parts += [_named_binary(row, code, name) for name in (row.name, *row.aliases)]
            if row.dunder:
                parts.append(_binary(row, code, _operator_head(row, ""), "other", "NotImplemented"))
                parts.append(_reflected(row, code))
        else:
            parts.append(_general(row))
    return "\n".join(parts)


def declarations(rows: Sequence[Primitive], first_code: int) -> str:
    """What ``_engine.pyx`` has to know of the C rules, and the one call that chooses a many-parent rule by code."""
    lines = [
        "# Written by setup.py from the table in ops.py.\n",
        f"cdef enum:\n    FIRST_ROW = {first_code}\n    END_OF_TABLE = {first_code + len(rows)}\n",
        'cdef extern from "_engine_rules.h" nogil:',
        "    const unsigned char* VECTORS",
        "    double fixed_rule(int code, int form, const double*, const int*, double*)",
    ]
    for row in rows:
        if row.variadic:
            vectors = ["const double*"] * len(row.arguments) + ["double*"] * len(row.arguments)
            lines.append(f"    double rule_{row.name}(Py_ssize_t, {', '.join(vectors)})")
            continue
        inputs = ", ".join(["double"] * len(row.arguments))
        lines.append(f"    double rule_{row.name}({inputs}{', double*' * len(row.arguments)})")
        if row.dunder and len(row.arguments) == 2:
            lines += [f"    double rule_{row.name}_{side}(double, double, double*)" for side in "lr"]
    for count, parameters, call in (
        (1, "const double* a, double* d_a", "a, d_a"),
        (2, "const double* a, const double* b, double* d_a, double* d_b", "a, b, d_a, d_b"),
    ):
        lines += ["", "", f"cdef double rule_of_{count}(int code, Py_ssize_t n, {parameters}) noexcept nogil:"]
        for code, row in enumerate(rows, start=first_code):
            if row.variadic and len(row.arguments) == count:
                lines += [f"    if code == {code}:", f"        return rule_{row.name}(n, {call})"]
        lines.append("    return NAN")
    return "\n".join(lines) + "\n"
