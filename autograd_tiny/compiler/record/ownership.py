"""Whose code is whose: the user's, which may change what it reads from one call to the next, or a library's, or ours.

>>> import numpy as np
>>> is_users(np.__file__), is_users("lesson.py")
(False, True)
"""

from __future__ import annotations

import os.path
import sys
from types import ModuleType

from ...modes.sources import OUR_PACKAGES

_LIBRARY = os.path.dirname(os.__file__) + os.sep


def is_users(file: str) -> bool:
    """Whether a file is neither ours, nor of the standard library, nor installed."""
    installed = "site-packages" in file or "dist-packages" in file
    return not installed and not file.startswith((*OUR_PACKAGES, _LIBRARY, "<frozen "))


def is_users_module(module: ModuleType) -> bool:
    """Whether it is of the user's files, or of no file, as one that was made by hand."""
    file = vars(module).get("__file__")
    if file is None and (module.__name__ in sys.builtin_module_names or module.__name__ in sys.stdlib_module_names):
        return False
    return is_users(file if isinstance(file, str) else "<made by hand>")


def is_our_module(module: ModuleType) -> bool:
    file = vars(module).get("__file__")
    return isinstance(file, str) and file.startswith(OUR_PACKAGES)


def is_users_type(kind: type) -> bool:
    if kind.__flags__ & (1 << 8):  # immutable, as all built-in types are
        return False
    module = sys.modules.get(kind.__module__)
    return is_users(getattr(module, "__file__", None) or "<stdin>") and kind.__module__ != "builtins"


def is_ours(kind: type) -> bool:
    """Whether instances are made of what a user chose: a module of `nn`."""
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return file is not None and file.startswith(OUR_PACKAGES)
