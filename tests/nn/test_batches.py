"""Samples and targets: every kind of sequence gives the same floats, and what is none is named by its place."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd_tiny import Value
from nn.training import batches

FLOATS = st.floats(-1e308, 1e308)
ROWS = st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(FLOATS, min_size=n, max_size=n), min_size=1, max_size=6))


@given(ROWS)
def test_lists_tuples_and_arrays_are_the_same_samples(rows: list[list[float]]) -> None:
    numpy = pytest.importorskip("numpy")
    for form in (rows, tuple(map(tuple, rows)), numpy.array(rows), list(numpy.array(rows)),
                  [[numpy.float64(x) for x in row] for row in rows]):  # fmt: skip
        found = batches.samples("X", form)
        assert found == rows
        assert {type(x) for row in found for x in row} == {float}


def test_kinds_of_numbers() -> None:
    numpy = pytest.importorskip("numpy")
    assert repr(batches.samples("X", [[1, True], [numpy.int8(3), numpy.float32(0.5)]])) == "[[1.0, 1.0], [3.0, 0.5]]"
    assert repr(batches.samples("X", numpy.arange(4).reshape(1, 2, 2))) == "[[[0.0, 1.0], [2.0, 3.0]]]"
    assert repr(batches.targets("y", numpy.array([1, 0]))) == "[1, 0]", "an index of a class stays an int"
    assert repr(batches.targets("y", [numpy.int64(1), 0.5, numpy.array(2)])) == "[1, 0.5, 2]"
    assert repr(batches.targets("y", ((1, 0), (0, 1)))) == "[[1, 0], [0, 1]]"


BAD: list[tuple[Any, type[Exception], str]] = [
    ([], ValueError, "X is empty: expected at least one"),
    ([[]], ValueError, r"X\[0\] is empty"),
    ([1.0, 2.0], ValueError, r"X got 2 numbers: .*write \[\[x\] for x in X\], or X.reshape\(-1, 1\) for an array"),
    ("12", TypeError, "X got '12', a str: expected a list of samples"),
    ({1: 2}, TypeError, r"X\[1\] got 2, an int: expected a list, one entry a sample"),
    ((x for x in "ab"), TypeError, "a generator: expected a list of samples"),
    (["12"], TypeError, r"X\[0\] got '12', a str: expected a list of numbers"),
    ([[1.0], 2.0], TypeError, r"X\[1\] got 2.0, a float: expected a list of numbers"),
    ([[1.0, 2.0], [1.0]], ValueError, r"X\[1\] is 1 number long and X\[0\] 2: expected samples of the same shape"),
    ([[1.0], [[1.0]]], ValueError, r"X\[1\] is 1 × 1 and X\[0\] 1"),
    ([[1.0, [2.0]]], TypeError, r"X\[0\]\[0\] got 1.0, a float"),
    ([[1.0], [float("nan")]], ValueError, r"X\[1\]\[0\] is nan: expected a finite number; drop the sample or fill"),
    ([[10**400]], ValueError, r"X\[0\]\[0\] is 10*….*finite"),
    ([[1.0, "2"]], TypeError, r"X\[0\]\[1\] got '2', a str: expected a number"),
    ([[1.0, None]], TypeError, r"X\[0\]\[1\] got None"),
    ([[Value(1.0)]], TypeError, r"X\[0\]\[0\] got Value.*write v.data"),
    ([[1j]], TypeError, r"X\[0\]\[0\] got 1j, a complex"),
]


@pytest.mark.parametrize(("given", "kind", "words"), BAD, ids=lambda x: str(x)[:30])
def test_what_is_no_sample_is_named(given: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        nn.fit(nn.Neuron(1), given, [0.0], verbose=0)


@pytest.mark.parametrize(("y", "words"), [(["a"], r"y\[0\] got 'a', a str"), ([None], r"y\[0\] got None"), (3, "y got 3"),
                                          ([float("inf")], r"y\[0\] is inf"), ([Value(1.0)], "write v.data")])  # fmt: skip
def test_what_is_no_target_is_named(y: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        nn.fit(nn.Neuron(1), [[1.0]], y, verbose=0)


@given(count=st.integers(0, 50), size=st.integers(1, 60))
def test_batches_are_the_order_cut_up(count: int, size: int) -> None:
    cut = batches.batches(list(range(count)), size)
    assert [i for batch in cut for i in batch] == list(range(count))
    assert all(len(batch) == size for batch in cut[:-1])


@given(count=st.integers(2, 50), part=st.floats(0.01, 0.99), seed=st.integers())
def test_held_out_is_a_share(count: int, part: float, seed: int) -> None:
    some = round(count * part)
    if 0 < some < count:
        held = batches.held_out(count, part, random.Random(seed))
        assert held == sorted(set(held))
        assert len(held) == some
        assert held == batches.held_out(count, part, random.Random(seed))
    else:
        with pytest.raises(ValueError, match="expected at least one to validate on"):
            batches.held_out(count, part, random.Random(seed))


@given(ROWS, ROWS)
def test_a_fingerprint_tells_data_apart(a: list[list[float]], b: list[list[float]]) -> None:
    assert (batches.digest(a) == batches.digest(b)) == (repr(a) == repr(b))
    assert batches.digest(a, b) != batches.digest(a + b)


class TwoInputs(nn.Module):
    """A model of samples with names, whose outputs have names too if it is asked for."""

    def __init__(self, named: bool = False) -> None:
        self.size, self.place, self.named = nn.Neuron(1, None, seed=0), nn.Neuron(2, None, seed=1), named

    def __call__(self, x: dict[str, Any]) -> Any:
        found = self.size([x["size"]]) * self.place(x["place"])
        return {"mean": found, "double": 2.0 * found} if self.named else found


COLUMNS: dict[str, Any] = {"size": [1.0, 2.0, -1.0], "place": [[0.0, 1.0], [1.0, 0.5], [-1.0, 0.0]]}
DICTS = [dict(zip(COLUMNS, row, strict=True)) for row in zip(*COLUMNS.values(), strict=True)]


@pytest.mark.parametrize("compile", [False, True, "auto"])
def test_samples_may_be_dicts_or_a_dict_of_columns(compile: Any) -> None:
    pytest.importorskip("numpy")
    curves = [
        nn.fit(TwoInputs(), X, [1.0, 0.0, 2.0], epochs=3, batch_size=2, seed=0, compile=compile, verbose=0).loss
        for X in (DICTS, COLUMNS)
    ]
    model = TwoInputs()
    by_hand = sum((model(x) - t) ** 2 for x, t in zip(DICTS, [1.0, 0.0, 2.0], strict=True)) / 3
    first = nn.fit(TwoInputs(), DICTS, [1.0, 0.0, 2.0], epochs=1, batch_size=None, compile=compile, verbose=0).loss[0]
    assert first == pytest.approx(by_hand.data, rel=1e-14)
    assert curves[0] == curves[1]


@pytest.mark.parametrize("compile", [False, True, "auto"])
def test_targets_and_outputs_may_be_dicts(compile: Any) -> None:
    pytest.importorskip("numpy")

    def loss(outputs: Any, targets: Any) -> Any:
        return nn.mean_squared_error([o["double"] for o in outputs], [t["double"] for t in targets])

    targets = [{"double": 2.0, "unused": 1}, {"double": 0.0, "unused": 1}, {"double": 4.0, "unused": 1}]
    found = nn.fit(TwoInputs(named=True), DICTS, targets, loss=loss, epochs=2, validation=(DICTS[:1], targets[:1]),
                   compile=compile, verbose=0)  # fmt: skip
    assert found.status == "completed"
    assert len(found.validation_loss) == 2


@pytest.mark.parametrize("compile", [False, True])
def test_outputs_may_be_nested(compile: bool) -> None:
    pytest.importorskip("numpy")

    class Twice(nn.Module):
        def __init__(self) -> None:
            self.layer = nn.Layer(2, 2, None, seed=0)

        def __call__(self, x: list[float]) -> Any:
            return [self.layer(x), {"again": (self.layer([2.0 * number for number in x]), x[0])}]

    def loss(outputs: Any, targets: Any) -> Any:
        return nn.mean_squared_error([again["again"][0][1] - once[0] for once, again in outputs], targets)

    model = Twice()
    X, y = [[1.0, 1.0], [2.0, 0.0], [3.0, 1.0]], [1.0, 2.0, 3.0]
    found = nn.fit(model, X, y, loss=loss, epochs=1, validation=(X, y), compile=compile, verbose=0)
    assert found.evaluation.startswith("by a compiled program") == compile
    assert found.validation_loss[-1] == pytest.approx(loss([model(x) for x in X], y).data, rel=1e-12)


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (
            [DICTS[0], {"size": 1.0}],
            r"X\[1\] is a dict of 'size': a number and X\[0\] a dict of 'size': a number, 'place'",
        ),
        ([{"size": "big"}], r"X\[0\]\['size'\] got 'big', a str: expected a number"),
        ({"size": [1.0], "place": []}, r"X\['place'\] is empty"),
        ({"size": [1.0], "place": [1.0, 2.0]}, r"X has columns of {'size': 1, 'place': 2} entries: expected as many"),
    ],
)
def test_a_dict_that_does_not_fit_is_told(X: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        batches.samples("X", X)
