"""``autograd-tiny step``: an expression stepped through in the terminal, as text, as data or on a page."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
from math import isfinite
from pathlib import Path
from typing import Any

from autograd_tiny import NonFiniteError, forward_steps, steps
from autograd_tiny.parsing import Parsed, numbers_from, parse

from .code_pages import in_full

_EXPRESSION = re.compile(r"-(?!-|h\Z)[\w(.]")
"""What begins with a minus and is an expression, no option: ``-a*b``, ``-(x)``."""

DESCRIPTION = """\
Step through the chain rule on an expression of your own: forwards, backwards, to any step.

The expression has names, numbers, + - * / // % **, and the package's functions (tanh, exp, relu, max, dot, …); parts
of it may have names too: "d = a*b + c; L = tanh(d)". Each name gets a number: a=2 b=-3 c=10. An
expression may begin with a minus: step "-a*b" a=1 b=2.

Without an option a shell opens: next, back, goto, until, tree, ledger, help, quit. It reads from a pipe as well.
"""


def add_to(commands: Any) -> None:
    """Make ``step`` one of the subcommands."""
    parser = commands.add_parser(
        "step",
        help="step through the backward pass of an expression",
        description=DESCRIPTION,
        epilog='example: autograd-tiny step "tanh(a*b + c)" a=2 b=-3 c=10',
    )
    parser.add_argument("expression", metavar="EXPRESSION", help='such as "tanh(a*b + c)"; quote it for your shell')
    parser.add_argument("numbers", nargs="*", metavar="NAME=NUMBER", help="a number for each name in it")
    parser.add_argument(
        "--quiz", action="store_true", help="in the shell, ask before each step what a gradient becomes"
    )
    parser.add_argument("--steps", action="store_true", help="print all steps and exit")
    parser.add_argument(
        "--json", action="store_true", help='print them as data; inf and nan are the texts "inf", "nan"'
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page to step through in a browser")
    parser.add_argument(
        "--questions", type=Path, metavar="FILE", help="with --html, a file of your own (see lesson) that the page asks"
    )
    parser.add_argument("--svg", type=Path, metavar="FILE", help="write a picture of the graph with all gradients")
    parser.set_defaults(run=run, writes=writes)


def with_minus(arguments: list[str]) -> list[str]:
    """The arguments, those that are no options behind ``--``: an expression may begin with a minus.

    >>> with_minus(["-a*b", "a=1", "--steps"])
    ['--steps', '--', '-a*b', 'a=1']
    >>> with_minus(["a*b", "--nope"])
    ['a*b', '--nope']
    """
    minus = [each for each in arguments if _EXPRESSION.match(each)]
    if "--" in arguments or not minus:
        return arguments
    options: list[str] = []
    others: list[str] = []
    takes = False
    for each in arguments:
        if takes or (each.startswith("-") and each not in minus):
            options.append(each)
            takes = not takes and each in ("--html", "--questions", "--svg")
        else:
            others.append(each)
    return [*options, "--", *others]


def writes(options: argparse.Namespace) -> bool:
    """Whether files are to come of it."""
    return bool(options.html or options.svg)


def run(options: argparse.Namespace) -> int:
    """Do what the options say; without one, open the shell."""
    parsed = parse(options.expression, numbers_from(options.numbers))
    if options.questions and not options.html:
        raise ValueError("--questions is for a page, --html FILE; at the terminal: autograd-tiny lesson FILE")
    if not (options.steps or options.json or options.html or options.svg):
        from .shell import open_shell

        return open_shell(parsed.root, quizzing=options.quiz)
    if options.json:
        told = json.dumps(data(parsed), ensure_ascii=False, indent=2, allow_nan=False)
        print(told if in_full(told) else json.dumps(data(parsed), indent=2, allow_nan=False))
    elif options.steps:
        print(text(parsed, shutil.get_terminal_size().columns))
    if options.html or options.svg:
        for written in files(parsed, options.html, options.svg, options.questions):
            print(f"wrote {written}", file=sys.stderr if options.json else sys.stdout)
    return 0


def text(parsed: Parsed, width: int) -> str:
    """Every step of both passes, and the gradients."""
    backward = steps(parsed.root)
    lines = ["forward", *(step.text(width=width) for step in forward_steps(parsed.root)), "", "backward"]
    lines += [backward.step(n).text(width=width) for n in range(1, len(backward) + 1)]
    lines += ["", "gradients"]
    root = backward.names(parsed.root)
    lines += [f"  ∂{root}/∂{name} = {gradient!r}" for name, gradient in gradients(parsed).items()]
    return "\n".join(lines)


def gradients(parsed: Parsed) -> dict[str, float]:
    """The gradient of each variable, also where `backward` would refuse since it is not finite."""
    with steps(parsed.root) as backward:
        backward.goto(len(backward))
        found = {name: leaf.grad for name, leaf in parsed.leaves.items()}
        backward.reset()
    return found


def data(parsed: Parsed) -> dict[str, Any]:
    """The same as plain data."""
    backward = steps(parsed.root)
    told = {
        "expression": parsed.text,
        "variables": {name: leaf.data for name, leaf in parsed.leaves.items()},
        "value": parsed.root.data,
        "forward": [step.as_dict() for step in forward_steps(parsed.root)],
        "backward": [backward.step(n).as_dict() for n in range(1, len(backward) + 1)],
        "gradients": gradients(parsed),
    }
    plain: dict[str, Any] = _plain(told)
    return plain


def _plain(thing: Any) -> Any:
    """The data with non-finite numbers as text, which JSON has no numbers for."""
    if isinstance(thing, dict):
        return {key: _plain(value) for key, value in thing.items()}
    if isinstance(thing, (list, tuple)):
        return [_plain(value) for value in thing]
    return str(thing) if isinstance(thing, float) and not isfinite(thing) else thing


def files(parsed: Parsed, page: Path | None, picture: Path | None, questions: Path | None = None) -> list[Path]:
    """The page and the picture, written."""
    import visualize

    written = []
    if page:
        written.append(visualize.write_stepper(parsed.root, page, title=parsed.text, questions=questions))
    if picture:
        try:
            parsed.root.backward()
        except NonFiniteError:  # the picture shows where
            backward = steps(parsed.root)
            backward.goto(len(backward))
        written.append(visualize.save_svg(parsed.root, picture, show_local=True))
    return written
