"""Data made ready for training: columns on one scale, a part held out, classes as numbers.

>>> X = [[1.0, 100.0], [2.0, 300.0], [3.0, 500.0]]
>>> scale = Standardiser.of(X)
>>> scale
Standardiser of 2 columns
>>> scale.transform([[2.0, 500.0]])
[[0.0, 1.2247448713915892]]

A weight of an unscaled column has a gradient as large as the column's numbers: 100 times those of the others here,
so that no learning rate suits both. Take the scale from the training part only; the held-out part would otherwise
have told the model something about itself.
"""

from __future__ import annotations

import math
import random
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from autograd_tiny.core.operands import is_number
from autograd_tiny.errors import article, shorten

from . import settings


class Standardiser:
    """Each column minus its mean, over its standard deviation (that of a population, as scikit-learn's
    StandardScaler takes it): mean 0, deviation 1. A column whose numbers are all equal keeps the deviation 1.
    """

    def __init__(self, means: Sequence[float], deviations: Sequence[float]) -> None:
        if not means or len(means) != len(deviations):
            raise ValueError(
                f"Standardiser got {len(means)} means and {len(deviations)} deviations: "
                "expected one of both for each column"
            )
        self.means = [settings.finite(f"Standardiser(means)[{i}]", m) for i, m in enumerate(means)]
        self.deviations = [settings.positive(f"Standardiser(deviations)[{i}]", d) for i, d in enumerate(deviations)]

    @classmethod
    def of(cls, X: Any) -> Standardiser:
        """The scale of the rows of ``X``. ``ValueError`` for a NaN, an infinity, or rows of unequal lengths."""
        scales = [_mean_and_deviation(column) for column in zip(*rows(X), strict=True)]
        return cls([mean for mean, _ in scales], [deviation for _, deviation in scales])

    def transform(self, X: Any) -> list[list[float]]:
        """The rows of ``X`` on this scale; inverse of `inverse_transform`."""
        return [
            [(x - m) / d for x, m, d in zip(row, self.means, self.deviations, strict=True)]
            for row in rows(X, len(self.means))
        ]

    def inverse_transform(self, X: Any) -> list[list[float]]:
        """The rows of ``X``, which are on this scale, as they were before."""
        return [
            [x * d + m for x, m, d in zip(row, self.means, self.deviations, strict=True)]
            for row in rows(X, len(self.means))
        ]

    def to_dict(self) -> dict[str, list[float]]:
        """The scale as JSON data, for a model's notes."""
        return {"means": self.means, "deviations": self.deviations}

    @classmethod
    def from_dict(cls, given: Any) -> Standardiser:
        """The scale that `to_dict` gave; ``ValueError`` or ``TypeError`` for anything else."""
        if not isinstance(given, Mapping) or set(given) != {"means", "deviations"}:
            raise ValueError(f"Standardiser.from_dict got {shorten(given)}: expected what to_dict() gave")
        if not all(isinstance(given[key], list) for key in given):
            raise TypeError(f"Standardiser.from_dict got {shorten(given)}: expected lists of numbers")
        return cls(given["means"], given["deviations"])

    def __repr__(self) -> str:
        return f"Standardiser of {len(self.means)} column{'s' * (len(self.means) != 1)}"


def train_test_split(
    X: Sequence[Any],
    y: Sequence[Any],
    *,
    test_size: float = 0.25,
    seed: int | None = 0,
    stratify: Sequence[Hashable] | None = None,
) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    """``X_train, X_test, y_train, y_test``, in scikit-learn's order: drawn at random, at least one sample in each.

    With ``stratify=y`` each class has its share of the test part; a class of one sample stays in training.

    >>> train_test_split([[0], [1], [2], [3]], "abab", test_size=0.5, stratify="abab")[3]
    ['b', 'a']
    """
    if len(X) != len(y):
        raise ValueError(f"train_test_split got {len(X)} samples and {len(y)} targets: expected as many of both")
    if len(X) < 2:
        raise ValueError(f"train_test_split got {len(X)} samples: expected at least 2, one for each part")
    share = settings.share("train_test_split(test_size)", test_size)
    if share == 1.0:
        raise ValueError("train_test_split(test_size) got 1.0: expected less, as nothing would be left to train on")
    rng = random.Random(seed)
    groups: dict[Any, list[int]] = {}
    for i in range(len(X)):
        groups.setdefault(None if stratify is None else stratify[i], []).append(i)
    test: set[int] = set()
    for members in groups.values():
        rng.shuffle(members)
        test |= set(members[: min(round(len(members) * share), len(members) - 1)])
    if not test:  # too few of every class: one sample of the largest
        test = {max(groups.values(), key=len)[0]}
    if len(test) == len(X):
        test.pop()
    order = list(range(len(X)))
    rng.shuffle(order)
    kept, out = [i for i in order if i not in test], [i for i in order if i in test]
    return [X[i] for i in kept], [X[i] for i in out], [y[i] for i in kept], [y[i] for i in out]


def one_hot(indices: Sequence[int], classes: int) -> list[list[float]]:
    """For each index of a class a row with a 1 in its place and 0 elsewhere: samples × classes.

    >>> one_hot([0, 2], 3)
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    table = []
    for i, given in enumerate(indices):
        if not isinstance(given, bool) and is_number(given) and given in range(classes):
            table.append([1.0 if k == given else 0.0 for k in range(classes)])
        else:
            got = f"{shorten(given)}, {article(type(given).__name__)}"
            raise ValueError(f"one_hot(indices)[{i}] got {got}: expected a whole number from 0 to {classes - 1}")
    return table


def rows(X: Any, columns: int | None = None, name: str = "X") -> list[list[float]]:
    """``X`` as lists of floats, samples × columns; an error that names the place of what does not belong."""
    given = X.tolist() if hasattr(X, "tolist") else X
    if not isinstance(given, (list, tuple)) or not given:
        raise ValueError(f"{name} got {shorten(given)}: expected a list with a row of numbers for each sample")
    table = []
    for i, row in enumerate(given):
        row = row.tolist() if hasattr(row, "tolist") else row
        if not isinstance(row, (list, tuple)):
            got = f"{shorten(row)}, {article(type(row).__name__)}"
            raise ValueError(f"{name}[{i}] got {got}: expected a row of numbers; write [[x] for x in X] for one column")
        columns = len(row) if columns is None else columns
        if len(row) != columns or not row:
            raise ValueError(f"{name}[{i}] got {len(row)} numbers: expected {columns or 'at least 1'}")
        table.append([settings.finite(f"{name}[{i}][{k}]", x) for k, x in enumerate(row)])
    return table


def _mean_and_deviation(column: Sequence[float]) -> tuple[float, float]:
    """Of a population. Equal numbers have the deviation 1: a rounded mean would give them a tiny one."""
    if min(column) == max(column):
        return column[0], 1.0
    try:
        mean = math.fsum(column) / len(column)
        largest = max(abs(x - mean) for x in column)
    except OverflowError:
        largest = math.inf
    if largest == math.inf:
        raise ValueError(f"a column goes from {min(column)!r} to {max(column)!r}: too wide to scale; divide it first")
    deviation = largest * math.sqrt(math.fsum(((x - mean) / largest) ** 2 for x in column) / len(column))
    return mean, deviation
