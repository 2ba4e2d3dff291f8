"""``autograd-tiny completion``: a script that lets bash, zsh or fish complete the command with Tab.

shtab writes it from the command's grammar, so an option that is added there is offered here. Ours are two things that
the grammar does not say: where a file may stand, and the words that a folder of examples or lessons brings.

>>> from autograd_tiny_cli import parser
>>> print(script(parser(), "fish").splitlines()[-1].partition(" -ka ")[2])
"bash zsh fish" -d 'which one'
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from . import examples, lesson
from .libraries import need

DESCRIPTION = """\
Print the script that lets a shell complete this command: its commands, options, examples, lessons and files.
shtab writes it: pip install 'autograd-tiny[completion]'

  bash   in ~/.bashrc:                  eval "$(autograd-tiny completion bash)"
  zsh    in ~/.zshrc, after compinit:   eval "$(autograd-tiny completion zsh)"
  fish   once:   autograd-tiny completion fish > ~/.config/fish/completions/autograd-tiny.fish
"""

SHELLS = ("bash", "zsh", "fish")
"""Of those that shtab knows, the ones that the tests ask."""

BASH = """

# bash gives --out=x as three words, since COMP_WORDBREAKS has "="; shtab wants two, as in --out x.
_autograd_tiny() {
    local word words=() i=0 at=$COMP_CWORD
    for word in "${COMP_WORDS[@]}"; do
        if [[ $word != = ]]; then words+=("$word")
        elif ((i == COMP_CWORD)); then words+=("")
        elif ((i < COMP_CWORD)); then ((--at))
        fi
        ((++i))
    done
    local COMP_WORDS=("${words[@]}") COMP_CWORD=$at
    _shtab_autograd_tiny "$@"
}
complete -o bashdefault -F _autograd_tiny autograd-tiny"""


def add_to(commands: Any) -> None:
    """Make ``completion`` one of the subcommands."""
    parser = commands.add_parser(
        "completion",
        help="let your shell complete this command with Tab",
        description=DESCRIPTION,
        epilog='example: eval "$(autograd-tiny completion bash)"',
    )
    parser.add_argument("shell", choices=SHELLS, help="which one")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    need("shtab")
    from . import parser  # which this command is part of

    print(script(parser(), options.shell))
    return 0


def script(top: argparse.ArgumentParser, shell: str) -> str:
    """What ``shell`` is to run to complete the command. The parser is changed: let it be one made for this."""
    import shtab

    for command, action in _arguments(top):
        words = known_words().get((command, action.dest), list)()
        if action.type is Path or (command, action.dest) == ("train", "data"):
            action.complete = _files(words)  # type: ignore[attr-defined]  # which shtab looks for
        elif words:
            action.choices = words
        elif action.nargs != 0 and not action.choices:
            action.complete = {"zsh": "()"}  # type: ignore[attr-defined]  # with nothing at all it hides the options
        if shell == "zsh" and action.nargs != 0:  # its way to say that --out=x will do as well
            action.option_strings = [f"{name}=" for name in action.option_strings]
    return str(shtab.complete(top, shell)) + (BASH if shell == "bash" else "")


def known_words() -> dict[tuple[str, str], Callable[[], list[str]]]:
    """(Command, place) -> the words that may stand there, where the grammar does not list them."""
    names = lambda: list(examples.found())
    return {("train", "data"): names, ("examples", "name"): names, ("lesson", "name"): lambda: list(lesson.files())}


def _arguments(top: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.Action]]:
    for action in top._actions:  # there is no public way to ask a parser for its arguments
        if isinstance(action, argparse._SubParsersAction):
            for said in action._choices_actions:
                parser = action.choices[said.dest]
                parser.description = said.help  # of a longer one shells show the first line, cut off
                yield from ((said.dest, argument) for argument in parser._actions)


def _files(words: list[str]) -> dict[str, Any]:
    """For shtab: how each shell finds the files that fit, and the ``words`` beside them."""
    said = " ".join(words)
    # bash quotes what it offers where the function's name has "_file"; fish would look for a file named --out=x.
    name = "_autograd_tiny_file_or_word" if words else "_autograd_tiny_file"
    offered = f'compgen -f -- "$1"; compgen -W "{said}" -- "$1"' if words else 'compgen -f -- "$1"'
    return {
        "bash": name,
        "zsh": f"{{compadd -- {said}; _files}}" if words else "_files",
        "fish": f"(__fish_complete_path (string replace -r '^--[^=]*=' '' -- (commandline -ct))) {said}".rstrip(),
        "preamble": {"bash": f"{name}() {{ {offered}; }}"},
    }
