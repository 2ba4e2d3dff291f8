"""Programs in the words of other tools, each run in the real thing."""

from __future__ import annotations

import ctypes
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_tiny as ad
import nn
from autograd_tiny import Value, compile, functions, stop_gradient
from autograd_tiny.compiler.exports.describing import describe
from autograd_tiny.table.namespaces.source import LIBRARY
from autograd_tiny.table.ops import ROWS, TABLE

from ...needs import ask_for
from .exported import Case, assert_near, cases

pytestmark = pytest.mark.once
CASES = cases()
each_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


SOME = [*CASES[:4], *[case for case in CASES if case.name in ("stopped", "a slope inside")], *CASES[-4:]]
"""JAX takes half a second for each."""


def test_there_are_enough_of_them() -> None:
    assert len(CASES) > 32


@each_case
def test_numpy(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    text = case.program.to_numpy(path)
    assert path.read_text() == text
    assert "autograd_tiny" not in text.split('"""')[2]
    space: dict[str, Any] = {}
    exec(text, space)
    assert_near(space["value"](*case.columns), case.values)
    values, gradients = space["value_and_grad"](*case.columns)
    assert_near(values, case.values)
    for name, expected in case.blocks().items():
        assert_near(gradients[name], expected)
    assert gradients.keys() == space["PARAMETERS"].keys()


@each_case
def test_torch(case: Case) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    module = case.program.to_torch()
    found = module(*[torch.from_numpy(column) for column in case.columns])
    assert_near(found.detach().numpy(), case.values)
    assert {name for name, _ in module.named_parameters()} == set(case.blocks())
    if found.requires_grad:
        found.mean().backward()
    for name, expected in case.blocks().items():
        slope = getattr(module, name).grad
        assert_near(np.zeros(expected.shape) if slope is None else slope.numpy(), expected)


@pytest.mark.parametrize("case", SOME, ids=[case.name for case in SOME])
def test_jax(case: Case) -> None:
    jax = pytest.importorskip("jax", reason="JAX is not installed: pip install jax")
    jax.config.update("jax_enable_x64", True)
    f = case.program.to_jax()
    batch = jax.vmap(f, (None, *[0] * len(case.columns)))

    @jax.jit
    def values_and_gradient(parameters: Any, *x: Any) -> Any:
        return batch(parameters, *x), jax.grad(lambda p: batch(p, *x).mean())(parameters)

    values, gradients = values_and_gradient(f.parameters, *case.columns)
    assert_near(values, case.values)
    for name, expected in case.blocks().items():
        assert_near(gradients[name], expected)


@pytest.mark.long
@each_case
def test_jax_on_every_case(case: Case) -> None:
    test_jax(case)


@each_case
def test_onnx(case: Case, tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed: pip install onnx")
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: pip install onnxruntime")
    path = tmp_path / "program.onnx"
    case.program.to_onnx(path)
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [given.name for given in session.get_inputs()]
    (found,) = session.run(None, dict(zip(names, case.columns, strict=True)))
    single = {"erf", "erfc", "gelu", "norm_cdf"} & {row.name for row in describe(case.program).graph_rows()}
    assert_near(found, case.values, 1e-6 if single else 1e-12)


def test_onnx_far_out(tmp_path: Path) -> None:
    """A square that overflows on the way, and a quotient that is rounded to the next whole number."""
    pytest.importorskip("onnx", reason="onnx is not installed: pip install onnx")
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: pip install onnxruntime")
    far = [1e300, -1e300, 1e155, -3.0, 0.25]
    for f, columns in [
        (ad.atan, [far]),
        (ad.asinh, [far]),
        (ad.acosh, [[1e300, 1e155, 2.5]]),
        (ad.atan2, [far, [5.0, -40.0, -1e-300, 2.0, -1.0]]),
        (lambda a, b: a // b, [[6.0, -7.0], [0.1, 2.0]]),
        (lambda a, b: a % b, [[6.0, -1e300], [0.1, -0.7]]),
    ]:
        program = compile((lambda a, f=f: f(a)) if len(columns) == 1 else (lambda a, b, f=f: f(a, b)))
        expected = program(*columns, batch=True)
        program.to_onnx(tmp_path / "program.onnx")
        session = runtime.InferenceSession(str(tmp_path / "program.onnx"), providers=["CPUExecutionProvider"])
        names = [given.name for given in session.get_inputs()]
        [found] = session.run(None, dict(zip(names, map(np.array, columns), strict=True)))
        assert found.tolist() == pytest.approx(expected.tolist(), rel=1e-15)


def test_inputs_have_the_shape_that_the_function_was_given() -> None:
    """Lists of one length as arrays: an image is channels × rows × columns, and a list of one number a list."""
    pytest.importorskip("onnx", reason="onnx is not installed: pip install onnx")
    program = compile(lambda image, one, ragged: image[0][1][2] * one[0] + ragged[1][1])
    program([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]], [2.0], [[1.0], [2.0, 3.0]])
    shapes = {x.name: [d.dim_param or d.dim_value for d in x.type.tensor_type.shape.dim]
              for x in program.to_onnx().graph.input}  # fmt: skip
    assert shapes == {"image": ["n", 1, 2, 3], "one": ["n", 1], "ragged": ["n", 3]}


# sympy


FORMULAS = [case for case in CASES if case.name != "net" and not case.name.startswith("drawn")]


@pytest.mark.parametrize("case", FORMULAS, ids=[case.name for case in FORMULAS])
def test_sympy(case: Case) -> None:
    sympy = pytest.importorskip("sympy", reason="sympy is not installed: pip install sympy")
    found = case.program.to_sympy()
    symbols = [*found.parameters, *found.inputs]
    f = sympy.lambdify(symbols, found.expression, "mpmath")
    samples = np.concatenate([column.reshape(len(column), -1) for column in case.columns], axis=1)
    values = [float(f(*found.parameters.values(), *sample.tolist())) for sample in samples]
    assert_near(values, case.values)


def test_sympy_differentiates_as_we_do() -> None:
    sympy = pytest.importorskip("sympy", reason="sympy is not installed: pip install sympy")
    a, b = Value(0.7, "a"), Value(-1.3, "b")
    program = compile(lambda x: (a * x[0]).tanh() * b.exp() + (x[1] * a).sigmoid() ** 2 + (b * b + x[0]).log())
    value, gradient = program.value_and_grad([0.5, 2.0])
    expression, parameters, inputs = program.to_sympy()
    assert [str(x) for x in (*parameters, *inputs)] == ["a", "b", "x_0", "x_1"]
    numbers = {**parameters, **dict(zip(inputs, [0.5, 2.0], strict=True))}
    assert float(expression.evalf(20, subs=numbers)) == pytest.approx(value, rel=1e-14)
    for symbol, slope in zip(parameters, gradient, strict=True):
        assert float(sympy.diff(expression, symbol).evalf(20, subs=numbers)) == pytest.approx(slope, rel=1e-13)


def test_sympy_does_not_differentiate_what_is_detached() -> None:
    sympy = pytest.importorskip("sympy", reason="sympy is not installed: pip install sympy")
    a = Value(0.7, "a")
    program = compile(lambda x: a * x * stop_gradient(a * x**2))
    value, (slope,) = program.value_and_grad(0.3)
    expression, parameters, (x,) = program.to_sympy()
    assert str(expression) == "a*x*detached(a*x**2)"
    numbers = {**parameters, x: sympy.Rational(3, 10)}
    assert float(expression.subs(numbers).evalf(30)) == pytest.approx(value, rel=1e-15)
    assert float(sympy.diff(expression, next(iter(parameters))).evalf(subs=numbers)) == pytest.approx(slope, rel=1e-14)


def test_sympy_is_not_for_networks() -> None:
    pytest.importorskip("sympy", reason="sympy is not installed: pip install sympy")
    model = nn.MLP(3, [8, 8, 1], "relu", seed=0)
    program = compile(lambda x: model(x))
    program([1.0, 2.0, 3.0])
    with pytest.raises(
        ValueError, match=r"has more than 10,000 terms \(a part of it has [\d,]+\): to_sympy is for a formula"
    ):
        program.to_sympy()


def test_sympy_takes_a_long_formula() -> None:
    pytest.importorskip("sympy", reason="sympy is not installed: pip install sympy")
    w = Value(0.5, "w")

    def long(x: Any) -> Any:
        for _ in range(8):
            x = (w * x * x + x).sin()
        return x

    program = compile(long)
    value = program(0.7)
    found = program.to_sympy()
    numbers = {**found.parameters, found.inputs[0]: 0.7}
    assert found.expression.count_ops() > 1_000
    assert float(found.expression.evalf(20, subs=numbers)) == pytest.approx(value, rel=1e-13)


def test_sympy_keeps_the_structure_of_results() -> None:
    pytest.importorskip("sympy", reason="sympy is not installed: pip install sympy")
    w = Value(2.0, "x")
    program = compile(lambda x: {"a": w * x, "b": [x, 3.0]})
    program(1.0)
    assert str(program.to_sympy().expression) == "{'a': x*x_, 'b': [x, 3]}"


# C


@pytest.fixture(scope="module")
def library(tmp_path_factory: Any) -> Any:
    """All cases in one library."""
    return in_c({f"case{i}": case.program for i, case in enumerate(CASES)}, tmp_path_factory.mktemp("c"))


def in_c(programs: dict[str, Any], folder: Path) -> tuple[Path, Any]:
    """The programs in C, compiled side by side without a warning, and the library that they make."""
    for name, program in programs.items():
        program.to_c(folder / f"{name}.c")
    flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-ffp-contract=off", "-O0", "-shared", "-fPIC"]
    command = [ask_for("cc"), *flags, "-o", "all.so", *(f"{name}.c" for name in programs), "-lm"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return folder, ctypes.CDLL(str(folder / "all.so"))


def pointer(numbers: Any) -> Any:
    return numbers.ctypes.data_as(ctypes.POINTER(ctypes.c_double))


@each_case
def test_c(case: Case, library: Any) -> None:
    folder, functions = library
    name = f"case{CASES.index(case)}"
    header = (folder / f"{name}.h").read_text()
    count, room = (int(re.search(rf"{word} (\d+)", header)[1]) for word in ("_PARAMETERS", "_WORK"))  # type: ignore[index]
    work, gradient = np.full(room, np.nan), np.full(count, np.nan)
    blocks = case.blocks()
    assert count == sum(block.size for block in blocks.values())
    parameters = (ctypes.c_double * max(count, 1)).in_dll(functions, f"{name}_parameters")
    value, both = getattr(functions, f"{name}_value"), getattr(functions, f"{name}_value_and_grad")
    value.restype = both.restype = ctypes.c_double
    values, total = [], np.zeros(count)
    for sample in zip(*case.columns, strict=True):
        given = [pointer(np.ascontiguousarray(x)) if np.size(x) > 1 else ctypes.c_double(x) for x in sample]
        values.append(both(parameters, *given, pointer(gradient), pointer(work)))
        total += gradient
        assert value(parameters, *given, pointer(work)) == values[-1]
    assert_near(values, case.values)
    expected = np.concatenate([block.reshape(-1) for block in blocks.values()] or [np.zeros(0)])
    assert_near(total / len(values), expected)


def test_c_of_several_results(tmp_path: Path) -> None:
    w = [Value(0.5), Value(-1.5)]

    def several(x: Any, t: Any) -> Any:
        return [x[0] * w[0], x[1] * w[1] + t, t * 2.0]

    program = compile(several)
    expected = program([1.0, 2.0], 3.0)
    header = program.to_c(tmp_path / "model.c").header
    assert "#define MODEL_RESULTS 3" in header
    assert "value_and_grad" not in header
    main = """#include <stdio.h>
#include "model.h"
int main(void) {
    double x[2] = {1.0, 2.0}, out[MODEL_RESULTS], work[MODEL_WORK];
    model_value(model_parameters, x, 3.0, out, work);
    printf("%.17g %.17g %.17g\\n", out[0], out[1], out[2]);
    return 0;
}
"""
    (tmp_path / "main.c").write_text(main)
    command = [ask_for("cc"), "-Wall", "-Wextra", "-Werror", "-o", "main", "main.c", "model.c", "-lm"]
    subprocess.run(command, cwd=tmp_path, check=True)
    found = subprocess.run([str(tmp_path / "main")], capture_output=True, text=True, check=True).stdout
    assert [float(x) for x in found.split()] == expected


@pytest.mark.parametrize("compiler", ["cc", "c++"])
def test_a_program_in_cplusplus_calls_it_whichever_compiled_it(compiler: str, tmp_path: Path) -> None:
    w = Value(1.5, "w")
    program = compile(lambda x: w * x)
    expected = program(0.5)
    program.to_c(tmp_path / "model.c")
    (tmp_path / "main.cpp").write_text(
        '#include <cstdio>\n#include "model.h"\n'
        'int main() { double work[MODEL_WORK]; std::printf("%.17g", model_value(model_parameters, 0.5, work)); }'
    )
    words = ["-Wall", "-Wextra", "-Wconversion", "-Werror"]
    language = ["-x", "c++"] if compiler == "c++" else []
    subprocess.run([ask_for(compiler), *words, *language, "-c", "model.c"], cwd=tmp_path, check=True)
    subprocess.run([ask_for("c++"), *words, "-o", "main", "main.cpp", "model.o", "-lm"], cwd=tmp_path, check=True)
    assert float(subprocess.run(["./main"], cwd=tmp_path, capture_output=True, check=True).stdout) == expected


def test_c_needs_libm_and_nothing_else(library: Any) -> None:
    text = "".join(case.program.to_c().source for case in CASES)
    assert set(re.findall(r"#include <(.*?)>", text)) == {"math.h"}
    assert "alloc" not in text


@pytest.mark.parametrize("file", ["my model_.c", "2nd.c", "größe.c", "<lambda>.c"])
def test_a_file_of_any_name_compiles(file: str, tmp_path: Path) -> None:
    CASES[0].program.to_c(tmp_path / file)
    command = [ask_for("cc"), "-Wall", "-Wextra", "-Werror", "-c", file]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stderr == ""


# Every row of the table


def _of_row(row: Any) -> tuple[Any, list[Any]]:
    """A program of the row alone, at points within its samples, and these."""
    length = 3 if row.variadic else 1
    count = len(row.arguments) * length
    bounds = [row.samples[i // length] if row.samples else (-2.0, 2.0) for i in range(count)]
    columns = [
        np.array([low + (high - low) * ((0.13 + 0.31 * j + 0.17 * i) % 1.0) for j in range(3)])
        for i, (low, high) in enumerate(bounds)
    ]
    leaves = [Value(0.0) for _ in range(count)]

    def alone(*x: Any) -> Any:
        given = [a + w for a, w in zip(x, leaves, strict=True)]
        vectors = [given[i : i + length] for i in range(0, count, length)]
        return getattr(functions, row.name)(*(vectors if row.variadic else given))

    return compile(alone), columns


@cache
def _called(name: str) -> tuple[Any, list[Any], Any, Any]:
    """The program of the row of that name and its points, and what it gives there."""
    program, columns = _of_row(TABLE[name])
    return program, columns, *program.value_and_grad(*columns, batch=True)


@pytest.fixture(scope="module")
def rows_in_c(tmp_path_factory: Any) -> Any:
    """The programs of all rows in one library."""
    return in_c({f"row_{row.name}": _called(row.name)[0] for row in ROWS}, tmp_path_factory.mktemp("rows"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_leaves_for_numpy_and_c_or_is_refused_by_name(row: Any, rows_in_c: Any) -> None:
    program, columns, values, gradient = _called(row.name)
    folder, library = rows_in_c
    space: dict[str, Any] = {}
    exec(program.to_numpy(), space)
    found, slopes = space["value_and_grad"](*columns)
    assert_near(found, values)
    case = Case(row.name, program, columns, values, gradient)
    for name, expected in case.blocks().items():
        assert_near(slopes[name], expected)
    header = (folder / f"row_{row.name}.h").read_text()
    both = getattr(library, f"row_{row.name}_value_and_grad")
    both.restype = ctypes.c_double
    count, room = (int(re.search(rf"{word} (\d+)", header)[1]) for word in ("_PARAMETERS", "_WORK"))  # type: ignore[index]
    total, slopes, parameters, work = [], np.zeros(count), np.zeros(count), np.zeros(room)
    for sample in zip(*columns, strict=True):
        one = np.zeros(count)
        total.append(both(pointer(parameters), *map(ctypes.c_double, sample), pointer(one), pointer(work)))
        slopes += one / len(columns[0])
    assert_near(total, values)
    assert_near(slopes, np.concatenate([x.reshape(-1) for x in case.blocks().values()] or [np.zeros(0)]))


@pytest.mark.long
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_leaves_for_torch_and_onnx(row: Any) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: pip install onnxruntime")
    program, columns = _of_row(row)
    values = program(*columns, batch=True)
    assert_near(program.to_torch()(*map(torch.from_numpy, columns)).detach().numpy(), values)
    session = runtime.InferenceSession(program.to_onnx().SerializeToString(), providers=["CPUExecutionProvider"])
    names = [given.name for given in session.get_inputs()]
    (found,) = session.run(None, dict(zip(names, columns, strict=True)))
    assert_near(found, values, 1e-6 if row.name in ("erf", "erfc", "gelu", "norm_cdf") else 1e-12)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_is_an_expression(row: Any) -> None:
    sympy = pytest.importorskip("sympy", reason="sympy is not installed: pip install sympy")
    program, columns = _of_row(row)
    if row.arguments[0] == "n":
        columns = [
            np.ceil(columns[0]),
            abs(columns[1]),
        ]  # for an order that is a symbol sympy has no jn of less than 0
    values = program(*columns, batch=True)
    found = program.to_sympy()
    for sample, value in zip(zip(*columns, strict=True), values, strict=True):
        numbers = {**found.parameters, **dict(zip(found.inputs, sample, strict=True))}
        exact = found.expression.subs({symbol: sympy.Rational(x) for symbol, x in numbers.items()})
        assert float(exact.evalf(20)) == pytest.approx(value, rel=1e-11, abs=1e-14)


def test_c_links_with_libm_alone(tmp_path: Path) -> None:
    CASES[0].program.to_c(tmp_path / "mixed.c")
    CASES[1].program.to_c(tmp_path / "net.c")
    flags = ["-O2", "-ffreestanding", "-fno-tree-loop-distribute-patterns", "-fno-stack-protector"]
    for name in ("mixed", "net"):
        subprocess.run([ask_for("cc"), *flags, "-c", f"{name}.c"], cwd=tmp_path, check=True)
        wanted = subprocess.run(["nm", "-u", f"{name}.o"], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert {line.split()[-1] for line in wanted.stdout.splitlines()} <= {
            *LIBRARY,
            "fabs",
            "_GLOBAL_OFFSET_TABLE_",
        }


def test_names_of_arguments_that_c_has_for_itself(tmp_path: Path) -> None:
    def worded(double: Any, exp: Any, i: Any, work: Any, t1: Any, d_w1: Any) -> Any:
        return Value(2.0) * double * exp + i[0] * work + t1 * d_w1 + i[1].tanh()

    program = compile(worded)
    program(1.0, 2.0, [3.0, 4.0], 5.0, 6.0, 7.0)
    program.to_c(tmp_path / "auto.c")
    command = [ask_for("cc"), "-Wall", "-Wextra", "-Werror", "-c", "auto.c"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stderr == ""
    space: dict[str, Any] = {}
    exec(program.to_numpy(), space)
    one = np.ones((1, 1))
    found = space["value"](one, 2 * one, np.array([[3.0, 4.0]]), 5 * one, 6 * one, 7 * one)
    assert_near(found, [program(1.0, 2.0, [3.0, 4.0], 5.0, 6.0, 7.0)])


def test_a_name_does_not_get_out_of_its_comment(tmp_path: Path) -> None:
    program = compile(lambda x: Value(2.0) * x)
    program(1.0)
    program.__name__ = '"""\nraise SystemExit\n"""*/ int x[-1]; /* \\'
    space: dict[str, Any] = {}
    exec(program.to_numpy(), space)
    assert space["value"]([3.0]) == [6.0]
    program.to_c(tmp_path / "name.c")
    command = [ask_for("cc"), "-Wall", "-Wextra", "-Werror", "-c", "name.c"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stderr == ""


def test_a_numpy_module_imports_numpy_only(tmp_path: Path) -> None:
    case = CASES[0]
    case.program.to_numpy(tmp_path / "program.py")
    code = "import sys, program; print([m for m in ('autograd_tiny', 'nn') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert out == "[]\n"


@pytest.mark.parametrize("way", ["to_numpy", "to_torch", "to_jax"])
def test_what_has_not_been_recorded_says_so(way: str) -> None:
    pytest.importorskip({"to_torch": "torch", "to_jax": "jax"}.get(way, "numpy"), reason="not installed")
    program = compile(lambda x: Value(2.0) * x)
    with pytest.raises(ValueError, match=r"has not been recorded yet, .* call it once, then export it"):
        getattr(program, way)()
