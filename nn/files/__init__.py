"""Models as files: weights as safetensors with a description of the model beside them; nothing is ever unpickled."""

from __future__ import annotations

from .saving import load as load
from .saving import load_with_notes as load_with_notes
from .saving import read_notes as read_notes
from .saving import save as save
