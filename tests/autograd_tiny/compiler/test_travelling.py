"""Programs that leave their process, by file or pickle, and come back: the same answers, or words that say why not."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections import namedtuple
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import nn
from autograd_tiny import (
    NonFiniteError,
    Value,
    compile,
    dot,
    exp,
    gradients,
    load_program,
    log,
    register,
    stop_gradient,
    sum,
    unregister,
)
from autograd_tiny.compiler.exports.describing import describe
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


@pytest.mark.once
@settings(max_examples=30)
@given(DRAWN, POINTS, NUMBERS, NUMBERS)
def test_tangles_of_scalars_come_back(tmp_path_factory: Any, drawn: Any, x: list[float], a: float, b: float) -> None:
    parameters = [Value(a), Value(b)]
    rows = [x, [-y + 0.3 for y in x]]
    assert_same(Tangle(drawn, parameters, len(x)), rows, tmp_path_factory.mktemp("p"), parameters)


@pytest.mark.once
@settings(max_examples=30)
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
    (lambda x: W * x * stop_gradient(V * x), (0.5,)),
    (lambda x: gradients(V * (y := W * x) ** 3, y) + y, (0.5,)),
]
W, V = Value(1.25, "w"), Value(-0.5, "v")


@pytest.mark.parametrize(("f", "arguments"), STRUCTURES)
def test_structures_of_arguments_and_results(f: Callable[..., Any], arguments: Any, tmp_path: Path) -> None:
    program = compile(f)
    expected = program(*arguments)
    for other in copies(program, tmp_path):
        assert other(*arguments) == expected


def test_gradients_by_no_leaf_are_an_error_elsewhere_too(tmp_path: Path) -> None:
    """They were `[]`, which an optimiser takes for convergence."""
    program = compile(lambda x: x * x)
    assert program(2.0) == 4.0
    for again in (load_program(program.export(tmp_path / "f.json")), pickle.loads(pickle.dumps(program))):
        assert (again(3.0), again.parameters) == (9.0, [])
        for call in (lambda: again.value_and_grad(2.0), lambda: again.value_and_grad([2.0, 3.0], batch=True)):  # noqa: B023
            with pytest.raises(TypeError, match=r"it reaches none\. .* compile\(value_and_grad"):
                call()


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
    with pytest.raises(FileNotFoundError, match=r"cannot write '.*p\.json': there is no folder '.*nowhere'; make it"):
        program.export(tmp_path / "nowhere" / "p.json")
    with pytest.raises(IsADirectoryError, match="it is a folder; give the name of a file in it"):
        program.export(tmp_path)


def test_an_exported_file_is_open_to_those_to_whom_files_are(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("")
    program = compile(lambda x: W * x)
    program(1.0)
    assert program.export(tmp_path / "p.json").stat().st_mode == plain.stat().st_mode


# Every option of compile

OPTIONS: dict[str, Any] = {
    "scalars": "never",
    "cache_size": 7,
    "backend": "numpy",
    "dtype": "float32",
    "threads": 2,
    "shared": "rate",
    "names": {"weight": W},
    "parameters": [V, W],
}
"""An option that is not the default, of each that there is."""
HOW = {"scalars", "cache_size", "backend", "dtype", "threads"}
"""Options of how a program runs: a file leaves them to whoever loads it, as he may have another machine."""


def optional(name: str) -> Program:
    program = compile(lambda x, rate: W * x + V * rate, **{name: OPTIONS[name]})
    program(1.0, 0.5)
    return program


def test_no_option_of_compile_is_forgotten_here() -> None:
    assert set(OPTIONS) == set(signature(compile).parameters) - {"function"}
    assert set(OPTIONS) - HOW == {"shared", "names", "parameters"}


def option_of(program: Program, name: str) -> Any:
    """What became of an option, where it can be compared with that of another program."""
    if name == "parameters":
        return [p.data for p in program.parameters]
    if name == "names":
        return [program.names.get(p, p.label) for p in program.parameters]
    if name == "backend":  # what was asked for, and what that is here
        return program._asked["backend"], program.backend
    return program._shared if name == "shared" else getattr(program, name)


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("way", ["pickle", "cloudpickle", "file"])
def test_every_option_of_compile_travels(name: str, way: str, tmp_path: Path) -> None:
    program = optional(name)
    expected = option_of(program, name)
    if name not in ("names", "parameters"):
        plain = compile(program.function)
        plain(1.0, 0.5)
        assert option_of(plain, name) != expected, "the default would not be noticed"
    if way == "file":
        path = program.export(tmp_path / "p.json")
        again = load_program(path, **({name: OPTIONS[name]} if name in HOW else {}))
    else:
        again = pickle.loads((pickle if way == "pickle" else pytest.importorskip("cloudpickle")).dumps(program))
    assert option_of(again, name) == expected
    assert again(1.0, 0.5) == pytest.approx(program(1.0, 0.5))


def test_arguments_that_samples_share_are_shared_elsewhere(tmp_path: Path) -> None:
    def discounted(x: Any, rate: Any, curve: Any) -> Any:
        return W * x * exp(-rate) + dot(curve, [x, V])

    X, curve = np.array([100.0, 200.0, 3.0]), [0.25, -1.0]
    program = compile(discounted, shared=["curve", "rate"])
    values, gradient = program.value_and_grad(X, 0.1, curve, batch=True)
    for other in (*copies(program, tmp_path), pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(program))))):
        for by_place, by_name in [
            ((X, 0.1, curve), {}),
            ((X, 0.1), {"curve": curve}),
            ((X,), {"curve": curve, "rate": 0.1}),
        ]:
            found, slopes = other.value_and_grad(*by_place, batch=True, **by_name)
            np.testing.assert_allclose(found, values, rtol=1e-12)
            assert slopes == pytest.approx(gradient)
        assert other(X[0], 0.1, curve) == pytest.approx(values[0])
    assert load_program(tmp_path / "program.json", shared=())(X[:2], X[:2] / 1e3, [curve, curve], batch=True).shape == (
        2,
    )


def test_the_backend_that_was_asked_for_travels_and_not_the_one_that_was_found() -> None:
    program = compile(lambda x: W * x)
    program(2.0)
    unbuilt = "import sys; sys.modules['autograd_tiny.compiler.run._native'] = None\n"
    code = f"{unbuilt}import pickle; print(pickle.load(sys.stdin.buffer)(2.0))"
    done = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(program), capture_output=True)
    assert done.stdout.split() == [b"2.5"], done.stderr


def test_a_loaded_program_has_the_names_of_its_arguments() -> None:
    def scaled(x: Any, rate: Any) -> Any:
        return x * rate * W

    program = compile(scaled)
    program(1.0, rate=2.0)
    again = pickle.loads(pickle.dumps(program))
    assert str(signature(again.function)) == "(x, rate)"
    again(1.0, 2.0)
    assert [name for name, _ in describe(again).inputs] == ["x", "rate"]
