"""Shown: a program as a listing, in words, as formulas, and pass by pass."""
