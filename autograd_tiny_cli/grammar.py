"""The pieces of the command's grammar: a parser whose errors fit in two lines, and the numbers that options take.

>>> whole("20"), real("1e-3")
(20, 0.001)
>>> whole("1e3")
Traceback (most recent call last):
  ...
argparse.ArgumentTypeError: got '1e3': expected a whole number, such as 20
"""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from autograd_tiny.errors import shorten


class Parser(argparse.ArgumentParser):
    """A parser that says what is wrong and where help is, without the usage, which would push it off the screen.

    Descriptions and examples stand in its help as they are written.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **options)

    def error(self, message: str) -> NoReturn:
        """Exit with status 2."""
        self.exit(
            2, f"{self.prog}: {message.removeprefix('argument ')}\n  options and an example: {self.prog} --help\n"
        )


def whole(text: str) -> int:
    """The whole number that an option was given."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"got {shorten(text)}: expected a whole number, such as 20") from None


def real(text: str) -> float:
    """The number that an option was given."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"got {shorten(text)}: expected a number, such as 0.1") from None
