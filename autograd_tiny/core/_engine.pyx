# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True, binding=False
"""`Value` and the reverse sweep once more, compiled: same names, same graphs, same numbers, same errors.

Read `value` and `backward` for what they mean; this file says the same in C. What differs is how a node is kept.
It is 88 bytes: its number, gradient and adjoint, two parents with their local derivatives (or a block of them), a
word with its operation, flags and mark, and a pointer to what few nodes have (label, source, plug-in row). The
garbage collector does not know it: a graph has no cycles, and tracking the nodes would cost more than all the rest.
Reference counts alone free it, over a list threaded through the dying nodes, so that no chain is too long.

Long, since `Value` is one ``cdef class``, best read in one piece; what stands apart is in the files included.

The rules are not written here either: at build time `codegen` writes the table in C (``_engine_rules.h``) and the
methods that call it, which take the place of the line METHODS OF THE TABLE.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING
from cpython.buffer cimport PyBUF_FORMAT, PyBUF_ND, PyBUF_STRIDES, PyBUF_WRITABLE, PyBuffer_Release, PyObject_CheckBuffer, PyObject_GetBuffer
from cpython.exc cimport PyErr_CheckSignals
from cpython.float cimport PyFloat_AS_DOUBLE, PyFloat_CheckExact
from cpython.list cimport PyList_CheckExact, PyList_GET_ITEM
from cpython.long cimport PyLong_CheckExact
from cpython.mem cimport PyMem_Free, PyMem_Malloc, PyMem_Realloc
from cpython.object cimport PyObject
from cpython.tuple cimport PyTuple_CheckExact
from libc.math cimport NAN, isfinite
from libc.stdint cimport uint64_t
from libc.string cimport memcpy, memset, strcmp

import operator

from .. import errors
from .masks import careful_adjoints, nonfinite_sweep, zeros_of
from ..modes.infinities import nonfinite_allowed
from .origins import Origin
from .operands import DEGREES, RADIANS, Applier, checked_nodes, finite_float, is_number, real_float, restored
from ..table.ops import ROWS, TABLE
from ..table.primitive import CONSTANT, LEAF, Primitive
from ..modes.recording import DETACHED, FLAG, INPUT as INPUT_ROW, being_recorded, guard, guard_all, index_of, note_leaf
from .replay import MOST as MOST_SAMPLES
from .replay import NO_ROOT, RUN_WITHIN, check_call, check_graph, evaluate
from ..modes.sources import SWITCH, calling_source

include "_engine_rules.pxi"

cdef extern from "fenv.h" nogil:
    int feclearexcept(int)
    int fetestexcept(int)
    int FE_OVERFLOW, FE_DIVBYZERO, FE_INVALID

cdef extern from "Python.h":
    void Py_INCREF_ "Py_INCREF"(PyObject*)
    void Py_DECREF_ "Py_DECREF"(PyObject*)
    Py_ssize_t Py_REFCNT_ "Py_REFCNT"(PyObject*)
    PyObject* Py_TYPE_ "(PyObject*)Py_TYPE"(PyObject*)
    const Py_ssize_t PY_SSIZE_T_MAX
    Py_ssize_t PySequence_Fast_GET_SIZE(PyObject*)
    PyObject* PyTuple_GET_ITEM_ "PyTuple_GET_ITEM"(object, Py_ssize_t)
    PyObject** PySequence_Fast_ITEMS(PyObject*)

cdef extern from *:
    """
    #include <string.h>
    /* A dying node keeps the next one to die where its adjoint was. */
    static inline void set_link(double *slot, void *next) { memcpy(slot, &next, sizeof next); }
    static inline void *get_link(const double *slot) { void *next; memcpy(&next, slot, sizeof next); return next; }
    /* A type made at run time is counted by its instances; one that is part of the module is not. */
    static inline void forget_type(PyObject *node) {
        if (Py_TYPE(node)->tp_flags & Py_TPFLAGS_HEAPTYPE) Py_DECREF((PyObject *)Py_TYPE(node));
    }
    static inline void free_object(PyObject *node) {
        PyTypeObject *type = Py_TYPE(node);
        type->tp_free(node);
        if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) Py_DECREF((PyObject *)type);
    }
    /* A spare node still knows its type, so that PyObject_Init would only cost a call, but where Python counts all
       references it has to know. */
    static inline PyObject *new_reference(PyObject *spare, PyObject *type) {
    #if defined(Py_DEBUG) || defined(Py_TRACE_REFS)
        return PyObject_Init(spare, (PyTypeObject *)type);
    #else
        Py_SET_REFCNT(spare, 1);
        if (((PyTypeObject *)type)->tp_flags & Py_TPFLAGS_HEAPTYPE) Py_INCREF(type);
        return spare;
    #endif
    }
    /* The memory of the next nodes is asked for before they are made. */
    #if defined(__GNUC__) || defined(__clang__)
    #define ask_for(place) __builtin_prefetch((const void *)(place), 1)
    #else
    #define ask_for(place) ((void)(place))
    #endif
    /* A reference that C code owned, as Cython's. */
    static inline PyObject *handed_over(PyObject *made) { return made; }
    static inline void set_deallocator(PyObject *type, void (*deallocate)(PyObject *)) {
        ((PyTypeObject *)type)->tp_dealloc = deallocate;
    }
    static inline void set_allocator(PyObject *type, PyObject *(*allocate)(PyObject *, Py_ssize_t)) {
        ((PyTypeObject *)type)->tp_alloc = (allocfunc)allocate;
    }
    static inline PyObject *fresh_memory(PyObject *type, Py_ssize_t n) {
        return PyType_GenericAlloc((PyTypeObject *)type, n);
    }
    """
    void set_link(double*, void*) noexcept nogil
    PyObject* new_reference(PyObject*, PyObject*) except NULL
    object handed_over(PyObject*)
    void ask_for(const void*) noexcept nogil
    void forget_type(PyObject*) noexcept
    void free_object(PyObject*) noexcept
    void set_deallocator(PyObject*, void (*)(PyObject*) noexcept) noexcept
    void set_allocator(PyObject*, object (*)(PyObject*, Py_ssize_t)) noexcept
    object fresh_memory(PyObject*, Py_ssize_t)
    void* get_link(const double*) noexcept nogil

cdef enum:
    CODE_MASK = 0xFFF
    MANY = 0x1000        # `left` is an Edges block
    HAS_GRAD = 0x2000
    FILLED = 0x4000      # a dot whose second vector is plain numbers: they are its local derivatives
    OWN_ROW = 0x8000     # the row is in `extra`, not in the table
    FLAGS = 0xFFFF
    MARK = 16            # from this bit on
    LEAF_CODE = 0
    CONSTANT_CODE = 1
    SIGNAL_INTERVAL = 1 << 20   # nodes between two looks for Ctrl-C, a few milliseconds

cdef list _ROW_OF = [LEAF, CONSTANT, *ROWS]
cdef dict _CODE_OF = {row: code for code, row in enumerate(_ROW_OF)}
cdef uint64_t _last_mark = 0
cdef bint _tracking = False
cdef uint64_t _pushing = 0     # a function is being pushed forward: the mark of nodes whose tangents are known
cdef bint _unusual = False     # the one or the other of these: making a node takes more than making it
cdef bint _recording = False   # a function is being recorded for replay: each exit of a number asks the guard
cdef PyObject* _value_type = NULL

# Retired nodes: 88 bytes (96 as allocated) times SPARE_NODES at most. An array, which says early which is next.
cdef enum:
    SPARE_NODES = 1 << 17
    AHEAD = 4            # so many nodes before it is made, the memory of one is asked for
cdef PyObject* _spare_nodes[SPARE_NODES]
cdef Py_ssize_t _spare_node_count = 0

cdef struct Edges:
    Py_ssize_t filled       # how many parents are in place
    Py_ssize_t room
    PyObject** parents
    double* locals_
    Edges* next_spare

# A training step frees blocks of the sizes that the next step asks for; fresh memory from the system costs more
# than all that is done with it (some 2 microseconds a page), so up to SPARE_BYTES wait here.
cdef enum:
    SPARE_SIZES = 61
    SPARE_BYTES = 128 << 20
cdef Edges* _spare[SPARE_SIZES]
cdef Py_ssize_t _spare_bytes = 0


@cython.final
@cython.no_gc
cdef class Value:
    """One number in a computation graph. ``data`` is the number, ``grad`` the derivative of the last root with
    respect to it, ``op`` the primitive that made it ("" for a leaf), ``parents`` its operands in order.

    Raises ``TypeError`` for what is not a real number and ``ValueError`` for NaN and infinities.
    """

    cdef double _data, adjoint
    cdef uint64_t state
    cdef PyObject* left
    cdef PyObject* right
    cdef double d_left, d_right, _grad
    cdef PyObject* extra

    __array_priority__ = -1.0

    def __init__(self, data, label=""):
        if self.left is not NULL or self.state & CODE_MASK:
            raise TypeError(errors.MADE_ALREADY)
        if PyFloat_CheckExact(data) and isfinite(PyFloat_AS_DOUBLE(data)):
            self._data = PyFloat_AS_DOUBLE(data)
        else:
            self._data = finite_float(data, "Value(data)")
        if label != "":
            self.label = label
        if _tracking:
            set_extra(self, 1, calling_source())
        if _recording:
            note_leaf(self)

    # What a node is

    @property
    def data(self):
        """The number. On a leaf it can be set, as a training step does; a computed node refuses."""
        if _recording:
            guard(self, "data")
        return self._data

    @data.setter
    def data(self, number):
        if _recording:
            guard(self, "set")
        if self.state & CODE_MASK != LEAF_CODE:
            raise errors.ComputedValueError(errors.not_settable(self))
        if PyFloat_CheckExact(number) and isfinite(PyFloat_AS_DOUBLE(number)):
            self._data = PyFloat_AS_DOUBLE(number)
        else:
            self._data = finite_float(number, "Value.data")

    @property
    def grad(self):
        """d(root)/d(this) as of the last `backward`; leaves add up over calls until set to 0."""
        if _recording:
            guard(self, "grad")
        return self._grad

    @grad.setter
    def grad(self, number):
        if _recording:
            guard(self, "set_grad")
        if PyFloat_CheckExact(number):
            self._grad = PyFloat_AS_DOUBLE(number)
        else:
            self._grad = real_float(number, "Value.grad")
        self.state |= HAS_GRAD

    @grad.deleter
    def grad(self):
        if _recording:
            guard(self, "set_grad")
        self._grad = 0.0  # as if no backward had reached this node
        self.state &= ~(<uint64_t>HAS_GRAD)

    @property
    def label(self):
        """A name of your choice, shown in errors, steps and pictures."""
        return "" if not has_parts(self) else (<tuple>self.extra)[0]

    @label.setter
    def label(self, label):
        if not isinstance(label, str):
            raise TypeError(f"label got {errors.shorten(label)}, {errors.article(type(label).__name__)}: expected a str")
        set_extra(self, 0, label)

    @property
    def parents(self):
        """The operands, in order; empty for a leaf."""
        cdef Edges* edges
        cdef Py_ssize_t i
        if self.state & MANY:
            edges = <Edges*>self.left
            return tuple([<object>edges.parents[i] for i in range(edges.filled)])
        if self.right is not NULL:
            return (<object>self.left, <object>self.right)
        return () if self.left is NULL else (<object>self.left,)

    @property
    def local_derivatives(self):
        """d(this)/d(parent) for each parent, as computed when this node was made (0.0 towards a constant)."""
        if _recording:
            guard(self, "local")
        return local_derivatives_of(self)

    @property
    def primitive(self):
        """The row of the table that made this node."""
        if self.state & OWN_ROW:
            return (<tuple>self.extra)[2]
        row = _ROW_OF[self.state & CODE_MASK]
        return row.fill(local_derivatives_of(self)) if self.state & FILLED else row

    @property
    def op(self):
        """The primitive's name: ``"mul"``, ``"tanh"``; ``""`` for a leaf, ``"constant"`` for a plain number."""
        return _ROW_OF[self.state & CODE_MASK].name if not self.state & OWN_ROW else self.primitive.name

    @property
    def source(self):
        """The line that made this node, if it was made under `track_sources`."""
        return None if not has_parts(self) else (<tuple>self.extra)[1]

    @property
    def derivative_of(self):
        """What this node, made by differentiation, is a part of: an `Origin`; None of any other."""
        cdef DerivedFrom known
        cdef Slot* slot
        if is_slot(self.extra):
            slot = slot_of(self.extra)
            root = origins_of(slot).root
            return Origin(<object>slot.node, None if slot.edge == TOTAL else slot.edge,
                          <object>(slot.node if root is NULL else root))
        known = (<tuple>self.extra)[3] if has_parts(self) else None
        if known is None:
            return None
        return Origin(<object>known.node, None if known.edge == TOTAL else known.edge, <object>known.root)

    def _set_origin(self, Value node, edge, Value root):
        set_extra(self, 3, derived_from(<PyObject*>node, TOTAL if edge is None else edge, <PyObject*>root))

    @property
    def is_leaf(self):
        """Whether this is a leaf: it collects a gradient and its data can be set."""
        return self.state & CODE_MASK == LEAF_CODE

    @property
    def is_constant(self):
        """Whether this was a plain number in an expression, and so takes no gradient."""
        return self.state & CODE_MASK == CONSTANT_CODE

    @property
    def backward_ran(self):
        """Whether any `backward` has reached this node (or its ``grad`` was set)."""
        if _recording:
            guard(self, "state")
        return self.state & HAS_GRAD != 0

    @property
    def _adjoint(self):
        if _recording:
            guard(self, "grad")
        return self.adjoint

    @property
    def _prev(self):
        """micrograd's name for ``parents`` (in order, so that every traversal is the same)."""
        return self.parents

    @property
    def _op(self):
        """micrograd's name for the operation: ``+``, ``*``, ``**``, ``ReLU``."""
        row = self.primitive
        return "" if not row.partials else row.operator or row.symbol

    def detach(self):
        """A constant with this node's number: gradients stop here."""
        return apply(DETACHED, (self,)) if _recording and being_recorded() else constant(self._data)

    def backward(self):
        """Give every node below its gradient: interior nodes afresh, leaves added to what they have."""
        backward(self)

    def steps(self, leave="restore"):
        """The backward pass from here, one reversible step at a time: see `autograd_tiny.steps`."""
        from ..explaining.stepping import steps

        return steps(self, leave)

    # How a node shows, compares and is kept

    def __repr__(self):
        if _recording:
            guard(self, "text")
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self._data!r}, grad={self._grad!r}{label})"

    def __format__(self, spec):
        if _recording:
            guard(self, "text")
        return format(self._data, spec) if spec else repr(self)

    def __float__(self):
        if _recording:
            guard(self, "float")
        raise TypeError(errors.dropped_gradient(self, TABLE))

    def __int__(self):
        if _recording:
            guard(self, "float")
        raise TypeError(errors.dropped_gradient(self, TABLE))

    def __index__(self):
        return index_of(self)

    def __bool__(self):
        if _recording:
            guard(self, "bool")
        return self._data != 0.0

    def __eq__(self, other):
        if is_number(other):
            if _recording:
                guard(self, "compare")
            raise TypeError(errors.not_equal_to_number(other))
        return self is other

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return <Py_hash_t>(<size_t><PyObject*>self >> 4)

    def __lt__(self, other):
        return compare(self, other, operator.lt)

    def __le__(self, other):
        return compare(self, other, operator.le)

    def __gt__(self, other):
        return compare(self, other, operator.gt)

    def __ge__(self, other):
        return compare(self, other, operator.ge)

    def __pos__(self):
        return self

    def __floor__(self):
        return self.floor()

    def __ceil__(self):
        return self.ceil()

    def __trunc__(self):
        return self.trunc()

    def __round__(self, ndigits=None):
        return self.round() if not ndigits else (self * 10.0**ndigits).round() / 10.0**ndigits

    def __divmod__(self, other):
        return self // other, self % other

    def __rdivmod__(self, other):
        return other // self, other % self

    def as_integer_ratio(self):
        """Refused, as ``float()`` is: the gradient would be dropped in silence."""
        raise TypeError(errors.no_ratio(self))  # statistics.mean asks for it

    def deg2rad(self):
        """Degrees in radians, π / 180 times as many: what numpy asks for in ``np.deg2rad`` and ``np.radians``."""
        return self * RADIANS

    def rad2deg(self):
        """Radians in degrees, 180 / π times as many: what numpy asks for in ``np.rad2deg`` and ``np.degrees``."""
        return self * DEGREES

    radians, degrees = deg2rad, rad2deg

    def conjugate(self):
        """The number itself: it is real."""
        return self

    def __getstate__(self):
        if _recording:
            guard(self, "copy")
        raise TypeError(errors.not_copyable(self))

    def __reduce__(self):
        if _recording:
            guard(self, "copy")
        if self.left is not NULL:
            raise TypeError(errors.not_copyable(self))
        grad = self._grad if self.state & HAS_GRAD else None
        return _restore, (self._data, self.label, grad, self.is_constant)

    def __getattr__(self, name):
        """A plug-in primitive's method (see `register`); only asked for names that the class has not."""
        row = TABLE.get(name) or _plugins.get(name)
        if row is None or row.variadic and len(row.arguments) > 1:
            raise AttributeError(f"'Value' object has no attribute {name!r}", name=name, obj=self)
        if row.variadic:
            return lambda *others: apply(row, ([self, *others],))
        return lambda *more, **named: apply(row, (self, *more), named)

    # METHODS OF THE TABLE


_value_type = <PyObject*>Value


cdef compare(Value self, other, holds):
    if _recording:
        guard(self, "compare")
        if type(other) is Value:
            guard(other, "compare")
    if type(other) is Value:
        return holds(self._data, (<Value>other)._data)
    return bool(holds(self._data, other)) if is_number(other) else NotImplemented


cdef tuple local_derivatives_of(Value node):
    """Those of each parent, past the guard."""
    cdef Edges* edges
    cdef Py_ssize_t i
    if node.state & MANY:
        edges = <Edges*>node.left
        return tuple([edges.locals_[i] for i in range(edges.filled)])
    if node.right is not NULL:
        return (node.d_left, node.d_right)
    return () if node.left is NULL else (node.d_left,)


include "_engine_origins.pxi"
include "_engine_nodes.pxi"
include "_engine_many.pxi"
include "_engine_sweep.pxi"
include "_engine_push.pxi"
include "_engine_columns.pxi"
include "_engine_tape.pxi"
include "_engine_replay.pxi"
include "_engine_loops.pxi"
include "_engine_graphs.pxi"
include "_engine_curvature.pxi"
