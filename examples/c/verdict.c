/* Runs a bundle's model in C and holds it to the bundle's test vectors.
 *
 *     voxlite bundle compact --out bundle
 *     W=$(python -c 'import ai_edge_litert as a; print(a.__path__[0])')
 *     cc -std=c11 -O2 examples/c/verdict.c -o verdict -L"$W" -lLiteRt -Wl,-rpath,"$W" -lm
 *     ./verdict bundle buzz telephone
 *
 * Feeds vectors/NAME.conformed.f32 in calls of the declared length, prints each step's logit and the clip's verdict,
 * and exits with 1 when one is off by more than 1e-4. The gate's flags are taken from the vector; what else a client
 * does is in docs/embedding.md.
 *
 * The library is LiteRT's C interface as the Python wheel of LiteRT 2.3 carries it. The wheel has no headers, so what
 * is called is declared here. Up to 2.1 LiteRtCreateModelFromFile took no environment: -DLITERT_2_1 for those.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLERANCE 1e-4
#define MAX_STEPS 16384

typedef void *Handle;
typedef struct {
    int element_type; /* 1: float32 */
    uint32_t rank;    /* newer versions keep flags in its upper bits */
    int32_t dimensions[8];
    uint32_t strides_of_any_version[16];
} TensorType;

int LiteRtCreateEnvironment(int n_options, const void *options, Handle *environment);
#ifdef LITERT_2_1
int LiteRtCreateModelFromFile(const char *path, Handle *model);
#define CREATE_MODEL(environment, path, model) LiteRtCreateModelFromFile(path, model)
#else
int LiteRtCreateModelFromFile(Handle environment, const char *path, Handle *model);
#define CREATE_MODEL LiteRtCreateModelFromFile
#endif
int LiteRtCreateOptions(Handle *options);
int LiteRtSetOptionsHardwareAccelerators(Handle options, int set);
int LiteRtCreateCompiledModel(Handle environment, Handle model, Handle options, Handle *compiled);
int LiteRtGetModelSignature(Handle model, size_t index, Handle *signature);
int LiteRtGetSignatureInputTensorByIndex(Handle signature, size_t index, Handle *tensor);
int LiteRtGetSignatureOutputTensorByIndex(Handle signature, size_t index, Handle *tensor);
int LiteRtGetRankedTensorType(Handle tensor, TensorType *type);
int LiteRtGetCompiledModelInputBufferRequirements(Handle compiled, size_t signature, size_t index, Handle *out);
int LiteRtGetCompiledModelOutputBufferRequirements(Handle compiled, size_t signature, size_t index, Handle *out);
int LiteRtCreateManagedTensorBufferFromRequirements(Handle environment, const TensorType *type, Handle requirements,
                                                    Handle *buffer);
int LiteRtLockTensorBuffer(Handle buffer, void **address, int mode); /* 0: read, 1: write */
int LiteRtUnlockTensorBuffer(Handle buffer);
int LiteRtRunCompiledModel(Handle compiled, size_t signature, size_t n_inputs, Handle *inputs, size_t n_outputs,
                           Handle *outputs);
void LiteRtDestroyTensorBuffer(Handle buffer);
void LiteRtDestroyCompiledModel(Handle compiled);
void LiteRtDestroyOptions(Handle options);
void LiteRtDestroyModel(Handle model);
void LiteRtDestroyEnvironment(Handle environment);

typedef struct {
    Handle environment, model, options, compiled, input, output;
    int n_samples, n_steps; /* of one call */
} Net;

static void fail(const char *what, const char *which) {
    fprintf(stderr, "verdict: %s: %s\n", which, what);
    exit(2);
}

static void need(int status, const char *call) {
    if (status != 0) fail("LiteRT refuses", call);
}

static char *read_file(const char *folder, const char *name, size_t *size) {
    char path[4096];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) fail("path too long", name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) fail("cannot be opened", path);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *content = calloc(*size + 1, 1);
    if (content == NULL || fread(content, 1, *size, file) != *size) fail("cannot be read", path);
    fclose(file);
    return content;
}

/* Enough JSON for a bundle's own files: the value behind each key of a path, in the order they are written in. */
static const char *value_at(const char *json, const char *outer, const char *inner) {
    const char *keys[] = {outer, inner};
    for (int k = 0; k < 2; k++) {
        if (keys[k] == NULL) break;
        char quoted[64];
        snprintf(quoted, sizeof quoted, "\"%s\":", keys[k]);
        if ((json = strstr(json, quoted)) == NULL) fail("not in the JSON", keys[k]);
        json += strlen(quoted);
    }
    return json + strspn(json, " \n[");
}

static double number(const char *json, const char *outer, const char *inner) {
    return strtod(value_at(json, outer, inner), NULL);
}

static void text_at(const char *json, const char *outer, const char *inner, char *text, size_t size) {
    const char *from = value_at(json, outer, inner) + 1;
    size_t n = strcspn(from, "\"");
    if (n >= size) fail("name too long", inner);
    memcpy(text, from, n);
    text[n] = 0;
}

/* Read an array of numbers; null becomes NaN. Returns how many. */
static int numbers(const char *json, const char *outer, const char *inner, double *values) {
    const char *at = value_at(json, outer, inner);
    int n = 0;
    while (*at != ']' && *at != 0 && n < MAX_STEPS) {
        char *end = NULL;
        bool null = strncmp(at, "null", 4) == 0;
        values[n++] = null ? NAN : strtod(at, &end);
        at = null ? at + 4 : end;
        at += strspn(at, ", \n");
    }
    return n;
}

static Net load(const char *folder, const char *config) {
    Net net;
    char name[1024], path[4096];
    text_at(config, "model", "file", name, sizeof name);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    need(LiteRtCreateEnvironment(0, NULL, &net.environment), "LiteRtCreateEnvironment");
    need(CREATE_MODEL(net.environment, path, &net.model), path);
    need(LiteRtCreateOptions(&net.options), "LiteRtCreateOptions");
    need(LiteRtSetOptionsHardwareAccelerators(net.options, 1), "the processor as accelerator");
    need(LiteRtCreateCompiledModel(net.environment, net.model, net.options, &net.compiled), path);
    Handle signature, tensor, needs;
    TensorType in = {0}, out = {0};
    need(LiteRtGetModelSignature(net.model, 0, &signature), "signature");
    need(LiteRtGetSignatureInputTensorByIndex(signature, 0, &tensor), "input");
    need(LiteRtGetRankedTensorType(tensor, &in), "input type");
    need(LiteRtGetCompiledModelInputBufferRequirements(net.compiled, 0, 0, &needs), "input buffer");
    need(LiteRtCreateManagedTensorBufferFromRequirements(net.environment, &in, needs, &net.input), "input buffer");
    need(LiteRtGetSignatureOutputTensorByIndex(signature, 0, &tensor), "output");
    need(LiteRtGetRankedTensorType(tensor, &out), "output type");
    need(LiteRtGetCompiledModelOutputBufferRequirements(net.compiled, 0, 0, &needs), "output buffer");
    need(LiteRtCreateManagedTensorBufferFromRequirements(net.environment, &out, needs, &net.output), "output buffer");
    net.n_samples = in.dimensions[1];
    net.n_steps = out.dimensions[1];
    if (in.element_type != 1 || out.element_type != 1) fail("wants another type than float32", path);
    return net;
}

static void unload(Net net) {
    LiteRtDestroyTensorBuffer(net.input);
    LiteRtDestroyTensorBuffer(net.output);
    LiteRtDestroyCompiledModel(net.compiled);
    LiteRtDestroyOptions(net.options);
    LiteRtDestroyModel(net.model);
    LiteRtDestroyEnvironment(net.environment);
}

/* Run one call on samples[start ..], zeros beyond both ends; fills `logits`. */
static void run(Net net, const float *samples, long n_samples, long start, float *logits) {
    void *address;
    need(LiteRtLockTensorBuffer(net.input, &address, 1), "input");
    for (long k = 0; k < net.n_samples; k++) {
        long at = start + k;
        ((float *)address)[k] = at >= 0 && at < n_samples ? samples[at] : 0.0f;
    }
    need(LiteRtUnlockTensorBuffer(net.input), "input");
    need(LiteRtRunCompiledModel(net.compiled, 0, 1, &net.input, 1, &net.output), "LiteRtRunCompiledModel");
    need(LiteRtLockTensorBuffer(net.output, &address, 0), "output");
    memcpy(logits, address, (size_t)net.n_steps * sizeof(float));
    need(LiteRtUnlockTensorBuffer(net.output), "output");
}

/* The mean of the `n_best` highest values within the best `span`; what is missing counts as silent. */
static double pool(const double *logits, int n, int n_best, int span, double silent) {
    double best = -INFINITY, taken[256];
    if (span > 256) fail("more than 256", "pool_span_steps");
    for (int first = 0; first == 0 || first + span <= n; first++) {
        for (int k = 0; k < span; k++) {
            double value = first + k < n && !isnan(logits[first + k]) ? logits[first + k] : silent;
            int at = k;
            for (; at > 0 && taken[at - 1] < value; at--) taken[at] = taken[at - 1];
            taken[at] = value;
        }
        double sum = 0;
        for (int k = 0; k < n_best; k++) sum += taken[k];
        best = fmax(best, sum / n_best);
    }
    return best;
}

/* Returns the largest difference from a vector's logits and clip score. */
static double check(Net net, const char *folder, const char *config, const char *name) {
    static double wanted[MAX_STEPS], found[MAX_STEPS];
    char file[1100], data_name[1024];
    size_t size;
    snprintf(file, sizeof file, "vectors/%s.json", name);
    char *json = read_file(folder, file, &size);
    text_at(json, "conformed", "file", data_name, sizeof data_name);
    snprintf(file, sizeof file, "vectors/%s", data_name);
    float *samples = (float *)read_file(folder, file, &size); /* little-endian, as every processor here */
    long n_samples = (long)(size / sizeof(float)), step = (long)number(config, "steps", "step_samples");
    long before = (long)number(config, "steps", "before_samples");
    int n = numbers(json, "steps", "logits", wanted);
    float *logits = calloc((size_t)net.n_steps, sizeof(float));
    double worst = 0;
    bool heard = false;
    for (int first = 0; first < n; first += net.n_steps) {
        run(net, samples, n_samples, first * step - before, logits);
        for (int k = 0; k < net.n_steps && first + k < n; k++) {
            bool silent = isnan(wanted[first + k]);
            found[first + k] = silent ? NAN : logits[k];
            if (!silent) worst = fmax(worst, fabs(logits[k] - wanted[first + k]));
            heard = heard || !silent;
            silent ? printf("- ") : printf("%.5f ", logits[k]);
        }
    }
    const char *clip = value_at(config, "calibration", "clip");
    double pooled = pool(found, n, (int)number(clip, "pool_steps", NULL), (int)number(clip, "pool_span_steps", NULL),
                         number(clip, "silent_logit", NULL));
    double odds = number(clip, "slope", NULL) * pooled + number(clip, "offset", NULL);
    double score = heard ? 1 / (1 + exp(-odds)) : 0, threshold = number(json, "clip", "threshold");
    worst = fmax(worst, fabs(score - number(json, "clip", "score")));
    printf("\n%s: %s, probability %.5f; largest difference %.2g\n", name, score >= threshold ? "voice" : "no voice",
           score, worst);
    free(json), free(samples), free(logits);
    return worst;
}

int main(int n_arguments, char **arguments) {
    if (n_arguments < 3) fail("verdict BUNDLE NAME... (of vectors/NAME.json)", "usage");
    size_t size;
    char *config = read_file(arguments[1], "config.json", &size);
    Net net = load(arguments[1], config);
    int status = 0;
    for (int k = 2; k < n_arguments; k++)
        if (!(check(net, arguments[1], config, arguments[k]) <= TOLERANCE)) status = 1;
    unload(net);
    free(config);
    return status;
}
