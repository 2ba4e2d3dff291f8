"""Why a gradient is what it is, in words and numbers.

``stepping/`` goes through either pass one step at a time; ``ledger/`` writes a gradient as a sum over paths;
`nonfinite_search` finds where a number stopped being finite. `naming` takes names from the caller's variables, `names`
names the nodes of one graph, `wording` puts a node into words, `digits` a number and `blackboard` a formula;
`quiz` asks before a step; `shown` is how all of it looks in a notebook. Stands on ``derivatives/``.
"""
