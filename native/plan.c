/* Plans: constants from Python, packed in the order in which kernel.c uses them; and the choice of a kernel.
 *
 * Folding. Column j of a DCT-II of n points is symmetric for even j and antisymmetric for odd j, and the even columns
 * of the upper half are a DCT-II of n/2 points again. So
 *
 *     odd j:   c[j] = sum_{i < n/2} (x[i] - x[n-1-i]) D[i, j]
 *     even j:  the same of x[i] + x[n-1-i], n/2 long, folded again while it is even and at least 16 long
 *
 * which leaves 880 of the 2560 products of 64 bands and 40 coefficients. A matrix without that symmetry is not folded.
 */
#include <stdlib.h>
#include <string.h>

#include "frontend.h"

#define MAX_FFT 65536
#define MAX_COLUMNS 65536
#define SYMMETRY 1e-6f /* how far float32 cosines of mirrored angles may lie apart */

/* VOXLITE_WITH_x comes from the build for each kernel that the compiler could make. */
#ifdef VOXLITE_WITH_avx512
extern const voxlite_kernel voxlite_kernel_avx512;
#endif
#ifdef VOXLITE_WITH_avx2
extern const voxlite_kernel voxlite_kernel_avx2;
#endif
#ifdef VOXLITE_WITH_neon
extern const voxlite_kernel voxlite_kernel_neon;
#endif
#ifdef VOXLITE_WITH_baseline
extern const voxlite_kernel voxlite_kernel_baseline;
#endif
extern const voxlite_kernel voxlite_kernel_scalar;

static const voxlite_kernel *kernel_at(size_t i) {
    const voxlite_kernel *found[5];
    size_t n = 0;
#if defined(VOXLITE_WITH_avx512) || defined(VOXLITE_WITH_avx2)
    __builtin_cpu_init();
#endif
#ifdef VOXLITE_WITH_avx512
    if (__builtin_cpu_supports("avx512f"))
        found[n++] = &voxlite_kernel_avx512;
#endif
#ifdef VOXLITE_WITH_avx2
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        found[n++] = &voxlite_kernel_avx2;
#endif
#ifdef VOXLITE_WITH_neon
    found[n++] = &voxlite_kernel_neon;
#endif
#ifdef VOXLITE_WITH_baseline
    found[n++] = &voxlite_kernel_baseline;
#endif
    found[n++] = &voxlite_kernel_scalar;
    return i < n ? found[i] : NULL;
}

int voxlite_abi(void) { return VOXLITE_ABI; }

const char *voxlite_isa(size_t i) { return kernel_at(i) ? kernel_at(i)->name : NULL; }

static const voxlite_kernel *kernel_named(const char *isa) {
    size_t i = 0;
    while (isa && kernel_at(i) && strcmp(kernel_at(i)->name, isa))
        i++;
    return kernel_at(i);
}

static void *room_for(size_t n, size_t size) { return calloc(n ? n : 1, size); }

/* exp(-2 pi i k / n), n a divisor of fft_size, out of the table for fft_size. */
static void twiddle(float *to, const float *table, size_t fft_size, size_t n, size_t k) {
    memcpy(to, table + 2 * (k % n * (fft_size / n)), 2 * sizeof(float));
}

static int pack_transform(voxlite_plan *plan, const float *twiddles) {
    const size_t half = plan->half, fft_size = 2 * half;
    plan->passes = room_for(2 * half, sizeof(float)); /* 6 (half/4 + half/16 + ...) < 2 half */
    plan->untangle = room_for(half + 2, sizeof(float));
    plan->place = room_for(half, sizeof(uint32_t));
    if (!plan->passes || !plan->untangle || !plan->place)
        return -1;
    float *to = plan->passes;
    for (size_t n = half; n > 4; n /= 4)
        for (size_t j = 0; j < n / 4; j++)
            for (size_t r = 1; r < 4; r++, to += 2)
                twiddle(to, twiddles, fft_size, n, r * j);
    for (size_t k = 0; k <= half / 2; k++)
        twiddle(plan->untangle + 2 * k, twiddles, fft_size, fft_size, k);
    for (size_t k = 0; k < half; k++) { /* a radix-r pass sends output k to part k mod r */
        size_t rest = k, n = half, place = 0;
        for (; n >= 4; n /= 4, rest /= 4)
            place += rest % 4 * (n / 4);
        plan->place[k] = (uint32_t)(n == 2 ? place + rest : place);
    }
    return 0;
}

static int pack_bank(voxlite_plan *plan, const float *bank) {
    const size_t n_bins = plan->half + 1, n_bands = plan->n_bands;
    plan->first = room_for(n_bands, sizeof(uint32_t));
    plan->count = room_for(n_bands, sizeof(uint32_t));
    if (!plan->first || !plan->count)
        return -1;
    size_t total = 0;
    for (size_t m = 0; m < n_bands; m++) {
        size_t first = 0, end = n_bins;
        while (first < end && bank[first * n_bands + m] == 0)
            first++;
        while (end > first && bank[(end - 1) * n_bands + m] == 0)
            end--;
        plan->first[m] = (uint32_t)first;
        plan->count[m] = (uint32_t)(end - first);
        total += end - first;
    }
    float *to = plan->bank = room_for(total, sizeof(float));
    if (!to)
        return -1;
    for (size_t m = 0; m < n_bands; m++)
        for (size_t i = 0; i < plan->count[m]; i++)
            *to++ = 0.25f * bank[(plan->first[m] + i) * n_bands + m];
    return 0;
}

/* Is column j of the n rows symmetric (even j) or antisymmetric (odd j)? */
static int folds(const float *column, size_t n, size_t stride, int odd) {
    for (size_t i = 0; i < n / 2; i++) {
        const float a = column[i * stride], b = column[(n - 1 - i) * stride];
        const float apart = odd ? a + b : a - b;
        if (!(apart < SYMMETRY && apart > -SYMMETRY))
            return 0;
    }
    return 1;
}

/* Do all columns j = 0, step, 2 step, .. fold at n rows? */
static int all_fold(const float *matrix, size_t n, size_t columns, size_t step) {
    if (n % 2 || n < 16)
        return 0;
    for (size_t j = 0; j < columns; j += step)
        if (!folds(matrix + j, n, columns, j / step % 2))
            return 0;
    return 1;
}

static size_t whole_blocks(size_t columns) {
    return (columns + VOXLITE_DCT_BLOCK - 1) / VOXLITE_DCT_BLOCK * VOXLITE_DCT_BLOCK;
}

static int pack_dct(voxlite_plan *plan, const float *matrix) {
    struct voxlite_dct *dct = &plan->dct;
    const size_t columns = plan->n_coefficients, room = columns + VOXLITE_DCT_BLOCK * (VOXLITE_MAX_FOLDS + 1);
    float *to = dct->weights = room_for(plan->n_bands * room, sizeof(float));
    uint32_t *target = dct->target = room_for(room, sizeof(uint32_t));
    if (!to || !target)
        return -1;
    size_t n = plan->n_bands, step = 1, last = 0;
    while (!last) {
        last = dct->n_parts == VOXLITE_MAX_FOLDS || !all_fold(matrix, n, columns, step);
        const size_t length = last ? n : n / 2, from = last ? 0 : step, apart = last ? step : 2 * step;
        const size_t here = from < columns ? (columns - from + apart - 1) / apart : 0, padded = whole_blocks(here);
        for (size_t c = 0; c < padded; c++)
            *target++ = (uint32_t)(c < here ? from + c * apart : columns);
        for (size_t c = 0; c < padded; c += VOXLITE_DCT_BLOCK)
            for (size_t i = 0; i < length; i++)
                for (size_t j = c; j < c + VOXLITE_DCT_BLOCK; j++)
                    *to++ = j < here ? matrix[i * columns + from + j * apart] : 0;
        dct->length[dct->n_parts] = length;
        dct->columns[dct->n_parts++] = padded;
        n = length, step *= 2;
    }
    return 0;
}

static int pack(voxlite_plan *plan, const float *weights, const float *twiddles, const float *bank, const float *dct) {
    const size_t width = plan->kernel->width, columns = plan->n_coefficients + VOXLITE_DCT_BLOCK;
    plan->weights = room_for(plan->window + width, sizeof(float));
    if (!plan->weights)
        return -1;
    memcpy(plan->weights, weights, plan->window * sizeof(float));
    plan->work_floats = width * (3 * plan->half + 1 + 2 * plan->n_bands + 2 * columns + 2 * width);
    return pack_transform(plan, twiddles) || pack_bank(plan, bank) || pack_dct(plan, dct) ? -1 : 0;
}

voxlite_plan *voxlite_plan_new(const char *isa, size_t fft_size, size_t window, size_t hop, size_t n_bands,
                               size_t n_coefficients, const float *weights, const float *twiddles, const float *bank,
                               const float *dct, float floor) {
    const voxlite_kernel *kernel = kernel_named(isa);
    if (!kernel || fft_size < 16 || fft_size > MAX_FFT || fft_size & (fft_size - 1) || window < 1 || window > fft_size)
        return NULL;
    if (hop < 1 || n_bands < 1 || n_bands > MAX_COLUMNS || n_coefficients < 1 || n_coefficients > n_bands)
        return NULL;
    if (!(floor >= 1.17549435e-38f))
        return NULL;
    voxlite_plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return NULL;
    plan->kernel = kernel;
    plan->half = fft_size / 2;
    plan->window = window, plan->hop = hop;
    plan->n_bands = n_bands, plan->n_coefficients = n_coefficients;
    plan->floor = floor;
    if (pack(plan, weights, twiddles, bank, dct)) {
        voxlite_plan_free(plan);
        return NULL;
    }
    return plan;
}

void voxlite_plan_free(voxlite_plan *plan) {
    if (!plan)
        return;
    free(plan->weights), free(plan->passes), free(plan->untangle), free(plan->place), free(plan->first);
    free(plan->count), free(plan->bank), free(plan->dct.weights), free(plan->dct.target), free(plan);
}
