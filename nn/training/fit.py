"""`fit`: train a model on samples and targets, by batch, mini-batch or stochastic descent.

>>> import nn
>>> model = nn.MLP(2, [4, 1], "tanh", seed=1)
>>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [-1, 1, 1, -1]                        # exclusive or
>>> optimizer = nn.SGD(model.parameters(), lr=0.3, momentum=0.9)
>>> history = fit(model, X, y, optimizer=optimizer, batch_size=None, epochs=500, tolerance=1e-3, verbose=0)
>>> history.status, [round(model(x).data) for x in X]
('converged', [-1, 1, 1, -1])

``batch_size`` is None for batch descent, k for mini-batches and 1 for stochastic descent. Every epoch's loss is the
mean over its samples, each at the weights that its batch met; a metric is taken after the epoch.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from autograd_tiny import Value
from autograd_tiny.core.operands import is_number
from autograd_tiny.errors import article, shorten

from .. import settings
from ..initialization import generator
from ..losses import Loss, loss_by_name
from ..module import Module
from ..optim.adaptive import Adam
from ..optim.optimizer import Optimizer
from ..optim.schedules import Schedule
from . import batches
from .callbacks import Callback, listed
from .chunks import chunked, is_chunked
from .distributed import ChunkedRun
from .history import History
from .measures import Metric, measures
from .plan import Plan
from .run import Run
from .stopping import Stopping, monitored


def fit(
    model: Module,
    X: Any,
    y: Any = None,
    *,
    loss: str | Loss = "mean_squared_error",
    optimizer: Optimizer | None = None,
    schedule: Schedule | None = None,
    epochs: int = 100,
    batch_size: int | None = 32,
    shuffle: bool = True,
    seed: int | None = None,
    validation: tuple[Any, Any] | float | None = None,
    metrics: str | Metric | Sequence[str | Metric] = (),
    clip_norm: float | None = None,
    clip_value: float | None = None,
    penalty: Callable[[list[Value]], Value] | None = None,
    tolerance: float | None = None,
    patience: int | None = None,
    min_delta: float = 0.0,
    monitor: str | None = None,
    restore_best: bool = True,
    callbacks: Callback | Sequence[Callback] = (),
    checkpoint: str | Path | None = None,
    checkpoint_every: int = 1,
    resume: bool | Literal["auto"] = "auto",
    compile: bool | Literal["auto"] = "auto",
    threads: int = 1,
    engine: Any = None,
    verbose: int = 1,
) -> History:
    """The history of training ``model`` on the samples ``X`` and the targets ``y``; the model is changed in place.

    Data. ``X`` is a list, tuple, array or frame of samples, each given to the model as a list of floats; ``y`` has a
    target for each, a number or a list. Both may be dicts, one for each sample or one of columns. They are taken in
    batches of ``batch_size`` (None: all at once), in a new order each epoch if ``shuffle``; ``seed`` makes it
    reproducible, without one it comes from Python's ``random``. ``validation`` is another (X, y), or the share of the
    data to hold out, drawn with the seed.

    Loss. A name in `LOSSES` or a function of (outputs, targets), lists of one entry a sample, that gives a Value: a
    mean over the samples, or a sum if it is `half_sum_of_squares`, a ``functools.partial(..., reduction="sum")`` or
    has an attribute ``reduction = "sum"``; of a sum the epoch's loss is the sum over its batches. ``penalty``, a
    function of the parameters such as ``functools.partial(nn.l2_penalty, strength=1e-4)``, is added to each batch's
    loss when its gradient is taken; the losses in the history are without it. ``metrics`` are names in `METRICS` or
    functions of (outputs, targets), both plain numbers; see `measures` for what "accuracy" counts as right.

    Steps. Without an ``optimizer`` it is the schedule's, or ``Adam(lr=0.001)``. The ``schedule`` takes a step each
    epoch. Gradients are brought into ±``clip_value`` first, then to a norm of at most ``clip_norm``.

    The end. ``converged``: an epoch's loss is below ``tolerance``. ``stopped``: the ``monitor`` ("loss",
    "validation_loss", or a metric, better when larger; without it the validation loss if there is one) has not
    improved by more than ``min_delta`` for ``patience`` epochs, a callback returned True or "stop", or Ctrl-C.
    ``diverged``: a number was not finite, or the loss grew to a million times that of the first epoch (or of 1); the
    model then has the latest weights, of the start of an epoch, whose loss was sound. ``completed``: all ``epochs``.
    With ``patience`` the model ends with the weights of the best epoch, unless ``restore_best=False``.

    Speed. With ``compile="auto"`` the loss of a sample is recorded once and replayed by numpy for whole batches, where
    numpy is installed, the work is worth it, and the program has given the graph's loss and gradients on the first
    samples; ``history.evaluation`` says which way it went and why. ``True`` demands it, ``False`` builds the graph
    anew for each batch. Losses agree to about 1e-12. A program divides batches of thousands among up to ``threads``
    threads; the bits are the same for any number.

    Chunks. With an ``engine``, a ``dask.distributed.Client`` or a ``joblib.Parallel``, or where ``X`` is a folder,
    files, Dask collections or functions that read (see `chunked`), gradients are taken chunk by chunk where each is
    read, and added up in the order of the chunks: the bits do not depend on how many workers there are. A batch is
    then as many whole chunks as have ``batch_size`` samples together, None is all; metrics are those of the
    validation data, which stay here.

    ``callbacks`` are called with the `Epoch` after each one. ``checkpoint`` names a file that is written after every
    ``checkpoint_every`` epochs and at the end. If it is there, the run goes on from it, to the same bits as one
    never interrupted; that of another model, data set or setting is a `CheckpointError`. ``resume=False`` starts anew
    and replaces it; ``resume=True`` demands that it is there. ``verbose`` is 0 for silence, 1 for a bar with the
    time left (about ten lines where the output is no terminal), 2 for a line an epoch.
    """
    if not isinstance(model, Module) or not callable(model):
        got = f"{shorten(model)}, {article(type(model).__name__)}"
        raise TypeError(f"fit(model) got {got}: expected an nn.Module that can be called with a sample, such as nn.MLP")
    function = loss_by_name(loss)
    chunks = chunked(X, y) if engine is not None or is_chunked(X) else None
    held_out = _validation(validation)
    if chunks is not None:
        _check_chunked(held_out, metrics, compile)
        labels = held_out[1] if isinstance(held_out, tuple) else []
    else:
        X, labels = batches.pair(("X", "y"), X, y)
    if penalty is not None and not callable(penalty):
        raise TypeError(f"fit(penalty) got {shorten(penalty)}: expected a function of the parameters")
    named = measures(metrics, function, labels)
    plan = Plan(
        model=model,
        X=X if chunks is None else chunks,
        y=labels,
        validation=held_out,
        loss=function,
        penalty=penalty,
        metrics=named,
        optimizer=_optimizer(model, optimizer, schedule),
        schedule=schedule,
        epochs=settings.whole("fit(epochs)", epochs),
        batch_size=None if batch_size is None else settings.whole("fit(batch_size)", batch_size),
        shuffle=settings.flag("fit(shuffle)", shuffle),
        seed=seed,
        rng=random.Random(random.getrandbits(64)) if seed is None else generator(seed),
        clip_norm=None if clip_norm is None else settings.bound("fit(clip_norm)", clip_norm),
        clip_value=None if clip_value is None else settings.bound("fit(clip_value)", clip_value),
        stopping=Stopping(
            tolerance=tolerance,
            patience=patience,
            min_delta=min_delta,
            monitor=monitored(monitor, list(named), validation is not None),
            keep_weights=settings.flag("fit(restore_best)", restore_best),
        ),
        callbacks=listed(callbacks),
        checkpoint=_path(checkpoint),
        checkpoint_every=settings.whole("fit(checkpoint_every)", checkpoint_every),
        resume=_one_of("resume", resume, (True, False, "auto")),
        verbose=_one_of("verbose", verbose, (0, 1, 2)),
        compile=_one_of("compile", compile, (True, False, "auto")) if chunks is None else True,
        engine=engine,
        threads=settings.whole("fit(threads)", threads),
    )
    return (Run if chunks is None else ChunkedRun)(plan).train()


def _check_chunked(validation: Any, metrics: Any, compile: Any) -> None:
    if isinstance(validation, float):
        raise ValueError("fit(validation) got a share of data in chunks: expected (X, y)")
    if metrics and validation is None:
        raise ValueError("fit(metrics) of data in chunks are those of the validation data: give validation=(X, y)")
    if compile is False:
        raise ValueError("fit(compile=False) with data in chunks: a worker trains by a compiled program")


def _optimizer(model: Module, optimizer: Any, schedule: Any) -> Optimizer:
    """The optimiser to step; an error unless it moves the model, and the schedule moves its rate."""
    if schedule is not None and not isinstance(schedule, Schedule):
        raise TypeError(
            f"fit(schedule) got {shorten(schedule)}: expected a schedule, such as nn.StepSchedule(optimizer, 10)"
        )
    parameters = model.parameters()
    if not parameters:
        raise ValueError(f"fit(model) got {shorten(model)}, which has no parameters: there is nothing to train")
    if optimizer is None:
        optimizer = schedule.optimizer if schedule else Adam(parameters, lr=0.001)
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"fit(optimizer) got {shorten(optimizer)}, {article(type(optimizer).__name__)}: "
            "expected an optimiser, such as nn.SGD(model.parameters(), lr=0.1)"
        )
    if schedule is not None and schedule.optimizer is not optimizer:
        raise ValueError("fit(schedule) got a schedule of another optimiser: make it with the one given to fit")
    if not set(parameters) & set(optimizer.parameters):
        raise ValueError(
            "fit(optimizer) got an optimiser of none of this model's parameters: "
            f"write nn.{optimizer.kind}(model.parameters(), lr={optimizer.lr:g})"
        )
    return optimizer


def _validation(given: Any) -> tuple[list[Any], list[Any]] | float | None:
    if given is None:
        return None
    if isinstance(given, (tuple, list)) and len(given) == 2:
        return batches.pair(("validation X", "validation y"), *given)
    if isinstance(given, bool) or not is_number(given):
        got = f"{shorten(given)}, {article(type(given).__name__)}"
        raise TypeError(f"fit(validation) got {got}: expected (X, y), or a share of the data such as 0.2")
    if not 0.0 < given < 1.0:
        raise ValueError(f"fit(validation) got {given!r}: expected (X, y), or a share of the data between 0 and 1")
    return float(given)


def _path(given: Any) -> Path | None:
    if given is not None and not isinstance(given, (str, PathLike)):
        raise TypeError(f"fit(checkpoint) got {shorten(given)}, {article(type(given).__name__)}: expected a file name")
    path = None if given is None else Path(given)
    if path is not None and (path.is_dir() or not path.parent.is_dir()):
        what = "it is a folder" if path.is_dir() else f"there is no folder {str(path.parent)!r}"
        raise ValueError(f"fit(checkpoint) got {str(path)!r}: {what}; expected the name of a file to write")
    return path


def _one_of(name: str, given: Any, allowed: tuple[Any, ...]) -> Any:
    if not any(given is one or (type(given) is type(one) and given == one) for one in allowed):
        raise ValueError(
            f"fit({name}) got {shorten(given)}: expected {', '.join(map(repr, allowed[:-1]))} or {allowed[-1]!r}"
        )
    return given
