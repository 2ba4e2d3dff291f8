"""What we cost next to our peers: `make bench`, or ``python -m benchmarks [--only NAME] [--quick]``.

A time by itself says more about the machine than about the code. So every figure here is a ratio with a peer,
or a difference, taken round by round in one run: each round starts every contender once, one after the other,
each in a process of its own, and the median over the rounds is shown with its smallest and largest. The few goals
that are absolute (nanoseconds or bytes a node) say so.
A figure that is not reached is shown as such; it fails nothing. A peer that is not installed is named with what to
give to pip.

- `workloads`: what is measured. To add one: a file that makes a `harness.Workload`, and its name in the list there.
- `engines`: the scalar engines by name. To add one: an `Engine`, with what workloads need of it in `kits`.
- `peers`: what we compare with where it is no package to import.
- `goals`: the figures to reach; `agreement`: whether contenders computed the same.
"""
