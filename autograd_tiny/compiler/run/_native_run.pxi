# The instructions run: one after the other, or, of neighbours over a long axis, block by block.

cdef int execute(Instruction *code, Py_ssize_t length) noexcept nogil:
    cdef Py_ssize_t i = 0
    cdef int flags = 0
    feclearexcept(FE_OVERFLOW | FE_DIVBYZERO | FE_INVALID)
    while i < length:
        if code[i].together > 1:
            flags |= in_blocks(&code[i], code[i].together)
            i += code[i].together
            continue
        step(&code[i])
        # Some of numpy's loops clear the flags behind them.
        flags |= met_flags()
        i += 1
    return flags


cdef int in_blocks(Instruction *first, int count) noexcept nogil:
    """A group, block by block."""
    cdef Py_ssize_t start = 0, n = first.shape[0]
    cdef Py_ssize_t size
    cdef char *at[OPERANDS]
    cdef Instruction *it
    cdef int i, j, flags = 0
    while start < n:
        size = min(BLOCK, n - start)
        for i in range(count):
            it = first + i
            for j in range(it.count):
                at[j] = it.at[j] + start * it.strides[j][0]
            it.loop(at, &size, by_one(it), it.data)
            flags |= met_flags()
        start += BLOCK
    return flags


cdef inline const Py_ssize_t *by_one(Instruction *it) noexcept nogil:
    """The steps along the only axis."""
    cdef int i
    for i in range(it.count):
        it.steps[i] = it.strides[i][0]
    return it.steps


cdef bint long_axis(Instruction *it) noexcept nogil:
    """Whether it is a loop over one axis of several blocks, and sums nothing."""
    return it.kind == LOOP and it.ndim == 1 and it.shape[0] >= 2 * BLOCK and it.strides[it.count - 1][0] != 0


cdef bint apart(Instruction *a, Instruction *b) noexcept nogil:
    """Whether two loops over one axis leave each other's numbers alone, but for those at the same place."""
    cdef int i
    for i in range(b.count):
        if not alike(a, a.count - 1, b, i):
            return False
    for i in range(a.count):
        if not alike(a, i, b, b.count - 1):
            return False
    return True


cdef bint alike(Instruction *a, int i, Instruction *b, int j) noexcept nogil:
    """Whether two operands are the same numbers in the same order, or lie apart."""
    cdef Py_ssize_t n = a.shape[0] - 1
    cdef Py_ssize_t x = a.strides[i][0], y = b.strides[j][0]
    if a.at[i] == b.at[j] and x == y:
        return True
    cdef char *low = a.at[i] + (n * x if x < 0 else 0)
    cdef char *high = a.at[i] + (n * x if x > 0 else 0) + 8
    cdef char *other_low = b.at[j] + (n * y if y < 0 else 0)
    cdef char *other_high = b.at[j] + (n * y if y > 0 else 0) + 8
    return high <= other_low or other_high <= low


cdef void step(Instruction *it) noexcept nogil:
    """One instruction: a loop for each place of the axes around it, or a gather, a scatter, sums over segments."""
    cdef Py_ssize_t by[OPERANDS]
    cdef Py_ssize_t strides[9]
    cdef int i, j, last = it.ndim - 1
    if it.kind == LOOP:
        for i in range(it.count):
            by[i] = it.strides[i][last]
        walk(it, last, &it.shape[last], by)
    elif it.kind == PLANE:
        for i in range(3):  # a copy has but one operand, and the result is the third
            j = i if i < 2 else it.count - 1
            strides[i], strides[3 + i] = it.strides[j][last - 1], it.strides[j][last]
        walk(it, last - 1, &it.shape[last - 1], strides)
    elif it.kind == MATRICES:
        strides[0] = strides[1] = strides[2] = 0
        for i in range(6):
            strides[3 + i] = it.steps[i]
        walk(it, it.ndim, it.dims, strides)
    elif it.kind == SEGMENTS:
        sums(it)
    elif it.kind == LONG_ROWS:
        rows_by_rows(it.at[0], it.steps[0], it.at[1], it.steps[3], it.at[2], it.steps[4], it.steps[5], it.dims[1],
                     it.dims[3], it.dims[2])
    elif it.kind == STACKED:
        walk(it, it.ndim, it.dims, it.steps)
    elif it.kind == TURN:
        if turned(it.at[0], it.steps[0], it.steps[1], it.at[1], it.steps[2], it.dims[0], it.dims[1]) != 0.0:
            feraiseexcept(FE_INVALID)
    elif it.kind == ROW_DOTS:
        row_dots(it.at[0], it.steps[0], it.at[1], it.steps[1], it.at[2], it.steps[2], it.dims[0], it.dims[1])
    elif it.kind == CHECK:
        if nothing(<double *> it.at[0], it.dims[0]) != 0.0:
            feraiseexcept(FE_INVALID)
    else:
        gather(it)


cdef void walk(Instruction *it, int axes, const Py_ssize_t *dims, const Py_ssize_t *by) noexcept nogil:
    """The loop once for each place of the first axes."""
    cdef char *at[OPERANDS]
    cdef char *given[OPERANDS]
    cdef Py_ssize_t place[AXES]
    cdef int i, j
    for i in range(it.count):
        at[i] = it.at[i]
    for j in range(axes):
        place[j] = 0
        if it.shape[j] == 0:
            return
    while True:
        for i in range(it.count):  # a loop may move the addresses that it is given
            given[i] = at[i]
        if it.kind == STACKED:
            stacked(at[0], at[1], at[2], dims[0], dims, by, it.steps_of_stack[0], it.steps_of_stack[1])
        elif it.kind == PLANE:
            given[2] = at[it.count - 1]
            plane(it.which, given, dims, by, by + 3)
        else:
            it.loop(given, dims, by, it.data)
        j = axes - 1
        while j >= 0:
            place[j] += 1
            for i in range(it.count):
                at[i] += it.strides[i][j]
            if place[j] < it.shape[j]:
                break
            for i in range(it.count):
                at[i] -= it.shape[j] * it.strides[i][j]
            place[j] = 0
            j -= 1
        if j < 0:
            return


cdef void taken(const double *numbers, const int64_t *index, double *to, Py_ssize_t n) noexcept nogil:
    """Numbers that lie beside each other, put so; by fours, since the processor waits for each."""
    cdef Py_ssize_t i = 0
    cdef double a, b, c, d
    while i + 4 <= n:
        a, b, c, d = numbers[index[i]], numbers[index[i + 1]], numbers[index[i + 2]], numbers[index[i + 3]]
        to[i], to[i + 1], to[i + 2], to[i + 3] = a, b, c, d
        i += 4
    while i < n:
        to[i] = numbers[index[i]]
        i += 1


cdef void gather(Instruction *it) noexcept nogil:
    cdef Py_ssize_t i, j, n = it.dims[0], width = it.dims[1]
    cdef Py_ssize_t by = it.steps[0], to = it.steps[1], along = it.steps[2], beside = it.steps[3]
    cdef char *a
    cdef char *b
    if it.kind == TAKE and width == 1 and by == 8 and to == 8:
        taken(<double *> it.at[0], it.index, <double *> it.at[1], n)
        return
    for i in range(n):
        if it.kind == TAKE:
            a, b = it.at[0] + it.index[i] * by, it.at[1] + i * to
        else:
            a, b = it.at[0] + i * by, it.at[1] + it.index[i] * to
        if it.kind == PUT_ADD:
            for j in range(width):
                (<double *> (b + j * beside))[0] += (<double *> (a + j * along))[0]
        elif width == 1:
            (<double *> b)[0] = (<double *> a)[0]
        elif along == 8 and beside == 8:
            memcpy(b, a, 8 * width)
        else:
            for j in range(width):
                (<double *> (b + j * beside))[0] = (<double *> (a + j * along))[0]


cdef void sums(Instruction *it) noexcept nogil:
    """The first row of each segment, then the loop over the others."""
    cdef Py_ssize_t i, j, k, end, width = it.dims[1]
    cdef Py_ssize_t by[3]
    cdef Py_ssize_t n[1]
    cdef char *at[3]
    cdef char *a
    cdef char *b
    for i in range(it.dims[0]):
        k = it.index[i]
        end = it.index[i + 1] if i + 1 < it.dims[0] else it.dims[2]
        a, b = it.at[0] + k * it.steps[0], it.at[1] + i * it.steps[1]
        for j in range(width):
            (<double *> (b + j * it.steps[3]))[0] = (<double *> (a + j * it.steps[2]))[0]
        k += 1
        if k >= end:
            continue
        if width == 1:
            at[0], at[1], at[2] = b, a + it.steps[0], b
            by[0], by[1], by[2] = 0, it.steps[0], 0
            n[0] = end - k
            it.loop(at, n, by, it.data)
            continue
        while k < end:
            at[0], at[1], at[2] = b, it.at[0] + k * it.steps[0], b
            by[0], by[1], by[2] = it.steps[3], it.steps[2], it.steps[3]
            n[0] = width
            it.loop(at, n, by, it.data)
            k += 1
