"""Files written whole or not at all, by whoever writes one: programs, models, checkpoints, pictures.

`atomic` does it, and clears the `leftovers` of who was killed while writing.
"""
