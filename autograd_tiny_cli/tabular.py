"""A network for the rows of a table: what it is trained with, and what goes into the file beside its weights.

Ours, not scikit-learn's `type_of_target`: that takes every column of whole numbers for classes, were they a thousand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .tables import Numbers, Table, listed, number

if TYPE_CHECKING:
    from nn import Module
    from nn.data import Standardiser

CLASSES = 20
"""A column of whole numbers with at most so many different ones is taken for classes."""


@dataclass
class Trained:
    """A network with the columns it reads, their scale, and what its outputs mean."""

    model: Module
    target: str
    columns: list[str]
    scale: Standardiser
    classes: list[str] | None
    """In the order of the outputs; None where the target is a quantity."""
    target_scale: Standardiser | None
    """Of a quantity."""

    def notes(self) -> dict[str, Any]:
        """All but the model, as JSON data."""
        return {
            "target": self.target,
            "columns": self.columns,
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
        target, columns, classes = notes["target"], notes["columns"], notes["classes"]
        scale = Standardiser.from_dict(notes["scale"])
        target_scale = None if classes else Standardiser.from_dict(notes["target_scale"])
        names = [target, *columns, *(classes or [])]
        if not all(isinstance(name, str) for name in names) or not isinstance(model, MLP):
            raise TypeError("a name is no text")
        inputs, outputs = len(model.layers[0].neurons[0].w), len(model.layers[-1].neurons)
        if not len(columns) == len(scale.means) == inputs or len(classes or [target]) != outputs:
            raise ValueError(f"{len(columns)} columns and {len(classes or [target])} outputs for {model!r}")
        return cls(model, target, columns, scale, classes, target_scale)

    def probabilities(self, numbers: Sequence[float]) -> list[float]:
        """The probability of each class for one row."""
        from nn import Softmax

        return [p.data for p in Softmax()(self._outputs(numbers))]

    def quantity(self, numbers: Sequence[float]) -> float:
        """The number predicted for one row."""
        assert self.target_scale is not None
        x = self.target_scale.inverse_transform([[self._outputs(numbers).data]])[0][0]
        if not math.isfinite(x):
            raise TooFar
        return x

    def _outputs(self, numbers: Sequence[float]) -> Any:
        scaled = self.scale.transform([numbers])[0]
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


def check_columns(table: Table, columns: Sequence[str]) -> None:
    """``ValueError`` for a column without a single number: that is no mistake in a row."""
    for name in columns:
        cells = table.column(name)
        if cells and all(number(cell) is None for cell in cells):
            held = listed(map(repr, dict.fromkeys(cell for cell in cells if cell))) or "nothing"
            raise ValueError(
                f"{str(table.path)!r}: column {name!r} has no numbers; it holds {held}. "
                f"The network reads numbers: leave the column out with --ignore {name!r}"
            )


def held_out_report(trained: Trained, rows: Sequence[Numbers], training: Sequence[Numbers]) -> str:
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
    predicted = [trained.quantity(row.numbers) for row in rows]
    mean = sum(float(row.target) for row in training) / len(training)
    error, guessed_error = mean_error(predicted, targets), mean_error([mean] * len(targets), targets)
    r2 = f"r² {r2_score(predicted, targets):.3f}, " if len(rows) > 1 else ""
    return (
        f"on {len(rows)} held-out rows: {r2}off by {error:.4g} on average "
        f"(always saying the training mean {mean:.4g}: off by {guessed_error:.4g})"
    )


def correct(trained: Trained, rows: Sequence[Numbers]) -> int:
    """How many rows get the class that they have."""
    assert trained.classes is not None
    hits = 0
    for row in rows:
        chances = trained.probabilities(row.numbers)
        hits += trained.classes[chances.index(max(chances))] == row.target
    return hits


def mean_error(predicted: Sequence[float], targets: Sequence[float]) -> float:
    return sum(abs(p - t) for p, t in zip(predicted, targets, strict=True)) / len(targets)
