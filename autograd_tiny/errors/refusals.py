"""What a Value refuses, and what to write instead: `float` of it, a subclass, a copy of a computed one, and the like.

>>> not_equal_to_number(2.0)
'a Value equals only itself, so that it can be kept in sets; for its number write v.data == 2.0'
"""

from __future__ import annotations

from typing import Any

from .looking import looking
from .words import article, shorten


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
