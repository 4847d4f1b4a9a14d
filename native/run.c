/* The calls that take sound: arguments are checked, working memory is made, the plan's kernel does the rest. */
#include <stdlib.h>

#include "frontend.h"

#define ALIGNMENT 64

/* Return memory for one call; *block is what to free. */
static float *work_for(const voxlite_plan *plan, void **block) {
    *block = malloc(plan->work_floats * sizeof(float) + ALIGNMENT);
    const uintptr_t start = ((uintptr_t)*block + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1);
    return *block ? (float *)start : NULL;
}

static int features(const voxlite_plan *plan, const float *samples, size_t n_samples, float *out, size_t n_frames,
                    int cepstral) {
    const size_t fit = n_samples < plan->window ? 0 : (n_samples - plan->window) / plan->hop + 1;
    if (n_frames > fit)
        return -1;
    void *block;
    float *work = work_for(plan, &block);
    if (!work)
        return -1;
    plan->kernel->features(plan, samples, n_frames, out, cepstral, work);
    free(block);
    return 0;
}

int voxlite_log_mel(const voxlite_plan *plan, const float *samples, size_t n_samples, float *out, size_t n_frames) {
    return features(plan, samples, n_samples, out, n_frames, 0);
}

int voxlite_mfcc(const voxlite_plan *plan, const float *samples, size_t n_samples, float *out, size_t n_frames) {
    return features(plan, samples, n_samples, out, n_frames, 1);
}

int voxlite_cepstrum(const voxlite_plan *plan, const float *log_mel, float *out, size_t n_frames) {
    void *block;
    float *work = work_for(plan, &block);
    if (!work)
        return -1;
    plan->kernel->cepstrum(plan, log_mel, n_frames, out, work);
    free(block);
    return 0;
}
