"""The reference pages, made from the docstrings of what `docs_api` lists.

Ours, not mkdocstrings: griffe, which reads files, finds no function that is made from the table ("autograd_tiny.tanh
could not be found"), and `names` in a docstring would be no links.

>>> signature(entry("visualize", "write_stepper"))
"write_stepper(root: Value, path: str | Path, *, title: str = '') -> Path"
>>> markdown("As `grad`, but ``2 * x``.")
'As [`grad`](autograd_tiny.md#grad), but ``2 * x``.\\n'
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from functools import cached_property
from typing import Any

from autograd_tiny.table.ops import ROWS
from tools.docs_api import NOTES, SECTIONS, Entry, Section, described, entry, members

OPENINGS = {
    "autograd_tiny": "The engine: values, derivatives, and ways to look at them.",
    "nn": "Networks of scalars: models, losses, optimisers, training.",
    "visualize": "Pictures of graphs, networks and training. Curves need matplotlib, the extra `plot`.",
    "autograd_tiny.testing": "Property tests of derivatives; the chapter is [Testing derivatives](../testing.md).",
}


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
    fields = dataclasses.fields(found.value) if dataclasses.is_dataclass(found.value) else ()
    factories = {field.name for field in fields if field.default_factory is not dataclasses.MISSING}
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
