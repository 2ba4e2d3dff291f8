"""`Reader`, from a syntax tree to instructions: each computes one value out of earlier ones, and knows its place.

Only what the table has gets an instruction; everything else is refused, with the place and what to write instead.
"""

from __future__ import annotations

import ast
import keyword
import re
import warnings
from collections.abc import Callable, Sequence

from ..core import Value
from ..derivatives.functions import call
from ..table.ops import TABLE
from ..table.primitive import Primitive
from .notation import INSTEAD, called, functions, nearest, operation, refusal
from .places import ExpressionError, Place, place_of

Result = Value | float
Instruction = Callable[[list[Result]], Result]
Slot = int
"""Which instruction a value comes from."""
Operand = Slot | list[Slot]

LONGEST, DEEPEST = 10_000, 200
"""A text of more characters, or operations in each other deeper than this, is no expression to step through."""

TYPED = str.maketrans("×·−", "**-")
"""The signs that the steps are printed with may be typed as well."""


def syntax(text: str) -> ast.Module:
    """The text's syntax tree; `ExpressionError` where it has none."""
    if not text:
        raise ExpressionError("the expression is empty: write one, such as tanh(a*b + c)", text, (1, 0, 1, 1))
    if len(text) > LONGEST:
        raise ExpressionError(
            f"the expression has {len(text):,} characters: {LONGEST:,} at most can be read", text, (1, 0, 1, 1)
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's advice on code is none on expressions
            return ast.parse(text.translate(TYPED))
    except SyntaxError as error:
        line, start = error.lineno or 1, max((error.offset or 1) - 1, 0)
        end = (error.end_offset or 0) - 1 if error.end_lineno == line else start + 1
        raise ExpressionError(_unreadable(text, error, line), text, (line, start, line, end)) from None
    except (RecursionError, MemoryError):
        raise ExpressionError("the expression is nested too deeply to be read", text, (1, 0, 1, 1)) from None
    except ValueError as error:  # a null character, half a character
        raise ExpressionError(f"this cannot be read: {error}", ascii(text), (1, 0, 1, 1)) from None


def _unreadable(text: str, error: SyntaxError, line: int) -> str:
    words = re.findall(r"\w+", "".join(text.splitlines()[line - 1 : line]))
    own = [word for word in words if keyword.iskeyword(word)]
    if own:
        return f"this cannot be read: {own[0]} is a word of Python's own, choose another name"
    if "decimal literal" in error.msg:
        return "a product is written with a sign: 2*a"
    if "integer string conversion" in error.msg:
        return "this number is beyond the largest float, 1.8e308"
    return f"this cannot be read: {error.msg}"


class Reader:
    """The instructions of one text, in order; `run` carries them out."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._plain = text.translate(TYPED)
        self._code: list[tuple[Instruction, Place]] = []
        self._names: list[tuple[str, Slot]] = []
        self._depth = 0
        self._slot_of: dict[str, Slot] = {}
        self.free: dict[str, Place] = {}
        """The names that nothing is assigned to, each with its first place."""
        self.assigned: dict[str, Place] = {}
        self.last: Place = (1, 0, 1, 1)
        """Where the last statement stands."""

    # Reading

    def read(self, tree: ast.Module) -> None:
        """Read all statements; the last gives the root."""
        if not tree.body:
            raise ExpressionError("there is only a comment: write an expression", self.text, (1, 0, 1, 1))
        for at, statement in enumerate(tree.body, start=1):
            self.last = self._place(statement)
            if isinstance(statement, ast.Assign):
                self._assignment(statement)
            elif not isinstance(statement, ast.Expr):
                raise self._error(statement, "only expressions and assignments are read: d = a*b; tanh(d)")
            elif at < len(tree.body):
                raise self._error(statement, "what comes of this is not used: name it, d = …, or leave it out")
            else:
                self._expression(statement.value)

    def _assignment(self, statement: ast.Assign) -> None:
        target = statement.targets[0]
        if len(statement.targets) > 1 or not isinstance(target, ast.Name):
            raise self._error(target, "one name is assigned one value: d = a*b")
        name = target.id
        if name in self.assigned:
            raise self._error(target, f"{name} is assigned already: choose another name, so that each has one value")
        slot = self._expression(statement.value)
        if name in self.free:
            raise self._error(target, f"{name} is used before it is assigned: choose another name")
        self.assigned[name] = self._place(target)

        def named(results: list[Result]) -> Result:
            value = results[slot]
            if not isinstance(value, Value):
                return Value(value, name)
            if value.label:  # a second name gets a node of its own
                value = call(TABLE["identity"], (value,), {})
            value.label = name
            return value

        self._slot_of[name] = self._emit(named, target)
        self._names.append((name, self._slot_of[name]))

    def _expression(self, node: ast.expr) -> Slot:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._error(
                node, f"this is nested more than {DEEPEST} deep: name a part of it, d = …, or use sum(a, b, c)"
            )
        slot = self._part(node)
        self._depth -= 1
        return slot

    def _part(self, node: ast.expr) -> Slot:
        if isinstance(node, ast.Name):
            return self._name(node)
        if isinstance(node, ast.Constant):
            return self._number(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd):
            return self._expression(node.operand)
        if isinstance(node, (ast.BinOp, ast.UnaryOp)):
            row = operation(node.op)
            if row is None:
                raise self._error(node, _no_operator(node.op))
            sides = [node.left, node.right] if isinstance(node, ast.BinOp) else [node.operand]
            return self._apply(row, [self._expression(side) for side in sides], {}, node)
        if isinstance(node, ast.Call):
            return self._call(node)
        raise self._error(node, refusal(node))

    def _name(self, node: ast.Name) -> Slot:
        name = node.id
        if name in self._slot_of:
            return self._slot_of[name]
        self.free.setdefault(name, self._place(node))
        return self._emit(lambda results: self._known[name], node)

    def _number(self, node: ast.Constant) -> Slot:
        if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
            raise self._error(node, refusal(node))
        try:
            number = float(node.value)
        except OverflowError:
            number = float("inf")
        if number - number != 0.0:
            raise self._error(node, "this number is beyond the largest float, 1.8e308")
        return self._emit(lambda results: number, node)

    def _call(self, node: ast.Call) -> Slot:
        function, first = node.func, list[Operand]()
        if isinstance(function, ast.Attribute):  # a.tanh() is tanh(a)
            name, row = function.attr, called(function.attr)
            if isinstance(function.value, ast.Name) and function.value.id in MODULES:
                meant = name if row else nearest(name, functions())
                instead = f"write {meant}(x)" if meant else "write the function's name alone"
                raise self._error(function, f"functions are called without their module: {instead}")
            if row is not None:
                first = [self._expression(function.value)]
        elif isinstance(function, ast.Name):
            name, row = function.id, called(function.id)
        else:
            raise self._error(function, "a function is called by its name: tanh(x)")
        if row is None:
            raise self._error(function, self._unknown(name), -len(name))
        operands = first + [self._operand(row, argument) for argument in node.args]
        named: dict[str, Slot] = {}
        for keyword_ in node.keywords:
            if keyword_.arg is None:
                raise self._error(keyword_, "write the operands out")
            named[keyword_.arg] = self._expression(keyword_.value)
        if row.variadic and named:
            raise self._error(node.keywords[0], f"{row.name} takes no operands by name")
        if row.variadic and len(row.arguments) > 1:
            vectors = ", ".join("[" + ", ".join(f"{name[0]}{i}" for i in (1, 2)) + "]" for name in row.arguments)
            if len(operands) != len(row.arguments) or not all(isinstance(operand, list) for operand in operands):
                raise self._error(node, f"{row.name} takes {len(row.arguments)} lists: {row.name}({vectors})")
        return self._apply(row, operands, named, node)

    def _operand(self, row: Primitive, node: ast.expr) -> Operand:
        """An operand of a call: of a function of many numbers it may be a list."""
        if row.variadic and isinstance(node, (ast.List, ast.Tuple)):
            return [self._expression(element) for element in node.elts]
        return self._expression(node)

    def _unknown(self, name: str) -> str:
        if name in self.assigned or name in self.free:
            return f"{name} is a number, not a function: a product is written {name}*(…)"
        meant = nearest(name, functions())
        product = f"; a product is written {name}*(…)" if len(name) == 1 else ""
        return f"unknown function {name}: " + (
            f"did you mean {meant}?"
            if meant
            else f"those of the package are known, such as exp, log, tanh, relu, sum{product}"
        )

    # Instructions

    def _apply(self, row: Primitive, operands: Sequence[Operand], named: dict[str, Slot], node: ast.expr) -> Slot:
        def applied(results: list[Result]) -> Result:
            values = [[results[i] for i in slot] if isinstance(slot, list) else results[slot] for slot in operands]
            result: Result = call(row, tuple(values), {name: results[slot] for name, slot in named.items()})
            return result

        return self._emit(applied, node)

    def _emit(self, instruction: Instruction, node: ast.expr) -> Slot:
        self._code.append((instruction, self._place(node)))
        return len(self._code) - 1

    def run(self, known: dict[str, Result], leaves: dict[str, Value]) -> Result:
        """Carry out the instructions; the last one's result. What gets a name is put into ``known``."""
        self._known = known
        results: list[Result] = []
        for instruction, place in self._code:
            try:
                results.append(instruction(results))
            except (ArithmeticError, TypeError, ValueError) as error:
                lines = str(error).splitlines()
                told = [lines[0], *(line for line in lines[1:] if line.startswith("  ") and " is '" in line)]
                raise ExpressionError("\n".join(told), self.text, place) from error
        for name, slot in self._names:
            known[name] = value = results[slot]
            if isinstance(value, Value) and value.is_leaf:
                leaves[name] = value
        return results[-1]

    # Places

    def _place(self, node: ast.expr | ast.stmt | ast.keyword) -> Place:
        return place_of(node, self._plain)

    def _error(self, node: ast.expr | ast.stmt | ast.keyword, problem: str, tail: int = 0) -> ExpressionError:
        """The error with the node's place, or that of its last ``-tail`` characters."""
        line, start, last, end = self._place(node)
        return ExpressionError(problem, self.text, (last, end + tail, last, end) if tail else (line, start, last, end))


MODULES = ("math", "np", "numpy", "torch", "F", "jnp", "cmath", "autograd_tiny")


def _no_operator(operator: ast.AST) -> str:
    return INSTEAD.get(type(operator), "no operation of the table is written like this: + - * / // % ** are")
