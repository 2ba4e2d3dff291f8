# Tapes run again and again, with numbers moved in and out between: the steps of a loop.

cdef struct Move:
    char *into
    char *source
    int64_t *into_places   # in doubles, of each row
    int64_t *source_places
    Py_ssize_t rows, width
    Py_ssize_t into_step, source_step   # in doubles, from one step to the next
    bint into_near, source_near         # whether steps are counted from the first of the run
    bint adds


cdef void moved(Move *it, Py_ssize_t t, Py_ssize_t near) noexcept nogil:
    cdef double *into = <double *> it.into + it.into_step * (near if it.into_near else t)
    cdef double *source = <double *> it.source + it.source_step * (near if it.source_near else t)
    cdef double *a
    cdef double *b
    cdef Py_ssize_t i, j
    for i in range(it.rows):
        a, b = into + it.into_places[i], source + it.source_places[i]
        if it.adds:
            for j in range(it.width):
                a[j] += b[j]
        elif it.width > 8:
            memcpy(a, b, it.width * sizeof(double))
        else:
            for j in range(it.width):
                a[j] = b[j]


cdef class Steps:
    """What is done in each step, in order: moves of numbers, and tapes."""

    cdef Move *moves
    cdef Py_ssize_t count, room
    cdef list order, kept
    cdef Py_ssize_t work

    def __cinit__(self):
        self.order, self.kept = [], []
        self.work = 1

    def __dealloc__(self):
        PyMem_Free(self.moves)

    def tape(self, Tape tape):
        """A tape runs."""
        self.order.append(tape)
        self.work += tape.work

    def move(self, into, source, into_places, source_places, Py_ssize_t width, steps, near, bint adds):
        """Rows of so many doubles are copied or added; ``steps`` and ``near`` are a pair, of ``into`` and ``source``."""
        cdef Operand a, b, p, q
        cdef Py_ssize_t i
        look(into, &a)
        look(source, &b)
        look(into_places, &p)
        look(source_places, &q)
        if p.itemsize != 8 or q.itemsize != 8 or p.shape[0] != q.shape[0] or p.ndim != 1 or q.ndim != 1:
            raise ValueError("a move between rows that are not as many")
        if self.count == self.room:
            self.room = 2 * self.room + 8
            more = PyMem_Realloc(self.moves, self.room * sizeof(Move))
            if more == NULL:
                raise MemoryError
            self.moves = <Move *> more
        cdef Move *made = &self.moves[self.count]
        made.into, made.source = a.data, b.data
        made.into_places, made.source_places = <int64_t *> p.data, <int64_t *> q.data
        made.rows, made.width, made.adds = p.shape[0], width, adds
        made.into_step, made.source_step = steps
        made.into_near, made.source_near = near
        self.order.append(self.count)
        self.kept += [into, source, into_places, source_places]
        self.count += 1
        self.work += made.rows * width

    def run(self, Py_ssize_t first, Py_ssize_t last, bint back, bint looks):
        """Steps ``first`` to ``last``, that one not, or the same ``back``; how many were done before one in which the
        first tape met what numpy would call an overflow, a division by zero or an invalid value, if it ``looks``.
        """
        cdef Py_ssize_t t, i, j, n = len(self.order), since = 0
        cdef int flags = 0
        cdef bint seen
        cdef list kept = []
        cdef Py_ssize_t *which
        cdef Instruction **code
        cdef Py_ssize_t *length
        room = bytearray(n * 3 * sizeof(Py_ssize_t))
        which = <Py_ssize_t *> PyByteArray_AS_STRING(room)
        code, length = <Instruction **> (which + n), which + 2 * n
        for i in range(n):
            item = self.order[i]
            which[i] = -1
            if isinstance(item, Tape):
                code[i], length[i] = (<Tape> item).code, (<Tape> item).length
            else:
                which[i] = item
        for j in range(last - first):
            t = last - 1 - j if back else first + j
            since += self.work
            with nogil:
                seen = False
                for i in range(n):
                    if which[i] >= 0:
                        moved(&self.moves[which[i]], t, t - first)
                    else:
                        flags = execute(code[i], length[i])
                        if looks and not seen and flags:
                            break
                        seen = True
                else:
                    flags = 0
            if flags:
                return j
            if since > 50 * LONG:
                since = 0
                PyErr_CheckSignals()
        return last - first
