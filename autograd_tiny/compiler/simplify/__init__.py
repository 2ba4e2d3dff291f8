"""Simplified: chains become sums and dot products, and operations of one kind are put into steps.

`flatten` finds the sums and dot products, `unlike` leaves alone those that gain nothing by it, `schedule` says which
operations run together. Stands on ``record/``.
"""
