"""`debug`: the interactive stepper on any Value, from a REPL or a script."""

from __future__ import annotations

from autograd_tiny import errors
from autograd_tiny.core import Value


def debug(root: Value) -> None:
    """Open the stepper of ``autograd-tiny step`` on the graph of ``root``, here in the terminal.

    Values without a label are called by your variables. ``w = 1`` tries another number in a leaf, and leaving puts it
    back. ``quit`` and Ctrl-D leave the gradients of ``root.backward()`` if the pass is at its end, and else put every
    gradient back as it was found; ``quit complete`` and ``quit restore`` choose.
    """
    if not isinstance(root, Value):
        raise TypeError(f"debug(root) got {errors.shorten(root)}: expected the Value to step back from")
    try:
        from .shell import open_shell
    except ImportError as error:
        if error.name != "rich":
            raise
        raise ImportError("debug() shows the graph with rich: pip install rich") from error
    open_shell(root)
