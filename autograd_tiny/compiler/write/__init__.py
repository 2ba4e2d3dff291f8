"""Written: instructions as lines of array code, forward and in reverse."""
