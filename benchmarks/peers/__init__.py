"""What we compare with, where it is not simply a package to import: a class of our own, adapters for others'."""
