"""What can go wrong, in the user's words: what came, what was expected, what to do.

>>> str(InvalidNumber("Value(data)", "2"))
"Value(data) got '2', a str: expected a finite real number (int, float or numpy scalar); write float('2')"

Here are the errors themselves, and those of numbers that are not finite; `words` has what their texts are made of,
`refusals` what a Value does not do. A compiled function is not asked about the numbers in them: `looking`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .looking import looking
from .refusals import ELSEWHERE as ELSEWHERE
from .refusals import MADE_ALREADY as MADE_ALREADY
from .refusals import NO_SUBCLASS as NO_SUBCLASS
from .refusals import called as called
from .refusals import dropped_gradient as dropped_gradient
from .refusals import no_ratio as no_ratio
from .refusals import not_a_value as not_a_value
from .refusals import not_copyable as not_copyable
from .refusals import not_equal_to_number as not_equal_to_number
from .refusals import not_settable as not_settable
from .words import article as article
from .words import close_to as close_to
from .words import counted as counted
from .words import did_you_mean as did_you_mean
from .words import digits_of as digits_of
from .words import name_of as name_of
from .words import number_words as number_words
from .words import shorten as shorten

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
    needs = needed(row, out)
    outside = out != out
    advice = f"{row.advice or ('keep the operands where it is defined' if outside else 'scale the operands')}, or "
    return NonFiniteError(
        "\n".join(
            [
                f"{_call(row, numbers)} is {number_words(out)}: {needs}",
                *operand_lines(row, operands),
                f'  {advice}allow it: with nonfinite("allow")',
            ]
        )
    )


def needed(row: Primitive, out: float) -> str:
    """Why finite operands gave ``out``."""
    if row.domain:
        return f"{row.name} needs {row.domain}"
    return "the function gives none here" if out != out else "the result is beyond the largest float, 1.8e308"


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
        if row.beyond and local != local:
            said, advice = f"{said}: {row.beyond}", "ask for a lower order"
    return NonFiniteError(
        "\n".join(
            [
                f"{way} through {_call(row, [operand.data for operand in operands])}: {said}",
                *operand_lines(row, operands),
                f'  {kept}{advice}, or allow it: with nonfinite("allow")',
            ]
        )
    )


def is_finite(x: float) -> bool:
    return x - x == 0.0
