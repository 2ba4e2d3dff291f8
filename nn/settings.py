"""What optimisers, clipping and schedules are given, checked on the way in: numbers, leaves, saved states.

>>> momentum = fraction("SGD(momentum)", 0.9)
>>> fraction("SGD(momentum)", 1.5)
Traceback (most recent call last):
ValueError: SGD(momentum) got 1.5: expected at least 0 and below 1
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, isfinite
from typing import Any, NoReturn

from autograd_tiny import Value
from autograd_tiny.core.operands import is_number
from autograd_tiny.errors import article, shorten

Check = Callable[[str, Any], Any]
"""From a place ("SGD(lr)") and what stood there to the setting, or an error that names the place."""


def _number(place: str, given: Any, expected: str, holds: Callable[[float], bool]) -> float:
    if isinstance(given, bool) or not is_number(given):
        raise TypeError(f"{place} got {shorten(given)}, {article(type(given).__name__)}: expected {expected}")
    if not holds(given):
        raise ValueError(f"{place} got {given!r}: expected {expected}")
    return float(given)


def learning_rate(place: str, given: Any) -> float:
    """A learning rate to begin with: above 0."""
    return _number(place, given, "a learning rate above 0", lambda x: 0.0 < x < inf)


def later_rate(place: str, given: Any) -> float:
    """A learning rate on the way: 0 too, where a schedule ends."""
    return _number(place, given, "a learning rate of at least 0", lambda x: 0.0 <= x < inf)


def fraction(place: str, given: Any) -> float:
    """How much of a running mean is kept at each step."""
    return _number(place, given, "at least 0 and below 1", lambda x: 0.0 <= x < 1.0)


def share(place: str, given: Any) -> float:
    """A part of a whole that is not nothing."""
    return _number(place, given, "above 0 and at most 1", lambda x: 0.0 < x <= 1.0)


def not_negative(place: str, given: Any) -> float:
    return _number(place, given, "a finite number of at least 0", lambda x: 0.0 <= x < inf)


def positive(place: str, given: Any) -> float:
    return _number(place, given, "a finite number above 0", lambda x: 0.0 < x < inf)


def bound(place: str, given: Any) -> float:
    """A bound that may be infinite: no bound."""
    return _number(place, given, "a number above 0", lambda x: x > 0.0)


def finite(place: str, given: Any) -> float:
    return _number(place, given, "a finite number", isfinite)


def flag(place: str, given: Any) -> bool:
    if not isinstance(given, bool):
        raise TypeError(f"{place} got {shorten(given)}, {article(type(given).__name__)}: expected True or False")
    return given


def two_fractions(place: str, given: Any) -> tuple[float, float]:
    """Adam's betas."""
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise TypeError(f"{place} got {shorten(given)}: expected two numbers, such as (0.9, 0.999)")
    return fraction(f"{place}[0]", given[0]), fraction(f"{place}[1]", given[1])


def whole(place: str, given: Any, least: int = 1) -> int:
    """A number of epochs or of steps."""
    if isinstance(given, bool) or not isinstance(given, int):
        got = f"{shorten(given)}, {article(type(given).__name__)}"
        raise TypeError(f"{place} got {got}: expected a whole number of at least {least}")
    if given < least:
        raise ValueError(f"{place} got {given}: expected at least {least}")
    return given


def count(place: str, given: Any) -> int:
    return whole(place, given, 0)


def leaves(kind: str, parameters: Any) -> list[Value]:
    """The parameters as a list of leaves, each of them once."""
    if isinstance(parameters, Value) or not hasattr(parameters, "__iter__"):
        got = f"{shorten(parameters)}, {article(type(parameters).__name__)}"
        raise TypeError(f"{kind}(parameters) got {got}: expected model.parameters() or a list of leaves")
    found = list(parameters)
    if not found:
        raise ValueError(f"{kind} got no parameters: expected model.parameters() or a list of leaves")
    for parameter in found:
        if not isinstance(parameter, Value) or not parameter.is_leaf:
            got = f"{shorten(parameter)}, {article(type(parameter).__name__)}"
            raise TypeError(f"{kind}(parameters) has {got}: expected leaves, Values made by Value(...)")
    if len(set(found)) < len(found):
        places = {parameter: i for i, parameter in reversed(list(enumerate(found)))}
        again = next(i for i, parameter in enumerate(found) if places[parameter] != i)
        raise ValueError(
            f"{kind}(parameters) has {name(found, again)} at {places[found[again]]} too: expected each once"
        )
    return found


def name(parameters: Sequence[Value], i: int) -> str:
    """What an error calls the parameter at ``i``."""
    label = parameters[i].label
    return f"parameter {i} ({label!r})" if label else f"parameter {i}"


def finite_list(place: str, given: Any, length: int) -> list[float]:
    """A list of ``length`` finite numbers, as one stands in a saved state."""
    if not isinstance(given, (list, tuple)):
        _refuse(f"{place} got {shorten(given)}, {article(type(given).__name__)}: expected a list of {length} numbers")
    if len(given) != length:
        _refuse(f"{place} got {len(given)} numbers: expected {length}, one for each parameter")
    return [finite(f"{place}[{i}]", x) for i, x in enumerate(given)]


def check_state(place: str, state: Any, kind: str, keys: Sequence[str]) -> None:
    """``ValueError`` unless ``state`` is a dict of this kind with exactly these keys."""
    if not isinstance(state, dict):
        _refuse(f"{place} got {shorten(state)}, {article(type(state).__name__)}: expected what state_dict() gave")
    if state.get("kind") != kind:
        _refuse(f"{place} got the state of {shorten(state.get('kind'))}: expected one of {kind!r}")
    missing, unexpected = [k for k in keys if k not in state], [k for k in state if k not in keys]
    if missing or unexpected:
        told = [f"{word} {', '.join(map(repr, names))}" for word, names in
                (("without", missing), ("with an unexpected", unexpected)) if names]  # fmt: skip
        _refuse(f"{place} got a state {' and '.join(told)}: expected the keys {', '.join(keys)}")


def _refuse(text: str) -> NoReturn:
    raise ValueError(text)
