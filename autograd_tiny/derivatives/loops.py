"""`scan`, `while_loop`, `cond` and `switch`: loops and choices as functions, so that a program need not write them out.

Called with numbers or Values they are what they say: a ``for``, a ``while``, an ``if``, whose operations are nodes like
all others, to be stepped through, drawn and differentiated to any order.

>>> from autograd_tiny import Value, grad
>>> rate = Value(0.5, "rate")
>>> balance, history = scan(lambda b, payment: (b * (1.0 + rate) + payment, b), 0.0, [1.0, 1.0, 1.0])
>>> balance.data, grad(lambda r: scan(lambda b, p: (b * (1.0 + r) + p, b), 0.0, [1.0, 1.0, 1.0])[0])(0.5)
(4.75, 4.0)
>>> root = lambda a: while_loop(lambda x: abs(x * x - a) > 1e-12, lambda x: (x + a / x) / 2.0, a, max_steps=50)
>>> round(root(2.0), 12), cond(1.0 > 2.0, lambda x: x, lambda x: -x, 3.0), switch(1, [min, max], 4.0, 5.0)
(1.414213562373, -3.0, 5.0)

In a compiled function the body is recorded once, and the program repeats it: it does not grow with the steps. See
``compiler/loops``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..core import Value, data_of
from ..core.operands import is_number, real_float
from ..errors import article, counted, name_of, shorten
from ..errors.looking import looking
from ..modes.looping import taker
from ..modes.recording import differs, refuse
from .functions import VALUES
from .labels import label_carry
from .structure import STAYS, flatten, outline, rebuild

Function = Callable[..., Any]


def scan(
    f: Function, init: Any, xs: Iterable[Any] | None = None, length: int | None = None, *, checkpoint: bool = False
) -> tuple[Any, list[Any]]:  # fmt: skip
    """``carry, y = f(carry, x)`` for each x of ``xs``, from ``init`` on: the last carry, and the list of all ys.

    The carry is a number or Value, or a structure of them (lists, tuples, dicts, dataclasses, arrays), and has the same
    structure in every step; x and y are what they are, None too. Without ``xs`` there are ``length`` steps, in which x
    is None.

    In a compiled function the reverse sweep needs the carry of each step, which is kept: steps × numbers in the carry ×
    samples × 8 bytes. With ``checkpoint=True`` the carry of every √steps-th step is, and the steps between are run once
    more. Run eagerly, a scan keeps the graph of all its steps.

    >>> scan(lambda total, x: (total + x, total * x), 0.0, [1.0, 2.0, 3.0])
    (6.0, [0.0, 2.0, 9.0])
    """
    steps = _steps(f, xs, length)
    _check_carry("scan", init)
    if steps and (takes := taker()) is not None:
        return takes.scan(f, init, steps, checkpoint)  # type: ignore[no-any-return]
    carry, ys, shape = init, [], outline(init)
    for t, x in enumerate(steps):
        try:
            carry, y = stepped(f, carry, x, shape)
        except Exception as error:
            error.add_note(f"in step {t} of {name_of(f)} in a scan, counted from 0 to {len(steps) - 1}")
            raise
        label_carry(init, carry, t + 1)
        ys.append(y)
    return carry, ys


def while_loop(condition: Function, body: Function, init: Any, max_steps: int) -> Any:
    """``state = body(state)`` as long as ``condition(state)`` holds, from ``init`` on: the first state for which it
    does not hold. `RuntimeError` if it still holds after ``max_steps`` steps.

    The condition gives True or False, or a Value that is 0 for False, such as ``greater(a, b)``. Derivatives are those
    of the steps that were made.
    """
    if not isinstance(max_steps, int) or isinstance(max_steps, bool) or max_steps < 0:
        raise ValueError(f"while_loop(max_steps={shorten(max_steps)}): expected a whole number of steps, from 0 on")
    _check_functions("while_loop", condition, body)
    _check_carry("while_loop", init)
    if (takes := taker()) is not None:
        return takes.while_loop(condition, body, init, max_steps)
    state, shape = init, outline(init)
    for t in range(max_steps + 1):
        try:
            holds = condition(state)
            if isinstance(holds, Value) and differs(holds):
                return _masked(condition, body, state, shape, max_steps - t)
            if not is_true(holds, condition):
                return state
            if t < max_steps:
                state = checked_carry("while_loop", body, body(state), shape)
        except Exception as error:
            error.add_note(f"in step {t} of {name_of(body)} in a while_loop, counted from 0")
            raise
        label_carry(init, state, t + 1)
    raise RuntimeError(
        f"while_loop: {name_of(condition)} still holds after max_steps={max_steps:,} steps: allow more steps, or see "
        "why it does not come to an end"
    )


def cond(condition: Any, if_true: Function, if_false: Function, *operands: Any) -> Any:
    """``if_true(*operands)`` if the condition is not 0, else ``if_false(*operands)``; only that one runs.

    In a compiled function, where the condition differs from call to call, both run, and `where` chooses: no gradient
    goes into the other.
    """
    _check_functions("cond", if_true, if_false)
    if not (isinstance(condition, Value) and differs(condition)):
        return (if_true if is_true(condition, "cond") else if_false)(*operands)
    found = [branch(*operands) for branch in (if_true, if_false)]
    _check_alike("cond", [if_true, if_false], found)
    a, b = map(scalars, found)
    return refill(found[0], [VALUES.where(condition, x, y) for x, y in zip(a, b, strict=True)])


def switch(index: Any, branches: Sequence[Function], *operands: Any) -> Any:
    """``branches[index](*operands)``, for a whole number from 0 on; only that one runs.

    ``IndexError`` for any other number. In a compiled function, where the index differs from call to call, all run, and
    `where` chooses: no gradient goes into the others.
    """
    if not isinstance(branches, (list, tuple)) or not branches:
        raise TypeError(f"switch got {shorten(branches)}: expected a list of one branch or more")
    _check_functions("switch", *branches)
    with looking():  # for an error only; another sample's index, if it is wrong, is found by the program
        place = _place(index, len(branches))
    if not (isinstance(index, Value) and differs(index)):
        return branches[place](*operands)
    found = [branch(*operands) for branch in branches]
    _check_alike("switch", branches, found)
    hits = [VALUES.equal(index, float(k)) for k in range(len(branches))]
    total = VALUES.sum_of(VALUES.identity, hits)
    valid = VALUES.div(total, total)  # of no branch it is not a number, and then the function itself is asked
    chosen = []
    for numbers in zip(*map(scalars, found), strict=True):
        mine = numbers[-1]
        for hit, x in reversed([*zip(hits[:-1], numbers[:-1], strict=True)]):
            mine = VALUES.where(hit, x, mine)
        chosen.append(mine * valid)
    return refill(found[0], chosen)


def _masked(condition: Function, body: Function, state: Any, shape: Any, steps: int) -> Any:
    """A while loop of a graph that is being recorded, written out: all steps, those that are none leave the state."""
    goes_on: Any = 1.0
    for _ in range(steps):
        goes_on = VALUES.where(goes_on, VALUES.not_equal(condition(state), 0.0), 0.0)
        after = scalars(checked_carry("while_loop", body, body(state), shape))
        state = refill(state, [VALUES.where(goes_on, x, y) for x, y in zip(after, scalars(state), strict=True)])
    ended = VALUES.equal(VALUES.where(goes_on, condition(state), 0.0), 0.0)
    valid = VALUES.div(ended, ended)  # not a number if it has not: then the function itself is asked
    return refill(state, [x * valid for x in scalars(state)])


# What the parts have in common, for whoever takes loops too


def scalars(x: Any) -> list[Any]:
    """The scalars of a structure; of None, a text and the like none."""
    if type(x) is Value or type(x) is float:
        return [x]
    return [] if isinstance(x, STAYS) else flatten(x)


def refill(like: Any, numbers: Iterable[Any]) -> Any:
    """The structure with other scalars."""
    return like if isinstance(like, STAYS) else rebuild(like, iter(numbers))


def stepped(f: Function, carry: Any, x: Any, shape: Any) -> tuple[Any, Any]:
    """What one step gives: the carry, of the structure ``shape``, and y."""
    given = f(carry, x)
    if not isinstance(given, tuple) or len(given) != 2:
        raise TypeError(
            f"scan: {name_of(f)} gave {shorten(given)}: expected the next carry and a y, as in `return carry, y` "
            "(y may be None)"
        )
    return checked_carry("scan", f, given[0], shape), given[1]


def checked_carry(where: str, f: Function, carry: Any, shape: Any) -> Any:
    """The carry, if it has that structure and is made of numbers."""
    if outline(carry) != shape:
        raise TypeError(
            f"{where}: {name_of(f)} gave {shorten(carry)} to be carried on, of another structure than what it got: "
            "expected the same lists, tuples, keys and lengths in every step"
        )
    _check_carry(f"{where}: {name_of(f)}", carry)
    return carry


def is_true(given: Any, asked: Any) -> bool:
    """Whether a condition holds: True or False, or a number other than 0."""
    if isinstance(given, Value):
        return data_of([given])[0] != 0.0
    if isinstance(given, bool) or type(given).__name__ in ("bool", "bool_"):
        return bool(given)
    if is_number(given):
        return real_float(given, "a condition") != 0.0
    name = asked if isinstance(asked, str) else name_of(asked)
    raise TypeError(
        f"{name} got {shorten(given)} as a condition, {article(type(given).__name__)}: expected True, False, or a "
        "number or Value that is 0 for False, as greater(a, b) gives it"
    )


def _steps(f: Function, xs: Iterable[Any] | None, length: int | None) -> list[Any]:
    _check_functions("scan", f)
    if xs is None:
        if length is None:
            raise TypeError("scan got neither xs nor length: expected the xs of the steps, or how many steps there are")
        try:
            count = operator.index(length)
        except TypeError:
            count = -1
        if count < 0:
            raise ValueError(f"scan(length={shorten(length)}): expected a whole number of steps, from 0 on")
        return [None] * count
    if isinstance(xs, (str, bytes, dict)) or not isinstance(xs, Iterable):
        raise TypeError(
            f"scan got {shorten(xs)} as xs, {article(type(xs).__name__)}: expected a list with an x for each step; of "
            "several sequences list(zip(…))"
        )
    steps = list(xs)
    if length is not None and length != len(steps):
        raise ValueError(
            f"scan got {counted(len(steps), 'x')} and length={shorten(length)}: expected one of them, or as many"
        )
    return steps


def _place(index: Any, count: int) -> int:
    if isinstance(index, Value):
        number: Any = data_of([index])[0]
    elif is_number(index):
        number = index
    else:
        try:
            number = operator.index(index)
        except TypeError:
            raise TypeError(f"switch got {shorten(index)} as index: expected a whole number") from None
    if number not in range(count):
        error = IndexError(
            f"switch among {counted(count, 'branch').replace('branchs', 'branches')} by {shorten(number)}: expected a "
            f"whole number from 0 to {count - 1}"
        )
        raise refuse(error) if isinstance(index, Value) else error
    return int(number)


def _check_functions(where: str, *functions: Any) -> None:
    for f in functions:
        if not callable(f):
            raise TypeError(f"{where} got {shorten(f)}: expected a function")


def _check_carry(where: str, carry: Any) -> None:
    for x in scalars(carry):
        if not isinstance(x, Value) and not is_number(x):
            raise TypeError(
                f"{where}: {shorten(x)}, {article(type(x).__name__)}, is to be carried on: expected numbers, Values "
                "and structures of them; what is neither is to be closed over"
            )


def _check_alike(where: str, branches: Sequence[Function], found: Sequence[Any]) -> None:
    for branch, each in zip(branches, found, strict=True):
        if outline(each) != outline(found[0]):
            raise TypeError(
                f"{where}: {name_of(branch)} gives {shorten(each)}, of another structure than {name_of(branches[0])}, "
                "whose result it may take the place of in a compiled function: expected the same of all branches"
            )
