"""Programs in the pools of others: concurrent.futures, multiprocessing, joblib, cloudpickle, Dask."""

from __future__ import annotations

import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from autograd_tiny import (
    compile,
)
from autograd_tiny.compiler.program import Program

from .test_travelling import V, W, model_program

pytestmark = pytest.mark.once


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
