"""Parameters as plain numbers and back: what `Module.state_dict` gives, and what `load_state_dict` takes in.

A parameter, or nested lists of parameters, is one entry: a float, or nested lists of floats of the same shape.

>>> weight = [[Value(1.0), Value(2.0), Value(3.0)]]
>>> numbers(weight), shape(weight), [place for place, _ in flat(weight, "weight")]
([[1.0, 2.0, 3.0]], '1 × 3', ['weight[0][0]', 'weight[0][1]', 'weight[0][2]'])

A state is checked in full before a single number is set: a model is loaded whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from autograd_tiny import Value
from autograd_tiny.core.operands import finite_float, is_number
from autograd_tiny.errors import article, close_to, shorten

SHOWN = 8
"""So many of each kind of mistake are listed."""


class LoadedKeys(NamedTuple):
    """What ``load_state_dict(strict=False)`` passed over, under PyTorch's names."""

    missing_keys: list[str]
    unexpected_keys: list[str]


def is_entry(thing: Any) -> bool:
    """Whether ``thing`` is nested lists of leaves and nothing else, at least one."""
    if not isinstance(thing, (list, tuple)) or not thing:
        return False
    return all(part.is_leaf if isinstance(part, Value) else is_entry(part) for part in thing)


def numbers(entry: Any) -> Any:
    """The data of each leaf, in nested lists as the leaves are."""
    return entry.data if isinstance(entry, Value) else [numbers(part) for part in entry]


def flat(thing: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Each scalar of nested lists with its place, ``name[3][1]``."""
    if isinstance(thing, (list, tuple)):
        for i, part in enumerate(thing):
            yield from flat(part, f"{name}[{i}]")
    else:
        yield name, thing


def shape(thing: Any) -> str:
    """``3 × 2`` for three lists of two, ``3`` for a list of three, ``a number`` for anything that is no list."""
    if not isinstance(thing, (list, tuple)):
        return "a number"
    inner = {shape(part) for part in thing}
    if len(inner) > 1:
        return "lists of unequal lengths"
    rest = inner.pop() if inner else "a number"
    return str(len(thing)) if rest == "a number" else f"{len(thing)} × {rest}"


def fit(owner: str, entries: Mapping[str, Any], state: Any, strict: bool) -> tuple[dict[Value, float], LoadedKeys]:
    """The number for each parameter; one ``ValueError`` with every entry of ``state`` that does not fit."""
    if not isinstance(state, Mapping):
        raise TypeError(
            f"{owner}.load_state_dict got {shorten(state)}, {article(type(state).__name__)}: "
            "expected a dict from names to numbers, as state_dict() gives"
        )
    missing = [name for name in entries if name not in state]
    unexpected = [name for name in state if name not in entries]
    found: dict[Value, float] = {}
    named: dict[Value, str] = {}
    misshaped, unfit, at_odds = [], [], []
    for name, entry in entries.items():
        if name not in state:
            continue
        given = state[name].tolist() if hasattr(state[name], "tolist") else state[name]
        places, leaves = [], []
        for place, leaf in flat(entry, name):
            places.append(place)
            leaves.append(leaf)
        scalars = list(flat(given, name))
        if [place for place, _ in scalars] != places:
            misshaped.append(f"{name} is {shape(given)}, expected {shape(entry)}{_hint(given, entry)}")
            continue
        for leaf, (place, scalar) in zip(leaves, scalars, strict=True):
            number = _finite(scalar)
            if number is None:
                kind = "" if is_number(scalar) else f", {article(type(scalar).__name__)}"
                unfit.append(f"{place} is {shorten(scalar, 30)}{kind}")
            elif found.setdefault(leaf, number) != number:
                at_odds.append(
                    f"{named[leaf]} is {found[leaf]!r} and {place} is {number!r}, and they are one parameter"
                )
            else:
                named.setdefault(leaf, place)
    mistakes = {"misshaped": misshaped, "not a finite number": unfit, "at odds": at_odds}
    if strict:
        mistakes = {"missing": missing, "unexpected": _with_nearest(unexpected, missing), **mistakes}
    if any(mistakes.values()):
        raise ValueError(_report(owner, mistakes))
    return found, LoadedKeys(missing, unexpected)


def _finite(scalar: Any) -> float | None:
    try:
        return finite_float(scalar, "")
    except (TypeError, ValueError):
        return None


def _hint(given: Any, entry: Any) -> str:
    sizes = shape(given).split(" × ")
    turned = len(sizes) == 2 and " × ".join(reversed(sizes)) == shape(entry)
    return " (transpose it: a row holds the weights of one output)" if turned else ""


def _with_nearest(unexpected: Sequence[Any], missing: Sequence[str]) -> list[str]:
    lines = []
    for name in unexpected:
        near = close_to(name, missing, cutoff=0.8)
        lines.append(f"{name} (did you mean {near[0]}?)" if near else str(name))
    return lines


def _report(owner: str, mistakes: Mapping[str, Sequence[str]]) -> str:
    lines = [f"{owner}.load_state_dict: the state does not fit, and the model is left as it was"]
    for kind, found in mistakes.items():
        if found:
            more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
            lines.append(f"  {kind}: {'; '.join(found[:SHOWN])}{more}")
    if mistakes.get("missing") or mistakes.get("unexpected"):
        lines.append("  state_dict() shows the names expected; strict=False passes over missing and unexpected ones")
    return "\n".join(lines)
