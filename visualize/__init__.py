"""Pictures of computation graphs and of training: every number where it came from.

>>> from autograd_tiny import Value
>>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
>>> L = (a * b + c).tanh(); L.label = "L"
>>> L.backward()
>>> picture = draw_graph(L)              # a graphviz.Digraph: shows itself in a notebook
>>> picture.source.splitlines()[0]
'digraph computation_graph {'

``save_svg(L, "L.svg")`` writes the same picture to a file, ``svg(L)`` gives it as text, `to_mermaid` as a diagram
for Markdown. ``draw_network(model, sample)`` draws a model as circles and arrows, and
``plot_loss(history.loss, "loss.svg")`` draws the curve of a training run.
"""

from __future__ import annotations

from .curves import plot_activation as plot_activation
from .curves import plot_decision_boundary as plot_decision_boundary
from .curves import plot_descent as plot_descent
from .curves import plot_gradients as plot_gradients
from .curves import plot_history as plot_history
from .curves import plot_loss as plot_loss
from .frames import save_frames as save_frames
from .graph import draw_graph as draw_graph
from .mermaid import to_mermaid as to_mermaid
from .network import NetworkPicture as NetworkPicture
from .network import draw_network as draw_network
from .notebook import show_stepper as show_stepper
from .page import write_stepper as write_stepper
from .playground import write_playground as write_playground
from .program import draw_program as draw_program
from .saving import save_picture as save_picture
from .saving import save_svg as save_svg
from .saving import svg as svg
