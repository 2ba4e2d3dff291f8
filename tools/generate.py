"""Write what follows from the table of primitives: ``make generate`` after a change to ``ops.py``.

``autograd_tiny/_operations.py``: the methods of `Value`, each rule inlined down to ``math``'s functions, since a
call per rule would make the plain engine several times slower.
``autograd_tiny/functions.pyi``: the signatures of the package's functions, for type checkers.

A row works without this, through `value.apply`; it is then slower and unknown to type checkers. A test compares
the files with what this script would write.
"""

from __future__ import annotations

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from autograd_tiny.functions import document  # noqa: E402
from autograd_tiny.namespaces.source import INTRINSIC, Source  # noqa: E402
from autograd_tiny.ops import ROWS  # noqa: E402
from autograd_tiny.primitive import Primitive  # noqa: E402

MARK = "Written by `make generate` from the table in ops.py: change a row there, not a line here."

OPERATIONS = f'''"""The methods that `Value` has by virtue of the table of primitives, one or more a row.

{MARK}

Each is the fast path for ordinary numbers: compute the result and the local derivatives, make the node.
Whatever is out of the ordinary (``math`` raises, the result is not finite, sources are tracked) goes to
`value.apply`, which knows the whole story and gives the same node.
"""

from __future__ import annotations

from math import {", ".join(sorted({*INTRINSIC, "fabs", "inf"}))}
from typing import TYPE_CHECKING, Any

from .ops import TABLE
from .sources import SWITCH

if TYPE_CHECKING:
    from .value import Value

_new = object.__new__
_RAISED = (OverflowError, ValueError, ZeroDivisionError)


def bind(value_class: Any, value_module: Any) -> None:
    """Make these methods work on ``value_class``: `value` calls this once, since it imports us first."""
    globals().update(Value=value_class, apply=value_module.apply, constant=value_module.as_constant)


class Operations:
    """What `Value` can do; no state of its own."""

    __slots__ = ()
'''

NODE = """\
{indent}if -inf < {y} < inf and not SWITCH.blocks:
{indent}    node = _new(Value)
{indent}    node._data = {y}
{indent}    node._primitive = _{row}
{indent}    node._left = {left}
{indent}    node._d_left = {d_left}
{indent}    node._right = {right}
{d_right}{indent}    node._mark = 0
{indent}    return node
"""


def fast_path(row: Primitive, indent: str, left: str, right: str, number: str = "") -> str:
    """Statements that make the node of ``row`` for ordinary numbers; ``number`` names a constant operand."""
    code = Source()
    operands = [code.name(name) for name in row.arguments]
    out = row.forward(code, *operands)
    wanted = [0.0 if name == number else rule(code, *operands, out)
              for name, rule in zip(row.arguments, row.partials, strict=True)]  # fmt: skip
    names = ["y", *(f"d_{name}" for name in row.arguments)]
    statements, (y, *derivatives) = code.program([out, *wanted], names)
    lines = [*statements]
    for name, text in zip(names, [y, *derivatives], strict=True):
        if text != name and not text.replace(".", "").replace("-", "").isalnum():
            lines.append(f"{name} = {text}")
    given = [text if text.replace(".", "").replace("-", "").isalnum() else name
             for name, text in zip(names, [y, *derivatives], strict=True)]  # fmt: skip
    if given[0] != "y":
        given[0] = given[0]
    calls = any("(" in line or "/" in line for line in lines)
    body = "".join(f"{indent}{'    ' if calls else ''}{line}\n" for line in lines)
    if calls:
        body = f"{indent}try:\n{body}{indent}except _RAISED:\n{indent}    return {slow_path(row)}\n"
    d_right = f"{indent}    node._d_right = {given[2]}\n" if len(given) > 2 else ""
    return body + NODE.format(indent=indent, y=given[0], row=row.name, left=left, right=right, d_left=given[1],
                              d_right=d_right)  # fmt: skip


def slow_path(row: Primitive) -> str:
    return f"apply(_{row.name}, (self,))" if len(row.arguments) == 1 else f"apply(_{row.name}, (self, other))"


def docstring(row: Primitive) -> str:
    head, _, *rest = document(row).splitlines()
    return "".join(f"        {line}\n" for line in [f'"""{head}', "", *rest]).rstrip() + '\n        """\n'


def unary(row: Primitive, name: str) -> str:
    return f"    def {name}(self) -> Value:\n{docstring(row)}        x = self._data\n" + fast_path(
        row, "        ", "self", "None"
    ) + f"        return {slow_path(row)}\n"  # fmt: skip


def operator(row: Primitive) -> str:
    a, b = row.arguments
    head = f"    def __{row.dunder}__(self, other: Any) -> Value:\n        if type(other) is Value:\n"
    both = f"            {a} = self._data\n            {b} = other._data\n" + fast_path(row, " " * 12, "self", "other")
    number = f"""\
            return {slow_path(row)}
        number = constant(other)
        if number is None:
            return NotImplemented
        {a} = self._data
        {b} = number._data
"""
    right = fast_path(row, "        ", "self", "number", number=b) + f"        return {slow_path(row)}\n"
    reflected = f"""\

    def __r{row.dunder}__(self, other: Any) -> Value:
        number = constant(other)
        if number is None:
            return NotImplemented
        {a} = number._data
        {b} = self._data
"""
    left = fast_path(row, "        ", "number", "self", number=a).replace("(self, other)", "(other, self)")
    end = f"        return {slow_path(row)}\n".replace("(self, other)", "(other, self)")
    return head + both + number + right + reflected + left + end


def general(row: Primitive, name: str) -> str:
    """A method that leaves all the work to `apply`."""
    if row.variadic:
        return f"    def {name}(self, *others: Value | float) -> Value:\n{docstring(row)}" \
               f"        return apply(_{row.name}, ([self, *others],))\n"  # fmt: skip
    rest = row.arguments[1:]
    given = len(rest) - len(row.defaults)
    parameters = "".join(
        f", {arg}: Value | float" + (f" = {row.defaults[i - given]!r}" if i >= given else "")
        for i, arg in enumerate(rest)
    )
    return f"    def {name}(self{parameters}) -> Value:\n{docstring(row)}" \
           f"        return apply(_{row.name}, (self, {', '.join(rest)}))\n"  # fmt: skip


def methods(row: Primitive) -> list[str]:
    if row.variadic and len(row.arguments) > 1:
        return []
    is_unary = len(row.arguments) == 1 and not row.variadic
    texts = [(unary if is_unary else general)(row, row.name)]
    texts += [f"    {alias} = {row.name}\n" for alias in row.aliases]
    if row.dunder:
        texts.append(f"    __{row.dunder}__ = {row.name}\n" if is_unary else operator(row))
    return texts


def operations() -> str:
    body = "\n".join(text for row in ROWS for text in methods(row))
    constants = "".join(f'_{row.name} = TABLE["{row.name}"]\n' for row in ROWS)
    text = OPERATIONS.replace("\n\nclass Operations", f"\n{constants}\n\nclass Operations") + "\n" + body
    return text


def stubs() -> str:
    lines = [
        f'"""Signatures of the functions made from the table. {MARK}"""\n',
        "from collections.abc import Callable, Sequence",
        "from typing import Any, overload\n",
        "from .namespaces import Namespace",
        "from .primitive import Primitive",
        "from .value import Value\n",
        f"__all__: list[str] = {[*(row.name for row in ROWS), 'softmax']}\n",
        "VALUES: Namespace\n",
        "def call(row: Primitive, operands: tuple[Any, ...], named: dict[str, Any]) -> Any: ...",
        "def document(row: Primitive) -> str: ...",
        "def make(row: Primitive) -> Callable[..., Any]: ...",
        "def softmax(xs: Sequence[Any]) -> list[Any]: ...",
    ]
    for row in ROWS:
        if row.variadic:
            parameters = "*xs: Any" if len(row.arguments) == 1 else ", ".join(f"{a}: Any" for a in row.arguments)
            lines.append(f"def {row.name}({parameters}) -> Any: ...")
            continue
        given = len(row.arguments) - len(row.defaults)
        tail = [f", {a}: Value | float = {row.defaults[i]!r}" for i, a in enumerate(row.arguments[given:])]
        rest = "".join([f", {a}: {{0}}" for a in row.arguments[1:given]] + tail)
        first = row.arguments[0]
        lines += [
            f"@overload\ndef {row.name}({first}: Value{rest.format('Value | float')}) -> Value: ...",
            f"@overload\ndef {row.name}({first}: float{rest.format('float').replace('Value | float', 'float')}) -> float: ...",
            f"@overload\ndef {row.name}({first}: Any{rest.format('Any').replace('Value | float', 'Any')}) -> Any: ...",
        ]
    return "\n".join(lines) + "\n"


def formatted(text: str, name: str) -> str:
    """``text`` as ruff lays it out."""
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", name, "-"]
    return subprocess.run(command, input=text, text=True, capture_output=True, check=True, cwd=ROOT).stdout


def generated() -> dict[pathlib.Path, str]:
    """Each file with the text that it should have."""
    package = ROOT / "autograd_tiny"
    return {
        package / "_operations.py": formatted(operations(), "_operations.py"),
        package / "functions.pyi": formatted(stubs(), "functions.pyi"),
    }


if __name__ == "__main__":
    for path, text in generated().items():
        path.write_text(text)
        print(f"wrote {path.relative_to(ROOT)}")
