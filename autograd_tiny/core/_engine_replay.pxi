# A recorded graph run anew on other numbers, without a node being made: `replay` once more, in C. Long, since
# most of it is one ``cdef class``, best read in one piece.

cdef enum:
    NONE_WANTED = 0      # which operands a gradient is wanted for: it decides what of the slopes is read
    ALL_WANTED = 1
    FIRST_WANTED = 2     # of two, or of two vectors
    SECOND_WANTED = 3
    OPERANDS = 3         # the most that a row has, or vectors
    ALWAYS = 1           # whether a slope of 0 is a mask: `masks.zeros_of`
    SOMETIMES = 2
    CODES = 64           # codes that are told apart
    FEW = 4              # operations side by side
    MOST_EDGES = 0x7FFFFFFF
    GENERAL = 0          # how an operation is done: by its rule, or here
    TIMES = 1
    PLUS = 2
    MINUS = 3
    NEGATED = 4
    DOTTED = 5
    OVER = 6             # by its rule where slopes are wanted
    DONE = 7             # there is none
    BREATH = 1 << 22     # nodes: more than the 5 ms that a thread waits before it asks; more often, it would never ask


cdef struct Operation:
    int how, node, a, b
    # a and b are its first two operands. A dot is GENERAL, with where its parents begin and minus how many products it
    # has: as a fifth case it would make a table of jumps, which processors guess worse than four comparisons.


cdef int how_done(int code):
    """Of the operations that most graphs are made of, which. But for a quotient, slopes are numbers that are there already."""
    row = _ROW_OF[code] if code < len(_ROW_OF) else None
    return {"mul": TIMES, "add": PLUS, "sub": MINUS, "neg": NEGATED, "dot": DOTTED, "div": OVER}.get(
        getattr(row, "name", ""), GENERAL
    )


cdef inline char* room(list kept, Py_ssize_t size):
    """So many bytes, 0 to begin with, which live as long as ``kept``."""
    made = bytearray(size)
    kept.append(made)
    return PyByteArray_AS_STRING(made)


cdef bint any_beyond(const long long* places, Py_ssize_t n, Py_ssize_t width) noexcept:
    cdef Py_ssize_t k
    for k in range(n):
        if places[k] >= width:
            return True
    return False


cdef const long long* numbers_of(bytes numbers) noexcept:
    return <const long long*>PyBytes_AS_STRING(numbers)


cdef bint within(bytes nodes, Py_ssize_t n) noexcept:
    """Whether all of them are from 0 to n - 1."""
    cdef const long long* at = numbers_of(nodes)
    cdef Py_ssize_t k
    for k in range(len(nodes) // <Py_ssize_t>sizeof(long long)):
        if not 0 <= at[k] < n:
            return False
    return len(nodes) % <Py_ssize_t>sizeof(long long) == 0


cdef list _ARITY = [(len(row.arguments), bool(row.partials), row.variadic) for row in _ROW_OF]


cdef bint is_sound(bytes codes, bytes starts, bytes parents, bytes numbers, bytes learns, list rows, bytes leaves,
                   bytes inputs, bytes places, bytes roots) except -1:
    """Whether it is a graph as `tape` gives it, so that it can be read as it stands; `check_graph` says what is not.

    A node takes none of later ones, but of constants and leaves: these fill a dot.
    """
    cdef const int* code_of = <const int*>PyBytes_AS_STRING(codes)
    cdef const long long* start_of = numbers_of(starts)
    cdef const long long* parent_of = numbers_of(parents)
    cdef Py_ssize_t i, k, count, n = len(codes) // sizeof(int), edges = len(parents) // sizeof(long long)
    cdef int arity
    cdef bint computed, variadic
    if len(codes) % <Py_ssize_t>sizeof(int) or len(starts) != (n + 1) * <Py_ssize_t>sizeof(long long):
        return False
    if len(numbers) != n * <Py_ssize_t>sizeof(double) or len(learns) != n or len(places) != len(inputs):
        return False
    if not (within(parents, n) and within(leaves, n) and within(inputs, n) and within(roots, n)):
        return False
    if not within(places, PY_SSIZE_T_MAX) or start_of[0] != 0 or start_of[n] != edges:
        return False
    if rows[:len(_ROW_OF)] != _ROW_OF:
        return False
    for i in range(n):
        if not 0 <= code_of[i] < len(rows) or start_of[i] > start_of[i + 1]:
            return False
    for row in rows[len(_ROW_OF):]:
        if not isinstance(row, Primitive):
            return False
    kinds = _ARITY + [(len(row.arguments), bool(row.partials), row.variadic) for row in rows[len(_ROW_OF):]]
    for i in range(n):
        arity, computed, variadic = <tuple>kinds[code_of[i]]
        count = start_of[i + 1] - start_of[i]
        if not computed:
            arity = 0
        if variadic and (count == 0 or count % arity) or not variadic and count != arity:
            return False
        for k in range(start_of[i], start_of[i + 1]):
            if parent_of[k] >= i and (parent_of[k] == i or code_of[parent_of[k]] >= FIRST_ROW):
                return False
    return True


@cython.final
cdef class Replay:
    """A graph that runs on other numbers: see `replay.Replay`."""

    cdef readonly object gradient
    cdef list kept, rows
    cdef bytes zeros        # for three operands or vectors of each row, what a slope of 0 towards it is: see `masks`
    cdef Py_ssize_t n
    cdef Operation* forwards  # `order`, with how each is done
    cdef Operation* backwards  # what gradients go through, in the graph's order
    cdef Py_ssize_t passed
    cdef int* order         # what is computed, in an order in which like follows like: see `like_by_like`
    cdef Py_ssize_t computed
    cdef bint alike         # whether like does follow like
    cdef int* codes
    cdef int* starts
    cdef int* parents
    cdef char* wanted
    cdef double* slopes
    cdef double* vectors    # room for the operands of the node with the most
    cdef double* data
    cdef double* adjoints
    cdef double* total      # what `gradient` shows
    cdef Py_ssize_t runs    # how many were begun
    cdef long long* leaves
    cdef long long* inputs
    cdef long long* places
    cdef long long* roots
    cdef Py_ssize_t leaf_count, input_count, root_count

    def __cinit__(self, codes, starts, parents, numbers, learns, rows, leaves, inputs, places, roots):
        cdef bint typed = all([type(x) is bytes for x in (codes, starts, parents, numbers, learns, leaves, inputs, places, roots)])
        if not (typed and type(rows) is list and is_sound(
            codes, starts, parents, numbers, learns, rows, leaves, inputs, places, roots
        )):
            check_graph(codes, starts, parents, numbers, learns, rows, leaves, inputs, places, roots)
            raise TypeError(f"Replay got rows as {errors.article(type(rows).__name__)}: expected a list")
        self.fill(codes, starts, parents, numbers, learns, rows, leaves, inputs, places, roots)

    cdef int fill(self, bytes codes, bytes starts, bytes parents, bytes numbers, bytes learns, list rows, bytes leaves,
                  bytes inputs, bytes places, bytes roots) except -1:
        cdef const int* code_of = <const int*>PyBytes_AS_STRING(codes)
        cdef const long long* start_of = <const long long*>PyBytes_AS_STRING(starts)
        cdef const long long* parent_of = <const long long*>PyBytes_AS_STRING(parents)
        cdef const char* learning = PyBytes_AS_STRING(learns)
        cdef Py_ssize_t i, k, longest = 0, edges = len(parents) // sizeof(long long)
        if edges > MOST_EDGES:
            raise MemoryError(f"a graph of {edges:,} edges cannot be replayed: expected at most {MOST_EDGES:,}")
        self.n = len(codes) // sizeof(int)
        self.rows, self.kept = list(rows), [leaves, inputs, places, roots]
        self.leaves, self.inputs = <long long*>PyBytes_AS_STRING(leaves), <long long*>PyBytes_AS_STRING(inputs)
        self.places, self.roots = <long long*>PyBytes_AS_STRING(places), <long long*>PyBytes_AS_STRING(roots)
        self.leaf_count, self.input_count = len(leaves) // sizeof(long long), len(inputs) // sizeof(long long)
        self.root_count = len(roots) // sizeof(long long)
        made = bytearray((self.leaf_count + 1) * sizeof(double))
        self.total = <double*>PyByteArray_AS_STRING(made)
        self.gradient = memoryview(made)  # while there is one, nobody can change the size of what it shows
        self.kept.extend((made, self.gradient))
        self.data, self.adjoints = <double*>room(self.kept, len(numbers)), <double*>room(self.kept, len(numbers))
        memcpy(self.data, PyBytes_AS_STRING(numbers), len(numbers))
        self.codes = <int*>room(self.kept, self.n * sizeof(int))
        self.starts = <int*>room(self.kept, (self.n + 1) * sizeof(int))
        self.parents = <int*>room(self.kept, edges * sizeof(int))
        self.wanted = room(self.kept, self.n)
        self.slopes = <double*>room(self.kept, edges * sizeof(double))
        for k in range(edges):
            self.parents[k] = <int>parent_of[k]
        for i in range(self.n):
            self.codes[i], self.starts[i] = code_of[i], <int>start_of[i]
            longest = max(longest, start_of[i + 1] - start_of[i])
            if learning[i]:
                self.wanted[i] = self.find_wanted(code_of[i], parent_of + start_of[i], start_of[i + 1] - start_of[i], learning)
        self.starts[self.n] = <int>edges
        self.order = <int*>room(self.kept, self.n * sizeof(int))
        self.computed = self.like_by_like()
        self.vectors = <double*>room(self.kept, longest * sizeof(double))
        self.find_operations()
        return 0

    cdef int find_operations(self) except -1:
        cdef Py_ssize_t i, j
        cdef list how = [how_done(code) for code in range(len(self.rows))]
        self.forwards = <Operation*>room(self.kept, (self.computed + 1) * sizeof(Operation))
        self.forwards[self.computed].how = DONE
        for j in range(self.computed):
            self.forwards[j] = self.operation(self.order[j], how)
        self.passed = 0
        for i in range(self.n):
            self.passed += self.wanted[i] != NONE_WANTED
        self.backwards = <Operation*>room(self.kept, self.passed * sizeof(Operation))
        j = 0
        for i in range(self.n):
            if self.wanted[i] != NONE_WANTED:
                self.backwards[j] = self.operation(i, how)
                j += 1
        return 0

    cdef Operation operation(self, Py_ssize_t i, list how):
        cdef Operation made
        cdef int first = self.starts[i], count = self.starts[i + 1] - first
        made.how, made.node = how[self.codes[i]], <int>i
        if made.how == DOTTED:
            made.how, made.a, made.b = GENERAL, first, -(count // 2)
            return made
        made.a = self.parents[first] if count else 0
        made.b = self.parents[first + 1] if count > 1 else made.a
        return made

    cdef Py_ssize_t like_by_like(self):
        """Fill ``order`` with the nodes by depth, and of each depth by code; how many there are.

        A processor guesses right what comes next where the same came before, and begins a tanh while another is under
        way. Values do not depend on the order; gradients do, in their last digit, and so are taken in the graph's.
        """
        cdef Py_ssize_t i, k, deepest = 0, computed = 0, place = 0, count
        cdef list kept = []
        cdef int* depth = <int*>room(kept, self.n * sizeof(int))
        cdef int* at
        cdef int level, key
        for i in range(self.n):
            if self.codes[i] >= FIRST_ROW:
                level = 0
                for k in range(self.starts[i], self.starts[i + 1]):
                    level = max(level, depth[self.parents[k]])
                depth[i] = level + 1
                deepest = max(deepest, depth[i])
                computed += 1
        self.alike = deepest * FEW <= computed
        if not self.alike:
            for i in range(self.n):
                if depth[i]:
                    self.order[place] = <int>i
                    place += 1
            return computed
        at = <int*>room(kept, (deepest + 2) * CODES * sizeof(int))
        for i in range(self.n):
            if depth[i]:
                at[depth[i] * CODES + self.codes[i] % CODES] += 1
        for k in range((deepest + 2) * CODES):
            count, at[k] = at[k], place
            place += count
        for i in range(self.n):
            if depth[i]:
                key = depth[i] * CODES + self.codes[i] % CODES
                self.order[at[key]] = <int>i
                at[key] += 1
        return computed

    cdef char find_wanted(self, int code, const long long* parents, Py_ssize_t count, const char* learning):
        cdef bint first = False, second = False
        cdef Py_ssize_t k
        if code < FIRST_ROW:
            return NONE_WANTED
        if code >= END_OF_TABLE or count % 2 or not (count == 2 or VECTORS[code] == 2):
            return ALL_WANTED
        for k in range(count // 2):
            first |= learning[parents[k]] != 0
            second |= learning[parents[count // 2 + k]] != 0
        return ALL_WANTED if first and second else FIRST_WANTED if first else SECOND_WANTED

    def run(self, parameters, samples, count, bint gradient):
        """The roots' numbers, those of each of ``count`` samples in a row; None if one on the way is not finite."""
        found, failed = self.run_each(parameters, samples, count, gradient)
        return None if failed else found

    def run_each(self, parameters, samples, count, bint gradient):
        """The same, and the samples that failed: on whose way, or among whose gradients, a number is not finite.

        Theirs are not in ``gradient``, which is the sum of the others' divided by ``count``.
        """
        cdef list failed = []
        found = self.run_all(parameters, samples, count, gradient, failed, False)
        return (self.run_all(parameters, samples, count, gradient, failed, True) if found is None else found), failed

    cdef run_all(self, parameters, samples, count, bint gradient, list failed, bint each):
        """`run_each`; without ``each``, None where gradients that are not finite have to be told apart."""
        cdef Column numbers = Column(parameters), given = Column(samples)
        cdef double* total = self.total
        cdef Py_ssize_t i = 0, k, since = 0, width, begun, n
        cdef bint finite = True, good
        failed.clear()
        count = operator.index(count)
        if not 1 <= count <= MOST_SAMPLES // (self.root_count + 1):
            check_call(numbers.size, given.size, count, self.leaf_count, (), self.root_count)
        n = count
        width = given.size // n
        if numbers.size != self.leaf_count or width * n != given.size or any_beyond(self.places, self.input_count, width):
            check_call(
                numbers.size, given.size, count, self.leaf_count, [self.places[k] for k in range(self.input_count)],
                self.root_count,
            )
        if gradient and self.root_count == 0:
            raise ValueError(NO_ROOT)
        found = array("d", bytes(n * self.root_count * sizeof(double)))
        cdef Column out = Column(found)
        begun = self.begin(numbers)
        while i < n:
            PyErr_CheckSignals()
            since += self.computed
            if since > BREATH:
                since = 0
                with nogil:
                    pass  # other threads may run here, one that wants to stop us for one
            if self.runs != begun:  # a signal's handler, or another thread, has run it on numbers of its own
                i = 0
                failed.clear()
                begun = self.begin(numbers)
            good = True
            for k in range(self.input_count):
                self.data[self.inputs[k]] = given.at[i * width + self.places[k]]
                good &= isfinite(self.data[self.inputs[k]])
            good = good and self.forward(gradient)
            if self.runs != begun:
                raise RuntimeError(RUN_WITHIN)
            for k in range(self.root_count):
                out.at[i * self.root_count + k] = self.data[self.roots[k]]
            if good and gradient:
                good = self.backward(self.roots[0]) or self.backward_carefully(self.roots[0])
                if each:
                    for k in range(self.leaf_count):
                        good &= isfinite(self.adjoints[self.leaves[k]])
                if good:
                    for k in range(self.leaf_count):
                        total[k] += self.adjoints[self.leaves[k]]
            if not good:
                failed.append(i)
            i += 1
        for k in range(self.leaf_count):
            total[k] /= n
            finite &= isfinite(total[k])
        return found if finite or each else None

    cdef Py_ssize_t begin(self, Column numbers) noexcept:
        """Put the parameters' numbers in place and forget all sums; the number of this run."""
        cdef Py_ssize_t k
        for k in range(self.leaf_count):
            self.data[self.leaves[k]] = numbers.at[k]
        memset(self.total, 0, (self.leaf_count + 1) * sizeof(double))
        self.runs += 1
        return self.runs

    cdef bint forward(self, bint slopes) except -1:
        """Compute every node from the leaves, and the slopes that `backward` needs; whether all are finite."""
        return self.in_runs(slopes) if self.alike else self.one_by_one(slopes)

    cdef bint one_by_one(self, bint slopes) except -1:
        """`forward` where hardly two operations of a kind follow each other."""
        cdef Py_ssize_t i, j
        cdef double* data = self.data
        cdef bint finite = True
        cdef Operation* it
        cdef double y
        for j in range(self.computed):
            it = self.forwards + j
            i = it.node
            if it.b < 0:
                y = self.dotted(it)
            elif it.how == TIMES:
                y = data[it.a] * data[it.b]
            elif it.how == PLUS:
                y = data[it.a] + data[it.b]
            elif it.how == MINUS:
                y = data[it.a] - data[it.b]
            elif it.how == NEGATED:
                y = -data[it.a]
            else:
                y = self.by_rule(i, slopes)
            data[i] = y
            finite &= isfinite(y)
        return finite

    cdef bint in_runs(self, bint slopes) except -1:
        """`forward` where like follows like: of each kind all that come one after the other, without asking which it is."""
        cdef double* data = self.data
        cdef bint finite = True
        cdef Operation* it = self.forwards  # behind the last is one that is done
        cdef double y
        while it.how != DONE:
            if it.how == TIMES:
                while it.how == TIMES:
                    y = data[it.a] * data[it.b]
                    data[it.node] = y
                    finite &= isfinite(y)
                    it += 1
            elif it.how == PLUS:
                while it.how == PLUS:
                    y = data[it.a] + data[it.b]
                    data[it.node] = y
                    finite &= isfinite(y)
                    it += 1
            elif it.how == MINUS:
                while it.how == MINUS:
                    y = data[it.a] - data[it.b]
                    data[it.node] = y
                    finite &= isfinite(y)
                    it += 1
            elif it.how == NEGATED:
                y = -data[it.a]
                data[it.node] = y
                finite &= isfinite(y)
                it += 1
            elif it.how == OVER and not (slopes and self.wanted[it.node] != NONE_WANTED):
                while it.how == OVER and not (slopes and self.wanted[it.node] != NONE_WANTED):
                    y = data[it.a] / data[it.b]
                    data[it.node] = y
                    finite &= isfinite(y)
                    it += 1
            else:
                y = self.dotted(it) if it.b < 0 else self.by_rule(it.node, slopes)
                data[it.node] = y
                finite &= isfinite(y)
                it += 1
        return finite

    cdef inline double dotted(self, const Operation* it) noexcept:
        """The rule of a dot once more, but on operands where they lie, and without slopes: these are operands."""
        cdef const int* parents = self.parents + it.a
        cdef Py_ssize_t k, count = -it.b
        cdef double y = 0.0
        for k in range(count):
            y += self.data[parents[k]] * self.data[parents[count + k]]
        return y

    cdef double by_rule(self, Py_ssize_t i, bint slopes) except? -1.0:
        """The value of a node by the rule of its row, and its slopes."""
        cdef int code = self.codes[i]
        cdef const int* parents = self.parents + self.starts[i]
        cdef double* found = self.slopes + self.starts[i]
        cdef Py_ssize_t k, count
        if code >= END_OF_TABLE:
            self.call(i, code)
            return self.data[i]
        if VECTORS[code]:
            count = self.starts[i + 1] - self.starts[i]
            for k in range(count):
                self.vectors[k] = self.data[parents[k]]
            if VECTORS[code] == 1:
                return rule_of_1(code, count, self.vectors, found)
            count //= 2
            return rule_of_2(
                code, count, self.vectors, self.vectors + count,
                NULL if self.wanted[i] == SECOND_WANTED else found, NULL if self.wanted[i] == FIRST_WANTED else found + count,
            )
        return fixed_rule(code, self.wanted[i] if slopes else NONE_WANTED, self.data, parents, found)

    cdef bint backward(self, Py_ssize_t root) noexcept:
        """Leave d(root)/d(node) in ``adjoints``, after `forward`, for all nodes that a parameter lies below.

        False if a zero met a slope that is not finite.
        """
        memset(self.adjoints, 0, self.n * sizeof(double))
        self.adjoints[root] = 1.0
        return self.sweep(root)

    cdef bint sweep(self, Py_ssize_t root) noexcept:
        """The same from the adjoints that are there, all of them of nodes up to ``root``."""
        cdef Py_ssize_t i, j, k, first, last, count
        cdef const int* parents
        cdef double* gradient = self.adjoints
        cdef const double* data = self.data
        cdef double upstream, doubt = 0.0
        cdef char wanted
        cdef Operation* it
        for j in range(self.passed - 1, -1, -1):
            it = self.backwards + j
            i = it.node
            upstream = gradient[i]
            if i > root:
                continue
            if it.how == TIMES:
                if upstream != 0.0:  # all numbers are finite here, and 0 times one is nothing
                    if self.wanted[i] != SECOND_WANTED:
                        gradient[it.a] += upstream * data[it.b]
                    if self.wanted[i] != FIRST_WANTED:
                        gradient[it.b] += upstream * data[it.a]
                continue
            if it.how == PLUS or it.how == MINUS:
                if upstream != 0.0:
                    if self.wanted[i] != SECOND_WANTED:
                        gradient[it.a] += upstream
                    if self.wanted[i] != FIRST_WANTED:
                        gradient[it.b] += upstream if it.how == PLUS else -upstream
                continue
            if it.how == NEGATED:
                if upstream != 0.0:
                    gradient[it.a] -= upstream
                continue
            if it.b < 0:
                parents, count = self.parents + it.a, -it.b
                if upstream != 0.0:
                    if self.wanted[i] != SECOND_WANTED:
                        for k in range(count):
                            gradient[parents[k]] += upstream * data[parents[count + k]]
                    if self.wanted[i] != FIRST_WANTED:
                        for k in range(count):
                            gradient[parents[count + k]] += upstream * data[parents[k]]
                continue
            wanted = self.wanted[i]
            first, last = self.starts[i], self.starts[i + 1]
            if wanted == FIRST_WANTED:
                last = (first + last) // 2
            elif wanted == SECOND_WANTED:
                first = (first + last) // 2
            if upstream == 0.0:
                doubt += 0.0 * total_of(self.slopes + first, last - first)
                continue
            for k in range(first, last):
                gradient[self.parents[k]] += upstream * self.slopes[k]
        return doubt == 0.0

    cdef void fill_slopes(self) noexcept:
        """Those of the operations that are done without: see `backward`."""
        cdef Py_ssize_t j, k
        cdef double* found
        for j in range(self.passed):
            it = self.backwards + j
            found = self.slopes + self.starts[it.node]
            if it.how == TIMES:
                found[0], found[1] = self.data[it.b], self.data[it.a]
            elif it.how == PLUS or it.how == MINUS:
                found[0], found[1] = 1.0, 1.0 if it.how == PLUS else -1.0
            elif it.how == NEGATED:
                found[0] = -1.0
            elif it.b < 0:
                for k in range(-it.b):
                    found[k], found[k - it.b] = self.data[self.parents[it.a - it.b + k]], self.data[self.parents[it.a + k]]

    cdef bint backward_carefully(self, Py_ssize_t root) except -1:
        """`backward` along the edges that are taken; False where only the node itself could tell which are."""
        kept = bytearray(self.n)
        cdef char* reached = PyByteArray_AS_STRING(kept)
        memset(self.adjoints, 0, self.n * sizeof(double))
        self.adjoints[root] = 1.0
        reached[root] = True
        return self.sweep_carefully(root, reached)

    cdef bint sweep_carefully(self, Py_ssize_t root, char* reached) except -1:
        """The same from the adjoints that are there, those of nodes up to ``root`` that are ``reached``."""
        cdef Py_ssize_t i, k, first, last, each
        cdef double* gradient = self.adjoints
        cdef const char* kinds
        cdef char kind
        self.fill_slopes()
        if self.zeros is None:
            self.zeros = b"".join([bytes(zeros_of(row)[:OPERANDS]).ljust(OPERANDS, b"\0") for row in self.rows])
        kinds = PyBytes_AS_STRING(self.zeros)
        for i in range(root, -1, -1):
            if self.wanted[i] == NONE_WANTED or not reached[i]:
                continue
            first, last = self.starts[i], self.starts[i + 1]
            each = (last - first) // VECTORS[self.codes[i]] if self.codes[i] < END_OF_TABLE and VECTORS[self.codes[i]] else 1
            if self.codes[i] >= END_OF_TABLE and self.rows[self.codes[i]].variadic:
                each = last - first
            if self.wanted[i] == FIRST_WANTED:
                last = (first + last) // 2
            elif self.wanted[i] == SECOND_WANTED:
                first = (first + last) // 2
            for k in range(first, last):
                if self.slopes[k] == 0.0:
                    kind = kinds[OPERANDS * self.codes[i] + (k - self.starts[i]) // each]
                    if kind == SOMETIMES:
                        return False
                    if kind == ALWAYS:
                        continue
                reached[self.parents[k]] = True
                gradient[self.parents[k]] += gradient[i] * self.slopes[k]
        return True

    cdef int call(self, Py_ssize_t i, int code) except -1:
        """A node whose row is not in C: that of a plug-in, or `detach`."""
        cdef Py_ssize_t k, first = self.starts[i], last = self.starts[i + 1]
        self.data[i], slopes = evaluate(self.rows[code], [self.data[self.parents[k]] for k in range(first, last)])
        for k in range(first, last):
            self.slopes[k] = slopes[k - first]
        return 0


@cython.final
cdef class Again:
    """A replay of one sample on columns that stay: the parameters' numbers, the sample's, and room for the roots'."""

    cdef Replay replay
    cdef Column parameters, sample, found

    def __cinit__(self, Replay replay not None, parameters, sample, found):
        self.replay = replay
        self.parameters, self.sample, self.found = Column(parameters), Column(sample), Column(found)
        if (
            self.parameters.size != replay.leaf_count or self.found.size != replay.root_count
            or any_beyond(replay.places, replay.input_count, self.sample.size)
        ):
            raise ValueError("Again: columns of other lengths than the graph has parameters, inputs and roots")

    def __call__(self, bint gradient):
        """Whether every number on the way is finite: then the roots' are there, and the gradient in the replay's."""
        cdef Replay it = self.replay
        cdef Py_ssize_t k, begun
        cdef bint good
        if gradient and it.root_count == 0:
            raise ValueError(NO_ROOT)
        begun = it.begin(self.parameters)
        for k in range(it.input_count):
            it.data[it.inputs[k]] = self.sample.at[it.places[k]]
        good = it.forward(gradient)
        if it.runs != begun:
            raise RuntimeError(RUN_WITHIN)
        for k in range(it.root_count):
            self.found.at[k] = it.data[it.roots[k]]
        if good and gradient:
            good = it.backward(it.roots[0]) or it.backward_carefully(it.roots[0])
            for k in range(it.leaf_count):
                it.total[k] = it.adjoints[it.leaves[k]]
                good &= isfinite(it.total[k])
        return good
