"""`to_mermaid`: the graph as text for Markdown, which GitHub, GitLab and notebooks draw by themselves.

>>> from autograd_tiny import Value
>>> a = Value(3.0, "a")
>>> L = a * a
>>> L.backward()
>>> print(to_mermaid(L))
flowchart LR
  v0["<b>a</b><br/>value 3<br/>gradient 6"]
  v1["value 9<br/>gradient 1"]
  op1(("×"))
  op1 --> v1
  v0 -- "3" --> op1
  v0 -- "3" --> op1
  classDef leaf fill:#e4f1fa,stroke:#0072b2,color:#1f2933
  class v0 leaf
  classDef root fill:#fdefe3,stroke:#d55e00,color:#1f2933
  class v1 root
"""

from __future__ import annotations

from typing import Any

from autograd_tiny import Value

from .arguments import checked
from .boxes import Look, says, symbol
from .choosing import choose_view
from .graph import edge_text, has_circle, look_of
from .text import clean
from .view import Box, View

SAFE = frozenset(" .,+-=()abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


def to_mermaid(root: Value, **options: Any) -> str:
    """The graph as a Mermaid flowchart, for a fenced block called ``mermaid``; the options are `draw_graph`'s.

    Local derivatives stand on the edges unless ``show_local=False``. Mermaid has no legend and no tooltips, so
    gradients are numbers only.
    """
    given = checked(root, **{"show_local": True, **options})
    chosen = choose_view(given)
    view = chosen.view
    look = look_of(view, given)
    out = [f"flowchart {given.rankdir}"]
    kinds: dict[str, list[str]] = {}
    _boxes(view, look, out, kinds)
    for edge in view.edges:
        target = edge.target.key
        if has_circle(edge.target, view, look):
            target = f"op{target[1:]}"
            arrow = f"  {target} --> {edge.target.key}"
            if arrow not in out:
                out.append(arrow)
        text = edge_text(edge, given, look)
        label = f'-- "{escaped(text)}" ' if text else ""
        out.append(f"  {edge.source.key} {label}--> {target}")
    for i, note in enumerate(chosen.notes):
        out.append(f'  note{i}["{escaped(note)}"]')
    for kind, keys in kinds.items():
        colors = f"fill:{look.theme.fills[kind]},stroke:{look.theme.borders[kind]},color:{look.theme.ink}"
        out += [f"  classDef {kind} {colors}", f"  class {','.join(keys)} {kind}"]
    return "\n".join(out)


LIKE = {"module": "folded", "group": "folded", "input": "constant", "more": "constant"}
"""The kinds of box that look like another."""


def _boxes(view: View, look: Look, out: list[str], kinds: dict[str, list[str]]) -> None:
    """Each box, in the subgraphs of its modules."""
    opened: tuple[str, ...] = ()
    tree = look.tree
    places: dict[tuple[str, ...], list[Box]] = {}
    for box in view.boxes:
        chain = tree.chain(box.place) if tree is not None and box.place is not None else ()
        places.setdefault(chain, []).append(box)
    by_place = sorted(places, key=lambda chain: tuple(tree.order[name] for name in chain) if tree is not None else ())
    for chain in by_place:
        shared = 0
        while shared < min(len(chain), len(opened)) and chain[shared] == opened[shared]:
            shared += 1
        out += [f"{'  ' * depth}end" for depth in range(len(opened), shared, -1)]
        for depth, name in enumerate(chain[shared:], shared + 1):
            assert tree is not None
            out.append(f'{"  " * depth}subgraph m{tree.order[name]}["{escaped(tree.title(name))}"]')
        opened = chain
        for box in places[chain]:
            indent = "  " * (len(chain) + 1)
            out.append(f'{indent}{box.key}["{_words(box, look)}"]')
            if has_circle(box, view, look):
                out.append(f'{indent}op{box.key[1:]}(("{escaped(symbol(box.node, look))}"))')
            kind = LIKE.get(box.kind, box.kind)
            if kind != "interior":
                kinds.setdefault(kind, []).append(box.key)
    out += [f"{'  ' * depth}end" for depth in range(len(opened), 0, -1)]


def _words(box: Box, look: Look) -> str:
    card = says(box, look)
    title = [f"<b>{'<br/>'.join(escaped(line) for line in card.title)}</b>"] if card.title else []
    return "<br/>".join([*title, *(escaped(f"{word} {shown}".strip()) for word, shown in card.rows)])


def escaped(text: str) -> str:
    """The text for a quoted label: whatever could be Mermaid, Markdown or HTML becomes a character's number.

    >>> escaped('<b> "x" #1; `')
    '#60;b#62; #34;x#34; #35;1#59; #96;'
    """
    line = " ".join(clean(text).split())
    return "".join(c if c in SAFE or ord(c) > 127 else f"#{ord(c)};" for c in line)
