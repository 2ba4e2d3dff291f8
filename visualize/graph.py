"""`draw_graph`: the computation graph as a picture, in the notation of the lectures.

A box for each value, with its label, number and gradient; a circle for the operation that made it. After
``backward`` the edges show by colour and width how much gradient flows along them. Nodes are named by their place
in topological order, never by ``id()``, so that the same graph gives the same bytes.

>>> from autograd_tiny import Value
>>> a = Value(3.0, "a")
>>> print(draw_graph(a + a).source.count("v0 -> op1"))
2

Above some 300 values nothing is legible any more and ``dot`` takes half a minute, so a large graph is folded: by
module, where ``model=`` says which there are, else by drawing similar values as one box.

>>> import nn
>>> model = nn.MLP(2, [16, 16, 1], seed=0)
>>> loss = (model([1.0, -1.0]) - 1.0) ** 2
>>> draw_graph(loss, model=model).source.count("parameters")
3
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import graphviz

from autograd_tiny import Value
from autograd_tiny.explaining.derived import labelled
from autograd_tiny.explaining.names import Names
from autograd_tiny.explaining.network_names import lowered, network_names
from autograd_tiny.explaining.wording import local_formula, name_of

from .accessible import Description, accessible
from .arguments import MAX_NODES, MAX_PARENTS, Arguments, checked
from .boxes import Look, dot_box, dot_circle, says, symbol
from .choosing import LEGIBLE_COUNTS, choose_view
from .given import is_filled
from .layout import layout
from .legend import dot_caption
from .scale import Scale
from .style import FONTS, TEXT_SIZE
from .text import cut, number, quoted_text, tooltip_text
from .view import Box, Edge, View

SIDES = {"LR": "e", "TB": "s", "RL": "w", "BT": "n"}
"""The side of a box from which edges leave, for each direction of drawing."""
OPPOSITE = {"e": "w", "w": "e", "s": "n", "n": "s"}


class Drawing(graphviz.Digraph):  # type: ignore[misc]
    """A ``graphviz.Digraph`` that shows itself in a notebook even where graphviz-pure is all there is."""

    description: Description
    font: str = FONTS

    def _repr_image_svg_xml(self) -> str:
        return self.svg()

    def svg(self) -> str:
        """The picture, with titles and roles for screen readers."""
        return accessible(layout(self.source, self.engine).replace(FONTS, self.font), self.description)


def draw_graph(
    root: Value,
    *,
    rankdir: str = "LR",
    show_local: bool | str = False,
    digits: int = 4,
    boxes: str = "full",
    theme: str = "light",
    gradients: bool = True,
    focus: Value | Sequence[Value] | None = None,
    model: Any = None,
    depth: int | None = None,
    expand: str | Sequence[str] = (),
    collapse: bool | None = None,
    max_parents: int | None = MAX_PARENTS,
    max_nodes: int | None = MAX_NODES,
    font: str = FONTS,
    font_size: float = TEXT_SIZE,
    format: str = "svg",
) -> graphviz.Digraph:
    """A ``graphviz.Digraph`` of the graph below ``root``, drawn from left to right (or ``rankdir="TB"``, downward).

    Before ``backward`` there are no gradients to show, and the picture says so. The options are

    - ``show_local``: True writes each local derivative on its edge, ``"formula"`` its formula too;
    - ``digits``: so many significant digits, 4;
    - ``boxes``: ``"compact"`` puts the operation into the box of its value; ``"full"``;
    - ``theme``: ``"light"`` or ``"dark"``;
    - ``font``, ``font_size``: the type, and its size in points: 11 for the numbers, and the rest goes with it;
    - ``gradients``: False draws all edges alike, without a legend;
    - ``focus``: a value, for the paths from it to the root, or two, for the paths between them;
    - ``model``: an ``nn.Module``, or a list or dict of them, whose modules frame their values;
    - ``depth``: how many levels of modules are open (0: the model is one box; 1: its layers are);
    - ``expand``: the name of a module to open besides, such as ``"layers.0"``, or a list of them;
    - ``collapse``: True draws similar values, the 16 ReLUs of a layer, as one box; False never does;
    - ``max_parents``: of a value with more edges than this, 32, the rest is counted in one box;
    - ``max_nodes``: above so many boxes, 300, the picture folds by itself and says how to unfold it. If it cannot
      be folded that far: `GraphTooLarge`, a ``ValueError``. None lifts the limit.
    """
    given = checked(
        root, rankdir=rankdir, show_local=show_local, digits=digits, boxes=boxes, theme=theme, gradients=gradients,
        focus=focus, model=model, depth=depth, expand=expand, collapse=collapse, max_parents=max_parents,
        max_nodes=max_nodes, font=font, font_size=font_size,
    )  # fmt: skip
    chosen = choose_view(given)
    view, look = (
        chosen.view,
        look_of(chosen.view, given),
    )
    scale = Scale(view.flows(), given.theme) if given.gradients and root.backward_ran else None
    picture = Drawing("computation_graph", format=format, node_attr=given.theme.node, edge_attr=given.theme.edge)
    crowded = min(1.5, 0.12 * len(view.edges) / len(view.boxes))  # many edges between two columns need room
    apart = f"{0.35 + (crowded if given.tree is not None else 0.0):.2f}"
    picture.font = given.theme.font
    picture.graph_attr.update(given.theme.graph, rankdir=rankdir, ranksep=apart)
    caption = dot_caption(chosen.notes, scale, given.theme, given.digits)
    if caption:
        picture.graph_attr["label"] = caption
    parts = _draw_boxes(picture, view, look)
    _draw_edges(picture, view, look, given, scale)
    picture.description = Description(
        f"Computation graph of {cut(name_of(root))}",
        f"{len(view.order):,} values in {len(view.holding):,} boxes; the root is {number(root.data, given.digits)}. "
        + " ".join(f"{note}." for note in chosen.notes),
        parts,
    )
    return picture


def look_of(view: View, given: Arguments) -> Look:
    """The settings of a picture's boxes, with the textbook names of the networks in it."""
    tree = view.folding.tree
    parameters = tree.named_parameters() if tree is not None else {}
    names = network_names(view.order, parameters) if tree is not None else {}
    formulas = Names(view.order, parameters, networks=True) if tree is not None else None
    ran = view.root.backward_ran
    return Look(given.theme, given.digits, given.compact, tree, names, ran, labelled(view.order), formulas)


def _draw_boxes(picture: graphviz.Digraph, view: View, look: Look) -> dict[str, str]:
    """Add the boxes and circles, each in the cluster of its module; gives what each is in words."""
    tree = look.tree
    within: dict[str | None, list[Any]] = {}
    parts: dict[str, str] = {}
    for box in view.boxes:
        within.setdefault(box.place, []).append(box)

    def module_first(box: Box) -> int:
        """Folded modules in the order of the model, before the values, which stay in theirs."""
        return tree.order[box.module] if tree is not None and box.module is not None else len(view.order)

    def fill(graph: graphviz.Digraph, place: str | None) -> None:
        """Draw what stands in a module, and in those within it."""
        for box in sorted(within.get(place, ()), key=module_first):
            card = says(box, look)
            parts[box.key] = card.alt
            graph.node(box.key, **dot_box(box, look, card))
            if has_circle(box, view, look):
                graph.node(f"op{box.key[1:]}", **dot_circle(symbol(box.node, look), look.theme))
                parts[f"op{box.key[1:]}"] = f"operation {box.node.op}"
        if tree is None:
            return
        inner = tree.within[place] if place is not None else [n for n, outer in tree.around.items() if outer is None]
        for name in inner:
            if not any(name in tree.chain(other) for other in within if other is not None):
                continue
            key = f"cluster_m{tree.order[name]}"
            with graph.subgraph(name=key) as cluster:
                depth = tree.depth(name)
                cluster.attr(
                    label=quoted_text(tree.title(name)), style="rounded,filled", labeljust="l", margin="10",
                    fillcolor=look.theme.clusters[depth % 2], color=look.theme.fills["folded"],
                    fontcolor=look.theme.muted, fontsize=f"{look.theme.text_size:g}",
                    tooltip=tooltip_text(tree.title(name)),
                )  # fmt: skip
                parts[key] = f"module {tree.title(name)}"
                fill(cluster, name)

    fill(picture, None)
    return parts


def has_circle(box: Box, view: View, look: Look) -> bool:
    """Whether a value's operation has a circle of its own."""
    if not box.is_value or not box.node.parents or look.compact or box.beside:
        return False
    return view.paths is None or box.node is not view.paths.start


def _draw_edges(picture: graphviz.Digraph, view: View, look: Look, given: Arguments, scale: Scale | None) -> None:
    tailport = SIDES[given.rankdir]  # towards a corner an edge would stop short of the rounded box
    circled = set()
    # A label takes a place of its own in the layout: many counts between two columns make hoops as high as a page.
    silent = set(view.counted) if len(view.counted) > LEGIBLE_COUNTS else set()
    for edge in view.edges:
        target, box = edge.target.key, edge.target
        if has_circle(box, view, look):
            target = f"op{box.key[1:]}"
            if box not in circled:
                circled.add(box)
                strength = _strength(scale, box.node.grad if box.node.backward_ran else None)
                picture.edge(target, box.key, weight="4", **strength)
        text = "" if edge in silent else edge_text(edge, given, look)
        label = {"label": f"  {quoted_text(text)}  "} if text else {}
        if label and edge.local is None:  # a count, in the colour of notes
            label["fontcolor"] = look.theme.muted
        tips = _edge_tip(edge, given)
        head = {} if edge.target.is_value else {"headport": OPPOSITE[tailport]}
        picture.edge(edge.source.key, target, **label, tailport=tailport, **head, **_strength(scale, edge.flow), **tips)


def _strength(scale: Scale | None, flow: float | None) -> dict[str, str]:
    if scale is None or flow is None:
        return {}
    wide = scale.width(flow)
    return {"color": scale.color(flow), "penwidth": f"{wide:.2f}", "arrowsize": f"{0.45 + 0.12 * wide:.2f}"}


def edge_text(edge: Edge, given: Arguments, look: Look) -> str:
    """What stands on an edge: how many it is, or its local derivative, in the names that the boxes have."""
    if edge.count > 1 and edge.source.kind != "more":
        return f"×{edge.count:,}"
    if edge.local is None or not given.show_local:
        return ""
    shown = number(edge.local, given.digits)
    if given.show_local != "formula":
        return shown
    node = edge.target.node
    if is_filled(node):
        formula = f"x{lowered(edge.slot + 1)}"
    else:
        formula = look.formulas.local_formula(node, edge.slot) if look.formulas else local_formula(node, edge.slot)
    return shown if _is_number(formula) or len(formula) > 40 else f"{formula} = {shown}"


def _edge_tip(edge: Edge, given: Arguments) -> dict[str, str]:
    """What pointing at an edge shows: the product that flows along it."""
    if edge.flow is None:
        return {}
    flow = number(edge.flow, given.digits)
    if edge.local is not None:
        upstream = number(edge.target.node.grad, given.digits)
        said = f"upstream {upstream} × local derivative {number(edge.local, given.digits)} = {flow}"
    else:
        said = f"gradient {flow}" if edge.count == 1 else f"the largest gradient of {edge.count:,} edges: {flow}"
    return {"tooltip": tooltip_text(said), "labeltooltip": tooltip_text(said)}


def _is_number(text: str) -> bool:
    try:
        float(text.replace("−", "-"))
    except ValueError:
        return False
    return True
