"""Programs that leave their process: files, pickles, the pools of others. And files that nobody should have written."""

from __future__ import annotations

import base64
import json
import math
import os
import pickle
import random
import subprocess
import sys
from collections import namedtuple
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import nn
from autograd_tiny import (
    AutogradError,
    NonFiniteError,
    Value,
    compile,
    dot,
    load_program,
    log,
    register,
    sum,
    unregister,
)
from autograd_tiny.compiler.exports.description import Description, describe
from autograd_tiny.compiler.program import Program
from autograd_tiny.table.primitive import function

from .programs import DRAWN, NUMBERS, Network, Tangle
from .test_programs import POINTS


def copies(program: Program, folder: Path) -> Iterator[Program]:
    """The program after each way out and in."""
    yield load_program(program.export(folder / "program.json"))
    yield pickle.loads(pickle.dumps(program))
    for scalars in ("never", "always"):
        yield load_program(folder / "program.json", scalars=scalars)


def assert_same(f: Callable[..., Value], rows: list[list[float]], folder: Path, parameters: Any = None) -> None:
    program = compile(lambda *x: f(*x), parameters=parameters)
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    try:
        value, slopes = program.value_and_grad(*rows[0])
        values, means = program.value_and_grad(*columns, batch=True)
    except NonFiniteError:
        return
    for other in copies(program, folder):
        found, gradient = other.value_and_grad(*rows[0])
        assert found == pytest.approx(value, rel=1e-9, abs=1e-12)
        np.testing.assert_allclose(gradient, slopes, rtol=1e-9, atol=1e-12 * max(1.0, *map(abs, slopes)))
        found, gradient = other.value_and_grad(*columns, batch=True)
        np.testing.assert_allclose(found, values, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(gradient, means, rtol=1e-9, atol=1e-12 * max(1.0, *map(abs, means)))
        assert [p.data for p in other.parameters] == [p.data for p in program.parameters]


@settings(max_examples=40)
@given(DRAWN, POINTS, NUMBERS, NUMBERS)
def test_tangles_of_scalars_come_back(tmp_path_factory: Any, drawn: Any, x: list[float], a: float, b: float) -> None:
    parameters = [Value(a), Value(b)]
    rows = [x, [-y + 0.3 for y in x]]
    assert_same(Tangle(drawn, parameters, len(x)), rows, tmp_path_factory.mktemp("p"), parameters)


@settings(max_examples=40)
@given(DRAWN, POINTS, POINTS)
def test_networks_come_back(tmp_path_factory: Any, drawn: Any, x: list[float], numbers: list[float]) -> None:
    assert_same(Network(drawn[:12], len(x), numbers), [x, [y * 0.5 for y in x]], tmp_path_factory.mktemp("p"))


def model_program() -> tuple[Program, Any, Any]:
    model = nn.MLP(3, [8, 1], seed=0)
    program = compile(lambda x, t: (model(x) - t) ** 2, names=dict(model.named_parameters()))
    X = np.random.default_rng(0).normal(size=(20, 3))
    program.value_and_grad(X, X[:, 0], batch=True)
    return program, X, X[:, 0]


def test_a_trained_models_loss_has_the_same_bits_elsewhere_and_trains_on(tmp_path: Path) -> None:
    program, X, t = model_program()
    again = load_program(program.export(tmp_path / "loss.json"))
    assert again.__name__ == program.__name__
    assert [p.label for p in again.parameters][:2] == ["layers.0.weight[0][0]", "layers.0.weight[0][1]"]
    assert np.array_equal(again(X, t, batch=True), program(X, t, batch=True))
    assert again.value_and_grad(X, t, batch=True)[1] == program.value_and_grad(X, t, batch=True)[1]
    before = again(X, t, batch=True).mean()
    with again.hold() as weights:
        for _ in range(20):
            weights -= 0.05 * again.flat_value_and_grad(X, t, batch=True)[1]
    assert again(X, t, batch=True).mean() < before
    assert not set(again.parameters) & set(program.parameters)


def test_a_file_needs_no_process_that_has_the_function(tmp_path: Path) -> None:
    program, _, _ = model_program()
    path = program.export(tmp_path / "loss.json")
    code = (
        "import sys, autograd_tiny; p = autograd_tiny.load_program(sys.argv[1]);"
        "v, g = p.value_and_grad([0.5, -1.0, 2.0], 0.25); print(v.hex(), sum(g).hex(), 'nn' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True).stdout
    value, slopes = program.value_and_grad([0.5, -1.0, 2.0], 0.25)
    total = 0.0
    for slope in slopes:
        total += slope
    assert out.split()[0] == value.hex()
    assert float.fromhex(out.split()[1]) == pytest.approx(total, rel=1e-12)
    assert out.split()[2] == "False"


Point = namedtuple("Point", "x y")


@dataclass
class Sample:
    values: list[float]
    weight: float


STRUCTURES: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (lambda xs: sum(xs) * W, ([1.0, 2.0, 3.0],)),
    (lambda d: d["a"] * W + d["b"][0], ({"a": 2.0, "b": [1.0, 4.0]},)),
    (lambda p: p.x * W - p.y, (Point(1.5, 2.0),)),
    (lambda s: dot(s.values, [W, V]) * s.weight, (Sample([1.0, 2.0], 0.5),)),
    (lambda x, mode: x * W if mode == "double" else x, (3.0, "double")),
    (lambda m: m[0, 1] * W + m[1, 0], (np.arange(4.0).reshape(2, 2),)),
    (lambda x: [x * W, (x, {"k": V * x})], (2.0,)),
    (lambda x: Point(x * W, 3.0), (2.0,)),
    (lambda *x: x[0] * W + x[1], (1.0, 2.0)),
    (lambda x: 2.0 * W, (1.0,)),
    (lambda: W * V, ()),
    (lambda x: dot([W, V], [1.0, 2.0]) * x, (0.5,)),
    (lambda x: [[], W * x, None], (0.5,)),
]
W, V = Value(1.25, "w"), Value(-0.5, "v")


@pytest.mark.parametrize(("f", "arguments"), STRUCTURES)
def test_structures_of_arguments_and_results(f: Callable[..., Any], arguments: Any, tmp_path: Path) -> None:
    program = compile(f)
    expected = program(*arguments)
    for other in copies(program, tmp_path):
        assert other(*arguments) == expected


def test_arguments_go_by_their_names_and_others_are_refused_by_name() -> None:
    def scaled(x: Any, rate: Any) -> Any:
        return x[0] * rate * W + x[1]

    program = compile(scaled)
    program([1.0, 2.0], rate=3.0)
    again = pickle.loads(pickle.dumps(program))
    assert again([1.0, 2.0], rate=3.0) == again([1.0, 2.0], 3.0) == program([1.0, 2.0], rate=3.0)
    for arguments, named, words in [
        (([1.0], 3.0), {}, r"x is \[1.0\]: the exported program takes 2 elements there|takes 2 elements there"),
        (([1.0, 2.0],), {}, "scaled takes x, rate; got 1 by position"),
        (([1.0, 2.0], 1.0, 2.0), {}, "scaled takes x, rate; got 3 by position"),
        (([1.0, 2.0],), {"step": 1.0}, "scaled takes x, rate; got 1 by position, and step"),
    ]:
        with pytest.raises(TypeError, match=words):
            again(*arguments, **named)


def test_an_index_that_the_function_read_is_the_only_one() -> None:
    rows = [Value(float(i)) for i in range(5)]
    program = compile(lambda i: rows[i] * 2.0)
    program(3)
    again = pickle.loads(pickle.dumps(program))
    assert again(3) == 6.0
    with pytest.raises(ValueError, match=r"was exported for the index 3, .* cannot know what belongs to 2: .* select"):
        again(2)


def test_what_cannot_leave_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"fresh has not been recorded yet, .* call it once, then export it"):

        def fresh(x: Any) -> Any:
            return x * W

        compile(fresh).export(tmp_path / "p.json")
    register(function("cube_", lambda xp, x: x * x * x, lambda xp, x, y: 3.0 * x * x))
    try:
        program = compile(lambda x: (x * W).cube_())
        program(2.0)
        with pytest.raises(TypeError, match="uses 'cube_', a primitive that was registered here"):
            program.export(tmp_path / "p.json")
    finally:
        unregister("cube_")
    assert list(tmp_path.iterdir()) == []


def test_numbers_are_those_of_now_also_while_they_are_held(tmp_path: Path) -> None:
    w = Value(2.0, "w")
    program = compile(lambda x: w * x)
    program(1.0)
    w.data = 3.0
    assert load_program(program.export(tmp_path / "p.json"))(1.0) == 3.0
    with program.hold() as numbers:
        numbers[0] = 5.0
        assert load_program(program.export(tmp_path / "p.json"))(1.0) == 5.0
        space: dict[str, Any] = {}
        exec(program.to_numpy(), space)
        assert space["value"]([1.0]).tolist() == [5.0]


def test_options_travel_in_a_pickle() -> None:
    program = compile(lambda x: W * x, scalars="never", dtype="float32", cache_size=7)
    program(1.0)
    again = pickle.loads(pickle.dumps(program))
    assert (again.scalars, again.dtype, again.cache_size, again.backend) == ("never", "float32", 7, "numpy")


def test_outside_the_domain_the_error_is_the_functions_own() -> None:
    program = compile(lambda x: log(W * x))
    program(1.0)
    again = pickle.loads(pickle.dumps(program))
    for run in (program, again):
        with pytest.raises(NonFiniteError, match="needs x > 0"):
            run(-1.0)


# The pools of others


def work(job: tuple[Program, float]) -> tuple[float, list[float]]:
    program, x = job
    return program.value_and_grad(x)


def pooled() -> tuple[Program, list[tuple[float, list[float]]]]:
    program = compile(lambda x: (W * x + V).tanh())
    return program, [program.value_and_grad(x) for x in (0.5, 1.0, 2.0)]


def test_concurrent_futures_and_multiprocessing_take_it() -> None:
    program, expected = pooled()
    jobs = [(program, x) for x in (0.5, 1.0, 2.0)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(work, jobs)) == expected
    with get_context("spawn").Pool(1) as others:
        assert others.map(work, jobs) == expected


def test_joblib_takes_it() -> None:
    joblib = pytest.importorskip("joblib", reason="joblib is not installed (scikit-learn brings it)")
    program, expected = pooled()
    found = joblib.Parallel(n_jobs=2)(joblib.delayed(program.value_and_grad)(x) for x in (0.5, 1.0, 2.0))
    assert found == expected


def test_cloudpickle_takes_it_inside_a_lambda() -> None:
    cloudpickle = pytest.importorskip("cloudpickle", reason="cloudpickle is not installed: pip install cloudpickle")
    program, expected = pooled()
    f = pickle.loads(cloudpickle.dumps(lambda x: program.value_and_grad(x)))
    assert [f(x) for x in (0.5, 1.0, 2.0)] == expected


# Files that nobody should have written


def texts() -> list[str]:
    found = []
    for f, arguments in STRUCTURES[:9]:
        program = compile(f)
        program(*arguments)
        found.append(describe(program).text())
    return found


def mutated(text: str, draw: random.Random) -> str:
    """The text with some characters changed, cut, doubled or swapped."""
    characters = list(text)
    for _ in range(draw.choice([1, 1, 1, 2, 5])):
        i = draw.randrange(len(characters))
        match draw.randrange(5):
            case 0:
                characters[i] = draw.choice('0123456789abcdefXYZ"[]{},:-\\ \n\x00é')
            case 1:
                del characters[i : i + draw.choice([1, 2, 10])]
            case 2:
                characters[i:i] = characters[i : i + draw.choice([1, 5, 40])]
            case 3:
                j = draw.randrange(len(characters))
                characters[i], characters[j] = characters[j], characters[i]
            case _:
                del characters[i + 1 :]
        if not characters:
            break
    return "".join(characters)


def resigned(text: str) -> str:
    """The text with the checksum of what stands in it now, as a forger would write it."""
    data = json.loads(text)
    rest = {key: data[key] for key in data if key != "checksum"}
    body = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return json.dumps({**rest, "checksum": sha256(body.encode()).hexdigest()})


def test_ten_thousand_mutated_files_are_refused_in_words_or_say_the_same() -> None:
    draw, originals, same = random.Random(0), texts(), 0
    for i in range(10_000):
        original = originals[i % len(originals)]
        text = mutated(original, draw)
        try:
            found = Description.from_text(text)
        except ValueError as error:
            assert str(error)
        else:
            assert found.text() == original, "a damaged file was loaded without a word"
            same += 1
    assert same < 2_000


def forged(data: dict[str, Any], draw: random.Random) -> None:
    """Change one entry of the data into something else."""
    key = draw.choice([key for key in data if key not in ("checksum", "format")])
    here = data[key]
    kinds = {"kinds": "<i4", "starts": "<i8", "operands": "<i8", "roots": "<i8", "numbers": "<f8", "values": "<f8"}
    if key in kinds and isinstance(here, str) and draw.random() < 0.8:
        raw = base64.b64decode(here)
        numbers = np.frombuffer(raw[: len(raw) // 8 * 8], kinds[key]).copy()
        if len(numbers):
            wild = [0, 1, -1, 2, 3, 7, 2**31 - 1]
            wild += [math.nan, math.inf, 0.5, -1e300] if kinds[key] == "<f8" else []
            numbers[draw.randrange(len(numbers))] = draw.choice(wild)
        data[key] = base64.b64encode(numbers.tobytes()).decode()
    elif isinstance(here, list) and here and draw.random() < 0.8:
        i = draw.randrange(len(here))
        here[i] = draw.choice([None, "number", [], ["list", 10**9, "number"], ["is", 3], "exp", "\ud800", here[0]])
        if draw.random() < 0.3:
            here[i] = ["x", draw.choice(["number", ["array", [10**6, 10**6]], ["tuple", 2, "number"]])]
    else:
        data[key] = draw.choice([None, 0, -1, 10**30, "", "AAAA", [], {}, True, ["list", 10**9, ["list", []]],
                                 ["record", "class", ["x", "number"]], ["array", [0] * 40], math.nan])  # fmt: skip


def test_forged_files_are_refused_in_words_or_run_within_their_bounds() -> None:
    draw, originals = random.Random(1), texts()
    refused = ran = 0
    arguments = [arguments for _, arguments in STRUCTURES[:9]]
    for i in range(3_000):
        data = json.loads(originals[i % len(originals)])
        for _ in range(draw.choice([1, 1, 2])):
            forged(data, draw)
        try:
            found = Description.from_text(resigned(json.dumps(data)))
        except ValueError as error:
            assert str(error)
            refused += 1
            continue
        from autograd_tiny.compiler.exports.travelling import Recorded

        try:
            Recorded(found)(*arguments[i % len(originals)])
            ran += 1
        except (TypeError, ValueError, AutogradError) as error:
            assert str(error)
            refused += 1
    assert refused > 1_000
    assert ran > 100


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.update(version=2), "a program of version 2: this autograd_tiny reads version 1"),
        (lambda d: d.update(format="pickle"), "expected a file whose format is 'autograd_tiny program'"),
        (lambda d: d.pop("roots"), "a damaged program: it has no 'roots'"),
        (lambda d: d.update(rows=["no_such"]), "uses the primitive 'no_such', which this autograd_tiny does not have"),
        (lambda d: d.update(values="AAAAAAAA8H8="), "a parameter is not a finite number"),
        (lambda d: d.update(result=["list", 10**9, ["list", []]]), "its result has"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(change: Any, words: str) -> None:
    program = compile(lambda x: W * x)
    program(1.0)
    data = json.loads(describe(program).text())
    change(data)
    with pytest.raises(ValueError, match=words):
        Description.from_text(resigned(json.dumps(data)))


def test_a_changed_number_is_noticed(tmp_path: Path) -> None:
    program = compile(lambda x: W * x)
    program(1.0)
    path = program.export(tmp_path / "p.json")
    data = json.loads(path.read_text())
    data["values"] = base64.b64encode(np.array([9.0]).tobytes()).decode()
    path.write_text(json.dumps(data))
    with pytest.raises(ValueError, match=r"cannot load .*p.json: a damaged program: its checksum is not that of"):
        load_program(path)
    path.write_bytes(pickle.dumps(program))
    with pytest.raises(ValueError, match=r"cannot load .*: no program: not JSON"):
        load_program(path)
    with pytest.raises(OSError, match=r"nowhere"):
        load_program(tmp_path / "nowhere.json")


def test_export_writes_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = compile(lambda x: W * x)
    program(1.0)
    path = program.export(tmp_path / "p.json")
    before = path.read_bytes()

    def fails(*_: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="disk full"):
        program.export(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["p.json"]


def test_map_blocks_is_the_function_on_every_row() -> None:
    array = pytest.importorskip("dask.array", reason="dask.array is not installed: pip install 'dask[array]'")
    program, X, t = model_program()
    expected = program(X, t, batch=True)
    rows, targets = array.from_array(X, chunks=(6, 2)), array.from_array(t, chunks=6)
    for scheduler in ("threads", "synchronous", "processes"):
        assert np.array_equal(program.map_blocks(rows, targets).compute(scheduler=scheduler), expected)
    named = compile(lambda x, mode: W * x if mode == "twice" else x)
    assert named.map_blocks is not None
    with pytest.raises(ValueError, match="has not been recorded yet"):
        named.map_blocks(targets, "twice")
    named(1.0, "twice")
    assert np.array_equal(named.map_blocks(targets, "twice").compute(), 1.25 * t)
    with pytest.raises(TypeError, match="expected at least one Dask array"):
        named.map_blocks(t, "twice")


def test_dasks_own_map_blocks_takes_a_program() -> None:
    array = pytest.importorskip("dask.array", reason="dask.array is not installed: pip install 'dask[array]'")
    program = compile(lambda x: (W * x).tanh())
    program(1.0)
    x = array.from_array(np.linspace(-1, 1, 20), chunks=7)
    found = array.map_blocks(lambda block: program(block, batch=True), x, dtype=float, meta=np.zeros(0))
    assert np.array_equal(found.compute(scheduler="processes"), program(np.linspace(-1, 1, 20), batch=True))
