"""The libraries and kinds of numbers that can run a program: marks for tests that run on each."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

NEEDS_TORCH = pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is not installed: pip install torch")
LIBRARIES = ["numpy", pytest.param("torch", marks=NEEDS_TORCH)]
WAYS = [
    pytest.param(backend, dtype, marks=NEEDS_TORCH if backend == "torch" else ())
    for backend in ("numpy", "torch") for dtype in ("float64", "float32")
]  # fmt: skip
each_way = pytest.mark.parametrize(("backend", "dtype"), WAYS)
each_library = pytest.mark.parametrize("backend", LIBRARIES)
EPSILON = 2.0**-24
"""What rounding to float32 costs at most, relative to the number."""
