"""Recorded: one call of the function, as a graph of its scalar operations in numpy arrays.

`inputs`, `calls` and `structures` take arguments apart, `graph` is what every pass takes and gives, `selecting` is
`select`, an element by its number. `checks` is what shows that a function that was differentiated is finite itself, by
`sizes` where these are enough. `verifying` holds a recording against the function itself, in `either_way` of taking its
derivatives, `lookups` asks whether that looks an input up in a set, `surroundings` watches what it reads besides its
inputs: all that is `reachable` from it, of what is the user's (`ownership`). `kinds` says of a type how far that walk
goes. `refusing` is why there is no recording, in words.
"""
