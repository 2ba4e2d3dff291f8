"""The two engines side by side: the same programs, bit for bit the same graphs, numbers, gradients and errors.

Both run the C library's functions on the same doubles in the same order, without fused multiply-adds, so that no
tolerance is needed on any platform where Python's ``math`` calls that library too.
"""

from __future__ import annotations

import array
import ctypes
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_tiny import backward as plain_sweep
from autograd_tiny import core, nonfinite
from autograd_tiny import value as plain
from autograd_tiny.table.namespaces.c import C
from autograd_tiny.table.ops import ROWS, TABLE
from autograd_tiny.table.primitive import function
from autograd_tiny.testing import Expression, assert_gradients, expressions, gradient_with, graphs
from autograd_tiny.testing.programs import apply_to
from tests.needs import ask_for

compiled: Any = pytest.importorskip("autograd_tiny.core._engine", reason="the compiled engine is not built")
pytestmark = pytest.mark.once  # both engines are here, whichever was chosen
ROOT = Path(__file__).parent.parent.parent.parent

NUMBERS = st.one_of(
    st.floats(-3, 3), st.integers(-3, 3), st.sampled_from([0.0, -0.0, 1e200, -1e-200, 800.0, -800.0, 0.5, 1.0])
)
OPERAND = st.one_of(st.integers(0, 11).map(lambda i: ("node", i)), NUMBERS.map(lambda x: ("number", x)))
STEP = st.one_of(
    st.tuples(st.sampled_from(["+", "-", "*", "/", "**"]), OPERAND, OPERAND),
    st.tuples(
        st.sampled_from([r for r in ROWS if not r.variadic]).map(lambda r: r.name),
        st.lists(OPERAND, min_size=1, max_size=3),
    ),
    st.tuples(
        st.sampled_from([r for r in ROWS if r.variadic]).map(lambda r: r.name),
        st.lists(st.tuples(OPERAND, OPERAND), min_size=1, max_size=5),
    ),
)
PROGRAMS = st.tuples(st.lists(NUMBERS, min_size=2, max_size=4), st.lists(STEP, min_size=1, max_size=12), st.booleans())


def run(engine: Any, program: Any) -> list[Any]:
    """Everything that can be seen of a program: each node or error, then gradients."""
    numbers, steps, allow = program
    nodes = [engine.Value(float(x), f"x{i}") for i, x in enumerate(numbers)]
    seen: list[Any] = []
    with nonfinite("allow" if allow else "raise"):
        for name, *operands in steps:
            try:
                node = step(engine, nodes, name, operands)
            except (TypeError, ValueError, ArithmeticError) as error:
                seen.append((type(error).__name__, str(error)))
                continue
            if type(node) is not engine.Value:
                seen.append(repr(node))
                continue
            nodes.append(node)
            index = {id(n): i for i, n in enumerate(nodes)}
            parents = [index.get(id(p), ("constant", repr(p.data))) for p in node.parents]
            seen.append((node.op, node._op, repr(node.data), repr(node.local_derivatives), parents))
        root = nodes[-1]
        sweep = plain_sweep if engine is plain else engine
        try:
            seen.append([repr(g) for g in sweep.gradient_numbers(root, nodes)])
            root.backward()
            root.backward()
        except ArithmeticError as error:
            seen.append(str(error))
        seen.append([(repr(node.grad), node.backward_ran) for node in nodes])
        seen.append([n.op for n in sweep.topological_order(root)])
    return seen


def step(engine: Any, nodes: list[Any], name: str, operands: list[Any]) -> Any:
    def get(operand: Any) -> Any:
        kind, what = operand
        return nodes[what % len(nodes)] if kind == "node" else what

    if name in TABLE and TABLE[name].variadic:
        columns = [list(map(get, column)) for column in zip(*operands[0], strict=True)][: len(TABLE[name].arguments)]
        return engine.variadic(TABLE[name], tuple(columns)) or engine.apply(TABLE[name], tuple(columns))
    if name in TABLE:
        values = [get(operand) for operand in operands[0] * 3][: len(TABLE[name].arguments)]
        first = values[0] if type(values[0]) is engine.Value else nodes[0]
        return getattr(first, name)(*values[1:])
    a, b = get(operands[0]), get(operands[1])
    if type(a) is not engine.Value and type(b) is not engine.Value:
        a = nodes[0]
    return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b, "**": lambda: a**b}[name]()


@settings(max_examples=500)
@given(PROGRAMS)
def test_random_programs_are_the_same_to_the_last_bit(program: Any) -> None:
    on_plain, on_compiled = run(plain, program), run(compiled, program)
    for mine, theirs in zip(on_plain, on_compiled, strict=True):
        assert mine == theirs


def traced(engine: Any, e: Expression, apply: Any) -> list[Any]:
    """Every node of ``e`` on one engine, to the last bit, with its gradient."""
    leaves = [engine.Value(x) for x in e.point]
    root = e.run(leaves, apply)
    root.backward()
    order = (plain_sweep if engine is plain else engine).topological_order(root)
    place = {node: i for i, node in enumerate(order)}
    return [(n.op, repr(n.data), repr(n.grad), repr(n.local_derivatives), [place[p] for p in n.parents]) for n in order]


@given(expressions(smooth=False) | graphs(smooth=False))
def test_random_expressions_are_the_same_by_every_way_to_write_them(e: Expression) -> None:
    """The kit's draws, which stay inside every domain and so go deeper: by functions here, by `apply` on both."""

    def applied(engine: Any) -> list[Any]:
        return traced(engine, e, lambda row, operands: engine.apply(row, tuple(row.operands(operands))))

    expected = applied(compiled)
    assert applied(plain) == expected
    assert traced(core, e, apply_to) == expected


@pytest.mark.filterwarnings("ignore::autograd_tiny.testing.ComposedWarning")  # of sums, which are no methods
@given(expressions(smooth=False) | graphs(smooth=False))
def test_either_engine_is_right_as_any_other_would_be(e: Expression) -> None:
    """Each as a foreign engine: the one that is not in use here is that."""
    for engine in (plain, compiled):
        assert_gradients(e, *e.point, gradient=gradient_with(engine.Value, e))


@pytest.mark.parametrize("row", [row for row in ROWS if row.variadic], ids=lambda row: row.name)
@pytest.mark.parametrize("n", [1, 2, 3, 50])
def test_the_fast_way_to_many_parents_is_the_general_one(row: Any, n: int) -> None:
    rng = np.random.default_rng(n)
    numbers = rng.normal(size=n)
    weights = [compiled.Value(x) for x in rng.normal(size=n)]
    containers: list[Any] = [weights, tuple(weights), [weights[0], *numbers[1:].tolist()]]
    if len(row.arguments) == 2:
        others: list[Any] = [
            numbers.tolist(),
            numbers,
            array.array("d", numbers),
            numbers[::-1],
            weights,
            weights[::-1],
        ]
        vectors = [pair for a in containers for b in others for pair in ((a, b), (b, a))]
    else:
        vectors = [(a,) for a in containers]
    for operands in vectors:
        fast = compiled.variadic(row, operands)
        slow = compiled.apply(row, operands)
        assert (fast.op, repr(fast.data), fast.local_derivatives) == (slow.op, repr(slow.data), slow.local_derivatives)
        assert [p.data for p in fast.parents] == [p.data for p in slow.parents]
        assert [p for p in fast.parents if p.is_leaf] == [p for p in slow.parents if p.is_leaf]
        assert fast.primitive.arguments == slow.primitive.arguments


def test_what_the_fast_way_does_not_take_it_leaves_to_the_general_one() -> None:
    w = [compiled.Value(1.0), compiled.Value(2.0)]
    dot, total = TABLE["dot"], TABLE["sum"]
    for operands in [
        ([1.0], [2.0]),
        (w, [1.0]),
        (w, [1, 2]),
        (w, np.array([1, 2])),
        (w, "ab"),
        (w, None),
        (w,),
        ([], []),
    ]:
        assert compiled.variadic(dot, operands) is None
    assert compiled.variadic(dot, (w, np.array([[1.0, 2.0]]))) is None
    assert compiled.variadic(dot, (w, np.array([1.0, 2.0], dtype=">f8"))) is None
    assert compiled.variadic(dot, (w, [float("inf"), 1.0])) is None
    assert compiled.variadic(total, ((x for x in w),)) is None


def both_engines() -> list[Any]:
    return [pytest.param(plain, id="python"), pytest.param(compiled, id="compiled")]


def in_a_fresh_process(code: str, engine: str = "compiled", **more: Any) -> str:
    environment = {**os.environ, "AUTOGRAD_TINY_ENGINE": engine}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=600, **more
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("length", [2_000_000, pytest.param(10_000_000, marks=pytest.mark.long)])
def test_millions_in_a_chain_and_in_a_sum(length: int) -> None:
    code = f"""
import autograd_tiny as ad
x = y = ad.Value(1.0)
for i in range({length}):
    y = -y
y.backward()
assert x.grad == 1.0 and ad.gradients(y, x) == 1.0
del y
leaves = [ad.Value(1.0) for _ in range(1_000_000)]
total = ad.sum(leaves)
assert len(total.parents) == 1_000_000
total.backward()
assert {{leaf.grad for leaf in leaves}} == {{1.0}}
del total, leaves
print(ad.engine, "freed")
"""
    assert in_a_fresh_process(code) == "compiled freed\n"


def test_a_node_is_at_most_96_bytes() -> None:
    assert compiled.Value.__basicsize__ <= 96


def test_which_engine_runs() -> None:
    code = "import autograd_tiny as ad; print(ad.engine, ad.Value.__module__)"
    assert in_a_fresh_process(code, "python") == "python autograd_tiny.core.value\n"
    assert in_a_fresh_process(code, "compiled") == "compiled autograd_tiny.core._engine\n"
    assert in_a_fresh_process(code, "") == "compiled autograd_tiny.core._engine\n"
    assert 'AUTOGRAD_TINY_ENGINE is \'fast\': expected "python" or "compiled"' in in_a_fresh_process(code, "fast")
    hidden = "import sys; sys.modules['autograd_tiny.core._engine'] = None\n" + code
    assert in_a_fresh_process(hidden, "") == "python autograd_tiny.core.value\n"
    refused = in_a_fresh_process(hidden, "compiled")
    assert (
        "autograd_tiny.errors.EngineNotBuilt: AUTOGRAD_TINY_ENGINE=compiled, but the compiled engine is not built"
        in refused
    )
    assert "install a C compiler and run `pip install --force-reinstall .`" in refused


def test_the_rules_compile_without_a_warning_and_a_row_that_is_added_with_them(tmp_path: Path) -> None:
    from autograd_tiny.table.codegen.rules import header

    compiler = ask_for("cc")
    softsign = function("softsign", lambda xp, x: xp.div(x, 1.0 + xp.abs(x)),
                        lambda xp, x, y: xp.div(1.0, xp.square(1.0 + xp.abs(x))))  # fmt: skip
    asked = "double softsign(double x, double *d_x) { return rule_softsign(x, d_x); }\n"
    (tmp_path / "rules.c").write_text(header([*ROWS, softsign]) + asked)
    flags = ["-Wall", "-Wextra", "-Werror", "-Wno-unused-function", f"-I{sysconfig.get_path('include')}"]
    command = [compiler, "-shared", "-fPIC", "-o", "rules.so", *flags, "rules.c", "-lm"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found, slope = ctypes.CDLL(str(tmp_path / "rules.so")).softsign, ctypes.c_double()
    found.restype = ctypes.c_double
    assert (found(ctypes.c_double(3.0), ctypes.byref(slope)), slope.value) == (0.75, 0.0625)


def test_c_writes_every_row() -> None:
    for row in ROWS:
        code = C()
        operands = [(code.vector if row.variadic else code.name)(name) for name in row.arguments]
        code.program([row.forward(code, *operands)], ["y"])


@pytest.mark.long
def test_adding_a_row_and_rebuilding_gives_a_compiled_primitive(tmp_path: Path) -> None:
    """One row in ops.py, nothing else."""
    pytest.importorskip("Cython", reason="building the engine takes Cython: extra `dev`")
    for name in ("autograd_tiny", "setup.py", "pyproject.toml", "README.md"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(
            ROOT / name,
            tmp_path / name,
            **({"ignore": shutil.ignore_patterns("*.so")} if copy is shutil.copytree else {}),
        )
    for empty in ("nn", "visualize", "autograd_tiny_cli"):
        (tmp_path / empty).mkdir()
        (tmp_path / empty / "__init__.py").touch()
    table = tmp_path / "autograd_tiny" / "table" / "ops.py"
    row = """    function("softsign", lambda xp, x: xp.div(x, 1.0 + xp.abs(x)),
             lambda xp, x, y: xp.div(1.0, xp.square(1.0 + xp.abs(x)))),
    # Kinks and branches
"""
    table.write_text(table.read_text().replace("    # Kinks and branches\n", row))
    build = [sys.executable, "-W", "ignore", "setup.py", "-q", "build_ext", "--inplace"]
    environment = {**os.environ, "AUTOGRAD_TINY_REQUIRE_COMPILED": "1", "CFLAGS": "-O0"}
    done = subprocess.run(build, cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    code = """
import autograd_tiny as ad
from autograd_tiny import Value, grad
y = Value(3.0).softsign()
print(ad.engine, type(Value.softsign).__name__, y.op, y.data, y.local_derivatives, ad.softsign(1.0), grad(grad(ad.softsign))(1.0))
"""
    said = in_a_fresh_process(code, cwd=tmp_path)
    assert said == "compiled method_descriptor softsign 0.75 (0.0625,) 0.5 -0.25\n" or said.startswith(
        "compiled cython_function_or_method softsign 0.75 (0.0625,) 0.5 -0.25"
    ), said
