"""Shown: a program as a `listing`, in words (`printing`), as `formulas`, and pass by pass (`passes`).

`operand_names` says what the numbers of a program are called. Nothing here runs unless somebody asks.
"""
