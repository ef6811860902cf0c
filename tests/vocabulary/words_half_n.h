/* SPDX-License-Identifier: MIT */
/* words_half_n.h - part of words.c: f16 and bf16, n numbers between guard pages. */

static bool some_loaded(const struct half *half, struct random *random, char *detail, size_t size)
{
    const size_t n = random_below(random, VF_LANES + 3);
    struct guarded memory = guarded_new(n * sizeof(uint16_t), random_once_in(random, 2));
    uint16_t *from = (uint16_t *)(void *)memory.data;
    float got[VF_LANES];
    bool right = true;

    for (size_t i = 0; i < n; i++)
        from[i] = (uint16_t)random_bits(random);
    vf_store(got, half->load_upto(from, n));
    for (size_t i = 0; i < VF_LANES && right; i++)
        right = half_loads(half, i < n ? from[i] : 0, got[i]);
    if (!right)
        snprintf(detail, size, "%zu numbers: wrong or not followed by zeros", n);
    guarded_free(&memory);
    return right;
}

static bool some_stored(const struct half *half, struct random *random, char *detail, size_t size)
{
    const size_t n = random_below(random, VF_LANES + 3), count = n < VF_LANES ? n : VF_LANES;
    struct guarded memory = guarded_new(n * sizeof(uint16_t), random_once_in(random, 2));
    uint16_t *to = (uint16_t *)(void *)memory.data;
    float lane[VF_LANES];
    bool right = true;

    half->store_upto(to, draw_vector(random, lane), n);
    for (size_t i = 0; i < count && right; i++)
        right = half_stores(half, lane[i], to[i]);
    memset(to, 0xff, count * sizeof *to);
    right = right && guarded_is_blank(&memory);
    if (!right)
        snprintf(detail, size, "%zu numbers: wrong, or wrote past them", n);
    guarded_free(&memory);
    return right;
}

#define HALF_WORDS(type)                                                                           \
    static bool word_load_##type(struct random *random, char *detail, size_t size)                 \
    {                                                                                              \
        (void)random;                                                                              \
        return every_load(&half_##type, detail, size);                                             \
    }                                                                                              \
    static bool word_store_##type(struct random *random, char *detail, size_t size)                \
    {                                                                                              \
        (void)random;                                                                              \
        return every_store(&half_##type, detail, size);                                            \
    }                                                                                              \
    static bool word_load_##type##_n(struct random *random, char *detail, size_t size)             \
    {                                                                                              \
        return some_loaded(&half_##type, random, detail, size);                                    \
    }                                                                                              \
    static bool word_store_##type##_n(struct random *random, char *detail, size_t size)            \
    {                                                                                              \
        return some_stored(&half_##type, random, detail, size);                                    \
    }

HALF_WORDS(f16)
HALF_WORDS(bf16)
