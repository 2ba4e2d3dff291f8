"""``autograd-tiny completion``: a script that lets bash, zsh or fish complete the command with Tab.

It is written from the command's grammar, so an option that is added there is offered here.

>>> from autograd_tiny_cli import parser
>>> top, *commands = grammar(parser())
>>> [command.name for command in commands]
['demo', 'train', 'predict', 'lesson', 'step', 'completion']
>>> [(option.names, option.metavar) for option in commands[0].options[:2]]
[(('-h', '--help'), 'HELP'), (('--out',), 'FOLDER')]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import completion_scripts, examples, lesson

DESCRIPTION = """\
Print the script that lets a shell complete this command: its commands, options, examples, lessons and files.

  bash   in ~/.bashrc:                  eval "$(autograd-tiny completion bash)"
  zsh    in ~/.zshrc, after compinit:   eval "$(autograd-tiny completion zsh)"
  fish   once:   autograd-tiny completion fish > ~/.config/fish/completions/autograd-tiny.fish
"""


@dataclass(frozen=True)
class Argument:
    """An option, or a place without a name: what it may hold, and whether once (``?``), or often (``*``)."""

    names: tuple[str, ...]
    help: str
    metavar: str
    words: tuple[str, ...] = ()
    files: bool = False
    takes: str = ""
    """Of an option "" is none and "1" one value; of a place "1", "?" or "*"."""


@dataclass(frozen=True)
class Command:
    name: str
    help: str
    options: tuple[Argument, ...]
    places: tuple[Argument, ...]


def add_to(commands: Any) -> None:
    """Make ``completion`` one of the subcommands."""
    parser = commands.add_parser(
        "completion",
        help="let your shell complete this command with Tab",
        description=DESCRIPTION,
        epilog='example: eval "$(autograd-tiny completion bash)"',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("shell", choices=tuple(completion_scripts.WRITERS), help="which one")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    from . import parser  # which this command is part of

    top, *commands = grammar(parser())
    print(completion_scripts.WRITERS[options.shell](top, commands), end="")
    return 0


def known_words() -> dict[tuple[str, str], Callable[[], list[str]]]:
    """(Command, place) -> the words that may stand there, where the grammar does not list them."""
    return {("train", "data"): lambda: list(examples.found()), ("lesson", "name"): lambda: list(lesson.files())}


def grammar(top: argparse.ArgumentParser) -> Iterator[Command]:
    """The command itself, with its own options, and then its subcommands."""
    yield _command("", "", top)
    for action in top._actions:  # there is no public way to ask a parser for its arguments
        if isinstance(action, argparse._SubParsersAction):
            for chosen in action._choices_actions:
                yield _command(chosen.dest, chosen.help or "", action.choices[chosen.dest])


def _command(name: str, help: str, parser: argparse.ArgumentParser) -> Command:
    actions = [action for action in parser._actions if not isinstance(action, argparse._SubParsersAction)]
    arguments = [_argument(name, action, parser) for action in actions]
    return Command(name, help, tuple(a for a in arguments if a.names), tuple(a for a in arguments if not a.names))


def _argument(command: str, action: argparse.Action, parser: argparse.ArgumentParser) -> Argument:
    words = known_words().get((command, action.dest), lambda: list(map(str, action.choices or ())))()
    takes = str(action.nargs or "1") if not action.option_strings else "" if action.nargs == 0 else "1"
    metavar = str(action.metavar or action.dest.upper())
    return Argument(
        tuple(action.option_strings),
        parser._get_formatter()._expand_help(action) if action.help else "",
        metavar,
        tuple(words),
        action.type is Path or (command, action.dest) == ("train", "data"),
        takes,
    )
