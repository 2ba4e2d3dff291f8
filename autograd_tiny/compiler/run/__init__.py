"""Run: an array program on the numbers of a call, or the recorded graph node by node where arrays would not pay."""
