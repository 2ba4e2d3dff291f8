"""Data helpers: one scale for all columns, a part held out, classes as numbers."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nn.data import Standardiser, one_hot, train_test_split

numbers = st.floats(-1e150, 1e150)
tables = st.integers(1, 3).flatmap(
    lambda n: st.lists(st.lists(numbers, min_size=n, max_size=n), min_size=1, max_size=8)
)


@given(tables)
def test_every_column_gets_mean_0_and_deviation_1(table: list[list[float]]) -> None:
    scale = Standardiser.of(table)
    for before, after in zip(zip(*table, strict=True), zip(*scale.transform(table), strict=True), strict=True):
        if min(before) == max(before):
            assert set(after) == {0.0}
            continue
        spread = max(before) - min(before)
        assume(spread > 1e-6 * max(map(abs, before)) and spread > 1e-290)
        assert math.fsum(after) / len(after) == pytest.approx(0.0, abs=1e-6)
        assert math.fsum(x * x for x in after) / len(after) == pytest.approx(1.0, rel=1e-6)


@given(tables)
def test_there_and_back(table: list[list[float]]) -> None:
    scale = Standardiser.of(table)
    again = Standardiser.from_dict(json.loads(json.dumps(scale.to_dict())))
    assert (again.means, again.deviations) == (scale.means, scale.deviations)
    for row, back in zip(table, again.inverse_transform(scale.transform(table)), strict=True):
        for x, y, m, d in zip(row, back, scale.means, scale.deviations, strict=True):
            assert y == pytest.approx(x, rel=1e-9, abs=1e-9 * (abs(m) + d))


def test_the_scale_is_that_of_scikit_learn() -> None:
    preprocessing = pytest.importorskip("sklearn.preprocessing", reason="compared with scikit-learn: extra `data`")
    numpy = pytest.importorskip("numpy", reason="scikit-learn brings it")
    table = numpy.random.default_rng(0).normal(3.0, [1.0, 1e3, 1e-3], (50, 3))
    theirs = preprocessing.StandardScaler().fit(table)
    ours = Standardiser.of(table)
    assert ours.means == pytest.approx(theirs.mean_.tolist(), rel=1e-12)
    assert ours.deviations == pytest.approx(theirs.scale_.tolist(), rel=1e-12)


def test_a_column_that_never_changes_keeps_its_deviation() -> None:
    scale = Standardiser.of([[0.1, 1.0], [0.1, 3.0], [0.1, 5.0]])
    assert scale.means[0] == 0.1
    assert scale.deviations[0] == 1.0
    assert scale.transform([[0.3, 3.0]]) == [[pytest.approx(0.2), 0.0]]


@pytest.mark.parametrize(
    ("given_", "text"),
    [
        ([], "X got []: expected a list with a row of numbers for each sample"),
        (3, "X got 3: expected a list with a row of numbers for each sample"),
        ([1.0, 2.0], "X[0] got 1.0, a float: expected a row of numbers; write [[x] for x in X] for one column"),
        ([[]], "X[0] got 0 numbers: expected at least 1"),
        ([[1.0], [1.0, 2.0]], "X[1] got 2 numbers: expected 1"),
        ([[1.0, math.nan]], "X[0][1] got nan: expected a finite number"),
        ([[math.inf]], "X[0][0] got inf: expected a finite number"),
        ([[1.6e308], [1.7e308]], "a column goes from 1.6e+308 to 1.7e+308: too wide to scale; divide it first"),
    ],
)
def test_what_has_no_scale(given_: Any, text: str) -> None:
    with pytest.raises(ValueError, match=r"^(X|a column)") as caught:
        Standardiser.of(given_)
    assert str(caught.value) == text


def test_other_data_on_the_scale() -> None:
    scale = Standardiser.of([[1.0, 2.0]])
    with pytest.raises(ValueError, match=r"^X\[0\] got 3 numbers: expected 2$"):
        scale.transform([[1.0, 2.0, 3.0]])
    with pytest.raises(TypeError, match=r"^X\[0\]\[1\] got 'a', a str: expected a finite number$"):
        scale.transform([[1.0, "a"]])
    assert repr(scale) == "Standardiser of 2 columns"


@pytest.mark.parametrize(
    "given_",
    [None, [], {"means": [1.0]}, {"means": [1.0], "deviations": [0.0]}, {"means": [], "deviations": []},
     {"means": [math.nan], "deviations": [1.0]}, {"means": [1.0], "deviations": [1.0, 2.0]},
     {"means": "1", "deviations": "1"}, {"means": [1.0], "deviations": [1.0], "more": 1}],
)  # fmt: skip
def test_what_is_no_scale(given_: Any) -> None:
    with pytest.raises((ValueError, TypeError), match=r"^Standardiser"):
        Standardiser.from_dict(given_)


@given(
    st.lists(st.sampled_from("abc"), min_size=2, max_size=40), st.floats(0.01, 0.99), st.integers(0, 9), st.booleans()
)
def test_a_split_parts_the_samples(y: list[str], share: float, seed: int, stratified: bool) -> None:
    samples = [[i] for i in range(len(y))]
    kept, out, y_kept, y_out = train_test_split(
        samples, y, test_size=share, seed=seed, stratify=y if stratified else None
    )
    assert sorted(kept + out) == samples
    assert kept
    assert out
    assert y_kept == [y[i] for [i] in kept]
    assert y_out == [y[i] for [i] in out]
    if stratified:
        there, held = Counter(y), Counter(y_out)
        assert len(out) == 1 or all(held[c] == min(round(n * share), n - 1) for c, n in there.items())
        assert all(c in y_kept for c, n in there.items() if n > 1)
    else:
        assert len(out) == max(1, min(round(len(y) * share), len(y) - 1))
    again = train_test_split(samples, y, test_size=share, seed=seed, stratify=y if stratified else None)
    assert again == (kept, out, y_kept, y_out)


def test_another_seed_splits_otherwise() -> None:
    samples = list(range(50))
    parts = [train_test_split(samples, samples, seed=seed)[1] for seed in (0, 1)]
    assert parts[0] != parts[1]
    assert parts[0] != sorted(parts[0])


def test_what_cannot_be_split() -> None:
    with pytest.raises(ValueError, match="got 3 samples and 2 targets"):
        train_test_split([1, 2, 3], [1, 2])
    with pytest.raises(ValueError, match="got 1 samples: expected at least 2"):
        train_test_split([1], [1])
    for share in (0.0, 1.0, 1.5, -1.0):
        with pytest.raises(ValueError, match=r"train_test_split\(test_size\) got "):
            train_test_split([1, 2], [1, 2], test_size=share)


def test_one_hot() -> None:
    assert one_hot([2, 0], 3) == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    for wrong in (3, -1, 0.5, True, "1", None):
        with pytest.raises(ValueError, match=r"^one_hot\(indices\)\[1\] got .*: expected a whole number from 0 to 2$"):
            one_hot([0, wrong], 3)  # type: ignore[list-item]
