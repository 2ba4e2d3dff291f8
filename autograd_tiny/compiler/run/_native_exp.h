/* e to each of n numbers, to within 0.7 units in the last place, and their hyperbolic tangents, to within 3, four at a
   time: 2 to a whole number times the exponential of what is left, by the polynomial of degree 11 that is nearest to it. A number's result does not depend on
   where it is. Overflow is flagged, as the C library does. Included once for each kind of processor that can multiply
   and add in one, with AUTOGRAD_TINY_KIND(name). */

/* What an exponential is made of: e to x is 2 to n times (1 + r + rest), where rest is small beside r. */
#define AUTOGRAD_TINY_PARTS AUTOGRAD_TINY_KIND(exp_parts)
typedef struct { autograd_tiny_places n; autograd_tiny_four r, rest; } AUTOGRAD_TINY_PARTS;

static inline __attribute__((always_inline)) AUTOGRAD_TINY_PARTS AUTOGRAD_TINY_KIND(parts_of)(autograd_tiny_four x) {
    /* Added to 1.5 times 2 to the 52, a number is rounded, and its last bits are the whole number. */
    autograd_tiny_four shifted = x * 0x1.71547652b82fep0 + 0x1.8p52, whole = shifted - 0x1.8p52;
    /* What is left, and what is lost of it by rounding. */
    autograd_tiny_four near = x - whole * 0x1.62e42fefa3800p-1, c = whole * 0x1.ef35793c76730p-45, r = near - c;
    autograd_tiny_four lost = (near - r) - c;
    autograd_tiny_four q = r * 0x1.af38a9b0ec855p-26 + 0x1.289185613a3d6p-22;
    q = q * r + 0x1.71de0dae63bb3p-19;
    q = q * r + 0x1.a019b90d2ae7ap-16;
    q = q * r + 0x1.a01a01a7c41d5p-13;
    q = q * r + 0x1.6c16c1788bd90p-10;
    q = q * r + 0x1.11111111109b3p-7;
    q = q * r + 0x1.5555555553d63p-5;
    q = q * r + 0x1.5555555555556p-3;
    q = q * r + 0x1.0000000000001p-1;
    return (AUTOGRAD_TINY_PARTS) {(autograd_tiny_places) shifted - 0x4338000000000000LL, r, lost + q * (r * r)};
}

#define AUTOGRAD_TINY_EITHER(where, a, b) ((autograd_tiny_four) _mm256_blendv_pd((__m256d) (b), (__m256d) (a), (__m256d) (where)))
/* Without a flag where one of them is no number, which C's "<" raises. */
#define AUTOGRAD_TINY_LESS(a, b) ((autograd_tiny_places) _mm256_cmp_pd((__m256d) (a), (__m256d) (b), _CMP_LT_OQ))

static inline __attribute__((always_inline)) autograd_tiny_four AUTOGRAD_TINY_KIND(exp_of)(autograd_tiny_four x) {
    const autograd_tiny_four least = {-746, -746, -746, -746}, most = {710, 710, 710, 710};
    autograd_tiny_places low = AUTOGRAD_TINY_LESS(x, least), high = AUTOGRAD_TINY_LESS(most, x);
    AUTOGRAD_TINY_PARTS e = AUTOGRAD_TINY_KIND(parts_of)(
        AUTOGRAD_TINY_EITHER(low, least, AUTOGRAD_TINY_EITHER(high, most, x)));
    autograd_tiny_four sum = 1.0 + e.r, q = sum + ((1.0 - sum + e.r) + e.rest);
    /* 2 to n in two halves, so that what is too large overflows and what is too small fades. A double's exponent is kept with
       1023 added, so twice that makes n no less than 0. */
    autograd_tiny_places both = e.n + 2046, one = (autograd_tiny_places) ((autograd_tiny_bits) both >> 1);
    return q * (autograd_tiny_four) (one << 52) * (autograd_tiny_four) ((both - one) << 52);
}

/* With t = exp(-2|x|) - 1, of which no digit is lost where x is small, |tanh x| is -t / (t + 2): as in fdlibm's s_tanh.c. */
static inline __attribute__((always_inline)) autograd_tiny_four AUTOGRAD_TINY_KIND(tanh_of)(autograd_tiny_four x) {
    const autograd_tiny_places sign = (autograd_tiny_places) ((autograd_tiny_four) {-0.0, -0.0, -0.0, -0.0});
    const autograd_tiny_four least = {-44, -44, -44, -44};
    autograd_tiny_four y = (autograd_tiny_four) ((autograd_tiny_places) x | sign) * 2.0;
    autograd_tiny_places low = AUTOGRAD_TINY_LESS(y, least);
    AUTOGRAD_TINY_PARTS e = AUTOGRAD_TINY_KIND(parts_of)(
        AUTOGRAD_TINY_EITHER(low, least, y));
    autograd_tiny_four scale = (autograd_tiny_four) ((e.n + 1023) << 52), t = scale * (e.r + e.rest) + (scale - 1.0);
    return (autograd_tiny_four) (((autograd_tiny_places) (t / (t + 2.0)) & ~sign) | ((autograd_tiny_places) x & sign));
}
#undef AUTOGRAD_TINY_EITHER
#undef AUTOGRAD_TINY_LESS
#undef AUTOGRAD_TINY_PARTS

#define AUTOGRAD_TINY_FOUR_AT_A_TIME(name, of)                                                                         \
    static void AUTOGRAD_TINY_KIND(name)(const char *from, Py_ssize_t from_step, char *to, Py_ssize_t to_step,         \
                                         Py_ssize_t n) {                                                               \
        Py_ssize_t i = 0;                                                                                              \
        if (from_step == 8 && to_step == 8)                                                                            \
            for (; i + 4 <= n; i += 4)                                                                                 \
                *(autograd_tiny_four *) (to + 8 * i) =                                                                 \
                    AUTOGRAD_TINY_KIND(of)(*(const autograd_tiny_four *) (from + 8 * i));                              \
        for (; i < n; i += 4) {                                                                                        \
            double some[4] = {0};                                                                                      \
            Py_ssize_t left = n - i < 4 ? n - i : 4;                                                                   \
            for (Py_ssize_t j = 0; j < left; j++)                                                                      \
                some[j] = *(const double *) (from + (i + j) * from_step);                                              \
            *(autograd_tiny_four *) some = AUTOGRAD_TINY_KIND(of)(*(const autograd_tiny_four *) some);                 \
            for (Py_ssize_t j = 0; j < left; j++)                                                                      \
                *(double *) (to + (i + j) * to_step) = some[j];                                                        \
        }                                                                                                              \
    }
AUTOGRAD_TINY_FOUR_AT_A_TIME(exp, exp_of)
AUTOGRAD_TINY_FOUR_AT_A_TIME(tanh, tanh_of)
#undef AUTOGRAD_TINY_FOUR_AT_A_TIME
