"""The completion scripts of bash, zsh and fish, out of the command's grammar.

Each is plain text in the shell's own language: bash gets one function that looks where on the line it is, zsh a
specification for its ``_arguments``, fish one line an option.

>>> from autograd_tiny_cli.completion import Argument, Command
>>> where = Argument(("--to",), "where it goes", "FILE", files=True, takes="1")
>>> print(fish(Command("", "", (), ()), [Command("go", "go there", (where,), ())]))
# Tab completion for autograd-tiny, written by: autograd-tiny completion fish
complete -c autograd-tiny -f
complete -c autograd-tiny -n __fish_use_subcommand -a go -d 'go there'
complete -c autograd-tiny -n '__fish_seen_subcommand_from go' -l to -r -F -d 'where it goes'
<BLANKLINE>
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from shlex import quote
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .completion import Argument, Command

HEAD = "# Tab completion for autograd-tiny, written by: autograd-tiny completion {}\n"

# COMP_WORDBREAKS has "=", so that --out=x comes as three words; `option` is what the word at the cursor belongs to.
BASH = """\
_autograd_tiny_takes_a_value() {
    case $1 in
%(takes)s
        *) return 1 ;;
    esac
}
_autograd_tiny() {
    local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD-1]} command= at=0 i line
    COMPREPLY=()
    if [[ $word == = ]]; then word=; else [[ $option != = ]] || option=${COMP_WORDS[COMP_CWORD-2]}; fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            -*) if _autograd_tiny_takes_a_value "$command ${COMP_WORDS[i]}"; then
                    [[ ${COMP_WORDS[i+1]} != = ]] || ((++i))
                    ((++i))
                fi ;;
            *) if [[ -z $command ]]; then command=${COMP_WORDS[i]}; else ((++at)); fi ;;
        esac
    done
    local words=() files=
    case "$command $option" in
%(values)s
        *)
            if [[ $word == -* ]]; then
                case $command in
%(options)s
                esac
            else
                case "$command $at" in
%(places)s
                esac
            fi ;;
    esac
    for line in "${words[@]}"; do [[ $line != "$word"* ]] || COMPREPLY+=("$line"); done
    if [[ -n $files ]]; then
        compopt -o filenames 2>/dev/null  # bash 3.2, which macOS has, does without
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$word")
    fi
}
complete -F _autograd_tiny autograd-tiny
"""

ZSH = """\
_autograd_tiny() {
    local context state state_descr line
    local -a commands
    typeset -A opt_args
    commands=(
%(commands)s
    )
    _arguments -C \\
%(options)s \\
        '1: :->command' '*:: :->argument'
    case $state in
        command) _describe -t commands command commands ;;
        argument)
            case $words[1] in
%(cases)s
            esac ;;
    esac
}
if [[ $funcstack[1] == _autograd_tiny ]]; then _autograd_tiny "$@"; else compdef _autograd_tiny autograd-tiny; fi
"""


def bash(top: Command, commands: Sequence[Command]) -> str:
    """The script for bash, from 3.2 on."""
    everything = [top, *commands]
    offered: dict[str, list[str]] = {}
    takes = []
    for command in commands:
        valued = [option for option in command.options if option.takes]
        patterns = [quote(f"{command.name} {name}") for option in valued for name in option.names]
        takes += [f"        {' | '.join(patterns)}) ;;"] * bool(patterns)
        for option in valued:
            offered.setdefault(_bash_words(option), []).extend(quote(f"{command.name} {name}") for name in option.names)
    values = [f"        {' | '.join(patterns)}) {words} ;;" for words, patterns in offered.items()]
    options = [
        f"                    {quote(c.name)}) words=({' '.join(n for o in c.options for n in o.names)}) ;;"
        for c in everything
    ]
    places = [f'                    " 0") words=({" ".join(c.name for c in commands)}) ;;']
    for command in commands:
        for i, place in enumerate(command.places):
            at = f'"{command.name} "*' if place.takes == "*" else f'"{command.name} {i}"'
            places.append(f"                    {at}) {_bash_words(place)} ;;")
    parts = {"takes": takes, "values": values, "options": options, "places": places}
    return HEAD.format("bash") + BASH % {name: "\n".join(lines) for name, lines in parts.items()}


def _bash_words(argument: Argument) -> str:
    said = [f"words=({' '.join(map(quote, argument.words))})"] if argument.words else []
    return " ".join([*said, *(["files=1"] if argument.files else [])]) or ":"


def zsh(top: Command, commands: Sequence[Command]) -> str:
    """The script for zsh, for a file `_autograd-tiny` on $fpath or for eval."""
    cases = []
    for command in commands:
        specifications = [*_zsh_options(command), *map(_zsh_place, command.places)]
        cases.append(f"                {command.name}) _arguments {' '.join(specifications)} ;;")
    parts = {
        "commands": [f"        {quote(_zsh_text(c.name) + ':' + c.help)}" for c in commands],
        "options": [" ".join(["       ", *_zsh_options(top)])],
        "cases": cases,
    }
    return "#compdef autograd-tiny\n" + HEAD.format("zsh") + ZSH % {k: "\n".join(v) for k, v in parts.items()}


def _zsh_options(command: Command) -> list[str]:
    made = []
    for option in command.options:
        excluded = f"({' '.join(option.names)})" if len(option.names) > 1 else ""
        value = f":{_zsh_text(option.metavar)}:{_zsh_action(option)}" if option.takes else ""
        for name in option.names:
            made.append(quote(f"{excluded}{name}{'=' if value else ''}[{_zsh_text(option.help)}]{value}"))
    return made


def _zsh_place(place: Argument) -> str:
    before = {"*": "*:", "?": "::"}.get(place.takes, ":")
    return quote(f"{before}{_zsh_text(place.metavar)}:{_zsh_action(place)}")


def _zsh_action(argument: Argument) -> str:
    words = " ".join(map(quote, argument.words))
    if argument.words and argument.files:
        return f"{{compadd -- {words}; _files}}"
    return "_files" if argument.files else f"({words})"  # an empty list rather than " ", which hides the options


def _zsh_text(text: str) -> str:
    """Text within a specification, where brackets and colons have a meaning."""
    return "".join(f"\\{c}" if c in "\\[]:" else c for c in text)


def fish(top: Command, commands: Sequence[Command]) -> str:
    """The script for fish."""
    lines = ["complete -c autograd-tiny -f"]
    start = "complete -c autograd-tiny -n __fish_use_subcommand"
    lines += [start + _fish_argument(option) for option in top.options]
    lines += [f"{start} -a {command.name} -d {_fish_text(command.help)}" for command in commands]
    for command in commands:
        within = f"complete -c autograd-tiny -n '__fish_seen_subcommand_from {command.name}'"
        lines += [within + _fish_argument(option) for option in command.options]
        lines += [within + _fish_argument(place) for place in command.places if place.words or place.files]
    return HEAD.format("fish") + "\n".join(dict.fromkeys(lines)) + "\n"


def _fish_argument(argument: Argument) -> str:
    names = "".join(f" -{'l' if n.startswith('--') else 's'} {n.lstrip('-')}" for n in argument.names)
    value = ""
    if argument.takes:
        value = " -r -F" if argument.names and argument.files else " -F" if argument.files else " -x" * bool(names)
        value += f" -a {_fish_text(' '.join(argument.words))}" if argument.words else ""
    described = f" -d {_fish_text(argument.help)}" if argument.help and names else ""
    return names + value + described


def _fish_text(text: str) -> str:
    """In single quotes fish knows two escapes, and not the shell's '"'"'."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


WRITERS: dict[str, Callable[[Command, Sequence[Command]], str]] = {"bash": bash, "zsh": zsh, "fish": fish}
