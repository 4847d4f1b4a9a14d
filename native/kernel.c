/* Waveform to log-mel energies or cepstral coefficients, VOXLITE_WIDTH frames at a time.
 *
 * This file is compiled once for each instruction set, with VOXLITE_WIDTH and VOXLITE_ISA set: see hatch_build.py.
 *
 * A frame of N real samples is taken as N/2 complex points z[n] = x[2n] + i x[2n+1]. Z = DFT(z) comes from radix-4
 * passes in place, decimated in frequency (Gentleman and Sande 1966; one radix-2 pass at the end if need be), and stays
 * where it falls: `place` knows. With Y = conj Z[N/2-k], twice the spectrum is
 *
 *     2 X[k] = (Z[k] + Y) - i exp(-2 pi i k / N) (Z[k] - Y),   2 X[N/2-k] = conj((Z[k] + Y) + i exp(..) (Z[k] - Y))
 *
 * and the factor 4 of its power is in the mel weights. The powers of X[k] and X[N/2-k] are not made from their sum and
 * difference, although that takes fewer operations: a quiet bin would drown in the rounding of a loud one.
 */
#include "frontend.h"
#include "lanes.h"

/* Window W frames and lay sample n of all of them side by side in z[n]. */
static void load_frames(const voxlite_plan *plan, const float *const frame[W], lanes *z) {
    const size_t window = plan->window;
    size_t n = 0;
    for (; n + W <= window; n += W) {
        lanes rows[W], weights = load(plan->weights + n);
        for (size_t l = 0; l < W; l++)
            rows[l] = load(frame[l] + n) * weights;
        transpose(rows);
        for (size_t l = 0; l < W; l++)
            z[n + l] = rows[l];
    }
    if (n < window) { /* the last samples of the last frame may be the last of the recording: read no further */
        lanes rows[W], weights = load(plan->weights + n);
        for (size_t l = 0; l < W; l++) {
            float rest[W] = {0};
            memcpy(rest, frame[l] + n, (window - n) * sizeof(float));
            rows[l] = load(rest) * weights;
        }
        transpose(rows);
        for (size_t l = 0; n + l < window; l++)
            z[n + l] = rows[l];
    }
    for (n = window; n < 2 * plan->half; n++)
        z[n] = (lanes){0};
}

INLINE void multiply(lanes *to, lanes re, lanes im, const float *w) {
    to[0] = re * w[0] - im * w[1];
    to[1] = re * w[1] + im * w[0];
}

/* One radix-4 butterfly over z[0], z[apart], z[2 apart], z[3 apart] (complex points); w: w^j, w^2j, w^3j. */
INLINE void butterfly(lanes *z, size_t apart, const float *w) {
    lanes *a = z, *b = z + 2 * apart, *c = z + 4 * apart, *d = z + 6 * apart;
    lanes sum_re = a[0] + c[0], sum_im = a[1] + c[1], dif_re = a[0] - c[0], dif_im = a[1] - c[1];
    lanes odd_re = b[0] + d[0], odd_im = b[1] + d[1], rot_re = b[1] - d[1], rot_im = d[0] - b[0];
    a[0] = sum_re + odd_re;
    a[1] = sum_im + odd_im;
    if (w) {
        multiply(b, dif_re + rot_re, dif_im + rot_im, w);
        multiply(c, sum_re - odd_re, sum_im - odd_im, w + 2);
        multiply(d, dif_re - rot_re, dif_im - rot_im, w + 4);
    } else {
        b[0] = dif_re + rot_re, b[1] = dif_im + rot_im;
        c[0] = sum_re - odd_re, c[1] = sum_im - odd_im;
        d[0] = dif_re - rot_re, d[1] = dif_im - rot_im;
    }
}

static void transform(const voxlite_plan *plan, lanes *z) {
    const float *w = plan->passes;
    size_t n = plan->half;
    for (; n > 4; n /= 4)
        for (size_t j = 0; j < n / 4; j++, w += 6)
            for (size_t at = j; at < plan->half; at += n)
                butterfly(z + 2 * at, n / 4, w);
    for (size_t at = 0; at < plan->half; at += n) {
        lanes *a = z + 2 * at;
        if (n == 4) {
            butterfly(a, 1, NULL);
        } else if (n == 2) {
            lanes re = a[2], im = a[3];
            a[2] = a[0] - re, a[3] = a[1] - im;
            a[0] += re, a[1] += im;
        }
    }
}

/* Four times the power of the bins 0..half. */
static void power_spectrum(const voxlite_plan *plan, const lanes *z, lanes *power) {
    const size_t half = plan->half;
    const float *w = plan->untangle;
    for (size_t k = 0; k <= half / 2; k++, w += 2) {
        const lanes *a = z + 2 * plan->place[k], *b = z + 2 * plan->place[(half - k) & (half - 1)];
        lanes even_re = a[0] + b[0], even_im = a[1] - b[1], odd_re = a[1] + b[1], odd_im = b[0] - a[0];
        lanes turned_re = odd_re * w[0] - odd_im * w[1], turned_im = odd_re * w[1] + odd_im * w[0];
        lanes low_re = even_re + turned_re, low_im = even_im + turned_im;
        lanes high_re = even_re - turned_re, high_im = even_im - turned_im;
        power[k] = low_re * low_re + low_im * low_im;
        power[half - k] = high_re * high_re + high_im * high_im;
    }
}

static void log_mel(const voxlite_plan *plan, const lanes *power, lanes *out) {
    const float *weight = plan->bank;
    for (size_t m = 0; m < plan->n_bands; m++) {
        const lanes *bin = power + plan->first[m];
        lanes sum = {0};
        for (size_t i = 0; i < plan->count[m]; i++)
            sum += bin[i] * weight[i];
        weight += plan->count[m];
        out[m] = natural_log(sum + plan->floor);
    }
}

/* Multiply by one part of the folded matrix. */
static const float *products(const lanes *x, size_t length, size_t columns, const float *weights, lanes *out) {
    for (size_t c = 0; c < columns; c += VOXLITE_DCT_BLOCK) {
        lanes sum[VOXLITE_DCT_BLOCK];
        for (size_t j = 0; j < VOXLITE_DCT_BLOCK; j++)
            sum[j] = (lanes){0};
        for (size_t i = 0; i < length; i++, weights += VOXLITE_DCT_BLOCK)
            for (size_t j = 0; j < VOXLITE_DCT_BLOCK; j++)
                sum[j] += x[i] * weights[j];
        for (size_t j = 0; j < VOXLITE_DCT_BLOCK; j++)
            out[c + j] = sum[j];
    }
    return weights;
}

/* The folded product of plan.c; x is destroyed. */
static void cepstrum(const voxlite_plan *plan, lanes *x, lanes *folded, lanes *column, lanes *out) {
    const struct voxlite_dct *dct = &plan->dct;
    const float *weights = dct->weights;
    const uint32_t *target = dct->target;
    for (size_t p = 0; p < dct->n_parts; p++) {
        const size_t n = dct->length[p];
        const lanes *from = x;
        if (p + 1 < dct->n_parts) { /* antisymmetric columns see differences, the rest of the parts see sums */
            for (size_t i = 0; i < n; i++) {
                lanes a = x[i], b = x[2 * n - 1 - i];
                folded[i] = a - b;
                x[i] = a + b;
            }
            from = folded;
        }
        weights = products(from, n, dct->columns[p], weights, column);
        for (size_t c = 0; c < dct->columns[p]; c++)
            out[*target++] = column[c];
    }
}

/* Write the rows of up to W frames from vectors that hold a column each. */
static void store_frames(const lanes *columns, size_t n, float *out, size_t n_frames) {
    for (size_t c = 0; c < n; c += W) {
        lanes rows[W];
        const size_t here = n - c < W ? n - c : W;
        for (size_t i = 0; i < W; i++)
            rows[i] = columns[c + i]; /* the buffers are W vectors longer than their content */
        transpose(rows);
        for (size_t l = 0; l < n_frames; l++) {
            if (here == W)
                store(out + l * n + c, rows[l]);
            else
                memcpy(out + l * n + c, &rows[l], here * sizeof(float));
        }
    }
}

/* What W frames need between samples and rows; plan.c knows the sum of the sizes. */
struct room {
    lanes *z, *power, *mel, *folded, *column, *out;
};

static struct room rooms(const voxlite_plan *plan, float *work) {
    struct room room;
    room.z = (lanes *)__builtin_assume_aligned(work, 64);
    room.power = room.z + 2 * plan->half;
    room.mel = room.power + plan->half + 1;
    room.folded = room.mel + plan->n_bands + W;
    room.column = room.folded + plan->n_bands;
    room.out = room.column + plan->n_coefficients + VOXLITE_DCT_BLOCK;
    return room;
}

/* Ask for the samples that the next W frames add: rows a hop apart are no pattern that processors foresee. */
INLINE void prefetch(const float *from, const float *end, size_t n) {
    for (size_t i = 0; i < n && i < (size_t)(end - from); i += 16) /* a cache line */
        __builtin_prefetch(from + i);
}

static void features(const voxlite_plan *plan, const float *samples, size_t n_frames, float *out, int cepstral,
                     float *work) {
    const struct room room = rooms(plan, work);
    const float *end = samples + (n_frames ? (n_frames - 1) * plan->hop + plan->window : 0);
    const size_t n_columns = cepstral ? plan->n_coefficients : plan->n_bands;
    for (size_t t = 0; t < n_frames; t += W) {
        const size_t here = n_frames - t < W ? n_frames - t : W;
        const float *frame[W];
        for (size_t l = 0; l < W; l++) /* lanes without a frame of their own repeat the last one */
            frame[l] = samples + (t + (l < here ? l : here - 1)) * plan->hop;
        load_frames(plan, frame, room.z);
        prefetch(frame[W - 1] + plan->window, end, W * plan->hop);
        transform(plan, room.z);
        power_spectrum(plan, room.z, room.power);
        log_mel(plan, room.power, room.mel);
        if (cepstral)
            cepstrum(plan, room.mel, room.folded, room.column, room.out);
        store_frames(cepstral ? room.out : room.mel, n_columns, out + t * n_columns, here);
    }
}

static void cepstrum_of_rows(const voxlite_plan *plan, const float *mel, size_t n_frames, float *out, float *work) {
    const struct room room = rooms(plan, work);
    const size_t n = plan->n_bands;
    for (size_t t = 0; t < n_frames; t += W) {
        const size_t here = n_frames - t < W ? n_frames - t : W;
        for (size_t m = 0; m < n; m += W) {
            lanes rows[W];
            for (size_t l = 0; l < W; l++) {
                float part[W] = {0};
                memcpy(part, mel + (t + (l < here ? l : here - 1)) * n + m, (n - m < W ? n - m : W) * sizeof(float));
                rows[l] = load(part);
            }
            transpose(rows);
            for (size_t i = 0; i < W; i++)
                room.mel[m + i] = rows[i];
        }
        cepstrum(plan, room.mel, room.folded, room.column, room.out);
        store_frames(room.out, plan->n_coefficients, out + t * plan->n_coefficients, here);
    }
}

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)
#define JOINED_OF(a, b) a##b
#define JOINED(a, b) JOINED_OF(a, b)

const voxlite_kernel JOINED(voxlite_kernel_, VOXLITE_ISA) = {TEXT(VOXLITE_ISA), W, features, cepstrum_of_rows};
