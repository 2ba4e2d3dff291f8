"""What each piece of Python's grammar stands for in the table, and what to write where it stands for nothing.

Operators are found by the rows' ``dunder``; functions by their names, their aliases, and their symbols (``max``).

>>> operation(ast.Mult()).name, called("max").name, called("arcsin").name, called("tahn")
('mul', 'maximum', 'asin', None)
"""

from __future__ import annotations

import ast

from ..errors import close_to
from ..table.ops import TABLE
from ..table.primitive import Primitive

DUNDERS: dict[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.Pow: "pow", ast.USub: "neg",
    ast.Mod: "mod", ast.FloorDiv: "floordiv",
}  # fmt: skip
"""Python's operators by the name of their method; whether a row has it is the table's to say."""

INSTEAD: dict[type[ast.AST], str] = {
    ast.BitXor: "a power is written a ** b",
    ast.MatMult: "a product of vectors is written dot([a, b], [c, d])",
    ast.Compare: "a comparison is written greater(a, b), less(a, b), equal(a, b)",
    ast.IfExp: "a choice is written where(condition, a, b)",
    ast.BoolOp: "conditions are numbers here, 1 or 0: minimum(a, b) is and, maximum(a, b) is or",
    ast.Attribute: "a Value's method is called, as in a.tanh(); nothing else is read by a dot",
    ast.Subscript: "there are no lists to take from: name each number, x0, x1",
    ast.NamedExpr: "an assignment stands on its own: d = a*b; tanh(d)",
    ast.Starred: "write the elements out",
    ast.List: "a list stands only in a function of many numbers: sum([a, b]), dot([a, b], [c, d])",
    ast.Tuple: "one number is expected here, not several: leave out the comma",
    ast.Dict: "a list is written [a, b]",
    ast.Set: "a list is written [a, b]",
}
"""What to write in place of Python that is no expression here."""

CALLED = {
    ast.Constant: "a text or a truth value", ast.JoinedStr: "a text", ast.ListComp: "a comprehension",
    ast.GeneratorExp: "a comprehension", ast.SetComp: "a comprehension", ast.DictComp: "a comprehension",
    ast.Lambda: "a lambda", ast.BoolOp: "and/or", ast.Compare: "a comparison", ast.IfExp: "if/else",
    ast.Attribute: "a dot", ast.Subscript: "a subscript", ast.NamedExpr: ":=", ast.Starred: "a star",
    ast.List: "a list", ast.Tuple: "a tuple", ast.Dict: "a dict", ast.Set: "a set", ast.Await: "await",
    ast.Call: "this call", ast.Slice: "a slice", ast.Yield: "yield", ast.YieldFrom: "yield",
}  # fmt: skip


def operation(operator: ast.AST) -> Primitive | None:
    """The row of an operator."""
    dunder = DUNDERS.get(type(operator))
    return next((row for row in TABLE.values() if dunder and row.dunder == dunder), None)


def called(name: str) -> Primitive | None:
    """The row of a function's name."""
    if name in TABLE:
        return TABLE[name]
    return next((row for row in TABLE.values() if name in row.aliases or name == row.symbol), None)


def functions() -> list[str]:
    """Every name that a function has here."""
    names = {name for row in TABLE.values() for name in (row.name, row.symbol, *row.aliases) if name.isidentifier()}
    return sorted(names)


def nearest(name: str, known: list[str]) -> str:
    """The known name that was probably meant, capitals aside; empty if none is near."""
    lowered = {each.lower(): each for each in reversed(known)}
    near = close_to(name.lower(), lowered, most=3)
    near.sort(key=lambda each: sorted(each) != sorted(name.lower()))  # tahn is tanh rather than tan
    return lowered[near[0]] if near else ""


def refusal(node: ast.AST) -> str:
    """Why a piece of Python is no expression here, and what to write instead."""
    what = CALLED.get(type(node), "this")
    instead = INSTEAD.get(
        type(node), "an expression has numbers, names, + - * / // % ** and the functions of the package"
    )
    return f"{what} cannot stand here: {instead}"
