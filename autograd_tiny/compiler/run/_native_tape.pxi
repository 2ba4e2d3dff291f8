# Instructions put together: what the lines call, on which arrays. Long, since it is one ``cdef class``, best read in one
# piece.

cdef class Tape:
    """Instructions on arrays that stay where they are; what is read of a call's arguments is put in place before."""

    cdef Instruction *code
    cdef Py_ssize_t length, room
    cdef list kept, starts
    cdef readonly list late
    cdef readonly Py_ssize_t work
    """Elements that the instructions compute, products counted by their multiplications."""

    def __cinit__(self, int arguments = 0):
        self.late = []
        self.kept, self.starts = [None] * arguments, [0] * arguments

    def __dealloc__(self):
        PyMem_Free(self.code)

    def __len__(self):
        return self.length

    cdef Instruction *new(self, int kind) except NULL:
        cdef void *more
        if self.length == self.room:
            self.room = 2 * self.room + 16
            more = PyMem_Realloc(self.code, self.room * sizeof(Instruction))
            if more == NULL:
                raise MemoryError()
            self.code = <Instruction *> more
        cdef Instruction *made = &self.code[self.length]
        memset(made, 0, sizeof(Instruction))
        made.kind = kind
        self.length += 1
        return made

    def depends(self, int operand, int argument, Py_ssize_t offset):
        """Operand of the last instruction is ``offset`` bytes into that argument of the call."""
        self.late.append((self.length - 1, operand, argument, offset))

    def place(self, arrays):
        """Put the arguments of a call in place."""
        cdef Operand found
        cdef int argument = 0
        for array in arrays:
            look(array, &found)
            if <size_t> found.data != <size_t> self.starts[argument]:  # the same array may have been moved, by resize
                self._rebase(argument, found.data)
            self.kept[argument] = array
            argument += 1

    cdef int moved(self, int argument, char *data) except -1:
        """The same for one argument, that the caller keeps until the instructions have run."""
        if <size_t> data != <size_t> self.starts[argument]:
            self._rebase(argument, data)
        return 0

    cdef int _rebase(self, int argument, char *start) except -1:
        """The argument lies here from now on."""
        self.starts[argument] = <size_t> start
        for at, operand, which, offset in self.late:
            if which == argument:
                self.code[<Py_ssize_t> at].at[<int> operand] = start + <Py_ssize_t> offset
        return 0

    def keep(self, list arrays):
        """Hold on to arrays that instructions point into."""
        self.kept.extend(arrays)

    def loop(self, Loop loop, tuple operands, shape=None):
        """An instruction: the loop over operands that are broadcast to the last, or to a shape (then they are summed)."""
        cdef Operand found[OPERANDS]
        cdef Py_ssize_t size[AXES]
        cdef Py_ssize_t steps[OPERANDS][AXES]
        cdef int i, j, k, axes, count = loop.count
        if len(operands) != count:
            raise LookupError(f"{len(operands)} operands for a loop of {count}")
        for i in range(count):
            look(operands[i], &found[i])
            if found[i].kind != <char> loop.kinds[i]:
                raise LookupError(f"operand {i} is of another kind than the loop takes")
        if shape is None:
            axes = found[count - 1].ndim
            for j in range(axes):
                size[j] = found[count - 1].shape[j]
        else:
            axes = len(shape)
            for j in range(axes):
                size[j] = shape[j]
        for i in range(count):
            if found[i].ndim > axes:
                for j in range(found[i].ndim - axes):
                    if found[i].shape[j] != 1:
                        raise LookupError("an operand with more axes than the result")
            for j in range(axes):
                k = found[i].ndim - axes + j
                if k < 0 or found[i].shape[k] == 1:
                    steps[i][j] = 0
                elif found[i].shape[k] == size[j]:
                    steps[i][j] = found[i].strides[k]
                else:
                    raise LookupError("operands that do not broadcast to the result")
        cdef Instruction *made = self.new(LOOP)
        made.loop, made.data, made.count = loop.loop, loop.data, count
        for i in range(count):
            made.at[i] = found[i].data
        # Axes of 1 are left out, and neighbours that are walked in one go are one.
        cdef bint same
        cdef Py_ssize_t work = 1
        k = 0
        for j in range(axes):
            work *= size[j]
            if size[j] == 1:
                continue
            same = k > 0
            for i in range(count):
                if k > 0 and made.strides[i][k - 1] != steps[i][j] * size[j]:
                    same = False
            if same:
                made.shape[k - 1] *= size[j]
                for i in range(count):
                    made.strides[i][k - 1] = steps[i][j]
            else:
                made.shape[k] = size[j]
                for i in range(count):
                    made.strides[i][k] = steps[i][j]
                k += 1
        # The longest axis innermost, if the last is short: an inner loop takes some 10 ns to enter.
        cdef int longest = 0
        cdef Py_ssize_t swapped
        for j in range(k):
            if made.shape[j] > made.shape[longest]:
                longest = j
        if k > 1 and made.shape[k - 1] < 16 and made.shape[longest] >= 2 * made.shape[k - 1]:
            swapped, made.shape[k - 1] = made.shape[k - 1], made.shape[longest]
            made.shape[longest] = swapped
            for i in range(count):
                swapped, made.strides[i][k - 1] = made.strides[i][k - 1], made.strides[i][longest]
                made.strides[i][longest] = swapped
        if k == 0:
            made.shape[0], k = 1, 1
        made.ndim = k
        if loop.plane >= 0 and in_planes(made):
            made.kind, made.which = PLANE, loop.plane
        self.work += work
        return work

    def matrices(self, Loop loop, a, b, out):
        """An instruction: products of matrices, or of stacks of them; a vector is a row, or a column on the right."""
        cdef Operand x, y, z
        cdef Instruction *made
        cdef int i, j, k
        look(a, &x)
        look(b, &y)
        look(out, &z)
        if x.kind != b"d" or y.kind != b"d" or z.kind != b"d":
            raise LookupError("a product of anything but numbers")
        cdef bint row = x.ndim == 1, column = y.ndim == 1
        if (x.ndim > 2 or y.ndim > 2) and (row or column) or x.ndim == 0 or y.ndim == 0:
            raise LookupError("a product of a vector and a stack")
        made = self.new(MATRICES)
        made.loop, made.data, made.count = loop.loop, loop.data, 3
        made.at[0], made.at[1], made.at[2] = x.data, y.data, z.data
        made.dims[0] = 1
        made.dims[1] = 1 if row else x.shape[x.ndim - 2]
        made.dims[2] = x.shape[x.ndim - 1]
        made.dims[3] = 1 if column else y.shape[y.ndim - 1]
        made.steps[0] = 8 * made.dims[2] if row else x.strides[x.ndim - 2]
        made.steps[1] = x.strides[x.ndim - 1]
        made.steps[2] = y.strides[0] if column else y.strides[y.ndim - 2]
        made.steps[3] = 8 if column else y.strides[y.ndim - 1]
        if row and column:
            made.steps[4], made.steps[5] = 8, 8
        elif row:
            made.steps[4], made.steps[5] = 8 * made.dims[3], z.strides[z.ndim - 1]
        elif column:
            made.steps[4], made.steps[5] = z.strides[z.ndim - 1], 8
        else:
            made.steps[4], made.steps[5] = z.strides[z.ndim - 2], z.strides[z.ndim - 1]
        made.ndim = 0 if row or column else z.ndim - 2
        cdef Py_ssize_t work = made.dims[1] * made.dims[2] * made.dims[3]
        for j in range(made.ndim):
            made.shape[j] = z.shape[j]
            made.strides[2][j] = z.strides[j]
            work *= z.shape[j]
            for i in range(2):
                k = (x.ndim if i == 0 else y.ndim) - 2 - made.ndim + j
                if k >= 0 and (x.shape[k] if i == 0 else y.shape[k]) != 1:
                    made.strides[i][j] = x.strides[k] if i == 0 else y.strides[k]
        # Matrices of a sample each, whose numbers lie beside those of the other samples: by samples, not by matrices.
        cdef int by = -1
        for j in range(made.ndim):
            if made.shape[j] >= 8 and made.strides[2][j] == 8 and made.strides[0][j] + made.strides[1][j] > 0:
                if made.strides[0][j] in (0, 8) and made.strides[1][j] in (0, 8):
                    by = j
        if by >= 0:
            made.kind, made.count = STACKED, 3
            made.dims[0] = made.shape[by]
            made.index = NULL
            made.steps_of_stack[0], made.steps_of_stack[1] = made.strides[0][by], made.strides[1][by]
            made.shape[by] = 1
            for i in range(3):
                made.strides[i][by] = 0
        # A few long rows by many: BLAS would copy all of them before it multiplies. Of four rows by four the sums fill
        # the registers of 512 bits; fewer or shorter ones make it slower than BLAS.
        cdef bint long_rows = made.ndim == 0 and made.steps[1] == 8 and made.steps[2] == 8 and made.dims[2] >= 512
        if long_rows and kind_of_processor() == 2 and 2 <= min(made.dims[1], made.dims[3]) <= 16:
            made.kind = LONG_ROWS
        if made.kind == MATRICES and is_small(made):
            made.loop = small_product
        self.work += work

    def row_dots(self, a, b, out):
        """An instruction: the dot product of each row of a matrix with that of another."""
        cdef Operand x, y, z
        look(a, &x)
        look(b, &y)
        look(out, &z)
        if x.kind != b"d" or y.kind != b"d" or z.kind != b"d" or x.ndim != 2 or y.ndim != 2 or z.ndim != 1:
            raise LookupError("dot products of anything but the rows of two matrices of numbers")
        if x.shape[0] != z.shape[0] or y.shape[0] != z.shape[0] or x.shape[1] != y.shape[1]:
            raise LookupError("dot products of rows of another shape")
        if x.strides[1] != 8 or y.strides[1] != 8:
            raise LookupError("dot products of rows whose numbers lie apart")
        cdef Instruction *made = self.new(ROW_DOTS)
        made.at[0], made.at[1], made.at[2] = x.data, y.data, z.data
        made.dims[0], made.dims[1] = x.shape[0], x.shape[1]
        made.steps[0], made.steps[1], made.steps[2] = x.strides[0], y.strides[0], z.strides[0]
        self.work += x.shape[0] * x.shape[1]

    def turn(self, array, out):
        """An instruction: a matrix whose columns lie in a row is copied to one whose rows do. Of a number in it that is not
        finite `run` says that it is an invalid value.
        """
        cdef Operand x, z
        look(array, &x)
        look(out, &z)
        if x.kind != b"d" or z.kind != b"d" or x.ndim != 2 or z.ndim != 2 or z.strides[1] != 8:
            raise LookupError("a copy of anything but a matrix of numbers, to one whose rows lie in a row")
        if x.shape[0] != z.shape[0] or x.shape[1] != z.shape[1]:
            raise LookupError("a copy to a matrix of another shape")
        cdef Instruction *made = self.new(TURN)
        made.at[0], made.at[1] = x.data, z.data
        made.dims[0], made.dims[1] = x.shape[0], x.shape[1]
        made.steps[0], made.steps[1], made.steps[2] = x.strides[0], x.strides[1], z.strides[0]
        self.work += x.shape[0] * x.shape[1]

    def check(self, array):
        """An instruction: of a number that is not finite `run` says that it is an invalid value."""
        cdef Operand x
        cdef Py_ssize_t i, n = 1
        look(array, &x)
        for i in range(x.ndim - 1, -1, -1):
            if x.kind != b"d" or x.strides[i] != 8 * n:
                raise LookupError("a check of anything but numbers in a row")
            n *= x.shape[i]
        cdef Instruction *made = self.new(CHECK)
        made.at[0], made.dims[0] = x.data, n
        self.work += n

    def take(self, array, index, int axis, out):
        """An instruction: elements along an axis of an array of one or two axes, by their number."""
        cdef Operand x, z, places
        look(array, &x)
        look(out, &z)
        look(index, &places)
        if x.ndim > 2 or z.ndim != x.ndim or places.ndim != 1 or axis >= x.ndim or places.strides[0] != 8:
            raise LookupError("a gather of more than two axes")
        cdef Instruction *made = self.new(TAKE)
        self._indexed(made, &x, &z, &places, axis)

    def put(self, array, index, numbers, bint adds):
        """An instruction: rows of an array, by their number, set to those of another, or added to."""
        cdef Operand x, z, places
        look(numbers, &x)
        look(array, &z)
        look(index, &places)
        if x.ndim > 2 or z.ndim != x.ndim or places.ndim != 1 or places.strides[0] != 8:
            raise LookupError("a scatter of more than two axes")
        cdef Instruction *made = self.new(PUT_ADD if adds else PUT)
        self._indexed(made, &x, &z, &places, 0)

    cdef int _indexed(self, Instruction *made, Operand *x, Operand *z, Operand *places, int axis) except -1:
        cdef int other = 1 - axis if x.ndim == 2 else -1
        if x.kind != b"d" or z.kind != b"d" or places.itemsize != 8:
            raise LookupError("a gather of anything but numbers")
        made.at[0], made.at[1], made.index = x.data, z.data, <int64_t *> places.data
        made.dims[0] = places.shape[0]
        made.dims[1] = z.shape[other] if other >= 0 else 1
        made.steps[0], made.steps[1] = x.strides[axis], z.strides[axis]
        made.steps[2] = x.strides[other] if other >= 0 else 8
        made.steps[3] = z.strides[other] if other >= 0 else 8
        self.work += made.dims[0] * made.dims[1]
        return 0

    def segments(self, Loop loop, array, starts, out):
        """An instruction: sums (or maxima) over segments along the first axis, each up to the start of the next."""
        cdef Operand x, z, places
        look(array, &x)
        look(out, &z)
        look(starts, &places)
        if x.ndim > 2 or x.ndim == 0 or z.ndim != x.ndim or places.ndim != 1 or places.strides[0] != 8:
            raise LookupError("segments of more than two axes")
        cdef Instruction *made = self.new(SEGMENTS)
        made.loop, made.data = loop.loop, loop.data
        self._indexed(made, &x, &z, &places, 0)
        made.dims[2] = x.shape[0]
        self.work += x.shape[0] * made.dims[1]

    def group(self):
        """Put neighbours that go element by element over the same long axis together: they are run block by block,
        so that what one leaves is still in the cache when the next reads it. Gives how many instructions are in such
        groups. To be called once, behind the last instruction.
        """
        cdef Py_ssize_t i = 0, j, k, grouped = 0
        while i < self.length:
            self.code[i].together = 1
            if long_axis(&self.code[i]):
                j = i + 1
                while j < self.length and long_axis(&self.code[j]) and self.code[j].shape[0] == self.code[i].shape[0]:
                    for k in range(i, j):
                        if not apart(&self.code[k], &self.code[j]):
                            break
                    else:
                        j += 1
                        continue
                    break
                self.code[i].together = j - i
                if j - i > 1:
                    grouped += j - i
                i = j
            else:
                i += 1
        return grouped

    def run(self):
        """Do all of it. What numpy would call an overflow, a division by zero or an invalid value, as its bits."""
        return self.go()

    cdef int go(self) except -1:
        cdef int flags = 0
        if self.work < LONG:
            return execute(self.code, self.length)
        with nogil:
            flags = execute(self.code, self.length)
        PyErr_CheckSignals()
        return flags
