/* Local response normalization with beta = 3/4, and its gradient, for float32 and bfloat16.
 *
 * lrn_c.py compiles this file, and `lrn_gradient` in lrn_kernels.py has the formulas. Work goes by
 * tiles: a few pixels of an image with all their channels, which stay in the processor's cache from
 * the input to the result. OpenMP is torch's own, so that its threads do this, too.
 */
#include <float.h>
#include <omp.h>
#include <stdint.h>
#include <string.h>

#define MAGIC 0x4f581650u

typedef struct { /* `Job` in lrn_c.py has the same fields */
    char *out;         /* the output; with g, the gradient with respect to x */
    const char *x, *g; /* the input; the upstream gradient, or NULL */
    float *scratch;    /* five tiles for each thread, all zeros */
    int64_t images, channels, pixels;
    int32_t last, half;    /* channels last in memory? bfloat16 and not float32? */
    int32_t before, after; /* channels of the window on either side; after <= before */
    int32_t tile, threads; /* pixels of a tile */
    float factor, k;
} Job;

static void load(float *restrict to, const char *from, int64_t at, int64_t n, int half) {
    if (!half) {
        memcpy(to, from + 4 * at, 4 * n);
        return;
    }
    const uint16_t *restrict values = (const uint16_t *)from + at;
    uint32_t *restrict bits = (uint32_t *)to;
    for (int64_t i = 0; i < n; i++) bits[i] = (uint32_t)values[i] << 16;
}

static void store(char *to, const float *restrict from, int64_t at, int64_t n, int half) {
    if (!half) {
        memcpy(to + 4 * at, from, 4 * n);
        return;
    }
    uint16_t *restrict values = (uint16_t *)to + at;
    const uint32_t *restrict bits = (const uint32_t *)from;
    for (int64_t i = 0; i < n; i++) { /* to the nearest number, to the even one of two */
        uint32_t rounded = (bits[i] + 0x7fff + (bits[i] >> 16 & 1)) >> 16;
        values[i] = (bits[i] & 0x7fffffff) > 0x7f800000 ? 0x7fc0 : rounded;
    }
}

/* s^(-1/4) without roots and divisions, which would take most of the time. Shifting the bits of the
 * exponent gives a first guess, up to 3 % off; each of the two steps cubes that error, to 1e-7. */
static inline float inverse_fourth_root(float s) {
    uint32_t bits;
    float y;
    memcpy(&bits, &s, 4);
    bits = MAGIC - (bits >> 2);
    memcpy(&y, &bits, 4);
    for (int step = 0; step < 2; step++) {
        float rest = 1 - s * y * y * (y * y);
        y += y * rest * (0.25f + 0.15625f * rest);
    }
    return s > FLT_MAX ? 0 : y;
}

/* sums[i]: v at i, at i - step to i - before * step, and at i + step to i + after * step. */
static void window_sums(float *restrict sums, const float *restrict v, int64_t begin, int64_t end,
                        int64_t step, int before, int after) {
    if (before == 2 && after == 2) {
        for (int64_t i = begin; i < end; i++)
            sums[i] = v[i] + v[i - step] + v[i - 2 * step] + v[i + step] + v[i + 2 * step];
        return;
    }
    for (int64_t i = begin; i < end; i++) sums[i] = v[i];
    for (int d = 1; d <= before; d++)
        for (int64_t i = begin; i < end; i++) sums[i] += v[i - d * step];
    for (int d = 1; d <= after; d++)
        for (int64_t i = begin; i < end; i++) sums[i] += v[i + d * step];
}

/* The rows of a tile are as in memory: pixels of one channel, or channels of one pixel where these
 * are last. There are `before` zeros beyond both ends of the channels, so that in either layout a
 * window is the same steps away from every value. */
static void normalize(const Job *job, float *scratch, int64_t image, int64_t pixel) {
    const int64_t C = job->channels, P = job->pixels, all = C + 2 * job->before;
    const int64_t count = P - pixel < job->tile ? P - pixel : job->tile;
    const int64_t rows = job->last ? count : C, length = job->last ? C : count;
    const int64_t step = job->last ? 1 : job->tile, apart = job->last ? all : job->tile;
    const int64_t begin = job->before * step, end = begin + (rows - 1) * apart + length;
    const int64_t first = image * C * P + (job->last ? pixel * C : pixel), wide = job->last ? C : P;
    float *restrict a = scratch, *restrict s = a + all * job->tile;
    float *restrict g = s + all * job->tile, *restrict t = g + all * job->tile;
    float *restrict direct = t + all * job->tile; /* zeros beyond the ends stay in a and g alone */

    for (int64_t row = 0; row < rows; row++)
        load(a + begin + row * apart, job->x, first + row * wide, length, job->half);
    for (int64_t i = begin; i < end; i++) t[i] = a[i] * a[i];
    window_sums(s, t, begin, end, step, job->before, job->after);
    if (!job->g) {
        for (int64_t i = begin; i < end; i++) {
            float root = inverse_fourth_root(s[i] * job->factor + job->k);
            s[i] = a[i] * root * root * root;
        }
    } else {
        for (int64_t row = 0; row < rows; row++)
            load(g + begin + row * apart, job->g, first + row * wide, length, job->half);
        for (int64_t i = begin; i < end; i++) {
            float root = inverse_fourth_root(s[i] * job->factor + job->k), square = root * root;
            direct[i] = g[i] * square * root;
            t[i] = direct[i] * a[i] * square * square;
        }
        window_sums(s, t, begin, end, step, job->after, job->before);
        for (int64_t i = begin; i < end; i++) s[i] = direct[i] - 1.5f * job->factor * s[i] * a[i];
    }
    for (int64_t row = 0; row < rows; row++)
        store(job->out, s + begin + row * apart, first + row * wide, length, job->half);
}

void lrn(const Job *job) {
    const int64_t tiles = (job->pixels + job->tile - 1) / job->tile, all = job->images * tiles;
    const int64_t size = 5 * job->tile * (job->channels + 2 * job->before);
    #pragma omp parallel for num_threads(job->threads) schedule(static)
    for (int64_t tile = 0; tile < all; tile++) {
        float *scratch = job->scratch + omp_get_thread_num() * size;
        normalize(job, scratch, tile / tiles, tile % tiles * job->tile);
    }
}
