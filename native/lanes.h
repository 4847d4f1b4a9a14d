/* Lanes: VOXLITE_WIDTH frames side by side. Lane l of every vector belongs to frame t + l and never meets another, so a
 * frame's numbers are the same in every lane and whatever its neighbours are.
 *
 * GCC and Clang lower these vectors to what the target has: SSE2, AVX2, AVX-512, NEON or, at width 1, plain floats.
 */
#ifndef VOXLITE_LANES_H
#define VOXLITE_LANES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define W VOXLITE_WIDTH
#define INLINE static inline __attribute__((always_inline))

#if W == 1
typedef float lanes;
typedef int32_t bits;
#else
typedef float lanes __attribute__((vector_size(4 * W)));
typedef int32_t bits __attribute__((vector_size(4 * W)));
#endif

INLINE lanes load(const float *from) {
    lanes v;
    memcpy(&v, from, sizeof v); /* samples are aligned as floats, not as vectors */
    return v;
}

INLINE void store(float *to, lanes v) { memcpy(to, &v, sizeof v); }

INLINE bits as_bits(lanes v) {
    bits b;
    memcpy(&b, &v, sizeof b);
    return b;
}

INLINE lanes as_lanes(bits b) {
    lanes v;
    memcpy(&v, &b, sizeof v);
    return v;
}

/* Natural logarithm of normal numbers above 0; infinity and NaN give NaN.
 *
 * x = 2^k (1 + z) with 1 + z in [sqrt(1/2), sqrt(2)), ln x = k ln 2 + z - z^2/2 + z^3 Q(z). Q is the polynomial of degree
 * 6 with the least largest relative error of ln(1 + z) (weighted least squares, Lawson's iteration): below 1.1e-7 in
 * float32 arithmetic. ln 2 is split so that k times its first part is exact. */
INLINE lanes natural_log(lanes x) {
    const int32_t root_half = 0x3f3504f3;
    bits shifted = as_bits(x) - root_half;
    bits k = shifted >> 23;
    lanes z = as_lanes(as_bits(x) - (shifted & (int32_t)0xff800000)) - 1.0f;
#if W == 1
    lanes power = (float)k;
#else
    lanes power = __builtin_convertvector(k, lanes);
#endif
    lanes q = z * 0.0870043486f - 0.142674863f;
    q = q * z + 0.149147689f;
    q = q * z - 0.16577585f;
    q = q * z + 0.199630633f;
    q = q * z - 0.250013381f;
    q = q * z + 0.333339095f;
    lanes tail = power * -2.12194440e-4f + (x - x); /* x - x: 0, or NaN where there is no logarithm */
    lanes small = (q * z - 0.5f) * (z * z) + tail;
    return power * 0.693359375f + (small + z);
}

#if W > 1

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#endif
#endif
#ifndef SHUFFLE
#define SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (bits){__VA_ARGS__})
#endif

#if W == 4
#define SINGLES_LOW 0, 4, 1, 5
#define SINGLES_HIGH 2, 6, 3, 7
#define PAIRS_LOW 0, 1, 4, 5
#define PAIRS_HIGH 2, 3, 6, 7
#elif W == 8
#define SINGLES_LOW 0, 8, 1, 9, 4, 12, 5, 13
#define SINGLES_HIGH 2, 10, 3, 11, 6, 14, 7, 15
#define PAIRS_LOW 0, 1, 8, 9, 4, 5, 12, 13
#define PAIRS_HIGH 2, 3, 10, 11, 6, 7, 14, 15
#define HALVES_LOW 0, 1, 2, 3, 8, 9, 10, 11
#define HALVES_HIGH 4, 5, 6, 7, 12, 13, 14, 15
#elif W == 16
#define SINGLES_LOW 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29
#define SINGLES_HIGH 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31
#define PAIRS_LOW 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define PAIRS_HIGH 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define QUARTERS_LOW 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define QUARTERS_HIGH 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define HALVES_LOW 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define HALVES_HIGH 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#endif

/* Exchange blocks between rows i and i + apart. */
#define EXCHANGE(rows, apart, low, high)                  \
    for (size_t i = 0; i < W; i++)                        \
        if (!(i & (apart))) {                             \
            lanes a = rows[i], b = rows[i + (apart)];     \
            rows[i] = SHUFFLE(a, b, low);                 \
            rows[i + (apart)] = SHUFFLE(a, b, high);      \
        }

/* Transpose W rows of W numbers: squares of four in 128-bit parts first, then the parts, as AVX's shuffles want it. */
INLINE void transpose(lanes rows[W]) {
    for (size_t i = 0; i < W; i += 4) {
        lanes a = SHUFFLE(rows[i], rows[i + 1], SINGLES_LOW), b = SHUFFLE(rows[i], rows[i + 1], SINGLES_HIGH);
        lanes c = SHUFFLE(rows[i + 2], rows[i + 3], SINGLES_LOW), d = SHUFFLE(rows[i + 2], rows[i + 3], SINGLES_HIGH);
        rows[i] = SHUFFLE(a, c, PAIRS_LOW);
        rows[i + 1] = SHUFFLE(a, c, PAIRS_HIGH);
        rows[i + 2] = SHUFFLE(b, d, PAIRS_LOW);
        rows[i + 3] = SHUFFLE(b, d, PAIRS_HIGH);
    }
#if W == 8
    EXCHANGE(rows, 4, HALVES_LOW, HALVES_HIGH)
#elif W == 16
    EXCHANGE(rows, 4, QUARTERS_LOW, QUARTERS_HIGH)
    EXCHANGE(rows, 8, HALVES_LOW, HALVES_HIGH)
#endif
}

#else
INLINE void transpose(lanes rows[W]) { (void)rows; }
#endif

#endif
