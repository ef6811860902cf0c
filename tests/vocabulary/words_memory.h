/* SPDX-License-Identifier: MIT */
/* words_memory.h - part of words.c: partial loads and stores, pairs, transposition. */

/* n numbers between guard pages: a read or a write past them ends the test. */
static bool word_load_n(struct random *random, char *detail, size_t size)
{
    const size_t n = random_below(random, VF_LANES + 3);
    struct guarded memory = guarded_new(n * sizeof(float), random_once_in(random, 2));
    float *from = (float *)(void *)memory.data, want[VF_LANES] = {0}, got[VF_LANES];
    bool right = true;

    for (size_t i = 0; i < n; i++)
        from[i] = random_float(random, -4.0f, 4.0f);
    for (size_t i = 0; i < n && i < VF_LANES; i++)
        want[i] = from[i];
    vf_store(got, vf_load_upto(from, n));
    for (size_t i = 0; i < VF_LANES && right; i++)
        right = same(got[i], want[i]) || wrong_lane(i, got[i], (double)want[i], detail, size);
    guarded_free(&memory);
    return right;
}

static bool word_store_n(struct random *random, char *detail, size_t size)
{
    const size_t n = random_below(random, VF_LANES + 3);
    struct guarded memory = guarded_new(n * sizeof(float), random_once_in(random, 2));
    float *to = (float *)(void *)memory.data, lane[VF_LANES];
    bool right = true;

    vf_store_upto(to, draw_vector(random, lane), n);
    for (size_t i = 0; i < n && i < VF_LANES && right; i++)
        right = same(to[i], lane[i]) || wrong_lane(i, to[i], (double)lane[i], detail, size);
    memset(to, 0xff, n < VF_LANES ? n * sizeof(float) : VF_LANES * sizeof(float));
    if (!guarded_is_blank(&memory)) {
        snprintf(detail, size, "%zu numbers: wrote past them", n);
        right = false;
    }
    guarded_free(&memory);
    return right;
}

/* Exactly two vectors between guard pages. */
static struct guarded two_vectors(struct random *random)
{
    return guarded_new(2 * VF_LANES * sizeof(float), random_once_in(random, 2));
}

static bool word_load_pairs(struct random *random, char *detail, size_t size)
{
    struct guarded memory = two_vectors(random);
    float *from = (float *)(void *)memory.data, got[2][VF_LANES];
    vf first, second;
    bool right = true;

    for (size_t i = 0; i < 2 * VF_LANES; i++)
        from[i] = draw(random);
    vf_load_pairs(from, &first, &second);
    vf_store(got[0], first);
    vf_store(got[1], second);
    for (size_t i = 0; i < 2 * VF_LANES && right; i++)
        right = same(got[i % 2][i / 2], from[i]) ||
                wrong_lane(i, got[i % 2][i / 2], (double)from[i], detail, size);
    guarded_free(&memory);
    return right;
}

static bool word_store_pairs(struct random *random, char *detail, size_t size)
{
    struct guarded memory = two_vectors(random);
    float *to = (float *)(void *)memory.data, lane[2][VF_LANES];
    const vf first = draw_vector(random, lane[0]), second = draw_vector(random, lane[1]);
    bool right = true;

    vf_store_pairs(to, first, second);
    for (size_t i = 0; i < 2 * VF_LANES && right; i++)
        right = same(to[i], lane[i % 2][i / 2]) ||
                wrong_lane(i, to[i], (double)lane[i % 2][i / 2], detail, size);
    guarded_free(&memory);
    return right;
}

static bool word_transpose(struct random *random, char *detail, size_t size)
{
    float lane[VF_LANES][VF_LANES], got[VF_LANES];
    vf r[VF_LANES];

    for (size_t i = 0; i < VF_LANES; i++)
        r[i] = draw_vector(random, lane[i]);
    vf_transpose(r);
    for (size_t i = 0; i < VF_LANES; i++) {
        vf_store(got, r[i]);
        for (size_t j = 0; j < VF_LANES; j++)
            if (!same(got[j], lane[j][i]))
                return wrong_lane(j, got[j], (double)lane[j][i], detail, size);
    }
    return true;
}

/* Rows up to 2 numbers apart, in either order, and not a number more between guard pages. */
static bool word_load_across(struct random *random, char *detail, size_t size)
{
    const ptrdiff_t step = VF_LANES + (ptrdiff_t)random_below(random, 3);
    const ptrdiff_t row = random_once_in(random, 2) ? step : -step;
    const bool few = random_once_in(random, 2);
    const ptrdiff_t dims = few ? ACROSS_DIMS : VF_LANES;
    const size_t count = (size_t)step * (VF_LANES - 1) + (size_t)dims;
    struct guarded memory = guarded_new(count * sizeof(float), random_once_in(random, 2));
    float *all = (float *)(void *)memory.data, got[VF_LANES];
    const float *from = row < 0 ? all + step * (VF_LANES - 1) : all;
    vf r[VF_LANES];
    bool right = true;

    for (size_t i = 0; i < count; i++)
        all[i] = draw(random);
    if (few)
        vf_load_few_across(from, row, r);
    else
        vf_load_across(from, row, r);
    for (ptrdiff_t i = 0; i < dims; i++) {
        vf_store(got, r[i]);
        for (ptrdiff_t j = 0; j < VF_LANES && right; j++)
            right = same(got[j], from[j * row + i]) ||
                    wrong_lane((size_t)j, got[j], (double)from[j * row + i], detail, size);
    }
    guarded_free(&memory);
    return right;
}

/* Rows of few numbers are taken apart and put together again, if there are words for that. */
static bool word_narrow(struct random *random, char *detail, size_t size)
{
    const size_t dim = 1 + random_below(random, VF_NARROW ? VF_NARROW : 1);
    const size_t rows = 1 + random_below(random, VF_LANES), n = rows * dim;
    struct guarded memory = guarded_new(2 * n * sizeof(float), random_once_in(random, 2));
    float *from = (float *)(void *)memory.data, *to = from + n, got[VF_LANES];
    vf columns[VF_LANES];
    bool right = true;

    for (size_t i = 0; i < n; i++)
        from[i] = to[i] = draw(random);
    if (dim <= VF_NARROW) {
        vf_load_narrow(to, n, dim, columns);
        for (size_t d = 0; d < dim; d++) {
            vf_store(got, columns[d]);
            for (size_t r = 0; r < VF_LANES && right; r++)
                right =
                    same(got[r], r < rows ? from[r * dim + d] : 0.0f) ||
                    wrong_lane(r, got[r], r < rows ? (double)from[r * dim + d] : 0, detail, size);
        }
        memset(to, 0, n * sizeof *to);
        vf_store_narrow(to, n, dim, columns);
    }
    for (size_t i = 0; i < n && right; i++)
        right = same(to[i], from[i]) || wrong_lane(i, to[i], (double)from[i], detail, size);
    guarded_free(&memory);
    return right;
}
