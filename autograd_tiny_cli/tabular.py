"""A network for the rows of a table: what it is trained with, and what goes into the file beside its weights.

Ours, not scikit-learn's `type_of_target`: that takes every column of whole numbers for classes, were they a thousand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .columns import Cell, Column, Reading, encoded
from .tables import number

if TYPE_CHECKING:
    from nn import Module
    from nn.data import Standardiser

CLASSES = 20
"""A column of whole numbers with at most so many different ones is taken for classes."""


@dataclass
class Trained:
    """A network with the columns it reads, the scale of what they become, and what its outputs mean."""

    model: Module
    target: str
    columns: list[Column]
    scale: Standardiser
    classes: list[str] | None
    """In the order of the outputs; None where the target is a quantity."""
    target_scale: Standardiser | None
    """Of a quantity."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Columns of the table that the network is not given, and why."""

    def notes(self) -> dict[str, Any]:
        """All but the model, as JSON data."""
        return {
            "target": self.target,
            "columns": [column.to_dict() for column in self.columns],
            "left_out": self.left_out,
            "scale": self.scale.to_dict(),
            "classes": self.classes,
            "target_scale": None if self.target_scale is None else self.target_scale.to_dict(),
        }

    @classmethod
    def load(cls, path: Path) -> Trained:
        """What `autograd-tiny train` wrote; ``ValueError`` or ``OSError`` for any other file."""
        from nn.files.saving import load_with_notes

        model, notes = load_with_notes(path)
        try:
            trained = cls._of(model, notes)
        except (TypeError, ValueError, KeyError) as error:
            raise ValueError(
                f"{str(path)!r} is not a model that `autograd-tiny train data.csv` wrote: its notes do not say what "
                f"the inputs are ({type(error).__name__}: {error}); in Python nn.load reads any model"
            ) from None
        return trained

    @classmethod
    def _of(cls, model: Module, notes: Any) -> Trained:
        from nn import MLP
        from nn.data import Standardiser

        if not isinstance(notes, dict):
            raise TypeError("there are none")
        target, classes = notes["target"], notes["classes"]
        columns = [Column.from_dict(column) for column in notes["columns"]]
        scale = Standardiser.from_dict(notes["scale"])
        target_scale = None if classes else Standardiser.from_dict(notes["target_scale"])
        left_out = notes.get("left_out", {})
        if not all(isinstance(name, str) for name in [target, *(classes or []), *left_out, *left_out.values()]):
            raise TypeError("a name is no text")
        if not isinstance(model, MLP):
            raise TypeError(f"the model is {model!r}")
        inputs, outputs = len(model.layers[0].neurons[0].w), len(model.layers[-1].neurons)
        width = sum(column.width for column in columns)
        if not width == len(scale.means) == inputs or len(classes or [target]) != outputs:
            raise ValueError(f"{width} inputs and {len(classes or [target])} outputs for {model!r}")
        return cls(model, target, columns, scale, classes, target_scale, left_out)

    def probabilities(self, cells: Sequence[Cell]) -> list[float]:
        """The probability of each class for one row."""
        from nn import Softmax

        return [p.data for p in Softmax()(self._outputs(cells))]

    def quantity(self, cells: Sequence[Cell]) -> float:
        """The number predicted for one row."""
        assert self.target_scale is not None
        x = self.target_scale.inverse_transform([[self._outputs(cells).data]])[0][0]
        if not math.isfinite(x):
            raise TooFar
        return x

    def scaled(self, cells: Sequence[Cell]) -> list[float]:
        """What the network is given for a row."""
        return self.scale.transform([encoded(self.columns, cells)])[0]

    def _outputs(self, cells: Sequence[Cell]) -> Any:
        scaled = self.scaled(cells)
        if not all(map(math.isfinite, scaled)):
            raise TooFar
        try:
            return self.model(scaled)  # type: ignore[operator]
        except ArithmeticError:
            raise TooFar from None


class TooFar(ValueError):
    """A row so far from those of the training that a number overflows on the way to the prediction."""

    def __init__(self) -> None:
        super().__init__("its numbers are too far from those of the training: the prediction overflows")


def guess(cells: Sequence[str]) -> tuple[str, str]:
    """``classify`` or ``regress``, and what the column holds.

    A few cells that are no numbers among many are mistakes, not classes.
    """
    filled = [cell for cell in cells if cell]
    numbers = [x for x in map(number, filled) if x is not None]
    different = len(set(filled))
    if 2 * len(numbers) <= len(filled):
        return "classify", "holds text: classes to tell apart"
    if different <= CLASSES and all(x.is_integer() for x in numbers):
        return (
            "classify",
            f"holds {different} different whole numbers: taken for classes (for a quantity: --task regress)",
        )
    return "regress", f"holds {different} different numbers: taken for a quantity (for classes: --task classify)"


def classes_of(target: str, cells: Sequence[str]) -> list[str]:
    """The classes in order: numbers by size, text by alphabet. ``ValueError`` if there is nothing to tell apart."""
    found = set(cells)
    if len(found) == 1:
        raise ValueError(
            f"column {target!r} has the same value {cells[0]!r} in every row: there is nothing to learn; "
            "choose another --target"
        )
    if 2 * len(found) > len(cells) and len(found) > 2:
        raise ValueError(
            f"column {target!r} has {len(found)} different values in {len(cells)} rows, too many to be classes; "
            "is it a name or a number of the row? For a quantity: --task regress"
        )
    return sorted(found, key=lambda cell: (0.0 if number(cell) is None else number(cell), cell))


def held_out_report(trained: Trained, rows: Sequence[Reading], training: Sequence[Reading]) -> str:
    """How good the predictions for ``rows`` are, beside those of whoever knows only the training targets."""
    if trained.classes is not None:
        right = correct(trained, rows)
        counts = {name: sum(row.target == name for row in training) for name in trained.classes}
        most = max(counts, key=lambda name: counts[name])
        guessed = sum(row.target == most for row in rows)
        return (
            f"{right} of {len(rows)} held-out rows right, accuracy {right / len(rows):.3f} "
            f"(always saying {most!r}, the most frequent class: {guessed / len(rows):.3f})"
        )
    from nn import r2_score

    targets = [float(row.target) for row in rows]
    predicted = [trained.quantity(row.cells) for row in rows]
    mean = sum(float(row.target) for row in training) / len(training)
    error, guessed_error = mean_error(predicted, targets), mean_error([mean] * len(targets), targets)
    r2 = f"r² {r2_score(predicted, targets):.3f}, " if len(rows) > 1 else ""
    return (
        f"on {len(rows)} held-out rows: {r2}off by {error:.4g} on average "
        f"(always saying the training mean {mean:.4g}: off by {guessed_error:.4g})"
    )


def correct(trained: Trained, rows: Sequence[Reading]) -> int:
    """How many rows get the class that they have."""
    assert trained.classes is not None
    hits = 0
    for row in rows:
        chances = trained.probabilities(row.cells)
        hits += trained.classes[chances.index(max(chances))] == row.target
    return hits


def mean_error(predicted: Sequence[float], targets: Sequence[float]) -> float:
    return sum(abs(p - t) for p, t in zip(predicted, targets, strict=True)) / len(targets)
