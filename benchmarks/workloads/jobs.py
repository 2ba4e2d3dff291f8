"""Jobs of machine learning, finance and engineering, next to numpy by hand, jax.jit, CasADi and PyTorch: the list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..harness import Workload
from ..peers import jobs_jax, scalar_jobs
from .job import BUFFERS, CASADI, JAX, job, learned, with_jax
from .job_formulas import asian_runs, hessians_runs, scalar_runs
from .job_networks import (
    autoencoder_data,
    autoencoder_loss,
    block_data,
    block_loss,
    convolution_data,
    convolution_loss,
    demo,
    gpt_runs,
    hinge_runs,
    images_runs,
    informed_data,
    informed_loss,
    lstm_data,
    lstm_loss,
    wide,
)  # fmt: skip
from .replay import NUMPY, PYTORCH


def with_casadi(name: str, title: str, function: str, mode: str, at: Any) -> Workload:
    return job(name, title, lambda: scalar_runs(function, mode, at), [CASADI, BUFFERS], {CASADI: 0.8})


LAYERS = {NUMPY: 0.35, JAX: 0.35}
JOBS: Sequence[Workload] = (
    job("job-demo", "micrograd's demo net, 100 samples", lambda: hinge_runs(demo), [NUMPY, JAX], LAYERS),
    job("job-wide", "64-32-16-1, 32 samples", lambda: hinge_runs(wide), [NUMPY, JAX], LAYERS),
    job("job-gpt-4", "The GPT, a word of 4 letters", lambda: gpt_runs("cats"), [NUMPY, JAX], {NUMPY: 0.35}),
    job("job-gpt-15", "The GPT, a word of 15 letters", lambda: gpt_runs("abcdefghijklmno"), [NUMPY, JAX],
        {NUMPY: 0.35}),
    job("job-images", "4096-8-1, 209 samples", images_runs, [NUMPY, PYTORCH, JAX],
        dict.fromkeys((NUMPY, PYTORCH, JAX), 1.0)),
    with_jax("job-block", "A transformer block, 16 positions of 32", lambda: learned(
        block_data, block_loss, jobs_jax.block, batch=False)),
    with_jax("job-lstm", "An LSTM of 20 steps, 32 samples", lambda: learned(lstm_data, lstm_loss, jobs_jax.lstm)),
    with_jax("job-convolution", "A convolution on digits, 64 samples", lambda: learned(
        convolution_data, convolution_loss, jobs_jax.convolution)),
    with_jax("job-autoencoder", "A variational autoencoder, 64 samples", lambda: learned(
        autoencoder_data, autoencoder_loss, jobs_jax.autoencoder)),
    with_jax("job-informed", "A physics-informed net, 64 points", lambda: learned(
        informed_data, informed_loss, jobs_jax.informed)),
    with_jax("job-hessians-1000", "1,000 Black-Scholes Hessians", lambda: hessians_runs(1_000)),
    with_jax("job-hessians-100000", "100,000 Black-Scholes Hessians", lambda: hessians_runs(100_000)),
    with_jax("job-asian", "An Asian option, 100,000 paths, with Greeks", asian_runs, 0.6),
    with_casadi("job-kalman", "A Kalman filter's likelihood, 100 observations, with gradient", "log_likelihood",
                "gradient", [0.3, 0.1]),
    with_casadi("job-fit", "Lotka and Volterra, 200 Runge-Kutta steps: gradient", "misfit", "gradient",
                scalar_jobs.FIT),
    with_casadi("job-fit-jacobian", "The same: the Jacobian, 40 × 6", "populations", "jacobian", scalar_jobs.FIT),
    with_casadi("job-curve", "A curve of 30 swap rates: the Jacobian", "zero_rates", "jacobian", scalar_jobs.QUOTES),
    with_casadi("job-arm", "An arm of six joints: the Jacobian", "hand", "jacobian", scalar_jobs.ANGLES),
)  # fmt: skip
