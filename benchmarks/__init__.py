"""What we cost next to our peers: `make bench`, or ``python -m benchmarks [--only NAME] [--quick]``.

A time by itself says more about the machine than about the code. So every figure here is a ratio with a peer,
or a difference, taken round by round in one run: each round starts every contender once, one after the other,
each in a process of its own, and the median over the rounds is shown with its smallest and largest.
A figure that is not reached is shown as such; it fails nothing.

To add a workload: a file in `workloads` that makes a `harness.Workload`, and its name in the list there.
To add a scalar engine: an entry in `engines.ENGINES`.
"""
