"""What a step says in words: the chain rule as "per unit of this, that changes by so much".

>>> from autograd_tiny import Value, steps
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> L = (a * b).tanh(); L.label = "L"
>>> for sentence in sentences(steps(L).step(2))[:1]: print(sentence)  # doctest: +NORMALIZE_WHITESPACE
Per unit of a, a×b changes by -3; per unit of a×b, L changes by 2.46e-05.
Along this path L changes by 2.46e-05 × -3 = -7.37e-05 per unit of a.
"""

from __future__ import annotations

from autograd_tiny.explaining.digits import change, short
from autograd_tiny.explaining.stepping import Contribution, Step

TOLD = 2
"""A step tells so many of its products in words; the others differ in the numbers only."""


def sentences(step: Step) -> list[str]:
    """The step in words, a sentence or two for each product, at most `TOLD` of them."""
    names = step.names
    node, root = names(step.node), names(names.root)
    if not step.node.parents:
        return [f"{root} changes by 1 per unit of itself."]
    if not step.sends:
        return [f"{root} does not change with {node} here, so {node} has nothing to pass on."]
    sent = [each for each in step.contributions if not each.parent.is_constant]
    said = [_sentence(step, each) for each in sent[:TOLD]]
    if len(sent) > TOLD:
        said.append(f"And so on for {len(sent) - TOLD:,} more.")
    return said


def _sentence(step: Step, sent: Contribution) -> str:
    names = step.names
    node, root, parent = names(step.node), names(names.root), names(sent.parent)
    local, upstream, product = short(sent.local_derivative), short(step.upstream), short(sent.product)
    if step.node is names.root:
        said = f"Per unit of {parent}, {root} changes by {product}."
    else:
        said = (
            f"Per unit of {parent}, {node} changes by {local}; per unit of {node}, {root} changes by {upstream}. "
            f"Along this path {root} changes by {upstream} × {local} = {product} per unit of {parent}."
        )
    if sent.gradient_before != 0.0:
        before, _, after = change(sent.gradient_before, sent.gradient_after).partition(" → ")
        said += f" It is added to what {names.symbol(sent.parent)}.grad has already: {before} becomes {after}."
    return said
