# cython: language_level=3, boundscheck=False, wraparound=False, binding=False
"""Whether lists, the values of dicts, names and attributes are the very things that they were; asked in every call."""

from cpython.dict cimport PyDict_GetItem
from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE
from cpython.object cimport PyObject


def all_the_same(list views, list lengths, list elements):
    """Whether the views, one after the other, have these lengths and these elements."""
    cdef Py_ssize_t i, j, k = 0, n
    cdef object view, x
    if len(lengths) != len(views):
        return False
    for i in range(len(views)):
        view = views[i]
        n = lengths[i]
        if k + n > PyList_GET_SIZE(elements):
            return False
        if type(view) is list:
            if PyList_GET_SIZE(view) != n:
                return False
            for j in range(n):
                if PyList_GET_ITEM(view, j) != PyList_GET_ITEM(elements, k + j):
                    return False
        else:
            if len(view) != n:
                return False
            j = 0
            for x in view:
                if j == n or <PyObject *> x != PyList_GET_ITEM(elements, k + j):
                    return False
                j += 1
        k += n
    return k == PyList_GET_SIZE(elements)


def names_same(list names, missing):
    """Whether each ``(space, name, seen)`` of the names is there as it was seen, or ``missing``."""
    cdef tuple entry
    cdef PyObject *found
    for entry in names:
        found = PyDict_GetItem(entry[0], entry[1])
        if found is NULL:
            found = <PyObject *> missing
        if found != <PyObject *> entry[2]:
            return False
    return True


def slots_same(list slots, missing):
    """The same for attributes of objects."""
    cdef tuple entry
    for entry in slots:
        if getattr(entry[0], entry[1], missing) is not entry[2]:
            return False
    return True
