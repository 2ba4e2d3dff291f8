/* out[i, j] = sum over k of a[i, k] times b[k, j] for matrices that stay in cache: a tile of six rows and two vectors of
   columns in registers, the terms of each sum in the order of k, so that no number depends on where it is. Included once
   for each kind of processor, with AUTOGRAD_TINY_KIND(name) and AUTOGRAD_TINY_LANES, the doubles of its registers. */

#define AUTOGRAD_TINY_VECTOR AUTOGRAD_TINY_KIND(vector)
#define AUTOGRAD_TINY_COLUMNS (2 * AUTOGRAD_TINY_LANES)
typedef double AUTOGRAD_TINY_VECTOR __attribute__((vector_size(8 * AUTOGRAD_TINY_LANES), aligned(8), may_alias));

/* So many rows of a tile: the steps of a in bytes, those of b and out in doubles; ``left`` of the columns are written. */
static inline __attribute__((always_inline)) void AUTOGRAD_TINY_KIND(tile)(
    const char *a, Py_ssize_t a_row, Py_ssize_t a_column, const double *b, Py_ssize_t b_row, double *out, Py_ssize_t out_row,
    Py_ssize_t inner, Py_ssize_t left, const int rows) {
    AUTOGRAD_TINY_VECTOR sums[6][2];
    for (int i = 0; i < rows; i++)
        sums[i][0] = sums[i][1] = (AUTOGRAD_TINY_VECTOR) {0};
    for (Py_ssize_t k = 0; k < inner; k++, a += a_column, b += b_row) {
        AUTOGRAD_TINY_VECTOR p = *(const AUTOGRAD_TINY_VECTOR *) b;
        AUTOGRAD_TINY_VECTOR q = *(const AUTOGRAD_TINY_VECTOR *) (b + AUTOGRAD_TINY_LANES);
#pragma GCC unroll 6
        for (int i = 0; i < rows; i++) {
            double x = *(const double *) (a + i * a_row);
            sums[i][0] += x * p;
            sums[i][1] += x * q;
        }
    }
    for (int i = 0; i < rows; i++, out += out_row) {
        if (left >= AUTOGRAD_TINY_COLUMNS) {
            *(AUTOGRAD_TINY_VECTOR *) out = sums[i][0];
            *(AUTOGRAD_TINY_VECTOR *) (out + AUTOGRAD_TINY_LANES) = sums[i][1];
        } else {
            double all[AUTOGRAD_TINY_COLUMNS];
            *(AUTOGRAD_TINY_VECTOR *) all = sums[i][0];
            *(AUTOGRAD_TINY_VECTOR *) (all + AUTOGRAD_TINY_LANES) = sums[i][1];
            for (Py_ssize_t j = 0; j < left; j++)
                out[j] = all[j];
        }
    }
}

/* Columns of b beside each other, and 0 where there is none. */
static inline void AUTOGRAD_TINY_KIND(panel)(double *room, const char *b, Py_ssize_t row, Py_ssize_t column,
                                             Py_ssize_t inner, Py_ssize_t wide) {
    Py_ssize_t l = 0;
    if (wide < AUTOGRAD_TINY_COLUMNS)
        memset(room, 0, 8 * inner * AUTOGRAD_TINY_COLUMNS);
    for (; row == 8 && l + 4 <= wide; l += 4) {
        Py_ssize_t k = 0;
        for (; k + 4 <= inner; k += 4)
            AUTOGRAD_TINY_KIND(turn)(b + l * column + 8 * k, column, (char *) (room + k * AUTOGRAD_TINY_COLUMNS + l),
                                     8 * AUTOGRAD_TINY_COLUMNS);
        for (; k < inner; k++)
            for (int i = 0; i < 4; i++)
                room[k * AUTOGRAD_TINY_COLUMNS + l + i] = *(const double *) (b + (l + i) * column + 8 * k);
    }
    for (Py_ssize_t k = 0; l < wide && k < inner; k++)
        for (Py_ssize_t j = l; j < wide; j++)
            room[k * AUTOGRAD_TINY_COLUMNS + j] = *(const double *) (b + k * row + j * column);
}

static void AUTOGRAD_TINY_KIND(small)(const char *a, Py_ssize_t a_row, Py_ssize_t a_column, const char *b, Py_ssize_t b_row,
                                      Py_ssize_t b_column, double *out, Py_ssize_t out_row, Py_ssize_t m, Py_ssize_t n,
                                      Py_ssize_t inner) {
    double room[AUTOGRAD_TINY_MOST_TERMS * AUTOGRAD_TINY_COLUMNS];
    for (Py_ssize_t j = 0; j < n; j += AUTOGRAD_TINY_COLUMNS) {
        const char *from = b + j * b_column;
        const double *panel = (const double *) from;
        Py_ssize_t left = n - j, step = b_row / 8;
        if (b_column != 8 || b_row % 8 || left < AUTOGRAD_TINY_COLUMNS) {
            Py_ssize_t wide = left < AUTOGRAD_TINY_COLUMNS ? left : AUTOGRAD_TINY_COLUMNS;
            AUTOGRAD_TINY_KIND(panel)(room, from, b_row, b_column, inner, wide);
            panel = room, step = AUTOGRAD_TINY_COLUMNS;
        }
        Py_ssize_t i = 0;
        for (; i + 6 <= m; i += 6)
            AUTOGRAD_TINY_KIND(tile)(a + i * a_row, a_row, a_column, panel, step, out + i * out_row + j, out_row, inner, left, 6);
        const char *rest = a + i * a_row;
        double *into = out + i * out_row + j;
        switch (m - i) {
        case 5: AUTOGRAD_TINY_KIND(tile)(rest, a_row, a_column, panel, step, into, out_row, inner, left, 5); break;
        case 4: AUTOGRAD_TINY_KIND(tile)(rest, a_row, a_column, panel, step, into, out_row, inner, left, 4); break;
        case 3: AUTOGRAD_TINY_KIND(tile)(rest, a_row, a_column, panel, step, into, out_row, inner, left, 3); break;
        case 2: AUTOGRAD_TINY_KIND(tile)(rest, a_row, a_column, panel, step, into, out_row, inner, left, 2); break;
        case 1: AUTOGRAD_TINY_KIND(tile)(rest, a_row, a_column, panel, step, into, out_row, inner, left, 1); break;
        }
    }
}

#undef AUTOGRAD_TINY_VECTOR
#undef AUTOGRAD_TINY_COLUMNS
