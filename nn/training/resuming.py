"""The state of a training run as a dict for JSON, and a run brought to such a state, whole or not at all."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd_tiny.files.leftovers import clear_leftovers

from .. import settings
from . import checkpoints
from .history import History

if TYPE_CHECKING:
    from .run import Run


def save(run: Run, path: Path) -> None:
    """Write all that the epochs to come depend on."""
    plan = run.plan
    generators = checkpoints.generators(plan.model, plan.rng)
    checkpoints.write(
        path,
        {
            "run": run.description,
            "parameters": run.weights(),
            "good": run.divergence.good,
            "optimizer": plan.optimizer.state_dict(),
            "schedule": plan.schedule.state_dict() if plan.schedule else None,
            "stopping": run.stopping.state_dict(),
            "held_out": run.held_out,
            "random": {name: checkpoints.random_state(rng) for name, rng in generators.items()},
            "history": run.history.to_dict(),
        },
    )


def resume(run: Run, path: Path, mode: bool | str) -> None:
    """Bring ``run`` to the state in the file, if there is one and ``mode`` is not False; all of it or nothing."""
    run.description = run.plan.description()
    clear_leftovers(Path(os.path.realpath(path)))  # a run that has nothing left to do writes nothing, and clears too
    if mode is False:
        return
    if not path.exists():
        if mode is True:
            raise FileNotFoundError(
                f"fit(resume=True): there is no checkpoint {str(path)!r}; resume='auto' starts anew"
            )
        return
    state = checkpoints.read(path, run.description)
    try:
        _restore(run, state)
    except (TypeError, ValueError, KeyError) as error:
        raise checkpoints.unusable(path, f"does not fit: {error}") from None


def _restore(run: Run, state: dict[str, Any]) -> None:
    plan, count = run.plan, len(run.parameters)
    weights = settings.finite_list("parameters", state["parameters"], count)
    good = settings.finite_list("good", state["good"], count)
    history = History.from_dict(state["history"])
    held_out = checkpoints.check_held_out(state["held_out"], len(plan.X), len(run.held_out))
    generators = checkpoints.generators(plan.model, plan.rng)
    states = state["random"]
    if not isinstance(states, dict) or set(states) != set(generators):
        raise ValueError(f"it has random numbers of {', '.join(states) or 'nothing'}: expected {', '.join(generators)}")
    for name in generators:
        checkpoints.set_random_state(random.Random(), states[name])  # a trial: it raises if it is none
    if (state["schedule"] is None) != (plan.schedule is None):
        raise ValueError("its schedule is missing, or one too many")
    before = plan.optimizer.state_dict()
    stopping = run.stopping.state_dict()
    try:
        run.stopping.load_state_dict(state["stopping"], count)
        plan.optimizer.load_state_dict(state["optimizer"])
        if plan.schedule is not None:
            plan.schedule.load_state_dict(state["schedule"])  # the last that can fail, and it is whole or not at all
    except BaseException:
        run.stopping.load_state_dict(stopping, count)
        plan.optimizer.load_state_dict(before)
        raise
    for name, rng in generators.items():
        checkpoints.set_random_state(rng, states[name])
    run.set_weights(weights)
    run.history, run.held_out = history, held_out
    run.divergence.good = good
    run.divergence.first = history.loss[0] if history.records else None
