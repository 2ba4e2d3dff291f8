# `repeats` once more, in C: a recorded step, repeated.

from .repeats import NOT_WITHIN, check_repeat, check_run

@cython.final
cdef class Repeat:
    """A recorded step, run again and again: see `repeats.Repeat`."""

    cdef Replay replay
    cdef Py_ssize_t carried, streamed, shared, given
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
        cdef Py_ssize_t count = operator.index(steps), gap = operator.index(every), t = 0, k, root, since = 0
        cdef bint finite
        cdef Replay replay = self.replay
        cdef double* data = replay.data
        check_run(self.carried, self.streamed, self.shared, self.given, count, gap, c.size, x.size, p.size, kept.size, y.size)
        if self.running:
            raise RuntimeError(NOT_WITHIN)
        self.running = True
        try:
            for k in range(self.shared):
                data[replay.leaves[self.carried + self.streamed + k]] = p.at[k]
            while t < count or self.stops:
                since += replay.computed
                if since > BREATH:
                    since = 0
                    PyErr_CheckSignals()
                    with nogil:
                        pass
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
        cdef Py_ssize_t count = operator.index(steps), start = operator.index(first), t, k, since = 0
        cdef Replay replay = self.replay
        cdef double* data = replay.data
        cdef double* adjoints = replay.adjoints
        check_run(self.carried, self.streamed, self.shared, self.given, start + count, 1, d_c.size, x.size, p.size,
                  kept.size, d_y.size, start, d_x.size, d_p.size)
        if self.running:
            raise RuntimeError(NOT_WITHIN)
        self.running = True
        try:
            for k in range(self.shared):
                data[replay.leaves[self.carried + self.streamed + k]] = p.at[k]
            for t in range(start + count - 1, start - 1, -1):
                since += replay.computed
                if since > BREATH:
                    since = 0
                    PyErr_CheckSignals()
                    with nogil:
                        pass
                for k in range(self.carried):
                    data[replay.leaves[k]] = kept.at[(t - start) * self.carried + k]
                for k in range(self.streamed):
                    data[replay.leaves[self.carried + k]] = x.at[t * self.streamed + k]
                if not replay.forward(True):
                    return False
                self.seed(d_c.at, d_y.at + t * self.given if d_y.size else NULL)
                if not self.sweep():
                    self.seed(d_c.at, d_y.at + t * self.given if d_y.size else NULL)
                    if not self.sweep_carefully():
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

    cdef bint sweep(self) noexcept:
        """`Replay.backward` from what `seed` has left; False if a zero met a slope that is not finite."""
        cdef Py_ssize_t i, k, first, last
        cdef Replay replay = self.replay
        cdef double* gradient = replay.adjoints
        cdef double upstream, doubt = 0.0
        cdef char wanted
        for i in range(replay.n - 1, -1, -1):
            wanted, upstream = replay.wanted[i], gradient[i]
            if wanted == NONE_WANTED:
                continue
            first, last = replay.starts[i], replay.starts[i + 1]
            if wanted == FIRST_WANTED:
                last = (first + last) // 2
            elif wanted == SECOND_WANTED:
                first = (first + last) // 2
            if upstream == 0.0:
                doubt += 0.0 * total_of(replay.slopes + first, last - first)
                continue
            for k in range(first, last):
                gradient[replay.parents[k]] += upstream * replay.slopes[k]
        return doubt == 0.0

    cdef bint sweep_carefully(self) except -1:
        """`Replay.backward_carefully` from there: along the edges that are taken."""
        cdef Py_ssize_t i, k, first, last, each
        cdef Replay replay = self.replay
        cdef double* gradient = replay.adjoints
        cdef const char* kinds
        cdef char kind
        if replay.zeros is None:
            replay.zeros = b"".join([bytes(zeros_of(row)[:OPERANDS]).ljust(OPERANDS, b"\0") for row in replay.rows])
        kinds = PyBytes_AS_STRING(replay.zeros)
        for i in range(replay.n - 1, -1, -1):
            if replay.wanted[i] == NONE_WANTED or not self.reached[i]:
                continue
            first, last = replay.starts[i], replay.starts[i + 1]
            each = (last - first) // VECTORS[replay.codes[i]] if replay.codes[i] < END_OF_TABLE and VECTORS[replay.codes[i]] else 1
            if replay.codes[i] >= END_OF_TABLE and replay.rows[replay.codes[i]].variadic:
                each = last - first
            if replay.wanted[i] == FIRST_WANTED:
                last = (first + last) // 2
            elif replay.wanted[i] == SECOND_WANTED:
                first = (first + last) // 2
            for k in range(first, last):
                if replay.slopes[k] == 0.0:
                    kind = kinds[OPERANDS * replay.codes[i] + (k - replay.starts[i]) // each]
                    if kind == SOMETIMES:
                        return False
                    if kind == ALWAYS:
                        continue
                self.reached[replay.parents[k]] = True
                gradient[replay.parents[k]] += gradient[i] * replay.slopes[k]
        return True
