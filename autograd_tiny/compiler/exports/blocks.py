"""A program over the blocks of Dask arrays; what `Program.map_blocks` gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import AutogradError, shorten

if TYPE_CHECKING:
    from ..program import Program


def _block(*blocks: Any, program: Any, given: Any, places: Any) -> Any:
    """What the program gives for the rows of a block; ``given`` holds the arguments that are the same for all."""
    arguments = list(given)
    for place, block in zip(places, blocks, strict=True):
        arguments[place] = np.ascontiguousarray(block, float)
    return np.asarray(program(*arguments, batch=True), float)


def map_blocks(program: Program, arrays: tuple[Any, ...]) -> Any:
    """One number for each row."""
    try:
        from dask import array
    except ImportError:
        raise AutogradError("map_blocks needs Dask: pip install 'autograd-tiny[dask]'") from None
    lazy = [x for x in arrays if isinstance(x, array.Array)]
    if not lazy:
        raise TypeError(f"map_blocks got {shorten(arrays)}: expected at least one Dask array, with samples as its rows")
    axes = [tuple(range(100 * i, 100 * i + x.ndim)) for i, x in enumerate(lazy)]
    pairs = [part for x, own in zip(lazy, axes, strict=True) for part in (x, (0, *own[1:]))]
    given = [None if isinstance(x, array.Array) else x for x in arrays]
    places = [i for i, x in enumerate(arrays) if isinstance(x, array.Array)]
    return array.blockwise(
        _block, (0,), *pairs, program=program, given=given, places=places, dtype=float, concatenate=True
    )
