"""What is written from the table when the compiled engine is built (``setup.py`` calls `write_engine`)."""

from __future__ import annotations

from .engine import write_engine as write_engine
