"""What can go wrong, in the user's words: what came, what was expected, what to do.

>>> str(InvalidNumber("Value(data)", "2"))
"Value(data) got '2', a str: expected a finite real number (int, float or numpy scalar); write float('2')"
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log10
from typing import TYPE_CHECKING, Any

from .looking import looking

if TYPE_CHECKING:
    from ..table.primitive import Primitive


class AutogradError(Exception):
    """Every error of this package that has no closer built-in class."""


class NonFiniteError(AutogradError, ArithmeticError):
    """Finite operands gave an infinity or not-a-number, in a forward or a backward step."""


class ComputedValueError(AutogradError, AttributeError):
    """``data`` was set on a node that other nodes determine."""


class StaleGraphError(AutogradError, RuntimeError):
    """A leaf was changed after the graph above it was built, and a derivative of that graph was asked for."""


class RecordingError(AutogradError, TypeError):
    """A function that was being recorded for replay looked at a number that differs from call to call."""


class EngineNotBuilt(AutogradError, ImportError):
    """AUTOGRAD_TINY_ENGINE=compiled was asked for where the extension is not built."""

    def __init__(self) -> None:
        super().__init__(
            "AUTOGRAD_TINY_ENGINE=compiled, but the compiled engine is not built here: install a C compiler and run "
            "`pip install --force-reinstall .` (in a clone: `make build`), or unset AUTOGRAD_TINY_ENGINE to run on "
            "plain Python"
        )


class GraphvizNotFound(AutogradError, RuntimeError):
    """There is no ``dot`` to lay out a graph; `source` holds the DOT text all the same."""

    def __init__(self, message: str, source: str) -> None:
        super().__init__(message)
        self.source = source


class InvalidNumber(TypeError):
    """Something that is not a real number stood where one was expected."""

    def __init__(self, place: str, got: object, instead: str = "") -> None:
        super().__init__(
            f"{place} got {shorten(got)}, {article(type(got).__name__)}: "
            f"expected a finite real number (int, float or numpy scalar); {instead or _instead(got)}"
        )


def article(noun: str) -> str:
    """The noun with its article: ``an int``, ``a str``."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def counted(n: int, noun: str) -> str:
    """So many of them, in words: ``1 sum``, ``2,000 sums``."""
    return f"{n:,} {noun}{'s' * (n != 1)}"


def shorten(thing: object, width: int = 60) -> str:
    """``repr(thing)``, cut to fit a line; of what has none (an int of 5,000 digits, say) what it is.

    >>> shorten(10**5000)[:15]
    '<int object at '
    """
    try:
        with looking():  # it is for an error's text
            text = repr(thing)
    except Exception:  # an error about the thing is more use than one about its repr
        text = object.__repr__(thing)
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _instead(got: object) -> str:
    """What to write for a thing that is not a number."""
    if hasattr(got, "_prev"):
        return "it is a Value already: use it as it is, or write Value(v.data) for a new leaf with its number"
    if got is None:
        return "None is what a function without a return gives"
    if isinstance(got, str):
        return f"write float({got!r})"
    if isinstance(got, complex):
        return "complex numbers have no ordering to descend: take .real or abs()"
    if hasattr(got, "shape"):
        return "write array.item() for its only element, or [Value(x) for x in array.flat]"
    if isinstance(got, (list, tuple, set, dict)):
        return "write [Value(x) for x in ...] for a list of them"
    return "write float(x) if that is what you mean"


def digits_of(number: int) -> str:
    """How many digits an int has, in words; of more than Python would write out, about how many.

    >>> digits_of(12345), digits_of(10**5000)
    ('5 digits', 'about 5,001 digits')
    """
    if abs(number) < 1 << 10_000:
        return counted(len(str(abs(number))), "digit")
    return f"about {int(number.bit_length() * log10(2.0)) + 1:,} digits"


def close_to(name: object, known: Iterable[str], most: int = 1, cutoff: float = 0.6) -> list[str]:
    """The known names that were probably meant by ``name``, the nearest first.

    >>> close_to("wieght", ["bias", "weight", "height"], most=2)
    ['weight', 'height']
    """
    import difflib  # when something has gone wrong already: it is no part of starting up

    return difflib.get_close_matches(str(name), list(known), n=most, cutoff=cutoff)


def did_you_mean(name: object, known: Iterable[str], otherwise: str) -> str:
    """The nearest known name as a question; ``otherwise`` if none is near.

    >>> [did_you_mean(name, ["huber", "mse"], "choose one of huber, mse") for name in ("hube", "x")]
    ["did you mean 'huber'?", 'choose one of huber, mse']
    """
    near = close_to(name, known)
    return f"did you mean {near[0]!r}?" if near else otherwise


def number_words(x: float) -> str:
    """What a non-finite number is called."""
    return "not a number" if x != x else "infinite"


@looking()
def operand_lines(row: Primitive, operands: Sequence[Any]) -> list[str]:
    """For operands that have a label or a source, 8 at most: ``x is 'p' = -1.0, made at model.py:12: p = y * q``."""
    lines: list[str] = []
    for name, operand in zip(row.names(len(operands)), operands, strict=False):
        label, source = getattr(operand, "label", ""), getattr(operand, "source", None)
        if label or source:
            called = f"{label!r} = " if label else ""
            where = f", made at {source}" if source else ""
            lines.append(f"  {name} is {called}{operand.data!r}{where}")
        if len(lines) == 8:
            break
    return lines


def _call(row: Primitive, numbers: Sequence[float]) -> str:
    """The operation as a call, with the first of its numbers."""
    return f"{row.name}({', '.join(map(repr, numbers[:4]))}{', …' if len(numbers) > 4 else ''})"


@looking()
def nonfinite_result(row: Primitive, operands: Sequence[Any], numbers: Sequence[float], out: float) -> NonFiniteError:
    """The error for an operation whose finite operands gave ``out``."""
    needs = f"{row.name} needs {row.domain}" if row.domain else "the result is beyond the largest float, 1.8e308"
    advice = f"{row.advice}, or " if row.advice else "scale the operands, or "
    return NonFiniteError(
        "\n".join(
            [
                f"{_call(row, numbers)} is {number_words(out)}: {needs}",
                *operand_lines(row, operands),
                f'  {advice}allow it: with nonfinite("allow")',
            ]
        )
    )


@looking()
def nonfinite_derivative(
    way: str, row: Primitive, operands: Sequence[Any], i: int, coming: float, local: float
) -> NonFiniteError:
    """The error for a step by operand ``i`` of ``row``, ``backward`` or ``forward``; it multiplies ``coming``."""
    name = row.names(len(operands))[i]
    what, kept = ("gradient", "no gradient was changed; ") if way == "backward" else ("tangent", "")
    advice = "move the operand off the edge"
    if is_finite(local):
        comes = "upstream" if way == "backward" else what
        said = f"the {what} overflows: {comes} {coming!r} × local derivative {local!r}"
    elif coming == 0.0:
        said = (
            f"0 × infinity: the {what} that arrives is 0, and the local derivative with respect to {name} is "
            f"{number_words(local)}"
        )
        advice = "write a form whose derivative is finite here, or where(condition, a, b) to leave an arm out"
    else:
        said = f"the local derivative with respect to {name} is {number_words(local)}"
    return NonFiniteError(
        "\n".join(
            [
                f"{way} through {_call(row, [operand.data for operand in operands])}: {said}",
                *operand_lines(row, operands),
                f'  {kept}{advice}, or allow it: with nonfinite("allow")',
            ]
        )
    )


def no_ratio(value: Any) -> str:
    """Why there is no exact fraction of a Value."""
    return (
        f"an exact ratio for {shorten(value)} would drop its gradient: write autograd_tiny.mean (or var, std) instead "
        "of statistics.mean, or v.data if the number is all you want"
    )


ELSEWHERE = ("interp",)
"""Functions of numpy that make floats of what they get, where the package has one of the name that does not."""


def dropped_gradient(value: Any, names: Any) -> str:
    """Why ``float(v)`` is refused; names the method to use where the caller was ``math.tanh(v)`` or the like."""
    import dis
    import os.path
    import sys

    frame, package = sys._getframe(1), os.path.dirname(os.path.dirname(__file__)) + os.sep
    while frame.f_back is not None and frame.f_code.co_filename.startswith(package):
        frame = frame.f_back  # the plain engine's __float__ is a frame, the compiled engine's is not
    if frame.f_code.co_name in ELSEWHERE and "numpy" in frame.f_code.co_filename:
        name = frame.f_code.co_name
        return (
            f"float() of {shorten(value)} would drop its gradient in silence: write autograd_tiny.{name} instead of "
            f"numpy.{name}, or v.data if the number is all you want"
        )
    called = whole = ""
    for instruction in dis.get_instructions(frame.f_code):
        if instruction.offset >= frame.f_lasti:
            break
        if isinstance(instruction.argval, str) and instruction.opname.startswith("LOAD_"):
            if instruction.argval in names:
                called, whole = instruction.argval, ""
            elif instruction.argval in ("int", "float", "complex"):  # the last that is loaded is what is called
                called, whole = "", instruction.argval
    advice = f"v.{called}() instead of math.{called}(v)" if called else "v.tanh() and the like instead of math.tanh(v)"
    if whole and not called:
        return (
            f"{whole}() of {shorten(value)} would drop its gradient in silence: write {whole}(v.data) if the number is "
            "all you want"
        )
    return (
        f"float() of {shorten(value)} would drop its gradient in silence: "
        f"write {advice}, or v.data if the number is all you want"
    )


def called(node: Any) -> str:
    """What an error calls a node."""
    return repr(node.label) if node.label else "this Value"


@looking()
def not_settable(node: Any) -> str:
    """Why the data of a computed node or constant cannot be set, and which leaves can."""
    if node.is_constant:
        return f"the number {node.data!r} is a constant of an expression: use a Value in its place to vary it"
    leaves: dict[Any, None] = {}
    stack, seen = list(reversed(node.parents)), set[int]()
    while stack:
        parent = stack.pop()
        if id(parent) not in seen:
            seen.add(id(parent))
            stack.extend(reversed(parent.parents))
            if parent.is_leaf:
                leaves[parent] = None
    names = [repr(leaf.label) if leaf.label else f"Value({leaf.data!r})" for leaf in leaves]
    shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    return f"{called(node)} is computed ({node.op}): set the data of a leaf below it instead: {shown or 'it has none'}"


def not_copyable(node: Any) -> str:
    """Why a computed node cannot be copied or pickled."""
    return (
        f"cannot copy or pickle {called(node)}: it is computed ({node.op}), and its graph would be cut off; "
        "keep the leaves and build it again, or keep v.data"
    )


def not_equal_to_number(number: object) -> str:
    return f"a Value equals only itself, so that it can be kept in sets; for its number write v.data == {number!r}"


def not_a_value(place: str, got: object) -> TypeError:
    """The error for what is no Value where a node of a graph was expected."""
    return TypeError(f"{place} got {shorten(got)}, {article(type(got).__name__)}: expected a Value")


MADE_ALREADY = "this Value is made already: write Value(...) for a new one"

NO_SUBCLASS = "Value cannot be subclassed: keep it as an attribute, or label it"


def is_finite(x: float) -> bool:
    return x - x == 0.0
