"""What a library of arrays has for programs: its functions one by one, its settings, its tensors as inputs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_tiny import Value, compile, dot, sum
from autograd_tiny.compiler.libraries.arrays import FUNCTIONS, arrays_named

from .ways import EPSILON, NEEDS_TORCH, each_library, each_way

pytestmark = pytest.mark.once

OPERANDS = (("exp", 1), ("absolute", 1), ("arcsin", 1), ("tan", 1), ("log1p", 1), ("add", 2), ("divide", 2),
            ("power", 2), ("maximum", 2), ("minimum", 2), ("greater", 2), ("equal", 2))  # fmt: skip


@each_way
@pytest.mark.parametrize(("name", "count"), OPERANDS)
@pytest.mark.parametrize("shapes", [((3, 4), (3, 4)), ((3, 1), (4,)), ((), (1, 4)), ((), ())])
@pytest.mark.parametrize("turned", [False, True])
def test_a_function_fills_its_result_whatever_its_operands_shapes(
    backend: str, dtype: str, name: str, count: int, shapes: Any, turned: bool
) -> None:
    library = arrays_named(backend, dtype)
    operands = [np.linspace(0.1, 0.9, int(np.prod(shape))).reshape(shape).astype(dtype) for shape in shapes[:count]]
    out = np.full((4, 3), 7.0, dtype).T if turned else np.full((3, 4), 7.0, dtype)
    function, seen = library.functions()[name], library.look(out)
    looks = [library.look(operand) for operand in operands]
    if name in ("maximum", "minimum"):  # as lines have it
        function(*looks, out=seen)
    else:
        function(*looks, seen)
    np.testing.assert_allclose(out, np.broadcast_to(getattr(np, name)(*operands), (3, 4)), rtol=4 * EPSILON)


@each_way
@given(st.data())
def test_products_sums_and_segments(backend: str, dtype: str, data: Any) -> None:
    library = arrays_named(backend, dtype)
    f = library.functions()
    size = data.draw(st.lists(st.integers(1, 4), min_size=4, max_size=4))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    s, u, k, v = size
    a, b = (rng.standard_normal(shape).astype(dtype) for shape in ((s, u, k), (s, k, v)))
    out = np.empty((v, u, s), dtype).T if data.draw(st.booleans()) else np.empty((s, u, v), dtype)
    f["matmul"](library.look(a), library.look(b), library.look(out))
    np.testing.assert_allclose(out, a @ b, rtol=1e-4, atol=1e-5)
    f["matmul"](library.look(a), library.look(b[0]), library.look(out))
    np.testing.assert_allclose(out, a @ b[0], rtol=1e-4, atol=1e-5)
    f["matmul"](library.look(a[0]), library.look(b[0]), library.look(out[0]))
    np.testing.assert_allclose(out[0], a[0] @ b[0], rtol=1e-4, atol=1e-5)
    axes = data.draw(st.sampled_from([0, 1, (0, 2), (0, 1, 2)]))
    total = np.empty(a.sum(axes).shape, dtype)
    f["add"].reduce(library.look(a), axes, None, library.look(total))
    np.testing.assert_allclose(total, a.sum(axes), rtol=1e-4, atol=1e-5)
    counts = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    flat = rng.standard_normal((int(np.sum(counts)), v)).astype(dtype)
    starts = np.cumsum(counts) - counts
    for name in ("add", "maximum", "minimum"):
        found = np.empty((len(counts), v), dtype)
        f[name].reduceat(library.look(flat), library.look(library.segments(starts, len(flat))), 0, None,
                         library.look(found))  # fmt: skip
        np.testing.assert_allclose(found, getattr(np, name).reduceat(flat, starts, 0), rtol=1e-4, atol=1e-5)


@each_library
def test_a_library_has_every_function(backend: str) -> None:
    assert set(arrays_named(backend, "float64").functions()) == set(FUNCTIONS)


# Settings


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"backend": "jax"}, """compile(backend='jax'): expected "auto" or "native" or "numpy" or "torch\""""),
        ({"dtype": "float16"}, """compile(dtype='float16'): expected "float64" or "float32\""""),
        ({"backend": None}, """compile(backend=None): expected "auto" or "native" or "numpy" or "torch\""""),
        ({"dtype": [32]}, """compile(dtype=[32]): expected "float64" or "float32\""""),
    ],
)
def test_a_wrong_name_is_refused(settings: Any, text: str) -> None:
    with pytest.raises(ValueError) as caught:
        compile(lambda x: x, **settings)
    assert str(caught.value) == text


@each_way
def test_the_settings_are_kept_and_explained(backend: str, dtype: str) -> None:
    w = Value(2.0)

    @compile(scalars="never", backend=backend, dtype=dtype)
    def f(x: Any) -> Any:
        return w * x

    assert f(3.0) == 6.0
    assert (f.backend, f.dtype) == (backend, dtype)
    title = {"numpy": "numpy", "torch": "PyTorch"}[backend]
    assert f"They are 1 call of {title} ({dtype}) forward and" in f.explain()
    f.cache_clear()
    assert f(3.0) == 6.0
    assert f"of {title} ({dtype}) forward and" in f.explain()


@NEEDS_TORCH
def test_torch_s_slower_lines_are_in_the_estimate() -> None:
    w = [Value(0.1 * i) for i in range(300)]
    seconds = {}
    for backend in ("numpy", "torch"):
        program = compile(lambda x: sum([(p * x).tanh() for p in w]), backend=backend, scalars="never")
        program(1.0)
        assert program.last is not None
        seconds[backend] = program.last.estimate.arrays
    assert seconds["torch"] > 1.2 * seconds["numpy"]


def test_without_torch_the_error_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['torch'] = None; import autograd_tiny\n"
        "try: autograd_tiny.compile(abs, backend='torch')\nexcept ImportError as e: print(e)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == 'compile(backend="torch") needs torch, which is not installed: pip install torch\n'


def test_a_torch_that_lacks_something_says_so_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "torch.py").write_text("import not_there_at_all")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    with pytest.raises(ModuleNotFoundError, match="No module named 'not_there_at_all'"):
        compile(abs, backend="torch")


def test_numpy_alone_does_not_import_torch() -> None:
    code = (
        "import sys; from autograd_tiny import Value, compile; w = Value(2.0)\n"
        "print(compile(lambda x: w * x, scalars='never', dtype='float32')(3.0), 'torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "6.0 False\n"


# Tensors as inputs, and what else torch's user may have set


@NEEDS_TORCH
@each_way
def test_tensors_are_inputs_as_arrays_are(backend: str, dtype: str) -> None:
    import torch

    w = [Value(2.0), Value(3.0)]
    program = compile(lambda x, k: dot(w, list(x)) * k, scalars="never", backend=backend, dtype=dtype)
    x = torch.tensor([1.0, 4.0])
    assert program(x, torch.tensor(2.0)) == program(x.numpy(), np.float32(2.0)) == program(x, 2.0) == 28.0
    assert program([x[0], x[1]], 2.0) == 28.0
    assert program(torch.stack([x, x + 1.0]), [1.0, 2.0], batch=True).tolist() == [14.0, 38.0]
    with pytest.raises(RuntimeError, match="detach"):
        program(x.requires_grad_(), 2.0)


def test_numpy_s_other_scalars_and_types_are_part_of_the_structure() -> None:
    w = Value(2.0)
    program = compile(lambda x, how: w * x if how in ("double", np.float64) else w + x, scalars="never")
    assert program(3.0, np.str_("double")) == program(3.0, np.float64) == 6.0
    assert program(3.0, np.str_("plus")) == 5.0


@NEEDS_TORCH
def test_torch_s_settings_neither_matter_nor_change() -> None:
    import torch

    w = Value(2.0)
    program = compile(lambda x: (w * x).tanh(), scalars="never", backend="torch")
    x = np.array([0.1, 0.2, 0.3])
    expected = compile(lambda x: (w * x).tanh(), scalars="never").value_and_grad(x, batch=True)
    threads, kind = torch.get_num_threads(), torch.get_default_dtype()
    torch.set_default_dtype(torch.float16)
    torch.set_default_device("meta")
    try:
        with torch.inference_mode():
            within = program.value_and_grad(x, batch=True)
        outside = program.value_and_grad(x, batch=True)
    finally:
        torch.set_default_dtype(kind)
        torch.set_default_device(None)  # not "cpu", which is a context that moves what is elsewhere
    for found in (within, outside):
        np.testing.assert_allclose(found[0], expected[0], rtol=1e-14)
        np.testing.assert_allclose(found[1], expected[1], rtol=1e-13)
    assert torch.get_num_threads() == threads
