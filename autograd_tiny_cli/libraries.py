"""Libraries that a command needs and an installation may lack: which extra brings each.

>>> missing(ModuleNotFoundError("no sklearn", name="sklearn.datasets"))
"scikit-learn is missing here: pip install 'autograd-tiny[data]'"
"""

from __future__ import annotations

from importlib import import_module

EXTRAS = {
    "graphviz": ("graphviz", ""),
    "matplotlib": ("matplotlib", "[plot]"),
    "numpy": ("numpy", "[files]"),
    "pyarrow": ("pyarrow", "[parquet]"),
    "rich": ("rich", ""),
    "safetensors": ("safetensors", "[files]"),
    "shtab": ("shtab", "[completion]"),
    "sklearn": ("scikit-learn", "[data]"),
}
"""Module -> what pip calls it, and our extra that brings it; none where the package itself does."""


def need(*modules: str) -> None:
    """``ImportError`` now, before any work is done, if one of the modules is missing."""
    for module in modules:
        try:
            import_module(module)
        except ModuleNotFoundError as error:
            raise ImportError(missing(error)) from None


def missing(error: ModuleNotFoundError) -> str:
    """What to say of a module that is not there. Of one that is not ours to name we only say that."""
    known = EXTRAS.get((error.name or "").partition(".")[0])
    if known is None:
        return str(error)
    return f"{known[0]} is missing here: pip install 'autograd-tiny{known[1]}'"
