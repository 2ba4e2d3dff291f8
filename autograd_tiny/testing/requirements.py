"""The libraries that the kit needs, asked for once, with the extra that has them.

>>> require("hypothesis")
>>> require("no_such_library")
Traceback (most recent call last):
ImportError: autograd_tiny.testing needs no_such_library: pip install 'autograd-tiny[test]'
"""

from __future__ import annotations

from importlib.util import find_spec


def require(*libraries: str) -> None:
    """``ImportError`` naming the extra for the first that is not installed."""
    for library in libraries:
        if find_spec(library) is None:
            raise ImportError(f"autograd_tiny.testing needs {library}: pip install 'autograd-tiny[test]'")


require("hypothesis", "mpmath")
