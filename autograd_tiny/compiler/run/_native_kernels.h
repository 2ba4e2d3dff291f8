/* Loops that are worth a vector instruction: written for GCC's vectors, which any processor of 64 bits has some of.
   Where the C library can choose among versions when it loads (glibc), the widest that the processor has is taken. */

#if defined(__GNUC__) && defined(__x86_64__) && defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#define AUTOGRAD_TINY_WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define AUTOGRAD_TINY_WIDE
#endif

#if defined(__GNUC__)
typedef double autograd_tiny_doubles __attribute__((vector_size(64), aligned(8), may_alias));

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

static double autograd_tiny_nothing(const double *numbers, Py_ssize_t n) {
    double sum = 0.0;
    for (Py_ssize_t i = 0; i < n; i++)
        sum += 0.0 * numbers[i];
    return sum;
}
#endif
