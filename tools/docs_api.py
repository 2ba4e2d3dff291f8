"""The public API, listed in one place.

`SECTIONS` is the list: what stands here is public, documented, and kept. A test holds it to what the packages
export, both ways. The pages made of it are in `docs_reference`, which says why they are not mkdocstrings'.

>>> [section.title for section in SECTIONS["autograd_tiny.testing"]][:2]
['Assertions', 'Engines']
"""

from __future__ import annotations

import importlib
import inspect
import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograd_tiny.table.ops import ROWS

PACKAGES = ("autograd_tiny", "nn", "visualize")


@dataclass(frozen=True)
class Section:
    """Names that belong together, under one heading."""

    title: str
    names: tuple[str, ...]
    opening: str = ""


def section(title: str, names: str, opening: str = "") -> Section:
    return Section(title, tuple(names.split()), opening)


SECTIONS: dict[str, tuple[Section, ...]] = {
    "autograd_tiny": (
        section("Numbers that remember", "Value engine"),
        section("Derivatives of functions", "grad value_and_grad jvp vjp jacobian hessian hvp taylor"),
        section("Derivatives of graphs", "gradients"),
        section("Looking at a gradient", "steps forward_steps BackwardPass Step debug explain Ledger find_nonfinite "
                "name_locals track_sources"),
        section("Functions of your own", "custom_gradient implicit stop_gradient"),
        section("Loops and choices", "scan while_loop cond switch"),
        section("Made of primitives", "log_softmax prod mean var std cumsum interp"),
        section("The compiler", "compile load_program select"),
        section("Primitives of your own", "register unregister"),
        section("Settings and errors", "nonfinite AutogradError NonFiniteError ComputedValueError StaleGraphError "
                "RecordingError"),
        Section("Functions", (*(row.name for row in ROWS), "softmax"),
                "One function for each row of the [table of primitives](../primitives.md), where the formulas and "
                "plots are. Each takes Values and plain numbers, and gives a `Value` where it gets one."),
    ),
    "nn": (
        section("Models", "Module Neuron Layer MLP Sequential Dropout"),
        section("Sequences and images", "RNN GRU LSTM Embedding LayerNorm Attention Conv2d MaxPool2d"),
        section("Activations", "ReLU LeakyReLU ELU GELU SiLU Sigmoid Tanh Softplus Softmax activation_module"),
        section("Losses and penalties", "mean_squared_error half_sum_of_squares mean_absolute_error huber "
                "binary_cross_entropy binary_cross_entropy_with_logits cross_entropy hinge l1_penalty l2_penalty "
                "loss_by_name LOSSES"),
        section("Optimisers", "Optimizer SGD RMSProp Adam AdamW clip_gradient_norm clip_gradient_value"),
        section("Schedules", "Schedule StepSchedule ExponentialSchedule CosineSchedule LinearSchedule WarmUp"),
        section("Training", "fit chunked Chunks History Epoch CheckpointError"),
        section("Metrics and data", "accuracy categorical_accuracy r2_score Standardiser one_hot train_test_split"),
        section("Files", "save load read_notes"),
        section("Health of a network", "health Health HealthCheck"),
        section("For scikit-learn", "MLPClassifier MLPRegressor"),
    ),
    "visualize": (
        section("Graphs", "draw_graph svg save_svg save_picture to_mermaid"),
        section("Pages and slides", "write_stepper show_stepper write_playground save_frames"),
        section("Networks and programs", "draw_network NetworkPicture draw_program"),
        section("Curves", "plot_loss plot_history plot_activation plot_decision_boundary plot_gradients plot_descent"),
    ),
    "autograd_tiny.testing": (
        section("Assertions", "assert_gradients check_gradients differentiable GradientReport GradientError "
                "NotDifferentiable Inconclusive"),
        section("Engines", "check_engine EngineReport Adapter gradient_with EngineError ComposedWarning"),
        section("Strategies", "expressions graphs points_for scalars values mlps datasets Expression expression"),
        section("Primitives", "check_primitive custom_primitive PrimitiveError NumericalOnly"),
    ),
}  # fmt: skip

NOT_API = {"annotations", "Any", "TYPE_CHECKING"}


@dataclass(frozen=True)
class Entry:
    """One documented thing: its dotted name, the object, and the class that it belongs to, if any."""

    name: str
    value: Any
    owner: type | None = None

    @cached_property
    def doc(self) -> str:
        """The docstring, or "" where there is none of its own."""
        if self.owner is None and not callable(self.value):
            return ""
        return inspect.cleandoc(getattr(self.value, "__doc__", None) or "")


NOTES = {
    "engine": 'Which engine runs: `"compiled"` or `"python"`. The environment variable `AUTOGRAD_TINY_ENGINE` chooses.',
    "LOSSES": "The losses that `loss_by_name` and `fit` know, by name.",
}
"""What is said of names that have no docstring of their own."""


def exported(module_name: str) -> set[str]:
    """The public names that the module really has: no submodules, nothing that it only imports for itself."""
    module = importlib.import_module(module_name)
    names = {name for name in dir(module) if not name.startswith("_")}  # those too that are taken when asked for
    names -= {name for name in names if isinstance(getattr(module, name), types.ModuleType)}
    if module_name == "nn":  # taken lazily, since they need scikit-learn
        names |= {"MLPClassifier", "MLPRegressor"}
    return names - NOT_API


def entry(module_name: str, name: str) -> Entry:
    """A public name. `Value` is documented as the plain engine has it, whichever runs."""
    if (module_name, name) == ("autograd_tiny", "Value"):
        from autograd_tiny.core.value import Value

        return Entry(name, Value)
    return Entry(name, getattr(importlib.import_module(module_name), name))


def entries(module_name: str) -> Iterator[Entry]:
    """All of a module's public names, in the order of its page."""
    for part in SECTIONS[module_name]:
        for name in part.names:
            yield entry(module_name, name)


def members(found: Entry) -> list[Entry]:
    """A class's public methods and properties, base classes of ours included; fields are in its signature."""
    if not inspect.isclass(found.value):
        return []
    seen: dict[str, Entry] = {}
    rules = {name for row in ROWS for name in (row.name, *row.aliases)} if found.name == "Value" else set()
    for owner in found.value.__mro__:
        if owner.__module__.split(".")[0] not in PACKAGES:
            continue
        for name, raw in vars(owner).items():
            if name.startswith("_") or name in rules or name in seen:
                continue
            if isinstance(raw, (classmethod, staticmethod)):
                raw = raw.__func__
            if isinstance(raw, (property, cached_property)) or inspect.isfunction(raw):
                seen[name] = Entry(f"{found.name}.{name}", raw, owner)
    return list(seen.values())


def undocumented(module_name: str) -> list[str]:
    """The public things of a module that have no docstring; a method may take its base class's."""
    missing = []
    for found in entries(module_name):
        if not found.doc and found.name not in NOTES:
            missing.append(found.name)
        missing += [m.name for m in members(found) if not described(m) and m.name not in NOTES]
    return missing


def described(member: Entry) -> str:
    """A member's docstring, or the one of the method that it overrides."""
    if member.doc or member.owner is None:
        return member.doc
    name = member.name.split(".")[-1]
    for base in member.owner.__mro__[1:]:
        doc = getattr(vars(base).get(name), "__doc__", None)
        if doc:
            return inspect.cleandoc(doc)
    return ""
