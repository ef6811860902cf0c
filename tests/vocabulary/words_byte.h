/* SPDX-License-Identifier: MIT */
/* words_byte.h - part of words.c: i8 and f8, against their definition in double precision. */

/* A type of 8 bits: what its codes mean, and which of them a float becomes. */
struct byte_type {
    double (*value)(uint8_t code); /* NaN where the code is one */
    double most;
    bool keeps_nan;
    vf (*load)(const void *p);
    void (*store)(void *p, vf a);
    vf (*load_upto)(const void *p, size_t n);
    void (*store_upto)(void *p, vf a, size_t n);
};

static double i8_value(uint8_t code)
{
    return code < 128 ? code : code - 256.0;
}

/* OCP 8-bit Floating Point Specification, table 1: sign, four bits of exponent, three behind the
 * point. */
static double f8_value(uint8_t code)
{
    const int exponent = code >> 3 & 15, fraction = code & 7;
    const double sign = code >> 7 ? -1 : 1;

    if (exponent == 15 && fraction == 7)
        return NAN;
    return sign * (exponent ? ldexp(8 + fraction, exponent - 10) : ldexp(fraction, -9));
}

#define BYTE_TYPE(type, byte, most, keeps_nan, loaded)                                             \
    static vf load_##type(const void *p)                                                           \
    {                                                                                              \
        return vf_mul(vf_load_##type((const byte *)p), vf_set1(loaded));                           \
    }                                                                                              \
    static void store_##type(void *p, vf a)                                                        \
    {                                                                                              \
        vf_store_##type((byte *)p, a);                                                             \
    }                                                                                              \
    static vf load_##type##_upto(const void *p, size_t n)                                          \
    {                                                                                              \
        return vf_mul(vf_load_##type##_upto((const byte *)p, n), vf_set1(loaded));                 \
    }                                                                                              \
    static void store_##type##_upto(void *p, vf a, size_t n)                                       \
    {                                                                                              \
        vf_store_##type##_upto((byte *)p, a, n);                                                   \
    }                                                                                              \
    static const struct byte_type byte_##type = {                                                  \
        type##_value,       most, keeps_nan, load_##type, store_##type, load_##type##_upto,        \
        store_##type##_upto}

BYTE_TYPE(i8, int8_t, 127, false, 1.0f);
BYTE_TYPE(f8, uint8_t, 448, true, VF_F8_LOADED);
#undef BYTE_TYPE

/* The sign of a zero counts, that of a NaN does not. */
static bool byte_loads(const struct byte_type *type, uint8_t code, float got)
{
    const double want = type->value(code);

    return isnan(want) ? isnan(got) : (double)got == want && !signbit(got) == !signbit(want);
}

static bool every_byte_load(const struct byte_type *type, char *detail, size_t size)
{
    uint8_t from[VF_LANES];
    float got[VF_LANES];

    for (unsigned first = 0; first < 256; first += VF_LANES) {
        for (unsigned i = 0; i < VF_LANES; i++)
            from[i] = (uint8_t)(first + i);
        vf_store(got, type->load(from));
        for (size_t i = 0; i < VF_LANES; i++)
            if (!byte_loads(type, from[i], got[i])) {
                snprintf(detail, size, "%#x is %.9g", from[i], (double)got[i]);
                return false;
            }
    }
    return true;
}

/* No code is nearer to x, past the largest number none but that; ties go to even codes. */
static bool byte_stores(const struct byte_type *type, float x, uint8_t got)
{
    const double value = type->value(got);
    const double bounded = fmax(-type->most, fmin(type->most, (double)x));
    const double error = fabs(value - bounded);

    if (isnan(x))
        return !type->keeps_nan || isnan(value);
    if (isnan(value) || fabs(value) > type->most)
        return false;
    if (type->keeps_nan && !signbit(value) != !signbit(x))
        return false;
    for (unsigned code = 0; code < 256; code++) {
        const double other = fabs(type->value((uint8_t)code) - bounded);

        if (other < error)
            return false;
        if (other == error && type->value((uint8_t)code) != value && got % 2)
            return false;
    }
    return true;
}

/* Numbers of every size, or the middle between two neighbours, or a float beside it. */
static float byte_sample(const struct byte_type *type, uint32_t i)
{
    static const float odd[] = {0.0f, -0.0f, INFINITY, -INFINITY, NAN, 1e38f, -1e-38f, 1e-44f};
    const uint8_t code = (uint8_t)(i / 3 % 256);
    const double a = type->value(code), b = type->value((uint8_t)(code ^ 1));
    const double c = type->value((uint8_t)(code + 1));
    float middle = (float)((a + (i % 2 ? b : c)) / 2);

    if (i >= 4 * 768)
        return i % 16 < 8 ? odd[i % 8] : f32_from_bits(i * 2654435761u);
    for (uint32_t step = 0; step < i % 3; step++)
        middle = nextafterf(middle, i / 768 % 2 ? INFINITY : -INFINITY);
    return middle;
}

static bool every_byte_store(const struct byte_type *type, char *detail, size_t size)
{
    enum { SAMPLES = 40000 };
    float from[VF_LANES];
    uint8_t got[VF_LANES];

    for (uint32_t first = 0; first < SAMPLES; first += VF_LANES) {
        for (uint32_t i = 0; i < VF_LANES; i++)
            from[i] = byte_sample(type, first + i);
        type->store(got, vf_load(from));
        for (size_t i = 0; i < VF_LANES; i++)
            if (!byte_stores(type, from[i], got[i])) {
                snprintf(detail, size, "%.9g became %#x", (double)from[i], got[i]);
                return false;
            }
    }
    return true;
}

static bool some_bytes_loaded(const struct byte_type *type, struct random *random, char *detail,
                              size_t size)
{
    const size_t n = random_below(random, VF_LANES + 3);
    struct guarded memory = guarded_new(n, random_once_in(random, 2));
    uint8_t *from = (uint8_t *)memory.data;
    float got[VF_LANES];
    bool right = true;

    for (size_t i = 0; i < n; i++)
        from[i] = (uint8_t)random_bits(random);
    vf_store(got, type->load_upto(from, n));
    for (size_t i = 0; i < VF_LANES && right; i++)
        right = byte_loads(type, i < n ? from[i] : 0, got[i]);
    if (!right)
        snprintf(detail, size, "%zu numbers: wrong or not followed by zeros", n);
    guarded_free(&memory);
    return right;
}

static bool some_bytes_stored(const struct byte_type *type, struct random *random, char *detail,
                              size_t size)
{
    const size_t n = random_below(random, VF_LANES + 3), count = n < VF_LANES ? n : VF_LANES;
    struct guarded memory = guarded_new(n, random_once_in(random, 2));
    uint8_t *to = (uint8_t *)memory.data;
    float lane[VF_LANES];
    bool right = true;

    type->store_upto(to, draw_vector(random, lane), n);
    for (size_t i = 0; i < count && right; i++)
        right = byte_stores(type, lane[i], to[i]);
    memset(to, 0xff, count);
    right = right && guarded_is_blank(&memory);
    if (!right)
        snprintf(detail, size, "%zu numbers: wrong, or wrote past them", n);
    guarded_free(&memory);
    return right;
}

#define BYTE_WORDS(type)                                                                           \
    static bool word_load_##type(struct random *random, char *detail, size_t size)                 \
    {                                                                                              \
        (void)random;                                                                              \
        return every_byte_load(&byte_##type, detail, size);                                        \
    }                                                                                              \
    static bool word_store_##type(struct random *random, char *detail, size_t size)                \
    {                                                                                              \
        (void)random;                                                                              \
        return every_byte_store(&byte_##type, detail, size);                                       \
    }                                                                                              \
    static bool word_load_##type##_n(struct random *random, char *detail, size_t size)             \
    {                                                                                              \
        return some_bytes_loaded(&byte_##type, random, detail, size);                              \
    }                                                                                              \
    static bool word_store_##type##_n(struct random *random, char *detail, size_t size)            \
    {                                                                                              \
        return some_bytes_stored(&byte_##type, random, detail, size);                              \
    }

BYTE_WORDS(i8)
BYTE_WORDS(f8)

static vf load_f8_finite(const void *p)
{
    uint8_t codes[VF_LANES];

    memcpy(codes, p, sizeof codes);
    for (size_t i = 0; i < VF_LANES; i++)
        codes[i] = isnan(f8_value(codes[i])) ? 0 : codes[i];

    const vf finite = vf_mul(vf_load_f8_finite(codes), vf_set1(VF_F8_LOADED));
    float lane[VF_LANES];

    vf_store(lane, finite);
    for (size_t i = 0; i < VF_LANES; i++)
        if (isnan(f8_value(((const uint8_t *)p)[i])))
            lane[i] = NAN;
    return vf_load(lane);
}

static bool word_load_f8_finite(struct random *random, char *detail, size_t size)
{
    const struct byte_type type = {.value = f8_value, .load = load_f8_finite};

    (void)random;
    return every_byte_load(&type, detail, size);
}

/* Codes of any length, with a NaN or two somewhere, or none. */
static bool word_f8_all_finite(struct random *random, char *detail, size_t size)
{
    const size_t n = random_below(random, 40);
    struct guarded memory = guarded_new(n, random_once_in(random, 2));
    uint8_t *codes = (uint8_t *)memory.data;
    bool finite = true;

    for (size_t i = 0; i < n; i++) {
        codes[i] = (uint8_t)random_bits(random);
        if ((codes[i] & 0x7f) == 0x7f && !random_once_in(random, 4))
            codes[i] = 0x7e;
        finite = finite && !isnan(f8_value(codes[i]));
    }
    if (n && random_once_in(random, 3)) {
        codes[random_below(random, n)] = random_once_in(random, 2) ? 0x7f : 0xff;
        finite = false;
    }
    const bool right = f8_all_finite(codes, n) == finite;
    if (!right)
        snprintf(detail, size, "%zu codes", n);
    guarded_free(&memory);
    return right;
}
