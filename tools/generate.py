"""Write what follows from the table of primitives: ``make generate`` after a change to ``ops.py``.

``autograd_tiny/core/_operations.py``: the methods of `Value`, each rule inlined down to ``math``'s functions, since a
call per rule would make the plain engine several times slower.
``autograd_tiny/derivatives/functions.pyi``: the signatures of the package's functions, for type checkers.
``CONTRIBUTING.md`` and ``docs/architecture.md``: the drawing of the house, from its folders.

A row works without this, through `value.apply`; it is then slower and unknown to type checkers. A test compares
the files with what this script would write.
"""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys
import textwrap
from typing import Any

ROOT = pathlib.Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from autograd_tiny.table.docstrings import document  # noqa: E402
from autograd_tiny.table.namespaces.source import INTRINSIC, WHOLE, Source  # noqa: E402
from autograd_tiny.table.ops import ROWS  # noqa: E402
from autograd_tiny.table.primitive import Primitive  # noqa: E402
from tools.floors import with_drawing  # noqa: E402

MARK = "Written by `make generate` from the table in ops.py: change a row there, not a line here."

LONG = 40
"""Terms."""

OPERATIONS = f'''"""The methods that `Value` has by virtue of the table of primitives, one or more a row.

{MARK}

Each is the fast path for ordinary numbers: compute the result and the local derivatives, make the node.
Whatever is out of the ordinary (``math`` raises, the result is not finite and so ``y - y`` is not 0, sources are
tracked) goes to `value.apply`, which knows the whole story and gives the same node.
"""

from __future__ import annotations

from math import {{MATH}}
from typing import TYPE_CHECKING, Any

from ..modes.sources import SWITCH
from ..table.namespaces.whole import {{WHOLE}}
from ..table.ops import TABLE

if TYPE_CHECKING:
    from ..table.primitive import Primitive
    from .value import Value, apply
    from .value import as_constant as constant

_new = object.__new__
_RAISED = (OverflowError, ValueError, ZeroDivisionError)


def bind(value_class: Any, value_module: Any) -> None:
    """Make these methods work on ``value_class``: `value` calls this once, since it imports us first."""
    globals().update(Value=value_class, apply=value_module.apply, constant=value_module.as_constant)


class Operations:
    """What `Value` can do; no state of its own."""

    __slots__ = ()

    # The slots of `Value`, for type checkers.
    _data: float
    _primitive: Primitive
    _left: Any
    _right: Any
    _d_left: Any
    _d_right: Any
    _mark: int
    _adjoint: float
    _grad: float | None
'''


def fast_path(row: Primitive, left: str, right: str, number: str = "", operands: str = "") -> str:
    """Statements that make the node of ``row`` for ordinary numbers; ``number`` names an operand that is constant."""
    code = Source()
    terms = [code.name(name) for name in row.arguments]
    out = row.forward(code, *terms)
    slopes = [0.0 if name == number else rule(code, *terms, out)
              for name, rule in zip(row.arguments, row.partials, strict=True)]  # fmt: skip
    names = ["y", *(f"d_{name}" for name in row.arguments)]
    lines, expressions = code.program([out, *slopes], names)
    for i, expression in enumerate(expressions):
        if expression.isidentifier() or is_literal(expression):
            names[i] = expression
        else:
            lines.append(f"{names[i]} = {expression}")
    slow = f"return apply(_{row.name}, ({operands}))"
    if any("(" in line or "/" in line for line in lines):
        lines = ["try:", *(f"    {line}" for line in lines), "except _RAISED:", f"    {slow}"]
    lines += [
        f"if {names[0]} - {names[0]} == 0.0 and not SWITCH.blocks:",
        "    node = _new(Value)",
        f"    node._data = {names[0]}",
        f"    node._primitive = _{row.name}",
        f"    node._left = {left}",
        f"    node._d_left = {names[1]}",
        f"    node._right = {right}",
        *([f"    node._d_right = {names[2]}"] if len(names) > 2 else []),
        "    node._mark = 0",
        "    return node",
        slow,
    ]
    return "\n".join(lines) + "\n"


def is_literal(expression: str) -> bool:
    return expression.lstrip("-").replace(".", "", 1).isdigit()


def docstring(row: Primitive) -> str:
    return f'"""{document(row)}\n"""\n'


def method(head: str, *bodies: str) -> str:
    """A method out of its first line and the statements in it, indented to stand in a class."""
    return textwrap.indent(head + "\n" + textwrap.indent("".join(bodies), "    "), "    ")


def unary(row: Primitive, name: str) -> str:
    return method(f"def {name}(self) -> Value:", docstring(row), "x = self._data\n",
                  fast_path(row, "self", "None", operands="self,"))  # fmt: skip


def operator(row: Primitive) -> str:
    """``__add__`` for a Value or a number on the right, ``__radd__`` for a number on the left."""
    a, b = row.arguments
    both = fast_path(row, "self", "other", operands="self, other")
    foreign = "number = constant(other)\nif number is None:\n    return NotImplemented\n"
    return (
        method(
            f"def __{row.dunder}__(self, other: Any) -> Value:",
            f"{a} = self._data\n",
            "if type(other) is Value:\n",
            textwrap.indent(f"{b} = other._data\n{both}", "    "),
            foreign,
            f"{b} = number._data\n",
            fast_path(row, "self", "number", number=b, operands="self, number"),
        )
        + "\n"
        + method(
            f"def __r{row.dunder}__(self, other: Any) -> Value:",
            foreign,
            f"{a} = number._data\n{b} = self._data\n",
            fast_path(row, "number", "self", number=a, operands="number, self"),
        )
    )


def general(row: Primitive, name: str) -> str:
    """A method that leaves all the work to `apply`."""
    if row.variadic:
        # With the axes that numpy hands on: `np.sum(v)` asks for ``v.sum(axis=None, out=None)``.
        head = f"def {name}(self, *others: Value | float, axis: None = None, out: None = None) -> Value:"
        operands = "[self, *others],"
    else:
        rest = row.arguments[1:]
        defaults = [""] * (len(rest) - len(row.defaults)) + [f" = {x!r}" for x in row.defaults]
        parameters = [f"{x}: Value | float{default}" for x, default in zip(rest, defaults, strict=True)]
        head, operands = (
            f"def {name}(self, {', '.join(parameters)}) -> Value:",
            ", ".join(["self", *rest]) + "," * (not rest),
        )
    return method(head, docstring(row), f"return apply(_{row.name}, ({operands}))\n")


def is_long(row: Primitive) -> bool:
    """Whether its rules are a page of formula, of which nobody wants to read another copy: `apply` runs the one."""
    code = Source()
    terms = [code.name(name) for name in row.arguments]
    y = row.forward(code, *terms)
    for rule in row.partials:
        rule(code, *terms, y)
    return len(code.terms) > LONG


def methods(row: Primitive) -> list[str]:
    if row.variadic and len(row.arguments) > 1:
        return []
    is_unary = len(row.arguments) == 1 and not row.variadic
    texts = [(unary if is_unary and not is_long(row) else general)(row, row.name)]
    texts += [f"    {alias} = {row.name}\n" for alias in row.aliases]
    if row.dunder:
        texts.append(f"    __{row.dunder}__ = {row.name}\n" if is_unary else operator(row))
    return texts


def operations() -> str:
    body = "\n".join(text for row in ROWS for text in methods(row))
    constants = "".join(f'_{row.name} = TABLE["{row.name}"]\n' for row in ROWS)
    head = OPERATIONS.replace("\n\nclass Operations", f"\n{constants}\n\nclass Operations")
    for place, names in (("{MATH}", (*INTRINSIC, "fabs")), ("{WHOLE}", WHOLE)):
        used = [name for name in names if re.search(rf"(?<!def )\b{name}\(", code_of(body))]
        head = head.replace(place, ", ".join(sorted(used, key=naturally)))
    return head + "\n" + body


def naturally(name: str) -> list[Any]:
    """log2 before log10, as ruff has it."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def code_of(text: str) -> str:
    """The lines that are no docstring's."""
    return re.sub(r'""".*?"""', "", text, flags=re.DOTALL)


def stubs() -> str:
    lines = [
        f'"""Signatures of the functions made from the table. {MARK}"""\n',
        "from collections.abc import Callable, Iterable, Sequence",
        "from typing import Any, overload\n",
        "from ..core import Value",
        "from ..table.namespaces import Namespace",
        "from ..table.primitive import Primitive\n",
        f"__all__: list[str] = {[*(row.name for row in ROWS), 'softmax']}\n",
        "VALUES: Namespace\n",
        "def call(row: Primitive, operands: tuple[Any, ...], named: dict[str, Any]) -> Any: ...",
        "def make(row: Primitive) -> Callable[..., Any]: ...",
        "@overload\ndef softmax(xs: Sequence[float]) -> list[float]: ...  # type: ignore[overload-overlap]",
        "@overload\ndef softmax(xs: Sequence[Value | float]) -> list[Value]: ...",
        "@overload\ndef softmax(xs: Any, axis: int | None = None) -> Any: ...",
    ]
    for row in ROWS:
        for parameters, result in signatures(row):
            overlaps = result == "float" and "Iterable" in parameters
            ignore = "  # type: ignore[overload-overlap]" if overlaps else ""
            lines.append(f"@overload\ndef {row.name}({parameters}) -> {result}: ...{ignore}")
    return "\n".join(lines) + "\n"


def signatures(row: Primitive) -> list[tuple[str, str]]:
    """Parameters and result: numbers give a number, with a Value among them a Value; of whatever else there is (arrays
    of Values, `axis`) nothing is said.
    """
    either = "Value | float"
    if row.variadic:
        names, rest = list(row.arguments), "" if len(row.arguments) > 1 else ", /"
        found = []
        for kind, result in (("float", "float"), (either, "Value")):
            found.append((", ".join(f"{name}: Iterable[{kind}]" for name in names) + rest, result))
        if len(names) > 1:
            return [*found, (", ".join(f"{name}: Any" for name in names), "Any")]
        return [
            *found, ("x: float, /, *xs: float", "float"), (f"x: Value, /, *xs: {either}", "Value"),
            (f"x: float, y: Value, /, *xs: {either}", "Value"),
            ("*xs: Any, axis: int | tuple[int, ...] | None = None, keepdims: bool = False", "Any"),
        ]  # fmt: skip
    count = len(row.arguments)
    defaults = [""] * (count - len(row.defaults)) + [f" = {x!r}" for x in row.defaults]
    found = []
    for kinds, result in [
        (["float"] * count, "float"),
        *(([either] * i + ["Value"] + [either] * (count - i - 1), "Value") for i in range(count)),
        (["Any"] * count, "Any"),
    ]:
        if "Value" in kinds[1:]:  # this one is given, and so are those before it
            last = max(i for i, kind in enumerate(kinds) if kind == "Value")
            given = [""] * (last + 1) + defaults[last + 1 :]
        else:
            given = defaults
        parameters = [f"{x}: {kind}{d}" for x, kind, d in zip(row.arguments, kinds, given, strict=True)]
        found.append((", ".join(parameters), result))
    return found


def formatted(text: str, name: str) -> str:
    """``text`` as ruff lays it out."""
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", name, "-"]
    return subprocess.run(command, input=text, text=True, capture_output=True, check=True, cwd=ROOT).stdout


def generated() -> dict[pathlib.Path, str]:
    """Each file with the text that it should have."""
    package = ROOT / "autograd_tiny"
    drawn = [ROOT / "CONTRIBUTING.md", ROOT / "docs" / "architecture.md"]
    return {
        package / "core" / "_operations.py": formatted(operations(), "_operations.py"),
        package / "derivatives" / "functions.pyi": formatted(stubs(), "functions.pyi"),
        **{path: with_drawing(path.read_text(encoding="utf-8")) for path in drawn},
    }


if __name__ == "__main__":
    for path, text in generated().items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
