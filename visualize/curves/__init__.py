"""Curves, drawn by matplotlib (extra ``plot``): training runs, boundaries, activations, gradients, descents.

Each ``plot_…`` returns the Axes it drew on. It draws on yours, given as ``ax=``, else on a figure of its own that
pyplot knows nothing of; with a path it saves the figure as .svg, .png or .pdf, the same bytes for the same input.

>>> ax = plot_activation("relu")
>>> ax.get_xlabel(), [line.get_label() for line in ax.lines[:2]]
('x', ['relu', 'derivative'])
"""

from __future__ import annotations

from .activation import plot_activation as plot_activation
from .boundary import plot_decision_boundary as plot_decision_boundary
from .descent import plot_descent as plot_descent
from .gradients import plot_gradients as plot_gradients
from .history import plot_history as plot_history
from .loss import plot_loss as plot_loss
