"""Every picture of the demo, drawn into its folder: graphs, the page that steps, the network, the curves.

>>> from autograd_tiny_cli.pictures import valley
>>> from autograd_tiny import Value
>>> valley(Value(1.0)).data
0.0
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from autograd_tiny import Value

from .gallery import DARK, Picture

if TYPE_CHECKING:
    from nn import MLP, HealthCheck, History

Points = list[list[float]]

ACTIVATIONS = {
    "relu": "Flat on the left, so its derivative is 0 there; at the kink itself it is 0 by convention.",
    "tanh": "The derivative is 1 at 0 and nearly 0 from 3 on: there a neuron is saturated and learns slowly.",
    "gelu": "A smooth ReLU: its derivative bends where ReLU's jumps.",
}


def in_both(path: Path, draw: Callable[..., object]) -> None:
    """The picture for a light page at its path, and in the folder ``dark`` beside it that for a dark one."""
    draw(path, theme="light")
    draw(path.parent / DARK / path.name, theme="dark")


def of_graphs(folder: Path, model: MLP, output: Value, points: Points, sides: list[int]) -> list[Picture]:
    """The neuron, as a graph and as a page; the loss of one sample; the network with that sample."""
    import visualize

    in_both(folder / "neuron.svg", lambda path, theme: visualize.save_svg(output, path, show_local=True, theme=theme))
    visualize.write_stepper(output, folder / "step.html", title="Backpropagation through one neuron")
    # The sample nearest to the boundary has a hinge loss that is not flat.
    near = min(range(len(points)), key=lambda i: sides[i] * model(points[i]).data)
    loss = (1.0 - sides[near] * model(points[near])) ** 2
    loss.label = "loss"
    model.zero_grad()
    loss.backward()
    in_both(
        folder / "network_loss.svg",
        lambda path, theme: visualize.save_svg(loss, path, model=model, depth=1, theme=theme),
    )
    in_both(
        folder / "network.svg",
        lambda path, theme: visualize.draw_network(model, points[near], theme=theme).save(path),
    )
    return [
        Picture("neuron.svg", "One neuron as a graph", "Each box is a value with its gradient; on each edge stands "
                "the local derivative, and the chain rule multiplies them.",
                "Computation graph of one neuron: inputs, weights, their sum and the ReLU", wide=True),
        Picture("step.html", "The same neuron, step by step", "A page that walks forward and back through the graph "
                "with the arrow keys, computes, and writes each product out.", wide=True),
        Picture("network_loss.svg", "The loss of one sample, folded", "All 337 parameters in three layers, each with "
                "the norm of its gradient.", "Folded computation graph of the network's loss on one sample", wide=True),
        Picture("network.svg", "The network", "Weights as colour and width, and in the circles what each neuron gives "
                "for one sample.", "The network as columns of circles joined by coloured arrows"),
    ]  # fmt: skip


def of_training(
    folder: Path, model: MLP, history: History, check: HealthCheck, points: Points, sides: list[int]
) -> list[Picture]:
    """The run of the demo: its losses, its gradients and the boundary it found."""
    import visualize

    accuracies = history.metrics["accuracy"]
    in_both(
        folder / "loss.svg",
        lambda path, theme: visualize.plot_loss(history.loss, path, accuracies=accuracies, theme=theme),
    )
    in_both(folder / "gradients.svg", lambda path, theme: visualize.plot_gradients(check, path, theme=theme))
    in_both(
        folder / "boundary.svg",
        lambda path, theme: visualize.plot_decision_boundary(model, points, sides, path, theme=theme),
    )
    return [
        Picture("loss.svg", "Loss and accuracy", "The demo's own run, until every point is on its side.",
                f"Curves of loss and accuracy over {history.epochs} epochs"),
        Picture("gradients.svg", "Gradients by layer", "Their norms stay close: none vanishes on the way down.",
                "A curve of the gradient's norm for each of three layers"),
        Picture("boundary.svg", "The decision boundary", "The deeper the colour, the surer the network; the line is "
                "where it is undecided.", "Two moons of points and the line the network draws between them"),
    ]  # fmt: skip


def of_others(folder: Path, seed: int) -> list[Picture]:
    """A run that stops early, activations with their derivatives, and descents down a valley."""
    import visualize

    stopped = stopped_early(seed)
    in_both(folder / "history.svg", lambda path, theme: visualize.plot_history(stopped, path, theme=theme))
    for file, start, lr, count in (("descent.svg", 4.0, 0.15, 15), ("divergence.svg", 1.5, 1.05, 18)):
        in_both(
            folder / file,
            partial(visualize.plot_descent, valley, start=start, lr=lr, steps=count),
        )
    pictures = [
        Picture("history.svg", "Early stopping", "On noisier moons the training loss keeps falling while the "
                "validation loss does not: the run stops, and the best epoch's weights are kept.",
                "Curves of loss, accuracy and learning rate, with lines at the best and the last epoch"),
        Picture("descent.svg", "Gradient descent", "Steps shrink by themselves where the slope does.",
                "A parabola with points that step down to its lowest place"),
        Picture("divergence.svg", "A learning rate too large", "Each step overshoots by more than the last.",
                "A parabola with arrows that climb from side to side"),
    ]  # fmt: skip
    for name, sentence in ACTIVATIONS.items():
        in_both(folder / f"{name}.svg", partial(visualize.plot_activation, name))
        alt = f"The function {name} and its derivative from -4 to 4"
        pictures.append(Picture(f"{name}.svg", f"{name} and its derivative", sentence, alt))
    return pictures


def valley(w: Value) -> Value:
    """A cost of one parameter, lowest at 1."""
    return (w - 1.0) ** 2


def stopped_early(seed: int) -> History:
    """A run on moons too noisy to learn by heart, with half of them held out."""
    import nn

    from .demo import two_moons

    points, sides = two_moons(120, noise=0.35)
    model = nn.MLP(2, [16, 16, 1], "tanh", seed=seed)
    optimizer = nn.Adam(model.parameters(), lr=0.03)
    return nn.fit(model, points, [int(side > 0) for side in sides], loss="binary_cross_entropy_with_logits",
                  optimizer=optimizer, schedule=nn.CosineSchedule(optimizer, 150), metrics="accuracy", epochs=150,
                  batch_size=20, validation=0.5, patience=20, seed=seed, verbose=0)  # fmt: skip
