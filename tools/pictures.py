"""Draws the pictures of the README: ``python tools/pictures.py`` writes them to docs/."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import nn
from autograd_tiny_cli import main as command
from visualize import draw_network, save_svg

DOCS = Path(__file__).parent.parent / "docs"


def main() -> None:
    """Write them all; the neuron is the demo's."""
    with tempfile.TemporaryDirectory() as folder:
        command(["demo", "--out", folder])
        shutil.copy(Path(folder) / "neuron.svg", DOCS)
    model = nn.MLP(2, [16, 16, 1], seed=0)
    loss = (model([1.0, -1.0]) - 1.0) ** 2
    loss.label = "loss"
    loss.backward()
    save_svg(loss, DOCS / "loss.svg", model=model)
    small = nn.MLP(2, [3, 1], "tanh", seed=1)
    draw_network(small, [1.0, -1.0], neuron=(1, 0)).save(DOCS / "network.svg")


if __name__ == "__main__":
    main()
