"""What of a graph is drawn: which nodes get a box of their own, which share one, and the edges between boxes.

A view knows nothing of DOT or Mermaid, which both draw it. Its boxes are single values, folded modules, groups of
similar values, a network's inputs, and the "… 90 more" in place of the parents that a picture leaves out.

>>> import nn
>>> from autograd_tiny.core import topological_order
>>> model = nn.MLP(2, [16, 16, 1], seed=0)
>>> loss = (model([1.0, 2.0]) - 1.0) ** 2
>>> view = View(loss, topological_order(loss), Folding(ModuleTree(model), depth=1))
>>> [box.key for box in view.boxes], len(view.edges)
(['m35', 'm18', 'm1', 'v435', 'v436', 'v437', 'v438', 'x0'], 7)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from autograd_tiny import Value

from .focus import Paths
from .given import Given, givens, is_filled
from .modules import ModuleTree
from .similar import similarity

FEWEST_SIMILAR = 3
"""So many similar values or more share a box."""


@dataclass(eq=False, slots=True)
class Box:
    """One box of a picture. ``kind`` is leaf, constant, interior, root, module, group, input or more."""

    key: str
    kind: str
    nodes: list[Value]
    place: str | None = None
    """The module in whose cluster the box stands."""
    module: str | None = None
    """The module that is folded in the box."""
    beside: bool = False
    """Whether it only feeds a path in focus, and what is below it is left out."""
    left_out: int = 0
    given: tuple[Given, ...] = ()
    """The plain numbers that an input's box stands for."""

    @property
    def node(self) -> Value:
        return self.nodes[0]

    @property
    def is_value(self) -> bool:
        return self.kind in ("leaf", "constant", "interior", "root")


@dataclass(eq=False, slots=True)
class Edge:
    """From a parent's box to the box that uses it; between folded boxes one for ``count`` edges of the graph."""

    source: Box
    target: Box
    slot: int = 0
    count: int = 1
    local: float | None = None
    flow: float | None = None
    """The gradient that flows along it: upstream × local derivative; of several the largest. None before backward."""


@dataclass(frozen=True)
class Folding:
    """How much is drawn apart: modules to this depth and those in ``expand``, similar values if not ``collapse``."""

    tree: ModuleTree | None = None
    depth: int | None = None
    expand: frozenset[str] = frozenset()
    collapse: bool = False
    max_parents: int | None = None

    def folded_in(self, place: str | None) -> str | None:
        """The outermost module around ``place`` that is not opened."""
        if place is None or self.tree is None or self.depth is None:
            return None
        for depth, name in enumerate(self.tree.chain(place)):
            if depth >= self.depth and name not in self.expand:
                return name
        return None


@dataclass
class View:
    """The boxes, in topological order of their first nodes, and the edges, in the order of the graph."""

    root: Value
    order: list[Value]
    folding: Folding
    paths: Paths | None = None
    places: dict[Value, str] | None = None
    boxes: list[Box] = field(init=False)
    edges: list[Edge] = field(init=False)

    def __post_init__(self) -> None:
        tree = self.folding.tree
        if self.places is None:
            self.places = tree.places(self.order) if tree is not None else {}
        self._index = {node: i for i, node in enumerate(self.order)}
        self._drawn = self._nodes_to_draw()
        self._box_of = self._boxed(self.places)
        self.edges = self._edges()
        self.boxes_of_all = len(set(self._box_of.values()))
        """How many boxes there would be if no parents were left out."""
        if self.folding.max_parents is not None:
            self._leave_out(self.folding.max_parents)
        self.edges = [*self._input_edges(), *self.edges]
        self.boxes = self._reached()

    @property
    def shows_gradients(self) -> bool:
        return self.root.backward_ran

    @property
    def holding(self) -> list[Box]:
        """The boxes of values: all but those of a network's inputs."""
        return [box for box in self.boxes if box.kind != "input"]

    @property
    def counted(self) -> list[Edge]:
        """The edges that stand for several of the graph."""
        return [edge for edge in self.edges if edge.count > 1 and edge.source.kind != "more"]

    def _nodes_to_draw(self) -> list[Value]:
        if self.paths is None:
            return self.order
        kept = self.paths.nodes
        beside = {p for node in kept if node is not self.paths.start for p in node.parents} - kept
        return [node for node in self.order if node in kept or node in beside]

    def _boxed(self, places: dict[Value, str]) -> dict[Value, Box]:
        """Each node's box."""
        box_of: dict[Value, Box] = {}
        folding = self.folding
        shared: dict[str | int, Box] = {}
        classes: dict[Value, int] = {}
        sizes: dict[int, int] = {}
        if folding.collapse:
            apart = {node: folding.folded_in(place) or f"in {place}" for node, place in places.items()}
            classes = similarity(self._drawn, apart)
            for number in classes.values():
                sizes[number] = sizes.get(number, 0) + 1
        for node in self._drawn:
            place = places.get(node)
            module = folding.folded_in(place)
            many = folding.collapse and sizes[classes[node]] >= FEWEST_SIMILAR
            beside = self.paths is not None and node not in self.paths.nodes
            if module is None and not many:
                box_of[node] = Box(f"v{self._index[node]}", self._kind(node), [node], place, beside=beside)
                continue
            key = f"m{folding.tree.order[module]}" if module is not None else classes[node]  # type: ignore[union-attr]
            box = shared.get(key)
            if box is None and module is not None:
                box = Box(str(key), "module", [], folding.tree.around[module], module)  # type: ignore[union-attr]
            elif box is None:
                box = Box(f"g{self._index[node]}", "group", [], place, beside=beside)
            shared[key] = box_of[node] = box
            box.nodes.append(node)
        return box_of

    def _kind(self, node: Value) -> str:
        if node.is_constant:
            return "constant"
        return "root" if node is self.root else "interior" if node.parents else "leaf"

    def _edges(self) -> list[Edge]:
        edges: list[Edge] = []
        merged: dict[tuple[Box, Box], Edge] = {}
        box_of, paths, ran = self._box_of, self.paths, self.shows_gradients
        for node in self._drawn:
            if not node.parents or (paths is not None and (node not in paths.nodes or node is paths.start)):
                continue
            target, locals_, upstream = box_of[node], node.local_derivatives, node.grad
            ran_here = ran and node.backward_ran
            for slot, parent in enumerate(node.parents):
                source = box_of[parent]
                if source is target:
                    continue
                flow = upstream * locals_[slot] if ran_here and upstream and not parent.is_constant else None
                if flow is None and ran_here and not parent.is_constant:
                    flow = 0.0  # a zero sends nothing, not even through an infinite derivative
                if source.is_value and target.is_value:
                    local = None if parent.is_constant else locals_[slot]
                    edges.append(Edge(source, target, slot, local=local, flow=flow))
                    continue
                edge = merged.get((source, target))
                if edge is None:
                    edge = merged[source, target] = Edge(source, target, slot, 0)
                    edges.append(edge)
                edge.count += 1
                if flow is not None and (edge.flow is None or abs(flow) > abs(edge.flow)):
                    edge.flow = flow
        return edges

    def _input_edges(self) -> list[Edge]:
        """From the plain numbers that fill in for a network's inputs, which are no nodes: each has a box of its own.

        Where they go to modules that are folded, or are many, one box stands for all.
        """
        most = self.folding.max_parents
        filled = [node for node in self._drawn if is_filled(node) and (self.paths is None or self._is_inner(node))]
        known = givens(filled)
        boxes: dict[tuple[Given, ...], Box] = {}
        edges: dict[tuple[Box, Box], Edge] = {}
        every = tuple(dict.fromkeys(each for given in known.values() for each in given))
        for node in filled:
            target = self._box_of[node]
            apart = target.is_value and (most is None or len(known[node]) <= most)
            for given in [(each,) for each in known[node]] if apart else [every]:
                box = boxes.setdefault(given, Box(f"x{len(boxes)}", "input", [], given=given))
                edges.setdefault((box, target), Edge(box, target))
        return list(edges.values())

    def _is_inner(self, node: Value) -> bool:
        """Whether a path in focus goes on through the node."""
        return self.paths is not None and node in self.paths.nodes and node is not self.paths.start

    def _leave_out(self, most: int) -> None:
        """Draw at most ``most`` edges into a value, the first and the last of each operand, and count the rest."""
        into: dict[Box, list[Edge]] = {}
        for edge in self.edges:
            into.setdefault(edge.target, []).append(edge)
        kept: list[Edge] = []
        for box, edges in into.items():
            if not box.is_value or len(edges) <= most:
                kept += edges
                continue
            first, last = self._chosen(box, edges, most)
            left_out = sum(edge.count for edge in edges) - sum(edge.count for edge in (*first, *last))
            more = Box(f"more{box.key[1:]}", "more", [box.node], box.place, left_out=left_out)
            kept += [*first, Edge(more, box, count=left_out), *last]
        self.edges = kept

    def _chosen(self, box: Box, edges: list[Edge], most: int) -> tuple[list[Edge], list[Edge]]:
        """The edges to draw before and after the box that counts the others; one on a path in focus is among them."""
        row = box.node.primitive
        operands = len(row.arguments) if row.variadic else 1
        size = -(-len(edges) // operands)
        each = max(1, most // operands)
        first: list[Edge] = []
        last: list[Edge] = []
        for start in range(0, len(edges), size):
            vector = edges[start : start + size]
            on_path = [e for e in vector if self.paths is not None and e.source.node in self.paths.nodes]
            shown = vector[: each - 1] if each > 1 else vector[:1]
            first += [e for e in vector if e in shown or (e in on_path and e is not vector[-1])]
            last += vector[-1:] if each > 1 or vector[-1] in on_path else []
        return first, last

    def _reached(self) -> list[Box]:
        """The boxes that still lead to the root's; edges between others are dropped with them."""
        into: dict[Box, list[Box]] = {}
        for edge in self.edges:
            into.setdefault(edge.target, []).append(edge.source)
        end = self.root if self.paths is None else self.paths.end
        reached, stack = {self._box_of[end]}, [self._box_of[end]]
        while stack:
            for box in into.get(stack.pop(), ()):
                if box not in reached:
                    reached.add(box)
                    stack.append(box)
        self.edges = [edge for edge in self.edges if edge.target in reached]
        boxes = list(dict.fromkeys(box for node in self._drawn if (box := self._box_of[node]) in reached))
        return boxes + list(dict.fromkeys(e.source for e in self.edges if e.source.kind in ("input", "more")))

    def flows(self) -> Iterable[float]:
        """Every gradient that the picture shows as a colour."""
        yield from (edge.flow for edge in self.edges if edge.flow is not None)
        yield from (box.node.grad for box in self.boxes if box.is_value and box.node.parents and self.shows_gradients)
