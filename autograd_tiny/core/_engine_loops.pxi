# `repeats` once more, in C: a recorded step, repeated.

from .repeats import NOT_WITHIN, check_repeat, check_run

@cython.final
cdef class Repeat:
    """A recorded step, run again and again: see `repeats.Repeat`."""

    cdef Replay replay
    cdef Py_ssize_t carried, streamed, shared, given, since
    cdef bint stops, running
    cdef char* reached
    cdef list kept

    def __cinit__(self, codes, starts, parents, numbers, learns, rows, leaves, roots, carried, streamed, bint stops):
        self.replay = Replay(codes, starts, parents, numbers, learns, rows, leaves, b"", b"", roots)
        check_repeat(self.replay.leaf_count, self.replay.root_count, carried, streamed, stops)
        self.carried, self.streamed, self.stops = carried, streamed, stops
        self.shared = self.replay.leaf_count - self.carried - self.streamed
        self.given = self.replay.root_count - self.carried - stops
        self.kept = []
        self.reached = room(self.kept, self.replay.n + 1)

    def forward(self, carry, xs, shared, steps, states, every, ys):
        cdef Column c = Column(carry), x = Column(xs), p = Column(shared), kept = Column(states), y = Column(ys)
        cdef Py_ssize_t count = operator.index(steps), gap = operator.index(every), t = 0, k, root
        cdef bint finite
        cdef Replay replay = self.replay
        cdef double* data = replay.data
        check_run(self.carried, self.streamed, self.shared, self.given, count, gap, c.size, x.size, p.size, kept.size, y.size)
        self.begin(p)
        try:
            while t < count or self.stops:
                self.breathe()
                for k in range(self.carried):
                    data[replay.leaves[k]] = c.at[k]
                if t < count:
                    if kept.size and t % gap == 0:
                        memcpy(kept.at + t // gap * self.carried, c.at, self.carried * sizeof(double))
                    for k in range(self.streamed):
                        data[replay.leaves[self.carried + k]] = x.at[t * self.streamed + k]
                finite = replay.forward(False)
                if self.stops:
                    root = replay.roots[replay.root_count - 1]
                    if data[root] == 0.0:
                        return t
                    if t == count or not isfinite(data[root]):
                        return -1 - t
                if not finite:
                    return -1 - t
                for k in range(self.carried):
                    c.at[k] = data[replay.roots[k]]
                if y.size:
                    for k in range(self.given):
                        y.at[t * self.given + k] = data[replay.roots[self.carried + k]]
                t += 1
            return t
        finally:
            self.running = False

    def backward(self, states, xs, shared, first, steps, d_carry, d_ys, d_xs, d_shared):
        cdef Column kept = Column(states), x = Column(xs), p = Column(shared)
        cdef Column d_c = Column(d_carry), d_y = Column(d_ys), d_x = Column(d_xs), d_p = Column(d_shared)
        cdef Py_ssize_t count = operator.index(steps), start = operator.index(first), t, k
        cdef Replay replay = self.replay
        cdef double* data = replay.data
        cdef double* adjoints = replay.adjoints
        check_run(self.carried, self.streamed, self.shared, self.given, start + count, 1, d_c.size, x.size, p.size,
                  kept.size, d_y.size, start, d_x.size, d_p.size)
        self.begin(p)
        try:
            for t in range(start + count - 1, start - 1, -1):
                self.breathe()
                for k in range(self.carried):
                    data[replay.leaves[k]] = kept.at[(t - start) * self.carried + k]
                for k in range(self.streamed):
                    data[replay.leaves[self.carried + k]] = x.at[t * self.streamed + k]
                if not replay.forward(True):
                    return False
                self.seed(d_c.at, d_y.at + t * self.given if d_y.size else NULL)
                if not replay.sweep(replay.n - 1):
                    self.seed(d_c.at, d_y.at + t * self.given if d_y.size else NULL)
                    if not replay.sweep_carefully(replay.n - 1, self.reached):
                        return False
                for k in range(self.carried):
                    d_c.at[k] = adjoints[replay.leaves[k]]
                if d_x.size:
                    for k in range(self.streamed):
                        d_x.at[t * self.streamed + k] = adjoints[replay.leaves[self.carried + k]]
                for k in range(self.shared):
                    d_p.at[k] += adjoints[replay.leaves[self.carried + self.streamed + k]]
            return True
        finally:
            self.running = False

    cdef int begin(self, Column shared) except -1:
        """Put in place what all steps of a run share; `forward` and `backward` end it."""
        cdef Py_ssize_t k
        if self.running:
            raise RuntimeError(NOT_WITHIN)
        self.running = True
        for k in range(self.shared):
            self.replay.data[self.replay.leaves[self.carried + self.streamed + k]] = shared.at[k]
        return 0

    cdef int breathe(self) except -1:
        """Before a step: after many nodes signals are looked at, and other threads may run."""
        self.since += self.replay.computed
        if self.since > BREATH:
            self.since = 0
            PyErr_CheckSignals()
            with nogil:
                pass
        return 0

    cdef int seed(self, const double* carry, const double* ys) except -1:
        """The adjoints of what the step gives, and 0 for all else."""
        cdef Py_ssize_t k
        cdef Replay replay = self.replay
        memset(replay.adjoints, 0, replay.n * sizeof(double))
        memset(self.reached, 0, replay.n)
        for k in range(self.carried):
            replay.adjoints[replay.roots[k]] += carry[k]
            self.reached[replay.roots[k]] |= carry[k] != 0.0
        if ys is not NULL:
            for k in range(self.given):
                replay.adjoints[replay.roots[self.carried + k]] += ys[k]
                self.reached[replay.roots[self.carried + k]] |= ys[k] != 0.0
        return 0
