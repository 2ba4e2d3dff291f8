# cython: language_level=3, boundscheck=False, wraparound=False, binding=False
"""`all_the_same`: whether lists, and the values of dicts, hold the very things that they held; asked in every call."""

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
