"""``autograd-tiny playground``: a network that trains in the browser, on moons, circles, spirals or exclusive or."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

DESCRIPTION = """\
Write one page, which needs no server, on which a small network of your shape learns to tell two sorts of points
apart: what each neuron gives over the plane, the weights as lines, the border, the loss; with rate, batch, activation
and noise to turn, and each neuron's sum and gradients in words.
"""
SETS = {"moons": "moons", "circles": "circles", "spirals": "spirals", "xor": "exclusive or"}


def add_to(commands: Any) -> None:
    """Make ``playground`` one of the subcommands."""
    parser = commands.add_parser(
        "playground",
        help="write a page on which a small network trains",
        description=DESCRIPTION,
        epilog="example: autograd-tiny playground --data spirals --layers 8,8 --out play.html",
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", default=Path("play.html"), help="the page (default: %(default)s)"
    )
    parser.add_argument(
        "--data", choices=list(SETS), default="moons", help="the points it begins with (default: %(default)s)"
    )
    parser.add_argument(
        "--layers", type=sizes, metavar="N,N", default=(8, 8), help="the hidden layers' neurons (default: 8,8)"
    )
    parser.add_argument(
        "--activation", choices=["tanh", "relu", "sigmoid"], default="tanh", help="of these (default: %(default)s)"
    )
    parser.set_defaults(run=run)


def sizes(text: str) -> tuple[int, ...]:
    """The neurons of each hidden layer.

    >>> sizes("8,4")
    (8, 4)
    """
    parts = text.split(",")
    if not all(part.strip().isdecimal() and 1 <= int(part.strip()[:4]) <= 32 for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r}: expected numbers from 1 to 32 with commas between, such as 8,8")
    return tuple(map(int, parts))


def run(options: argparse.Namespace) -> int:
    """Write the page."""
    import nn
    from visualize import write_playground

    model = nn.MLP(2, [*options.layers, 1], options.activation, seed=0)
    xor = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
    print(f"wrote {write_playground(model, *xor, options.out, data=SETS[options.data])}")
    return 0
