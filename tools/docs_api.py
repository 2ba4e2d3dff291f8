"""The public API, listed in one place, and the reference pages made of it from the docstrings.

`SECTIONS` is the list: what stands here is public, documented, and kept. A test holds it to what the packages
export, both ways.

>>> [section.title for section in SECTIONS["autograd_tiny.testing"]][:2]
['Assertions', 'Strategies']
>>> signature(entry("visualize", "write_stepper"))
"write_stepper(root: Value, path: str | Path, *, title: str = '') -> Path"
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograd_tiny.ops import ROWS

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
        section("Derivatives of functions", "grad value_and_grad jvp vjp jacobian hessian hvp"),
        section("Derivatives of graphs", "gradients"),
        section("Looking at a gradient", "steps forward_steps BackwardPass Step debug explain Ledger find_nonfinite "
                "name_locals track_sources"),
        section("The compiler", "compile select"),
        section("Primitives of your own", "register unregister"),
        section("Settings and errors", "nonfinite AutogradError NonFiniteError ComputedValueError StaleGraphError "
                "RecordingError"),
        Section("Functions", (*(row.name for row in ROWS), "softmax"),
                "One function for each row of the [table of primitives](../primitives.md), where the formulas and plots "
                "are. Each takes Values and plain numbers, and gives a `Value` where it gets one."),
    ),
    "nn": (
        section("Models", "Module Neuron Layer MLP Sequential Dropout"),
        section("Activations", "ReLU LeakyReLU ELU GELU SiLU Sigmoid Tanh Softplus Softmax activation_module"),
        section("Losses and penalties", "mean_squared_error half_sum_of_squares mean_absolute_error huber "
                "binary_cross_entropy binary_cross_entropy_with_logits cross_entropy hinge l1_penalty l2_penalty "
                "loss_by_name LOSSES"),
        section("Optimisers", "Optimizer SGD RMSProp Adam AdamW clip_gradient_norm clip_gradient_value"),
        section("Schedules", "Schedule StepSchedule ExponentialSchedule CosineSchedule LinearSchedule WarmUp"),
        section("Training", "fit History Epoch CheckpointError"),
        section("Metrics and data", "accuracy categorical_accuracy r2_score Standardiser one_hot train_test_split"),
        section("Files", "save load read_notes"),
        section("Health", "health Health HealthCheck"),
        section("For scikit-learn", "MLPClassifier MLPRegressor"),
    ),
    "visualize": (
        section("Graphs", "draw_graph svg save_svg save_picture to_mermaid write_stepper"),
        section("Networks and programs", "draw_network NetworkPicture draw_program"),
        section("Curves", "plot_loss plot_history plot_activation plot_decision_boundary plot_gradients plot_descent"),
    ),
    "autograd_tiny.testing": (
        section("Assertions", "assert_gradients check_gradients differentiable gradient_with GradientReport "
                "GradientError NotDifferentiable"),
        section("Strategies", "expressions graphs points_for scalars values mlps datasets Expression expression"),
        section("Primitives", "check_primitive custom_primitive PrimitiveError NumericalOnly"),
    ),
}  # fmt: skip

OPENINGS = {
    "autograd_tiny": "The engine: values, derivatives, and ways to look at them.",
    "nn": "Networks of scalars: models, losses, optimisers, training.",
    "visualize": "Pictures of graphs, networks and training. Curves need matplotlib: `pip install 'autograd-tiny[plot]'`.",
    "autograd_tiny.testing": "Property tests of derivatives; the chapter is [Testing derivatives](../testing.md).",
}
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
    "History.learning_rate": "The learning rate of each epoch.",
    "History.gradient_norm": "The gradient's norm in each epoch, before any clipping.",
    "History.seconds": "What each epoch took.",
    "GradientReport.failed": "The derivatives that disagree.",
    "engine": 'Which engine runs: `"compiled"` or `"python"`. The environment variable `AUTOGRAD_TINY_ENGINE` chooses.',
    "LOSSES": "The losses that `loss_by_name` and `fit` know, by name.",
}
"""What is said of names that have no docstring of their own."""


def exported(module_name: str) -> set[str]:
    """The public names that the module really has: no submodules, nothing that it only imports for itself."""
    module = importlib.import_module(module_name)
    names = {name for name in vars(module) if not name.startswith("_")}
    names -= {name for name in names if isinstance(getattr(module, name), types.ModuleType)}
    if module_name == "nn":  # taken lazily, since they need scikit-learn
        names |= {"MLPClassifier", "MLPRegressor"}
    return names - NOT_API


def entry(module_name: str, name: str) -> Entry:
    """A public name. `Value` is documented as the plain engine has it, whichever runs."""
    if (module_name, name) == ("autograd_tiny", "Value"):
        from autograd_tiny.value import Value

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


def signature(found: Entry) -> str:
    """``name(arguments) -> result`` as it would be written in a stub, without the packages' names."""
    name = found.name
    if isinstance(found.value, (property, cached_property)):
        getter = found.value.func if isinstance(found.value, cached_property) else found.value.fget
        result = inspect.signature(getter).return_annotation  # type: ignore[arg-type]
        return f"{name}: {_plain(result)}" if result is not inspect.Signature.empty else name
    try:
        parameters = inspect.signature(found.value)
    except (TypeError, ValueError):
        return name
    listed = list(parameters.parameters.values())
    if found.owner is not None and listed and listed[0].name in ("self", "cls"):
        listed = listed[1:]
    factories = {field.name for field in dataclasses.fields(found.value)
                 if field.default_factory is not dataclasses.MISSING} if dataclasses.is_dataclass(found.value) else set()  # fmt: skip
    listed = [p.replace(default=_Shown("…")) if p.name in factories or _is_opaque(p.default) else p for p in listed]
    text = str(parameters.replace(parameters=listed))
    text = re.sub(r" -> '?None'?$", "", text) if inspect.isclass(found.value) else text
    return name + _plain(text)


class _Shown:
    """A default that prints as the text it was given."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _is_opaque(default: object) -> bool:
    return default is not inspect.Parameter.empty and " at 0x" in repr(default)


def _plain(annotation: object) -> str:
    """Annotations without quotes and module names."""
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    text = re.sub(r"(?<=[:>] )'([^']*)'", r"\1", text)
    return re.sub(
        r"\b(?:autograd_tiny|nn|visualize|collections\.abc|typing|pathlib|os)(?:\.[a-z_]\w*)*\.(?=[A-Z]\w*)", "", text
    )


# Pages


def anchor(name: str) -> str:
    """Case is kept: `health` and `Health` are two things."""
    return name.replace("_", "-").replace(".", "-")


def page(module_name: str) -> str:
    """The reference page of a module, as Markdown."""
    parts = [f"# {module_name}\n", OPENINGS[module_name] + "\n"]
    for part in SECTIONS[module_name]:
        parts.append(f"## {part.title}\n")
        if part.opening:
            parts.append(part.opening + "\n")
        if part.title == "Functions":
            parts.append(function_table(module_name, part))
            continue
        for name in part.names:
            found = entry(module_name, name)
            parts.append(_described(found, level=3))
            own, inherited = _divided(found, members(found))
            parts += [_described(member, level=4) for member in own]
            parts += [f"From {link_to(base)}: {', '.join(f'`{name}`' for name in names)}.\n"
                      for base, names in inherited.items()]  # fmt: skip
            if name == "Value":
                parts.append(_methods_of_the_table())
    return "\n".join(parts)


def _divided(found: Entry, listed: list[Entry]) -> tuple[list[Entry], dict[str, list[str]]]:
    """The members to describe here, and by base class the names of those that are described there."""
    own: list[Entry] = []
    inherited: dict[str, list[str]] = {}
    for member in listed:
        base = member.owner.__name__ if member.owner else ""
        if base != found.name.split(".")[-1] and base in KNOWN:
            inherited.setdefault(base, []).append(member.name.split(".")[-1])
        else:
            own.append(member)
    return own, inherited


def link_to(name: str) -> str:
    return f"[`{name}`]({page_of(KNOWN[name])}#{anchor(name)})"


def _methods_of_the_table() -> str:
    names = ", ".join(f"`{name}`" for row in ROWS for name in (row.name, *row.aliases)
                      if not row.variadic or len(row.arguments) == 1)  # fmt: skip
    return (
        "#### Value: one method a primitive { #value-primitives }\n\n"
        f"{names}; and the operators `+ - * / **`, unary `-` and `abs()`. "
        "See the [table of primitives](../primitives.md).\n"
    )


def function_table(module_name: str, part: Section) -> str:
    """Many small functions as one table: signature, first line."""
    lines = ["| function | gives |", "|---|---|"]
    for name in part.names:
        found = entry(module_name, name)
        first = found.doc.split("\n\n")[0].replace("\n", " ").replace("|", "\\|")
        row = next((row for row in ROWS if row.name == name), None)
        shown = f"{name}({', '.join(_parameters(row))})" if row else signature(found)
        link = f"[`{shown}`](../primitives.md#{anchor(name)})" if row else f"`{shown}`"
        lines.append(f"| {link} | {first} |")
    return "\n".join(lines) + "\n"


def _parameters(row: Any) -> list[str]:
    if row.variadic and len(row.arguments) == 1:
        return [f"*{row.arguments[0]}"]
    plain = len(row.arguments) - len(row.defaults)
    return [*row.arguments[:plain], *(f"{a}={d!r}" for a, d in zip(row.arguments[plain:], row.defaults, strict=True))]


def _described(found: Entry, level: int) -> str:
    doc = described(found) if found.owner else found.doc
    shown = signature(found) if callable(found.value) or found.owner else found.name
    text = NOTES.get(found.name) or markdown(doc)
    head = f"{'#' * level} `{found.name}` {{ #{anchor(found.name)} }}\n"
    return f"{head}\n```python\n{folded(shown)}\n```\n\n{text}\n"


def folded(text: str, width: int = 88) -> str:
    """A long signature with one argument a line.

    >>> print(folded("f(a: int, b: tuple[int, int]) -> int", width=20))
    f(
        a: int,
        b: tuple[int, int],
    ) -> int
    """
    if len(text) <= width or "(" not in text:
        return text
    start = text.index("(")
    depth, end, cuts = 0, len(text), [start]
    quoted = False
    for i, c in enumerate(text):
        quoted ^= c == "'"
        if quoted or i < start:
            continue
        depth += (c in "([{") - (c in ")]}")
        if c == "," and depth == 1:
            cuts.append(i)
        if depth == 0 and i > start:
            end = i
            break
    arguments = [text[a + 1 : b].strip() for a, b in zip(cuts, [*cuts[1:], end], strict=True)]
    return text[: start + 1] + "".join(f"\n    {argument}," for argument in arguments) + "\n" + text[end:]


KNOWN = {name: module for module, parts in SECTIONS.items() for part in parts for name in part.names
         if part.title != "Functions"}  # fmt: skip


def markdown(doc: str) -> str:
    """A docstring as Markdown: doctests in blocks, ``code`` as it is, `names` of the API as links."""
    parts = []
    for paragraph in re.split(r"\n\s*\n", doc):
        if paragraph.lstrip().startswith(">>>"):
            parts.append(f"```pycon\n{inspect.cleandoc(paragraph)}\n```".replace("<BLANKLINE>", ""))
        elif paragraph.startswith("    "):
            parts.append(f"```text\n{inspect.cleandoc(paragraph)}\n```")
        else:
            parts.append(_linked(re.sub(r"(?<!\n)\n- ", "\n\n- ", paragraph, count=1)))
    return "\n\n".join(parts) + "\n"


def _linked(text: str) -> str:
    def link(match: re.Match[str]) -> str:
        name = match[1].rstrip("()")
        module = KNOWN.get(name.split(".")[0])
        return f"[`{match[1]}`]({page_of(module)}#{anchor(name.split('.')[0])})" if module else match[0]

    pieces = re.split(r"(``.+?``)", text, flags=re.DOTALL)
    for i in range(0, len(pieces), 2):  # outside of code: no star is emphasis, no bracket a link
        pieces[i] = re.sub(r"(?<!`)`([\w.]+(?:\(\))?)`(?!`)", link, re.sub(r"([*<])", r"\\\1", pieces[i]))
    return "".join(pieces)


def page_of(module_name: str) -> str:
    return f"{module_name.replace('.', '_')}.md"


def reference() -> dict[str, str]:
    """Path below docs/ -> Markdown, for every module of the API."""
    return {f"reference/{page_of(name)}": page(name) for name in SECTIONS}
