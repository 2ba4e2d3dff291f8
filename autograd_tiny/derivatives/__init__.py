"""Functions and their derivatives: everything here is made of the table's rules, run on Values.

`functions` has one function a row; `differentiate` takes gradients, as numbers or as graphs, over the edges that
`local_graphs` gives; `functional` is `grad`, `jvp`, `hessian` and the like, each of which runs its function once
(`recorded`); `structure` flattens lists and dicts of Values, `elements` looks at those of one list; `plugins`
registers a row of your own. `loops` is `scan` and `while_loop`, `implicit` what a solver finds, `taylor` all orders at
once, `linalg` and `special` have numpy's and scipy's names; ``symbolic/`` has the derivatives of a whole graph as one
graph. Stands on ``core/``.
"""
