"""``autograd-tiny demo``: train a network of 337 weights until it tells two moons apart, and draw what happened."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd_tiny import Value
from autograd_tiny.errors import counted
from autograd_tiny.explaining.ledger import explain

from . import gallery, pictures
from .grammar import whole
from .libraries import need

if TYPE_CHECKING:
    from nn import MLP, Epoch, HealthCheck, History, Neuron

DESCRIPTION = """\
Train MLP(2, [16, 16, 1]) on 100 points of two interleaved half moons (scikit-learn), by stochastic gradient
descent on the hinge loss in batches of 20, until every point is on its side; then write to the output folder

  index.html   all pictures, with a sentence each
  neuron.svg   one neuron of the first layer as a graph, with gradients
  step.html    the same, to step through in a browser
  loss.svg     loss and accuracy over the epochs
  and more     the network, its boundary, its gradients, activations, descents

and work out one gradient by the chain rule, in three lines.
"""


def add_to(commands: Any) -> None:
    """Make ``demo`` one of the subcommands."""
    parser = commands.add_parser(
        "demo",
        help="train a small network on two moons and draw one of its neurons",
        description=DESCRIPTION,
        epilog="example: autograd-tiny demo --out out --seed 1",
    )
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", default=Path("out"), help="folder for the pictures (default: %(default)s)"
    )
    parser.add_argument(
        "--seed", type=whole, metavar="N", default=0, help="of the first weights and the batches (default: %(default)s)"
    )
    parser.add_argument(
        "--epochs", type=whole, metavar="N", default=200, help="give up after this many (default: %(default)s)"
    )
    parser.set_defaults(run=run, writes=writes)


def writes(options: argparse.Namespace) -> bool:
    """Whether files are to come of it."""
    return True


def two_moons(points: int = 100, noise: float = 0.1) -> tuple[list[list[float]], list[int]]:
    """``points`` of two half moons as [x1, x2], each with its side, -1 or 1."""
    from sklearn.datasets import make_moons

    xs, sides = make_moons(n_samples=points, noise=noise, random_state=1337)
    return xs.tolist(), [2 * int(side) - 1 for side in sides]


def run(options: argparse.Namespace) -> int:
    """The whole demo; exit status 1 if some point is still on the wrong side at the end."""
    import nn

    if options.epochs < 1:
        raise ValueError(f"--epochs got {options.epochs}: expected at least 1")
    need("sklearn", "matplotlib", "graphviz")
    folder = writable(options.out)
    points, sides = two_moons()
    model = nn.MLP(2, [16, 16, 1], seed=options.seed)
    print(f"{model}, {len(points)} points")
    check = nn.HealthCheck(model, points, sides, "hinge", every=1)
    history = train(model, points, sides, options.epochs, options.seed, check)
    right = round(history.metrics["accuracy"][-1] * len(points))
    done = right == len(points)
    how_many = "every point" if done else f"{right} of {len(points)} points"
    more = "" if done else ": give it more with --epochs, or begin elsewhere with --seed"
    print(f"{how_many} on the right side after {counted(history.epochs, 'epoch')}{more}")

    output, weight = lit_neuron(model, points)
    story = explain(output, weight).written_out()
    drawn = pictures.of_graphs(folder, model, output, points, sides)
    drawn += pictures.of_training(folder, model, history, check, points, sides)
    drawn += pictures.of_others(folder, options.seed)
    index = gallery.write(folder, drawn)
    print(f"drew {len(drawn)} pictures, {folder / 'neuron.svg'} and {folder / 'loss.svg'} among them: open {index}")
    print(f"how much does the first weight of that neuron move its output, {output.label} = {output.data:.4g}?")
    print("\n".join(f"  {line}" for line in story))
    return 0 if done else 1


def writable(folder: Path) -> Path:
    """The folder, made if need be; ``OSError`` at once, not after the training, if it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(
            f"cannot make the folder {str(folder)!r} ({error.strerror}): choose another with --out"
        ) from error
    if not os.access(folder, os.W_OK):
        raise PermissionError(f"cannot write to the folder {str(folder)!r}: choose another with --out")
    return folder


def train(
    model: MLP, points: list[list[float]], sides: list[int], epochs: int, seed: int, check: HealthCheck
) -> History:
    """The history of training until every point is on its side."""
    import nn

    def every_point_is_right(epoch: Epoch) -> bool:
        return epoch.metrics["accuracy"] == 1.0

    optimizer = nn.SGD(model.parameters(), lr=0.1, momentum=0.9)
    return nn.fit(model, points, sides, loss="hinge", optimizer=optimizer, metrics="accuracy", batch_size=20,
                     epochs=epochs, seed=seed, callbacks=[check, every_point_is_right])  # fmt: skip


def lit_neuron(model: MLP, points: list[list[float]]) -> tuple[Value, Value]:
    """The output of a first-layer neuron on a point that it responds to, labelled and differentiated, and a weight."""
    neuron, point = brightest(model, points)
    for i, weight in enumerate(neuron.w, start=1):
        weight.label = f"w{i}"
    neuron.b.label = "b"
    inputs = [Value(x, f"x{i}") for i, x in enumerate(point, start=1)]
    output = neuron(inputs)
    output.label, output.parents[0].label, output.parents[0].parents[0].label = "a", "z", "w·x"
    model.zero_grad()
    output.backward()
    return output, neuron.w[0]


def brightest(model: MLP, points: list[list[float]]) -> tuple[Neuron, list[float]]:
    """The first-layer neuron and the point with the largest activation."""
    pairs = [(neuron, point) for neuron in model.layers[0].neurons for point in points]
    return max(pairs, key=lambda pair: pair[0](pair[1]).data)
