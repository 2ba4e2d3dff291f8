"""What the nodes of one graph are called in steps, ledgers and pages: short enough for a line, and no two alike.

A label comes first, then the variable that the caller has the node in, then the one that it was assigned to where
it was made (known if sources were tracked). Without any of these the root is ``root``, a leaf ``leaf₁``, and an
operation is its own formula while that is short and no other has it, else its primitive and the number of its
forward step: ``mul₇``. Two labels that are alike are the user's own.

>>> from autograd_tiny import Value
>>> from autograd_tiny.core import topological_order
>>> a, b = Value(2.0, "a"), Value(-3.0)
>>> y = (a * b).tanh() * a
>>> names = Names(topological_order(y))
>>> str(names.formula(y)), [str(names.name(node)) for node in (y, y.parents[0], b)]
('tanh₂ × a', ['root', 'tanh₂', 'leaf₂'])
>>> names = Names(topological_order(y), {b: "b"})
>>> names.title(y), names.derivative(y, a), names.derivative(y.parents[0], y.parents[0].parents[0])
('root = tanh(a × b) × a', '∂root/∂a', '∂tanh(a×b)/∂(a×b)')
>>> print(names.formula(y.parents[0], LATEX))
\\tanh\\left(a \\cdot b\\right)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from ..core import Value
from ..table.namespaces import Text
from ..table.namespaces.text import CLOSED, FRACTION, Writer
from .blackboard import LATEX, TEXT, compact, number_text, plain, write
from .derived import Derived, derivatives
from .digits import short
from .network_names import PARAMETER, lowered, network_names
from .textbook import derived as written
from .wording import latex_name, local_formula, symbol

NAMED_BY_FORMULA = 5000
"""In a larger graph no operation is named by its formula: to see which formulas are unique would take long."""

NAME_WIDTH, NAME_DEPTH, NAME_PARENTS = 14, 3, 4
"""A formula serves as a name up to so many characters, so many operations deep, with so many operands each."""


class Names:
    """The names of the nodes of a topological ``order``, of which the last is the ``root`` unless another is.

    ``variables`` are the names that the caller has for some of them. Called with a node it gives what to call it.
    """

    def __init__(
        self,
        order: Sequence[Value],
        variables: Mapping[Value, str] | None = None,
        root: Value | None = None,
        *,
        networks: bool = False,
    ) -> None:
        self.order = order
        self.root = order[-1] if root is None else root
        self.given = variables or {}
        """As the caller has them; in `variables` a network's values have their textbook names."""
        self.variables = _with_networks(order, self.given) if networks else self.given
        self.computed = False
        """Whether local derivatives are written in the form that is computed, and not as textbooks do."""
        self._written: dict[tuple[Value, Writer], Text] = {}

    @cached_property
    def numbers(self) -> dict[Value, int]:
        """Leaves and constants, and operations, each counted from 1 in topological order."""
        leaves = operations = 0
        numbers = {}
        for node in self.order:
            if node.parents:
                operations += 1
                numbers[node] = operations
            else:
                leaves += 1
                numbers[node] = leaves
        return numbers

    def word(self, node: Value) -> str:
        """The label, the variable or the number that a node is called by; "" for one that its formula names."""
        name = node.label or self.variables.get(node, "")
        if name or node.is_constant:
            return name
        if node in self._derived:
            return self._derived[node][0]
        return self._assigned.get(node, "") or ("leaf" + self._subscript(node) if node.is_leaf else "")

    def name(self, node: Value, xp: Writer = TEXT) -> Text:
        """What to call the node, as a piece of a formula."""
        known = self._written.get((node, xp))
        if known is None:
            known = self._written[node, xp] = self._name(node, xp)
        return known

    def _name(self, node: Value, xp: Writer) -> Text:
        given = self._given(node, xp)
        if given is not None:
            return given
        if self._short_formula(node) in self._shared:
            return symbol(node.op + self._subscript(node), xp)
        return self._inline(node, xp, NAME_DEPTH) or symbol(node.op + self._subscript(node), xp)

    def __call__(self, node: Value) -> str:
        """The name as text without needless room: ``a×b``."""
        return self._compact(node, self.name(node).string)

    def symbol(self, node: Value, xp: Writer = TEXT) -> str:
        """The same as one piece, in parentheses if need be: ``(a×b)``."""
        closed = f"{self.name(node, xp):{CLOSED}}"
        return closed if xp.latex else self._compact(node, closed)

    def _compact(self, node: Value, name: str) -> str:
        return name if self.word(node) else compact(name)

    def formula(self, node: Value, xp: Writer = TEXT) -> Text:
        """The node's operation on the names of its operands, as it was written: ``x × 1`` and not ``x``."""
        return write(node, xp, [self.name(parent, xp) for parent in node.parents])

    def local_formulas(self, node: Value, xp: Writer = TEXT) -> list[Text]:
        """The formula of d(node)/d(parent) for each parent; of a leaf, that of d(node)/d(node)."""
        row = node.primitive
        if not node.parents:
            return [xp.number(1.0)]
        operands = row.operands([self.name(parent, xp) for parent in node.parents])
        found = written(row, xp, operands, self.name(node, xp), self.computed)
        if row.variadic:
            found = [local for vector in found for local in vector]
        return [xp.as_text(local) for local in found]

    def local_formula(self, node: Value, i: int, xp: Writer = TEXT) -> str:
        """The formula of d(node)/d(parent i) alone, which costs no more for a node of many parents."""
        return local_formula(node, i, xp, lambda operand: self.name(operand, xp), computed=self.computed)

    def derivative(self, top: Value, bottom: Value, xp: Writer = TEXT) -> str:
        """``∂L/∂(a×b)``, or a fraction in LaTeX."""
        over, under = self.symbol(top, xp), self.symbol(bottom, xp)
        return rf"\frac{{\partial {over}}}{{\partial {under}}}" if xp.latex else f"∂{over}/∂{under}"

    def title(self, node: Value, xp: Writer = TEXT) -> str:
        """``d = a × b``; the formula alone where that is the name, and the name alone of a leaf."""
        name = self.name(node, xp)
        if not node.parents:
            return name.string
        formula = self.formula(node, xp)
        return formula.string if formula.string == name.string else f"{name} = {formula}"

    def find(self, name: str) -> list[Value]:
        """The nodes of this name, as it is printed or with plain digits and any room: ``mul7``, ``a*b``."""
        wanted = plain(name)
        called = [node for node in self.order if wanted and plain(self.given.get(node, "")) == wanted]
        return called or [
            node for node in self.order if not node.is_constant and plain(self.name(node).string) == wanted
        ]

    def within(self, place: str) -> list[Value]:
        """The parameters of the module of this name, such as ``layers.0``."""
        return [node for node in self.order if self.given.get(node, "").startswith(f"{place}.")]

    def as_dict(self, node: Value) -> dict[str, Any]:
        """The node as plain data: ``kind`` and ``number`` together tell it from every other."""
        kind = "constant" if node.is_constant else "leaf" if node.is_leaf else "operation"
        return {
            "name": self.name(node).string,
            "latex": self.name(node, LATEX).string,
            "kind": kind,
            "number": self.numbers[node],
            "op": node.op,
            "data": node.data,
        }

    def _subscript(self, node: Value) -> str:
        return lowered(self.numbers[node])

    def _short_formula(self, node: Value) -> str:
        """The formula that might serve as a name; empty where there is none that is short."""
        inline = self._inline(node, TEXT, NAME_DEPTH) if self._small else None
        return "" if inline is None or len(inline.string) > NAME_WIDTH else inline.string

    @cached_property
    def _small(self) -> bool:
        return len(self.order) <= NAMED_BY_FORMULA

    @cached_property
    def _shared(self) -> set[str]:
        """The formulas that are no names, since several nodes have them."""
        if not self._small:
            return {""}
        counts = Counter(self._short_formula(node) for node in self.order if self._given(node, TEXT) is None)
        words = {self.word(node) for node in self.order}
        return {"", *(formula for formula, count in counts.items() if count > 1 or formula in words)}

    def _given(self, node: Value, xp: Writer) -> Text | None:
        """The name of a node that is not named by its formula."""
        word = self.word(node)
        if word and xp.latex and node in self._derived and word == self._derived[node][0]:
            return Text(xp, self._derived[node][1].latex(lambda value: latex_name(self._called(value))), FRACTION)
        if word:
            return symbol(" ".join(word.split()) or repr(word), xp)
        if node.is_constant:
            return number_text(node.data, xp, node.data)
        return symbol("root", xp) if node is self.root else None

    def _inline(self, node: Value, xp: Writer, depth: int) -> Text | None:
        """The formula over labels and leaves alone; None if it is too deep or too broad for a name."""
        given = self._given(node, xp)
        if given is not None:
            return given
        if depth == 0 or len(node.parents) > NAME_PARENTS:
            return None
        texts = [self._inline(parent, xp, depth - 1) for parent in node.parents]
        return None if None in texts else write(node, xp, [text for text in texts if text is not None])

    @cached_property
    def _derived(self) -> dict[Value, tuple[str, Derived]]:
        """The names of nodes made by differentiation that say which derivative they are, where it is one alone."""
        found = {node: (name(self._called), name) for node, name in derivatives(self.order).items()}
        uses = Counter(name for name, _ in found.values())
        return {node: names for node, names in found.items() if uses[names[0]] == 1}

    def _called(self, node: Value) -> str:
        """What a derivative calls a node, which may be none of the order's: its word, or a formula of such."""
        name = node.label or self.variables.get(node, "") or self._assigned.get(node, "")
        if name or not node.parents:
            number = self._subscript(node) if node in self.numbers else ""
            return name or (short(node.data) if node.is_constant else f"leaf{number}")
        origin = node.derivative_of
        if origin is not None and origin.kind != "local":
            return Derived(origin.root, origin.node if origin.parent is None else origin.parent)(self._called)
        words = [parent.label or self.variables.get(parent, "") for parent in node.parents]
        words = [word or short(x.data) if x.is_constant else word for word, x in zip(words, node.parents, strict=True)]
        if all(words) and len(words) <= NAME_PARENTS:
            return compact(write(node, TEXT, [symbol(word) for word in words]).string)
        return node.op + self._subscript(node) if node in self.numbers else "f"

    @cached_property
    def _assigned(self) -> dict[Value, str]:
        """The variable that each node was assigned to, where its source tells; numbered where several share it.

        One expression may make many nodes, as a loss function or a ``sum`` does: the variable holds the last.
        """
        found: dict[Value, str] = {}
        for node in self.order:
            source = node.source
            if source is not None:
                for parent in node.parents:
                    if parent in found and parent.source == source:
                        del found[parent]
                if not node.is_constant and source.variable:
                    found[node] = source.variable
        found = {node: name for node, name in found.items() if not node.label and node not in self.variables}
        taken = {*self.variables.values(), *(node.label for node in self.order)} if found else set()
        uses, counted = Counter(found.values()), Counter[str]()
        for node, name in found.items():
            counted[name] += 1
            if uses[name] > 1 or name in taken:
                found[node] = name + lowered(counted[name])
        return found


def _with_networks(order: Sequence[Value], given: Mapping[Value, str]) -> Mapping[Value, str]:
    """The variables, and the textbook names of a network's values: those of parameters come before their long ones."""
    parameters = {**{node: node.label for node in order if node.is_leaf and node.label}, **given}
    found = network_names(order, parameters)
    own = {node: name for node, name in given.items() if node not in found or not PARAMETER.fullmatch(name)}
    return {**found, **own}
