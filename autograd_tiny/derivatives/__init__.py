"""Functions and their derivatives: everything here is made of the table's rules, run on Values.

`functions` has one function a row; `differentiate` takes gradients, as numbers or as graphs; `functional` is `grad`,
`jvp`, `hessian` and the like; `structure` flattens lists and dicts of Values; `plugins` registers a row of your own.
Stands on ``core/``.
"""
