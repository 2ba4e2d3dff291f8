r"""How an object of this floor shows itself: in IPython as ``print`` does, in Jupyter with its formulas.

>>> class Half(Written):
...     def text(self, digits: int = 3, width: int = 80) -> str:
...         return "1/2"
...     def latex(self) -> str:
...         return r"\frac12"
>>> print(Half(), Half()._repr_latex_())
1/2 $\frac12$
"""

from __future__ import annotations

from typing import Any


class Printed:
    """IPython shows what ``print`` shows."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        # IPython goes through the classes one by one, and takes a `__repr__` of the first before this of the second.
        cls._repr_pretty_ = Printed._repr_pretty_  # type: ignore[method-assign]

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(f"{type(self).__name__}(...)" if cycle else str(self))


class Written(Printed):
    """Shown by its ``text``, and in Jupyter by its ``latex``."""

    __slots__ = ()

    def text(self, digits: int = 3, width: int = 80) -> str:
        """Its lines, of at most ``width`` characters."""
        raise NotImplementedError

    def latex(self) -> str:
        """The same in LaTeX, without dollars."""
        raise NotImplementedError

    def __str__(self) -> str:
        return self.text()

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"
