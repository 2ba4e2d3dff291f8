"""Recorded: one call of the function, as a graph of its scalar operations in numpy arrays.

`inputs`, `calls` and `structures` take arguments apart, `graph` is what every pass takes and gives, `selecting` is
`select`, an element by its number. `checks` is what shows that a function that was differentiated is finite itself, by
`sizes` where these are enough. `verifying` holds a recording against the function itself, `surroundings` watches
what the function reads besides its inputs, `lookups` whether it looks one up in a set: all that is `reachable` from it, of what is the user's (`ownership`).
`kinds` says of a type how far that walk goes. `refusing` is why there is no recording, in words.
"""
