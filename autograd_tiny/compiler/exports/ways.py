"""The ways out of a program, as its methods: a file, a pickle, and the same arithmetic in other tools' words.

>>> from autograd_tiny import Value, compile
>>> w = Value(3.0, "w")
>>> program = compile(lambda x: w * x)
>>> program(2.0)
6.0
>>> import pickle
>>> pickle.loads(pickle.dumps(program))(2.0)
6.0

Each is of the last recording, which is for one structure of arguments. A pickle is the text of `export`'s file, so
nothing that comes from a function's code travels.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from os import PathLike

    from ..program import Program


class Exports:
    """What `Program` has of this."""

    def export(self: Program, path: str | PathLike[str]) -> Path:  # type: ignore[misc]
        """Write the last recording into a file that `autograd_tiny.load_program` reads; its path.

        In it are the graph, the numbers of the parameters and the structure of arguments and result, as JSON.
        ``ValueError`` if nothing has been recorded, ``TypeError`` for what a file cannot say: a primitive registered
        here, an argument of a kind of your own.
        """
        from .travelling import save_program

        return save_program(self, path)

    def __reduce__(self: Program) -> Any:  # type: ignore[misc]
        from .description import describe
        from .travelling import from_text

        return from_text, (describe(self).text(),)
