"""Arguments of a batch that are no arrays: structures whose parts have samples, and what is the same for all samples.

>>> import numpy as np
>>> points = Samples({"at": np.array([[1.0, 2.0], [3.0, 4.0]]), "weight": [5.0, 6.0], "kind": "soft"}, 0)
>>> points[1]
{'at': array([3., 4.]), 'weight': 6.0, 'kind': 'soft'}
>>> points.numbers().tolist(), points[[0]].length
([[1.0, 2.0, 5.0], [3.0, 4.0, 6.0]], 1)
>>> sample_of(Shared(0.5), 1), sample_of(points, 0)["kind"], sample_of("text", 1)
(0.5, 'soft', 'text')
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .inputs import as_floats, batched, describe, flat
from .structures import exact, is_record, parts, stays, with_parts


class Shared:
    """An argument that is the same for all samples."""

    __slots__ = ("numbers", "structure", "value")

    def __init__(self, value: Any) -> None:
        found: list[Any] = []
        self.value = value
        self.structure = ("shared", describe(value, found))
        self.numbers = flat(found) if found else np.empty(0)


class Samples:
    """A dict, namedtuple or dataclass of arrays, each with its samples along the first axis."""

    __slots__ = ("arrays", "length", "like", "structure")

    def __init__(self, like: Any, place: int, objects: bool = False) -> None:
        self.like = like
        self.arrays: list[Any] = []
        self.structure = ("samples", self._read(like, place, objects))
        lengths = {len(a) for a in self.arrays}
        if len(lengths) > 1:
            raise ValueError(
                f"batch=True: argument {place} has parts of {' and '.join(map(str, sorted(lengths)))} samples: "
                "expected as many in each, along its first axis"
            )
        self.length: int | None = lengths.pop() if lengths else None

    def _read(self, x: Any, place: int, objects: bool) -> Any:
        if isinstance(x, dict) or is_record(x):
            return (type(x), *[(exact(key), self._read(part, place, objects)) for key, part in parts(x) or ()])
        if stays(x):
            return ("is", exact(x))
        array = np.asarray(x, dtype=object) if objects else batched(x, place)
        self.arrays.append(array)
        return ("array", array.shape[1:], array.dtype.kind in "iu")

    def __getitem__(self, i: Any) -> Any:
        """Sample i; for several, the same with those."""
        if isinstance(i, (int, np.integer)):
            return self._filled(self.like, iter([a[i].item() if a.ndim == 1 and a.dtype != object else a[i]
                                                 for a in self.arrays]))  # fmt: skip
        made = object.__new__(Samples)
        made.like, made.structure = self.like, self.structure
        made.arrays = [a[i] for a in self.arrays]
        made.length = len(made.arrays[0]) if made.arrays else None
        return made

    def _filled(self, like: Any, supply: Any) -> Any:
        if isinstance(like, dict) or is_record(like):
            return with_parts(like, [self._filled(part, supply) for _, part in parts(like) or ()])
        return like if stays(like) else next(supply)

    def numbers(self) -> Any:
        """Samples × numbers."""
        if not self.arrays:
            return np.empty((0, 0))
        return np.concatenate([as_floats(a).reshape(len(a), -1) for a in self.arrays], axis=1)


def is_samples(x: Any) -> bool:
    """Whether an argument of a batch has samples."""
    return isinstance(x, (np.ndarray, Samples))


def sample_of(x: Any, i: int) -> Any:
    """An argument of a batch for sample i."""
    return x[i] if is_samples(x) else x.value if isinstance(x, Shared) else x


def as_given(x: Any) -> Any:
    """An argument of a batch as the caller gave it."""
    return x.like if isinstance(x, Samples) else x.value if isinstance(x, Shared) else x


def samples_of(x: Any, group: Any) -> Any:
    """The samples of a group, if it has samples."""
    return x[group] if is_samples(x) else x
