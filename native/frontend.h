/* The front end's compiled kernel: what Python calls, and what a kernel is to the plan.
 *
 * The formulas and every constant are those of src/voxlite/frontend: window, twiddle factors, mel bank, DCT matrix and
 * floor come in as arrays, so FrontEndConfig stays the one source of truth. Nothing here computes a sine or keeps state:
 * a plan is read-only after its making and may serve many threads.
 */
#ifndef VOXLITE_FRONTEND_H
#define VOXLITE_FRONTEND_H

#include <stddef.h>
#include <stdint.h>

#define VOXLITE_ABI 1 /* Python asks for this number: raise it with every change of a signature */

#if defined(_WIN32)
#define VOXLITE_EXPORT __declspec(dllexport)
#else
#define VOXLITE_EXPORT __attribute__((visibility("default")))
#endif

typedef struct voxlite_plan voxlite_plan;
typedef struct voxlite_kernel voxlite_kernel;

/* One compilation of kernel.c. `work` holds plan->work_floats floats, aligned to 64 bytes. */
struct voxlite_kernel {
    const char *name;
    size_t width; /* frames side by side */
    void (*features)(const voxlite_plan *plan, const float *samples, size_t n_frames, float *out, int cepstral,
                     float *work);
    void (*cepstrum)(const voxlite_plan *plan, const float *log_mel, size_t n_frames, float *out, float *work);
};

enum { VOXLITE_MAX_FOLDS = 8 };

/* The cepstrum's matrix, folded: see plan.c. Part p takes `length[p]` numbers to `columns[p]` coefficients. */
struct voxlite_dct {
    size_t n_parts;
    size_t length[VOXLITE_MAX_FOLDS + 1];
    size_t columns[VOXLITE_MAX_FOLDS + 1]; /* padded to whole blocks of VOXLITE_DCT_BLOCK */
    float *weights;                        /* part after part, block after block: [length][VOXLITE_DCT_BLOCK] */
    uint32_t *target;                      /* coefficient of each column; a padding column has n_coefficients */
};

enum { VOXLITE_DCT_BLOCK = 5 }; /* 64 bands and 40 coefficients fold to 20, 10, 5 and 5 columns: nothing is padding */

struct voxlite_plan {
    const voxlite_kernel *kernel;
    size_t half, window, hop, n_bands, n_coefficients; /* half: fft_size / 2, points of the complex transform */
    size_t work_floats;
    float floor;
    float *weights;    /* [window], zeros up to a multiple of every width */
    float *passes;     /* w^j, w^2j, w^3j (re, im) of each radix-4 pass in the order of use */
    float *untangle;   /* exp(-2 pi i k / fft_size) (re, im), k = 0..half/2 */
    uint32_t *place;   /* where the transform leaves its output k */
    uint32_t *first;   /* [n_bands] lowest bin of each mel band */
    uint32_t *count;   /* [n_bands] bins of each mel band */
    float *bank;       /* weights of the bands' bins, band after band, a quarter of the caller's: see kernel.c */
    struct voxlite_dct dct;
};

VOXLITE_EXPORT int voxlite_abi(void);

/* Name of compilation i of those that this processor runs, fastest first; NULL after the last. */
VOXLITE_EXPORT const char *voxlite_isa(size_t i);

/* Make a plan; NULL if memory is short, the instruction set is not at hand or an argument is out of range.
 * isa: a name, or NULL for the fastest. fft_size: a power of two, 16..65536, at least window. twiddles: re, im of
 * exp(-2 pi i k / fft_size), k = 0..fft_size-1. bank: [fft_size / 2 + 1][n_bands]. dct: [n_bands][n_coefficients].
 * floor: a normal number above 0. */
VOXLITE_EXPORT voxlite_plan *voxlite_plan_new(const char *isa, size_t fft_size, size_t window, size_t hop,
                                              size_t n_bands, size_t n_coefficients, const float *weights,
                                              const float *twiddles, const float *bank, const float *dct, float floor);
VOXLITE_EXPORT void voxlite_plan_free(voxlite_plan *plan);

/* Write n_frames rows of log-mel energies, or of cepstral coefficients; -1 if n_samples do not hold so many frames or
 * memory is short, else 0. */
VOXLITE_EXPORT int voxlite_log_mel(const voxlite_plan *plan, const float *samples, size_t n_samples, float *out,
                                   size_t n_frames);
VOXLITE_EXPORT int voxlite_mfcc(const voxlite_plan *plan, const float *samples, size_t n_samples, float *out,
                                size_t n_frames);
VOXLITE_EXPORT int voxlite_cepstrum(const voxlite_plan *plan, const float *log_mel, float *out, size_t n_frames);

#endif
