"""Models as files: weights as safetensors with a description of the model beside them; nothing is ever unpickled.

`saving` is `save` and `load`, `tensors` the file as bytes, `descriptions` the model as JSON, with `kinds` and `sized`
for its classes. Stands on the layers of `nn`.
"""

from __future__ import annotations

from .saving import load as load
from .saving import load_with_notes as load_with_notes
from .saving import read_notes as read_notes
from .saving import save as save
