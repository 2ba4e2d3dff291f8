"""The roof: the command ``autograd-tiny``, the shell that steps, and `debug`; it may import all of the house.

Exit status: 0 done, 1 it could not be done (the reason is on stderr), 2 the command was not understood, 130 stopped
by Ctrl-C. Where whoever reads our output goes away (``| head``), it ends without a word, and not before the file is
written if it writes one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from autograd_tiny import AutogradError, __version__, engine

from . import completion, demo, examples, lesson, playground, predict, step, train
from .code_pages import print_plainly
from .grammar import Parser
from .libraries import missing
from .readers import going_on, to_nowhere
from .tables import did_you_mean

COMMANDS = (demo, train, predict, examples, lesson, step, playground, completion)


def parser() -> Parser:
    """The command's grammar."""
    top = Parser(
        prog="autograd-tiny",
        description="A scalar autodiff engine that shows its work.",
        epilog="example: autograd-tiny demo --out out\n  each command has its own: autograd-tiny train --help",
    )
    version = f"autograd-tiny {__version__} ({engine} engine)"
    top.add_argument("--version", action="version", version=version, help="print the version and the engine, and exit")
    commands = top.add_subparsers(title="commands", dest="command", metavar="COMMAND")
    top.set_defaults(writes=lambda options: False)
    for command in COMMANDS:
        command.add_to(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status. ``SystemExit`` after --help, --version and where it was not understood."""
    print_plainly()
    try:
        try:
            return _run(list(sys.argv[1:] if arguments is None else arguments))
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()  # here, where a reader that went away is expected
    except OSError as error:
        to_nowhere(sys.stdout)
        if not isinstance(error, BrokenPipeError):
            print(f"autograd-tiny: {told(error)}", file=sys.stderr)
        return 1


def _run(arguments: list[str]) -> int:
    top = parser()
    names = [command.__name__.rpartition(".")[2] for command in COMMANDS]
    if not arguments:
        top.exit(2, top.format_help())
    if not arguments[0].startswith("-") and arguments[0] not in names:
        top.error(f"there is no command {arguments[0]!r}{did_you_mean(arguments[0], names)}")
    if arguments[0] == "step":
        from .step import with_minus

        arguments = ["step", *with_minus(arguments[1:])]
    options = top.parse_args(arguments)
    if options.command is None:  # only marks such as --
        top.exit(2, top.format_help())
    try:
        if not options.writes(options):
            return int(options.run(options))
        with going_on(sys.stdout, sys.stderr):
            return int(options.run(options))
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        said, status = "stopped", 130
        print(file=sys.stderr)
    except (AutogradError, OSError, ValueError, ImportError) as error:
        said, status = told(error), 1
    print(f"autograd-tiny {options.command}: {said}", file=sys.stderr)
    return status


def told(error: Exception) -> str:
    """What the person at the terminal reads of an error."""
    if isinstance(error, ModuleNotFoundError):
        return missing(error)
    if isinstance(error, OSError) and error.errno and error.strerror:  # the system's own words
        where = "" if error.filename is None else f"{os.fspath(error.filename)!r}: "
        return f"{where}{error.strerror[:1].lower()}{error.strerror[1:]}"
    return str(error) or type(error).__name__
