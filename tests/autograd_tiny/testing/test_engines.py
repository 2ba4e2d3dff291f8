"""`check_engine`: every planted fault is found and named, none is invented; other kinds of engines by an adapter."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings

import autograd_tiny as ad
from autograd_tiny import Value
from autograd_tiny.testing import (
    Adapter,
    ComposedWarning,
    EngineError,
    GradientError,
    assert_gradients,
    check_engine,
    expression,
    expressions,
    gradient_with,
)
from autograd_tiny.testing.engines.adapter import number
from examples import broken_engine
from tests.autograd_tiny.testing import toy
from tests.autograd_tiny.testing.toy import FAULTS

pytestmark = pytest.mark.once

ROOT = Path(__file__).parent.parent.parent.parent

FOLLOW: dict[str, set[str]] = {
    "mul: ignores what comes in": {"neg", "sub", "2 - x"},
    "mul: = for +=": {"neg", "sub", "2 - x"},
    "add: = for +=": {"sub", "x - 3", "2 - x"},
    "backward: breadth first": {"reuse of a result", "shared operands"},
    "backward: no order at all": {"reuse of a result", "shared operands"},
}
"""What is made of the wrong operation, in that engine, and is wrong with it."""


def test_nothing_is_invented() -> None:
    report = check_engine(toy.engine(""), show=False)
    assert report.wrong == []
    assert {"add", "mul", "tanh", "relu", "2 - x", "2 / x", "x ** 3", "second backward", "deep chains"} <= set(
        report.right
    )
    assert "silu" in report.composed
    assert "sin" in report.absent


def test_our_own_engine_is_right() -> None:
    report = check_engine(Value, show=False)
    assert report.wrong == report.limited == report.composed == []
    assert len(report.right) > 50


ALIKE = {"div: sign of b", "rtruediv: turned round", "log: of the result", "mul: = for +=", "exp: = for +=",
         "tanh: passes on nothing of what comes in", "backward: no order at all"}  # fmt: skip
"""Of each of these there is another of its kind: a check of a whole engine takes a second."""


@pytest.mark.parametrize("fault", [pytest.param(f, marks=pytest.mark.long) if f in ALIKE else f for f in FAULTS])
def test_a_planted_fault_is_found_and_named(fault: str) -> None:
    report = check_engine(toy.engine(fault), show=False)
    expected = {name.replace("ReLU", "relu") for name in FAULTS[fault]}
    assert expected <= set(report.wrong), str(report)
    assert set(report.wrong) <= expected | FOLLOW.get(fault, set()), str(report)
    row = report[next(iter(expected))]
    assert row.found != row.expected or "raises" in row.note
    assert "should be" in row.note or "should still be" in row.note


def test_the_table_has_the_smallest_case_and_both_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    report = check_engine(toy.engine("tanh: 1 - t"))
    assert capsys.readouterr().out == f"{report}\n"
    row = report["tanh"]
    assert (row.status, row.at) == ("wrong", (2.0,))
    assert row.note == "its local derivative with respect to x is 0.03597241992, and should be 0.07065082485 (x = 2)"
    lines = str(report).splitlines()
    assert lines[0].startswith("Toy: 1 wrong, ")
    assert lines[1].split()[:2] == ["wrong", "tanh"]
    with pytest.raises(EngineError, match=r"tanh +its local derivative"):
        report.raise_if_wrong()
    with pytest.raises(KeyError, match="no row 'tahn'"):
        report["tahn"]


def test_the_broken_engine_of_the_chapter() -> None:
    report = check_engine(broken_engine.Value, show=False)
    assert {"add", "div", "relu", "order of traversal"} <= set(report.wrong)
    assert {"mul", "tanh", "exp"} <= set(report.right)
    assert "shared operands" not in report.wrong, "with products only, which are right"


def test_an_operand_with_a_default_is_a_plain_number() -> None:
    right = toy.engine("")

    class Leaky(right):  # type: ignore[valid-type, misc]
        def leakyReLU(self, slope: float = 0.01) -> Any:
            out = right(max(self.data, slope * self.data), (self,), "leaky")
            return self._sends(out, lambda: ((self, 1.0 if self.data > 0 else 0.0),), "leaky")

        def elu(self) -> Any:
            y = self.data if self.data > 0 else np.expm1(self.data)
            return self._sends(right(y, (self,), "elu"), lambda: ((self, 1.0 if self.data > 0 else y + 1.0),), "elu")

    report = check_engine(Leaky, show=False)
    assert report.wrong == ["leaky_relu"]
    assert (report["leaky_relu"].found, report["leaky_relu"].expected) == (0.0, 0.01)
    assert report["elu"].status == "right"


def test_what_is_composed_or_absent_is_never_right() -> None:
    class Few:
        """Sums alone."""

        def __init__(self, data: float, below: tuple[Any, ...] = ()) -> None:
            self.data, self.below, self.grad = data, below, 0.0

        def __add__(self, other: Any) -> Few:
            other = other if isinstance(other, Few) else Few(other)
            return Few(self.data + other.data, (self, other))

        def backward(self, came: float = 1.0) -> None:
            self.grad += came
            for part in self.below:
                part.backward(came)

    report = check_engine(Few, show=False)
    assert report["add"].status == "right"
    assert report["x + 3"].status == "right"
    assert report["2 + x"].status == "absent"
    assert report["mul"].status == "absent"
    assert report["order of traversal"].note == "not tested: needs + and * that are right"


def test_a_tape_outside_of_the_numbers() -> None:
    engine = Adapter(gradient=toy.taped_gradient, functions={"sin": toy.taped_sin, "cos": toy.taped_cos}, name="taped")
    report = check_engine(engine, show=False)
    assert report.wrong == ["cos"]
    assert {"add", "mul", "2 * x", "sin", "order of traversal", "shared operands", "deep chains"} <= set(report.right)
    assert report["second backward"].note == "not tested: the adapter gives gradients of functions only"


def test_a_tape_whose_operations_are_methods() -> None:
    class Sine(toy.Taped):
        def sin(self) -> Any:
            return toy.taped_sin(self)

        def cos(self) -> Any:
            return toy.taped_cos(self)

    def gradient(f: Any, xs: list[float]) -> list[float]:
        return toy.taped_gradient(f, xs, Sine)

    report = check_engine(Adapter(gradient=gradient, name="taped"), show=False)
    assert report.wrong == ["cos"]
    assert "sin" in report.right and "tanh" in report.absent


def test_an_engine_of_which_nothing_can_be_read_passes_nothing() -> None:
    class Closed:
        def __init__(self, x: float) -> None:
            self.v = x

        def __add__(self, other: Any) -> Any:
            return Closed(self.v + getattr(other, "v", other))

    with pytest.raises(TypeError, match=r"say how to read it: Adapter\(data=…\)"):
        check_engine(Adapter(gradient=lambda f, xs: [f(*map(Closed, xs)).v], name="closed"), show=False)
    with pytest.raises(TypeError, match=r"idle: gradient\(f, xs\) did not call f"):
        check_engine(Adapter(gradient=lambda f, xs: [0.0 for _ in xs], name="idle"), show=False)


def test_an_engine_of_arrays() -> None:
    assert check_engine(toy.Array, show=False).wrong == []
    engine = Adapter(lambda x: toy.Array([x]), backward=lambda y: y.sum().backward(), name="arrays")
    report = check_engine(engine, show=False)
    assert report.wrong == []
    assert {"add", "mul", "exp", "accumulation over two graphs"} <= set(report.right)


def test_numbers_are_read_out_of_what_holds_them() -> None:
    class Box:
        data = np.array([[2.5]])

    assert [number(x) for x in (2.5, np.float64(2.5), np.array(2.5), np.array([2.5]), [2.5], Box(), None)] == [
        2.5
    ] * 6 + [0.0]
    with pytest.raises(TypeError, match=r"got 'a': say how to read it: Adapter\(data=…\)"):
        number("a")


def test_what_is_no_engine_is_refused() -> None:
    with pytest.raises(TypeError, match=r"check_engine got 3, an int: expected a class of values"):
        check_engine(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"check_engine\(float\): its values have no grad and no backward"):
        check_engine(float)
    unread = type("Unread", (), {"__init__": lambda self, x: None, "grad": 0.0, "backward": lambda self: None})
    with pytest.raises(TypeError, match=r"say how to read it: Adapter\(data=…\)"):
        check_engine(unread)
    with pytest.raises(TypeError, match="got neither make nor gradient"):
        Adapter()


def test_micrograd_itself() -> None:
    if importlib.util.find_spec("micrograd") is None:
        pytest.skip("needs micrograd: pip install 'autograd-tiny[bench]'")
    engine = importlib.import_module("micrograd.engine")
    report = check_engine(engine.Value, show=False)
    assert report.wrong == ["second backward"]
    assert report["second backward"].found == 45.0


# What an engine has not

UNEXPLAINED = (Phase.generate, Phase.shrink)
"""For properties that are to fail: the phase after these, which says what could have failed as well, takes the longest."""


def test_a_wrong_ReLU_is_not_hidden_by_a_relu_made_of_others() -> None:
    broken = toy.engine("relu: passes below zero")

    @settings(max_examples=60, database=None, derandomize=True, phases=UNEXPLAINED)
    @given(expressions(primitives=["relu", "mul"]))
    def test(e: Any) -> None:
        assert_gradients(e, *e.point, gradient=gradient_with(broken, e))

    with pytest.raises(GradientError, match="first wrong primitive: relu"):
        test()


def test_what_is_composed_of_others_says_so_and_is_an_error_where_strict() -> None:
    right = toy.engine("")
    e = expression(lambda x: ad.leaky_relu(x), -2.0)
    text = re.escape(
        "Toy has no leaky_relu: it was made of a choice in Python, and nothing of Toy's own was tested. "
        "Leave it out of primitives, or pass strict=True to make this an error"
    )
    with pytest.warns(ComposedWarning, match=text):
        assert_gradients(e, *e.point, gradient=gradient_with(right, e))
    refused = "Toy has no leaky_relu, and strict=True does not let it be made of others"
    with pytest.raises(TypeError, match=refused):
        assert_gradients(e, *e.point, gradient=gradient_with(right, e, strict=True))

    @settings(max_examples=50, database=None, derandomize=True, phases=UNEXPLAINED)
    @given(expressions(primitives=["leaky_relu"], strict=True))
    def test(e: Any) -> None:
        assert_gradients(e, *e.point, gradient=gradient_with(right, e))

    with pytest.raises(TypeError, match=refused):
        test()


# pytest --check-engine


def run_pytest(folder: Path, *more: str) -> str:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:autograd_tiny", "-p", "no:randomly"]
    command += ["-p", "_autograd_tiny_plugins", "--rootdir", str(folder), *more]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment).stdout


def test_pytest_tests_an_engine(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from tests.autograd_tiny.testing.toy import engine\nValue = engine('tanh: 1 - t')\n"
    )
    shown = run_pytest(tmp_path, "--check-engine", "mine:Value", "-v", "-rs")
    assert re.search(r"check_engine\[Toy: tanh\] FAILED", shown), shown
    assert re.search(r"check_engine\[Toy: exp\] PASSED", shown)
    assert re.search(r"check_engine\[Toy: silu\] SKIPPED", shown)
    assert "tanh: its local derivative with respect to x is 0.03597241992, and should be 0.07065082485 (x = 2)" in shown
    assert "1 failed" in shown
    refused = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:autograd_tiny", "-p", "_autograd_tiny_plugins", "--check-engine", "mine:Nothing"],
        cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"},
    )  # fmt: skip
    assert "--check-engine mine:Nothing: expected module:Class, such as micrograd.engine:Value" in refused.stderr


def test_a_derivative_a_millionth_off_is_found_in_double_precision_and_let_pass_in_single() -> None:
    import numpy as np

    class Base:
        kind: Any = float

        def __init__(self, data: Any, below: Any = ()) -> None:
            self.data, self.grad, self.below = self.kind(data), 0.0, below

        def __mul__(self, other: Any) -> Any:
            other = other if isinstance(other, Base) else type(self)(other)
            return type(self)(self.data * other.data, ((self, other.data * (1.0 + 5e-7)), (other, self.data)))

        def backward(self, upstream: float = 1.0) -> None:
            self.grad += upstream
            for node, local in self.below:
                node.backward(upstream * local)

    class Single(Base):
        kind = np.float32

    assert check_engine(Base, show=False)["mul"].status == "wrong"
    assert check_engine(Base, show=False, tolerance=1e-3)["mul"].status == "right"
    assert check_engine(Single, show=False)["mul"].status == "right"


def test_an_exception_of_an_engines_own_leaves_a_row_and_not_the_table() -> None:
    class Loud:
        def __init__(self, data: float) -> None:
            self.data, self.grad = data, 0.0

        def __mul__(self, other: Any) -> Any:
            raise RuntimeError("boolean tensor expected")

        def backward(self) -> None:
            self.grad += 1.0

    row = check_engine(Loud, show=False)["mul"]
    assert row.status == "absent" and "RuntimeError: boolean tensor expected" in row.note


def test_a_tensor_whose_size_is_a_method_is_read_by_its_item() -> None:
    class Tensor:
        shape: tuple[int, ...] = ()

        def size(self) -> tuple[int, ...]:
            return self.shape

        def item(self) -> float:
            return 2.5

    assert number(Tensor()) == 2.5
