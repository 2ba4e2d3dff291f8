/* Loops that are worth a vector instruction: written for GCC's vectors, which any processor of 64 bits has some of.
   Where the C library can choose among versions when it loads (glibc), the widest that the processor has is taken. */

#include <fenv.h>
#include <string.h>

#define AUTOGRAD_TINY_MOST_TERMS 256
/* Bytes before they are read that an argument is asked for, which may lie in no cache yet. */
#define AUTOGRAD_TINY_AHEAD 8192

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#define AUTOGRAD_TINY_WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define AUTOGRAD_TINY_WIDE
#endif

#if defined(__GNUC__)
typedef double autograd_tiny_doubles __attribute__((vector_size(64), aligned(8), may_alias));

typedef double autograd_tiny_four __attribute__((vector_size(32), aligned(8), may_alias));
typedef long long autograd_tiny_places __attribute__((vector_size(32)));
typedef unsigned long long autograd_tiny_bits __attribute__((vector_size(32)));

/* The sum of the numbers times 0: 0 if they are all finite, and not a number otherwise. */
AUTOGRAD_TINY_WIDE static double autograd_tiny_nothing(const double *numbers, Py_ssize_t n) {
    autograd_tiny_doubles a = {0}, b = {0}, c = {0}, d = {0}, zero = {0};
    double sum = 0.0;
    Py_ssize_t i = 0;
    for (; i + 32 <= n; i += 32) {
        a += zero * *(const autograd_tiny_doubles *) (numbers + i);
        b += zero * *(const autograd_tiny_doubles *) (numbers + i + 8);
        c += zero * *(const autograd_tiny_doubles *) (numbers + i + 16);
        d += zero * *(const autograd_tiny_doubles *) (numbers + i + 24);
    }
    for (; i + 8 <= n; i += 8)
        a += zero * *(const autograd_tiny_doubles *) (numbers + i);
    a = (a + b) + (c + d);
    for (int k = 0; k < 8; k++)
        sum += a[k];
    for (; i < n; i++)
        sum += 0.0 * numbers[i];
    return sum;
}

/* out[i, j] = sum over k of a[i, k] times b[k, j], each a row of so many numbers, or one for all of them where its step is 0.
   The steps of the axes are in bytes. */
AUTOGRAD_TINY_WIDE static void autograd_tiny_stacked(const char *a, const char *b, char *out, Py_ssize_t count,
                                                     const Py_ssize_t *dims, const Py_ssize_t *steps,
                                                     Py_ssize_t a_step, Py_ssize_t b_step) {
    Py_ssize_t m = dims[1], inner = dims[2], n = dims[3], at = 0;
    while (at < count) {
        Py_ssize_t left = count - at;
        for (Py_ssize_t i = 0; i < m; i++)
            for (Py_ssize_t j = 0; j < n; j++) {
                const char *x = a + i * steps[0] + at * a_step, *y = b + j * steps[3] + at * b_step;
                double *z = (double *) (out + i * steps[4] + j * steps[5]) + at;
                if (left >= 32) {
                    autograd_tiny_doubles u = {0}, v = {0}, w = {0}, t = {0};
                    for (Py_ssize_t k = 0; k < inner; k++, x += steps[1], y += steps[2]) {
                        const autograd_tiny_doubles *p = (const autograd_tiny_doubles *) x;
                        const autograd_tiny_doubles *q = (const autograd_tiny_doubles *) y;
                        if (a_step && b_step)
                            u += p[0] * q[0], v += p[1] * q[1], w += p[2] * q[2], t += p[3] * q[3];
                        else if (b_step) {
                            double one = *(const double *) x;
                            u += one * q[0], v += one * q[1], w += one * q[2], t += one * q[3];
                        } else {
                            double one = *(const double *) y;
                            u += p[0] * one, v += p[1] * one, w += p[2] * one, t += p[3] * one;
                        }
                    }
                    autograd_tiny_doubles *r = (autograd_tiny_doubles *) z;
                    r[0] = u, r[1] = v, r[2] = w, r[3] = t;
                } else {
                    for (Py_ssize_t l = 0; l < left; l++) {
                        double sum = 0.0;
                        for (Py_ssize_t k = 0; k < inner; k++)
                            sum += *(const double *) (x + k * steps[1] + l * a_step)
                                   * *(const double *) (y + k * steps[2] + l * b_step);
                        z[l] = sum;
                    }
                }
            }
        at += left >= 32 ? 32 : left;
    }
}

#if !defined(__clang__) && defined(__x86_64__)
#include <immintrin.h>
#define AUTOGRAD_TINY_KINDS
#endif

/* The product of a few long rows by many, of small matrices, exponentials and the like, once for each kind of processor that has
   them: multiplied and added in one. Dot products of rows are for any. */
#define AUTOGRAD_TINY_KIND(name) autograd_tiny_##name##_any
#include "_native_dots.h"
#undef AUTOGRAD_TINY_KIND
#ifdef AUTOGRAD_TINY_KINDS
#pragma GCC push_options
#pragma GCC optimize("O3,fp-contract=fast")
#pragma GCC target("avx2,fma")
#define AUTOGRAD_TINY_KIND(name) autograd_tiny_##name##_avx2
#define AUTOGRAD_TINY_LANES 4
#include "_native_dots.h"
#include "_native_turned.h"
#include "_native_small.h"
#include "_native_planes.h"
#include "_native_exp.h"
#undef AUTOGRAD_TINY_KIND
#undef AUTOGRAD_TINY_LANES
#pragma GCC target("avx512f")
#define AUTOGRAD_TINY_KIND(name) autograd_tiny_##name##_avx512
#define AUTOGRAD_TINY_LANES 8
#include "_native_rows.h"
#include "_native_dots.h"
#include "_native_turned.h"
#include "_native_small.h"
#include "_native_planes.h"
#undef AUTOGRAD_TINY_KIND
#undef AUTOGRAD_TINY_LANES
#pragma GCC pop_options
#endif

/* Of which kind the processor is: 0 is any. */
static int autograd_tiny_kind(void) {
#ifdef AUTOGRAD_TINY_KINDS
    if (__builtin_cpu_supports("fma") && __builtin_cpu_supports("avx512f"))
        return 2;
    if (__builtin_cpu_supports("fma") && __builtin_cpu_supports("avx2"))
        return 1;
#endif
    return 0;
}

static void autograd_tiny_row_dots(const char *a, Py_ssize_t a_row, const char *b, Py_ssize_t b_row, char *out,
                                   Py_ssize_t out_step, Py_ssize_t rows, Py_ssize_t n) {
#ifdef AUTOGRAD_TINY_KINDS
    if (autograd_tiny_kind()) {
        (autograd_tiny_kind() == 2 ? autograd_tiny_row_dots_avx512 : autograd_tiny_row_dots_avx2)(
            a, a_row, b, b_row, out, out_step, rows, n);
        return;
    }
#endif
    autograd_tiny_row_dots_any(a, a_row, b, b_row, out, out_step, rows, n);
}

#pragma GCC push_options
#pragma GCC optimize("O3")
/* Numbers times truths, bytes that are 1 or 0. */
AUTOGRAD_TINY_WIDE static void autograd_tiny_masked(double *out, const double *numbers, const signed char *truths,
                                                    Py_ssize_t n) {
#pragma GCC ivdep
    for (Py_ssize_t i = 0; i < n; i++)
        out[i] = numbers[i] * (double) truths[i];
}
#pragma GCC pop_options
#else
static void autograd_tiny_masked(double *out, const double *numbers, const signed char *truths, Py_ssize_t n) {
    for (Py_ssize_t i = 0; i < n; i++)
        out[i] = numbers[i] * (double) truths[i];
}

static void autograd_tiny_stacked(const char *a, const char *b, char *out, Py_ssize_t count, const Py_ssize_t *dims,
                                  const Py_ssize_t *steps, Py_ssize_t a_step, Py_ssize_t b_step) {
    for (Py_ssize_t i = 0; i < dims[1]; i++)
        for (Py_ssize_t j = 0; j < dims[3]; j++)
            for (Py_ssize_t l = 0; l < count; l++) {
                double sum = 0.0;
                for (Py_ssize_t k = 0; k < dims[2]; k++)
                    sum += *(const double *) (a + i * steps[0] + k * steps[1] + l * a_step)
                           * *(const double *) (b + k * steps[2] + j * steps[3] + l * b_step);
                ((double *) (out + i * steps[4] + j * steps[5]))[l] = sum;
            }
}

static void autograd_tiny_row_dots(const char *a, Py_ssize_t a_row, const char *b, Py_ssize_t b_row, char *out,
                                   Py_ssize_t out_step, Py_ssize_t rows, Py_ssize_t n) {
    for (Py_ssize_t i = 0; i < rows; i++) {
        const double *x = (const double *) (a + i * a_row), *y = (const double *) (b + i * b_row);
        double sum = 0.0;
        for (Py_ssize_t k = 0; k < n; k++)
            sum += x[k] * y[k];
        *(double *) (out + i * out_step) = sum;
    }
}

static double autograd_tiny_nothing(const double *numbers, Py_ssize_t n) {
    double sum = 0.0;
    for (Py_ssize_t i = 0; i < n; i++)
        sum += 0.0 * numbers[i];
    return sum;
}

static int autograd_tiny_kind(void) {
    return 0;
}
#endif

/* The next four are called where the processor is of a kind that has them only. */
static void autograd_tiny_rows(const char *a, Py_ssize_t a_row, const char *b, Py_ssize_t b_row, char *out,
                               Py_ssize_t out_i, Py_ssize_t out_j, Py_ssize_t m, Py_ssize_t n, Py_ssize_t inner) {
#ifdef AUTOGRAD_TINY_KINDS
    autograd_tiny_rows_avx512(a, a_row, b, b_row, out, out_i, out_j, m, n, inner);
#endif
}

/* On the axis of out that lies in a row are the columns. */
static void autograd_tiny_small(const char *a, const char *b, char *out, const Py_ssize_t *dims, const Py_ssize_t *steps) {
#ifdef AUTOGRAD_TINY_KINDS
    int wide = autograd_tiny_kind() == 2;
    if (steps[5] == 8)
        (wide ? autograd_tiny_small_avx512 : autograd_tiny_small_avx2)(
            a, steps[0], steps[1], b, steps[2], steps[3], (double *) out, steps[4] / 8, dims[1], dims[3], dims[2]);
    else
        (wide ? autograd_tiny_small_avx512 : autograd_tiny_small_avx2)(
            b, steps[3], steps[2], a, steps[1], steps[0], (double *) out, steps[5] / 8, dims[3], dims[1], dims[2]);
#endif
}

/* By which of four the two are put together, or a copy of the first: the order of AUTOGRAD_TINY_PLANES. */
static void autograd_tiny_plane(int which, char **at, const Py_ssize_t *n, const Py_ssize_t *outer,
                                const Py_ssize_t *inner) {
#ifdef AUTOGRAD_TINY_KINDS
    typedef void plane(const char *, const char *, char *, Py_ssize_t, Py_ssize_t, const Py_ssize_t *, const Py_ssize_t *);
#define AUTOGRAD_TINY_PLANES(kind) {autograd_tiny_sums_##kind, autograd_tiny_differences_##kind, \
                                    autograd_tiny_multiples_##kind, autograd_tiny_quotients_##kind, \
                                    autograd_tiny_copies_##kind}
    static plane *const planes[2][5] = {AUTOGRAD_TINY_PLANES(avx2), AUTOGRAD_TINY_PLANES(avx512)};
#undef AUTOGRAD_TINY_PLANES
    planes[autograd_tiny_kind() == 2][which](at[0], at[1], at[2], n[0], n[1], outer, inner);
#endif
}

#ifdef AUTOGRAD_TINY_KINDS
#define AUTOGRAD_TINY_NUMBERS(name) autograd_tiny_##name##_avx2(from, from_step, to, to_step, n)
#else
#define AUTOGRAD_TINY_NUMBERS(name)
#endif
static void autograd_tiny_exp(const char *from, Py_ssize_t from_step, char *to, Py_ssize_t to_step, Py_ssize_t n) {
    AUTOGRAD_TINY_NUMBERS(exp);
}

static void autograd_tiny_tanh(const char *from, Py_ssize_t from_step, char *to, Py_ssize_t to_step, Py_ssize_t n) {
    AUTOGRAD_TINY_NUMBERS(tanh);
}
#undef AUTOGRAD_TINY_NUMBERS

/* A matrix whose columns lie in a row, copied so that its rows do; the sum of its numbers times 0. The steps are in bytes. */
static double autograd_tiny_turned(const char *from, Py_ssize_t from_row, Py_ssize_t from_column, char *to, Py_ssize_t to_row,
                                   Py_ssize_t rows, Py_ssize_t columns) {
    double sum = 0.0;
#ifdef AUTOGRAD_TINY_KINDS
    if (from_row == 8 && autograd_tiny_kind())
        return (autograd_tiny_kind() == 2 ? autograd_tiny_turned_avx512 : autograd_tiny_turned_avx2)(
            from, from_column, to, to_row, rows, columns);
#endif
    for (Py_ssize_t j = 0; j < columns; j++)
        for (Py_ssize_t i = 0; i < rows; i++) {
            double x = *(const double *) (from + i * from_row + j * from_column);
            ((double *) (to + i * to_row))[j] = x;
            sum += 0.0 * x;
        }
    return sum;
}

/* What has been met since it was cleared: overflow, division by zero, an invalid value, as fenv.h numbers them. */
#if defined(__x86_64__) && defined(__GNUC__)
static inline int autograd_tiny_flags(void) {
    return (int) (__builtin_ia32_stmxcsr() & (FE_OVERFLOW | FE_DIVBYZERO | FE_INVALID));
}
#else
static inline int autograd_tiny_flags(void) {
    return fetestexcept(FE_OVERFLOW | FE_DIVBYZERO | FE_INVALID);
}
#endif

/* Of each pair the larger (or smaller, where ``sign`` is -1), the first of equals. The steps are in bytes. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC optimize("O3")
#endif
AUTOGRAD_TINY_WIDE static void autograd_tiny_extremes(double *out, const double *a, const double *b, Py_ssize_t n,
                                                      double sign) {
    for (Py_ssize_t i = 0; i < n; i++)
        out[i] = sign * b[i] > sign * a[i] ? b[i] : a[i];
}

static void autograd_tiny_extreme(char **at, Py_ssize_t n, const Py_ssize_t *by, double sign) {
    if (by[0] == 8 && by[1] == 8 && by[2] == 8) {
        autograd_tiny_extremes((double *) at[2], (const double *) at[0], (const double *) at[1], n, sign);
        return;
    }
    if (by[0] == 0 && by[2] == 0 && at[0] == at[2]) {  /* all of them into one */
        double best = *(const double *) at[0];
        for (Py_ssize_t i = 0; i < n; i++) {
            double x = *(const double *) (at[1] + i * by[1]);
            best = sign * x > sign * best ? x : best;
        }
        *(double *) at[2] = best;
        return;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        double a = *(const double *) (at[0] + i * by[0]), b = *(const double *) (at[1] + i * by[1]);
        *(double *) (at[2] + i * by[2]) = sign * b > sign * a ? b : a;
    }
}
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif
