"""Networks and lessons to run, read and change: each file a program, ``python examples/gpt.py``."""
