"""Primitives of one's own: one row, registered, is a method, a function and a rule like any built-in.

>>> from autograd_tiny import Value, grad
>>> from autograd_tiny.table.primitive import function
>>> cube = register(function("cube", lambda xp, x: x * x * x, lambda xp, x, y: 3.0 * xp.square(x)))
>>> cube(2.0), Value(2.0).cube().data, grad(grad(cube))(2.0)
(8.0, 8.0, 12.0)
>>> unregister("cube")

All or nothing: what a registration needs (names that are free, rules that write themselves down) is tried before
anything is changed. A compiled program that used a primitive is recorded anew once that is taken out.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable
from typing import Any

from ..core import Value, equip, unequip
from ..core.replay import rule_text
from ..errors import AutogradError, article, counted, shorten
from ..modes.recording import DETACHED
from ..table.docstrings import document
from ..table.namespaces import FLOATS, LATEX, TEXT
from ..table.namespaces.source import Source
from ..table.ops import ROWS, TABLE
from ..table.primitive import CONSTANT, Primitive
from . import functions
from .functions import VALUES

removals = 0
"""How often a plug-in was taken out: what was recorded before may have used it, if only in a slope of it."""


def register(row: Primitive) -> Callable[..., Any]:
    """Add ``row`` to the table and give its function; if that cannot be, nothing is changed.

    Raises ``TypeError`` or ``ValueError`` for a name that is taken or none at all, and for rules that do not write
    themselves down.
    """
    _check_parts(row)
    _check_rules(row)
    TABLE[row.name] = row
    try:
        equip(row)
        made = functions.make(row)
        setattr(functions, row.name, made)
    except BaseException:
        _take_out(row)
        raise
    return made


def unregister(name: str) -> None:
    """Take a plug-in out again; built-in primitives stay, and so do nodes that it has made."""
    row = TABLE.get(name)
    if row is None or row in ROWS:
        raise ValueError(f"unregister: {name!r} is no registered plug-in")
    _take_out(row)


def _take_out(row: Primitive) -> None:
    global removals
    del TABLE[row.name]
    removals += 1
    vars(functions).pop(row.name, None)
    unequip(row)


def _check_parts(row: Primitive) -> None:
    """The names are free and can be called, and there is a function where there has to be one."""
    if not isinstance(row, Primitive):
        raise TypeError(
            f"register got {shorten(row)}, {article(type(row).__name__)}: expected a row, such as "
            "autograd_tiny.primitive.function(name, forward, partial) makes it"
        )
    for name in (row.name, *row.aliases):
        if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
            raise ValueError(f"register: {name!r} cannot be a method's name; choose an identifier")
        if _is_taken(name):
            raise ValueError(f"register: the name {name!r} is taken; choose another, or unregister({name!r}) first")
    arguments = row.arguments
    if len(row.partials) != len(arguments):
        raise ValueError(
            f"register: {row.name} has {counted(len(arguments), 'argument')} and "
            f"{counted(len(row.partials), 'partial')}: one for each"
        )
    if not arguments or len(set(arguments)) < len(arguments) or not all(map(str.isidentifier, arguments)):
        raise ValueError(f"register: {row.name} has the arguments {arguments!r}: expected one or more different names")
    for rule in (row.forward, *row.partials):
        if not callable(rule):
            raise TypeError(f"register: {row.name} got {shorten(rule)} for a rule: expected a function of xp, …")
    if len(row.defaults) > len(arguments) or not all(isinstance(x, (int, float)) for x in row.defaults):
        raise ValueError(f"register: {row.name} has the defaults {row.defaults!r}: expected numbers for its arguments")


def _is_taken(name: str) -> bool:
    """Whether a table, a class, a module or a namespace of rules means something by the name already."""
    places = (Value, functions, FLOATS, TEXT, VALUES, Source())
    return name in (CONSTANT.name, DETACHED.name) or name in TABLE or any(hasattr(place, name) for place in places)


def _check_rules(row: Primitive) -> None:
    """The rules give text, LaTeX and source code: what documents, steps and compiled programs are made of."""
    try:
        document(row)
        operands: list[Any] = [LATEX.name(name) for name in row.arguments]
        if row.variadic:
            operands = [[LATEX.name(f"{name}_{i}") for i in (1, 2, 3)] for name in row.arguments]
        LATEX.write(row, *operands)
        for partial in row.partials:
            LATEX.as_text(partial(LATEX, *operands, LATEX.name("y")))
        if not row.variadic and not row.numerical:
            rule_text(row, (True,) * len(row.partials))
    except AutogradError:
        raise
    except Exception as error:
        raise TypeError(
            f"register: {row.name} does not write itself down ({type(error).__name__}: {error}); nothing is "
            "registered: write its rules in + - * / and calls on xp only, such as xp.exp(x), xp.pow(x, 3.0), "
            "xp.where(xp.greater(a, b), c, d) for a branch, or any row's name; and its text and latex as "
            "templates over {0}, {1}, …; or give it in numbers with autograd_tiny.testing.custom_primitive"
        ) from error
