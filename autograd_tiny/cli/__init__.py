"""The command ``autograd-tiny`` (and ``python -m autograd_tiny``): the roof of the house, which may import all of it.

Exit status: 0 done, 1 it could not be done (the reason is on stderr), 2 the command was not understood.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from .. import __version__, engine
from . import demo, lesson, predict, step, train


def parser() -> argparse.ArgumentParser:
    """The command's grammar."""
    top = argparse.ArgumentParser(
        prog="autograd-tiny",
        description="A scalar autodiff engine that shows its work.",
        epilog="example: autograd-tiny demo --out out",
    )
    top.add_argument("--version", action="version", version=f"autograd-tiny {__version__} ({engine} engine)")
    commands = top.add_subparsers(title="commands", dest="command", required=True, metavar="COMMAND")
    demo.add_to(commands)
    train.add_to(commands)
    predict.add_to(commands)
    lesson.add_to(commands)
    step.add_to(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (OSError, ValueError, ImportError) as error:
        print(f"autograd-tiny {options.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nautograd-tiny {options.command}: stopped", file=sys.stderr)
        return 130
