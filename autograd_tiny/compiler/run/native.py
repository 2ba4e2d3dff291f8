"""Whether programs can be run by a loop in C, and numpy's own loops that it calls (`_native`).

>>> chosen("numpy", "float64"), chosen("auto", "float32")
('numpy', 'numpy')
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ...core import engine
from ..libraries.arrays import FUNCTIONS

if TYPE_CHECKING:
    from ._native import Loop


class NotNative(Exception):
    """What a line does that no instruction does."""


@cache
def loops() -> dict[str, Loop]:
    """numpy's loops for float64 by the function's name, each tried once against the ufunc that it is of.

    Raises `NotNative` where they are not built, or are not what they should be.
    """
    try:
        from . import _native
    except ImportError as error:
        raise NotNative(f"it is not built here ({error})") from None
    found: dict[str, Loop] = {"erf": _native.ERF, "erfc": _native.ERFC}
    a, b = np.array([0.5, 0.25, 0.75]), np.array([0.125, 0.5, 0.25])
    for name in FUNCTIONS:
        ufunc = getattr(np, name, None)
        if not isinstance(ufunc, np.ufunc):
            continue
        types = next((t for t in ufunc.types if t in ("d->d", "dd->d", "dd->?")), "")
        try:
            found[name] = _native.loop_of(ufunc, types)
            given = (a + 1.0 if name == "arccosh" else a, b)[: ufunc.nin]
            if name != "matmul":
                expected, there = ufunc(*given), np.zeros(3, bool if types[-1] == "?" else float)
                made = _native.Tape()
                made.loop(found[name], (*given, there))
            else:
                expected, there, made = a[:, None] @ b[None], np.zeros((3, 3)), _native.Tape()
                made.matrices(found[name], a[:, None], b[None], there)
            made.run()
        except LookupError as error:
            raise NotNative(str(error)) from None
        if not np.array_equal(expected, there):
            raise NotNative(f"numpy's loop of {name} gives other numbers than numpy.{name}")
    return found | _native.FASTER


def chosen(backend: str, dtype: str) -> str:
    """The library for a program: native for "auto" where it can be; `ValueError` where it is asked for and cannot."""
    if backend not in ("auto", "native"):
        return backend
    reason = why_not(backend, dtype)
    if not reason:
        return "native"
    if backend == "native":
        raise ValueError(f'compile(backend="native", dtype="{dtype}") cannot be had: {reason}')
    return "numpy"


def why_not(backend: str, dtype: str) -> str:
    """Why a program that is asked for so does not run natively; nothing if it does.

    >>> why_not("numpy", "float64")
    'backend="numpy" was asked for'
    """
    if backend not in ("auto", "native"):
        return f'backend="{backend}" was asked for'
    if dtype == "float32":
        return 'it computes in float64: leave backend= out, or say backend="numpy"'
    if backend == "auto" and engine != "compiled":
        return "the plain engine runs"
    try:
        loops()
    except NotNative as error:
        return str(error)
    return ""
