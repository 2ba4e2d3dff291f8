"""Why a gradient is what it is, in words and numbers.

``stepping/`` goes through either pass one step at a time; ``ledger/`` writes a gradient as a sum over paths;
`nonfinite_search` finds where a number stopped being finite. `naming` takes names from the caller's variables, `names`
names the nodes of one graph, `wording` puts a node into words, `digits` a number and `blackboard` a formula;
`shown` is how all of it looks in a notebook; `quiz` asks about a step, `questions` what a lecturer wrote in a file.
Stands on ``derivatives/`` and ``parsing/``.
"""
