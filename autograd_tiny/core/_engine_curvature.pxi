# Second derivatives in numbers: forward over reverse, two sweeps over the same nodes, and no node is made.
#
# The first carries the tangents up. The second carries the adjoints down and, beside them, how they change as the
# variables move: (a·d)' = a'·d + a·d', where the change d' of a local derivative comes from the rules in
# ``_engine_rules.h`` that `codegen.curvature` derives from the table. Several directions go along at once.

cdef extern from "_engine_rules.h" nogil:
    const unsigned char* CURVES
    void curve(int code, int form, const double* x, double y, const double* d, double* h)
    void bend(int code, Py_ssize_t n, const double* x, const double* t, double y, double t_y, double* e)

cdef enum:
    CURVED = 1


cdef class Lanes:
    """Tangents and changes of adjoints of all nodes, ``width`` numbers each, and the adjoints."""

    cdef Nodes order
    cdef double* tangents
    cdef double* changes
    cdef double* adjoints
    cdef double* vectors         # of the many-parent node at hand
    cdef Py_ssize_t room         # of these
    cdef int width

    def __dealloc__(self):
        PyMem_Free(self.order.items)
        PyMem_Free(self.tangents)
        PyMem_Free(self.changes)
        PyMem_Free(self.adjoints)
        PyMem_Free(self.vectors)

    cdef int make(self, int width) except -1:
        """Room for all, after `find_order`."""
        cdef size_t n = self.order.n + 1
        self.width = width
        self.tangents = <double*>PyMem_Malloc(n * width * sizeof(double))
        self.changes = <double*>PyMem_Malloc(n * width * sizeof(double))
        self.adjoints = <double*>PyMem_Malloc(n * sizeof(double))
        if not (self.tangents and self.changes and self.adjoints):
            raise MemoryError(f"no memory for {width} directions of {self.order.n} nodes")
        memset(self.changes, 0, n * width * sizeof(double))
        memset(self.adjoints, 0, n * sizeof(double))
        return 0

    cdef int make_vectors(self, Py_ssize_t count) except -1:
        """Room for three numbers each of ``count`` parents: operand, tangent, change of the derivative."""
        if count > self.room:
            PyMem_Free(self.vectors)
            self.room = 0
            self.vectors = <double*>PyMem_Malloc(3 * count * sizeof(double))
            if self.vectors is NULL:
                raise MemoryError(f"no memory for a node of {count} parents")
            self.room = count
        return 0

    cdef bint forward(self, const double** directions, Py_ssize_t* places):
        """Give each node its place as adjoint and its tangents; False if there is what has no rule here.

        A variable's adjoint is, on entry, -1 less its number.
        """
        cdef Py_ssize_t i, k, seed
        cdef int w, width = self.width, code
        cdef PyObject* item
        cdef Edges* edges
        cdef double* t
        cdef double* left
        cdef double* right
        for i in range(self.order.n):
            item = self.order.items[i]
            t = self.tangents + i * width
            code = <int>((<Value>item).state & CODE_MASK)
            if (<Value>item).state & OWN_ROW or CURVES[code] > CURVED:
                return False
            if (<Value>item).left is NULL:
                if (<Value>item).adjoint < 0.0:
                    seed = <Py_ssize_t>(-1.0 - (<Value>item).adjoint)
                    places[seed] = i
                    for w in range(width):
                        t[w] = directions[w][seed]
                elif code != CONSTANT_CODE:
                    return False
                else:
                    memset(t, 0, width * sizeof(double))
            elif (<Value>item).state & MANY:
                edges = <Edges*>(<Value>item).left
                memset(t, 0, width * sizeof(double))
                for k in range(edges.filled):
                    left = self.tangents + <Py_ssize_t>(<Value>edges.parents[k]).adjoint * width
                    for w in range(width):
                        t[w] += left[w] * edges.locals_[k]
            else:
                left = self.tangents + <Py_ssize_t>(<Value>(<Value>item).left).adjoint * width
                if (<Value>item).right is NULL:
                    for w in range(width):
                        t[w] = left[w] * (<Value>item).d_left
                else:
                    right = self.tangents + <Py_ssize_t>(<Value>(<Value>item).right).adjoint * width
                    for w in range(width):
                        t[w] = left[w] * (<Value>item).d_left + right[w] * (<Value>item).d_right
            (<Value>item).adjoint = <double>i
        return True

    cdef int reverse(self) except -1:
        cdef Py_ssize_t i, p, q
        cdef int w, width = self.width, code, form
        cdef PyObject* item
        cdef PyObject* a
        cdef PyObject* b
        cdef double upstream, d
        cdef double[3] x
        cdef double[3] h
        cdef double[2] slopes
        cdef PyObject* few[2]
        cdef Edges* edges
        cdef double* change
        cdef double* change_p
        cdef double* change_q
        cdef double* t_p
        cdef double* t_q
        self.adjoints[self.order.n - 1] = 1.0
        for i in range(self.order.n - 1, -1, -1):
            item = self.order.items[i]
            a = (<Value>item).left
            if a is NULL:
                continue
            upstream = self.adjoints[i]
            change = self.changes + i * width
            code = <int>((<Value>item).state & CODE_MASK)
            if (<Value>item).state & MANY:
                edges = <Edges*>a
                self.reverse_many(i, item, edges.filled, edges.parents, edges.locals_)
                continue
            if VECTORS[code]:  # of one or two elements
                few[0], few[1] = a, (<Value>item).right
                slopes[0], slopes[1] = (<Value>item).d_left, (<Value>item).d_right
                self.reverse_many(i, item, 1 if few[1] is NULL else 2, few, slopes)
                continue
            d = (<Value>item).d_left
            b = (<Value>item).right
            p = <Py_ssize_t>(<Value>a).adjoint
            change_p = self.changes + p * width
            t_p = self.tangents + p * width
            self.adjoints[p] += upstream * d
            if b is NULL:
                if CURVES[code]:
                    curve(code, 1, &(<Value>a)._data, (<Value>item)._data, &(<Value>item).d_left, h)
                    h[0] *= upstream
                    for w in range(width):
                        change_p[w] += change[w] * d + h[0] * t_p[w]
                else:
                    for w in range(width):
                        change_p[w] += change[w] * d
                continue
            q = <Py_ssize_t>(<Value>b).adjoint
            change_q = self.changes + q * width
            t_q = self.tangents + q * width
            self.adjoints[q] += upstream * (<Value>item).d_right
            for w in range(width):
                change_p[w] += change[w] * d
                change_q[w] += change[w] * (<Value>item).d_right
            if CURVES[code]:
                form = 1 if takes_gradient(a) and takes_gradient(b) else 2 if takes_gradient(a) else 3
                x[0], x[1] = (<Value>a)._data, (<Value>b)._data
                slopes[0], slopes[1] = d, (<Value>item).d_right
                curve(code, form, x, (<Value>item)._data, slopes, h)
                h[0] *= upstream
                h[1] *= upstream
                h[2] *= upstream
                if form == 1:
                    for w in range(width):
                        change_p[w] += h[0] * t_p[w] + h[1] * t_q[w]
                        change_q[w] += h[1] * t_p[w] + h[2] * t_q[w]
                elif form == 2:
                    for w in range(width):
                        change_p[w] += h[0] * t_p[w]
                else:
                    for w in range(width):
                        change_q[w] += h[2] * t_q[w]
        return 0

    cdef int reverse_many(
        self, Py_ssize_t i, PyObject* item, Py_ssize_t count, PyObject** parents, const double* slopes
    ) except -1:
        cdef Py_ssize_t k, p
        cdef int w, width = self.width, code = <int>((<Value>item).state & CODE_MASK)
        cdef double upstream = self.adjoints[i]
        cdef double* change = self.changes + i * width
        cdef double* change_p
        cdef double* x
        for k in range(count):
            p = <Py_ssize_t>(<Value>parents[k]).adjoint
            change_p = self.changes + p * width
            self.adjoints[p] += upstream * slopes[k]
            for w in range(width):
                change_p[w] += change[w] * slopes[k]
        if not CURVES[code] or (<Value>item).state & FILLED:
            return 0
        self.make_vectors(count)
        x = self.vectors
        for k in range(count):
            x[k] = (<Value>parents[k])._data
        for w in range(width):
            for k in range(count):
                x[count + k] = self.tangents[<Py_ssize_t>(<Value>parents[k]).adjoint * width + w]
            bend(code, count // VECTORS[code], x, x + count, (<Value>item)._data, self.tangents[i * width + w],
                 x + 2 * count)
            for k in range(count):
                self.changes[<Py_ssize_t>(<Value>parents[k]).adjoint * width + w] += upstream * x[2 * count + k]
        return 0


def curvature_numbers(root, variables, directions):
    """For each direction the derivative of the root's gradient along it; None where only graphs can tell.

    That is, where a number on the way is not finite, and where the root depends on other leaves or on plug-ins.
    """
    cdef Lanes lanes
    cdef Value variable
    cdef Py_ssize_t k, count
    cdef int w, width = <int>len(directions)
    cdef tuple nodes = nodes_of(variables, "curvature_numbers")
    if type(root) is not Value:
        raise errors.not_a_value("curvature_numbers", root)
    if _recording:
        guard(root, "gradients")
    count = len(nodes)
    columns = [Column(direction) for direction in directions]
    for column in columns:
        check_column(count, (<Column>column).size)
    found = [bytearray(count * sizeof(double)) for w in range(width)]
    cdef const double** starts = <const double**>PyMem_Malloc((width + 1) * sizeof(double*))
    cdef Py_ssize_t* places = <Py_ssize_t*>PyMem_Malloc((count + 1) * sizeof(Py_ssize_t))
    cdef double* out
    lanes = Lanes()
    try:
        if starts is NULL or places is NULL:
            raise MemoryError(f"no memory for {count} variables")
        for w in range(width):
            starts[w] = (<Column>columns[w]).at
        for k in range(count):
            places[k] = -1
        find_order((root,), &lanes.order)
        lanes.make(width)
        for k in range(count):
            (<Value>nodes[k]).adjoint = <double>(-1 - k)
        if not lanes.forward(starts, places):
            return None
        lanes.reverse()
        for w in range(width):
            out = <double*>PyByteArray_AS_STRING(found[w])
            for k in range(count):
                out[k] = 0.0 if places[k] < 0 else lanes.changes[places[k] * width + w]
                if not isfinite(out[k]) or places[k] >= 0 and not isfinite(lanes.adjoints[places[k]]):
                    return None
        return [memoryview(column).cast("d").tolist() for column in found]
    finally:
        PyMem_Free(starts)
        PyMem_Free(places)
