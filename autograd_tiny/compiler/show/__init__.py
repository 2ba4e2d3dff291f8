"""Shown: a program as a `listing`, in words (`printing`), as `formulas`, and pass by pass (`passes`)."""
