/* SPDX-License-Identifier: MIT */
/* words_half.h - part of words.c: f16 and bf16, against their definition in double precision. */

/* A format of 16 bits: those of its fraction, the exponent of its denormals, and its words. */
struct half {
    int fraction, least;
    vf (*load)(const uint16_t *p);
    void (*store)(uint16_t *p, vf a);
    vf (*load_upto)(const uint16_t *p, size_t n);
    void (*store_upto)(uint16_t *p, vf a, size_t n);
};

#define HALF(type, fraction, least)                                                                \
    static const struct half half_##type = {fraction,                                              \
                                            least,                                                 \
                                            vf_load_##type,                                        \
                                            vf_store_##type,                                       \
                                            vf_load_##type##_upto,                                 \
                                            vf_store_##type##_upto}

HALF(f16, 10, -14);
HALF(bf16, 7, -126);
#undef HALF

/* The code of +infinity; those above it are NaN. */
static uint16_t half_infinity(const struct half *half)
{
    return (uint16_t)(0x7fff >> half->fraction << half->fraction);
}

/* The magnitude of a code, as if infinity and NaN were numbers like the others (IEEE 754, 3.4). */
static double half_magnitude(const struct half *half, uint16_t code)
{
    const int unit = 1 << half->fraction, exponent = (code & 0x7fff) / unit;
    const int digits = code % unit + (exponent ? unit : 0);

    return ldexp(digits, half->least - half->fraction + (exponent ? exponent - 1 : 0));
}

static bool half_loads(const struct half *half, uint16_t code, float got)
{
    const uint16_t magnitude = code & 0x7fff, infinity = half_infinity(half);

    if (!signbit(got) != !(code & 0x8000))
        return false;
    return magnitude > infinity    ? isnan(got)
           : magnitude == infinity ? isinf(got)
                                   : fabs((double)got) == half_magnitude(half, code);
}

/* The code that x becomes (4.3.1: ties to even), where it is not NaN. */
static uint16_t half_nearest(const struct half *half, float x)
{
    const double magnitude = fabs((double)x);
    const int log = ilogb(magnitude), exponent = log < half->least ? half->least : log;
    const double digits = nearbyint(ldexp(magnitude, half->fraction - exponent));
    /* The leading digit adds 1 to the exponent field, as a carry does. */
    const double code = ldexp(exponent - half->least, half->fraction) + digits;
    const double most = (double)half_infinity(half);

    return (uint16_t)((signbit(x) ? 0x8000 : 0) | (uint16_t)(code < most ? code : most));
}

static bool half_stores(const struct half *half, float x, uint16_t got)
{
    const uint16_t infinity = half_infinity(half), quiet = 1 << (half->fraction - 1);

    if (!isnan(x))
        return got == (isinf(x) ? infinity | (signbit(x) ? 0x8000 : 0) : half_nearest(half, x));
    return (got & 0x7fff) > infinity && got & quiet && !signbit(x) == !(got & 0x8000);
}

static bool every_load(const struct half *half, char *detail, size_t size)
{
    uint16_t from[VF_LANES];
    float got[VF_LANES];

    for (uint32_t first = 0; first < 0x10000; first += VF_LANES) {
        for (size_t i = 0; i < VF_LANES; i++)
            from[i] = (uint16_t)(first + i);
        vf_store(got, half->load(from));
        for (size_t i = 0; i < VF_LANES; i++)
            if (!half_loads(half, from[i], got[i])) {
                snprintf(detail, size, "%#x is %.9g", from[i], (double)got[i]);
                return false;
            }
    }
    return true;
}

/* The bits of a float to store, one of many. */
typedef uint32_t half_sample(const struct half *half, uint32_t i);

enum { ALL_STEP = 4099, ALL = (int)(0xffffffff / ALL_STEP), BORDERS = 6 * 0x7f80, NANS = 2 * 24 };

/* Through all floats in steps with every ending. */
static uint32_t sample_of_all(const struct half *half, uint32_t i)
{
    (void)half;
    return ALL_STEP * i;
}

/* Halfway between neighbours, and the floats on both sides: overflow, denormals and zero too. */
static uint32_t sample_border(const struct half *half, uint32_t i)
{
    const uint16_t code = (uint16_t)(i / 6 % half_infinity(half));
    const double halfway = (half_magnitude(half, code) + half_magnitude(half, code + 1)) / 2;

    return (bits_from_f32((float)halfway) + i % 3 - 1) | (i / 3 % 2) << 31;
}

/* NaN of both signs with one bit of payload, or every one. */
static uint32_t sample_nan(const struct half *half, uint32_t i)
{
    const uint32_t bit = i / 2 % 24;

    (void)half;
    return 0x7f800000 | (bit < 23 ? 1u << bit : 0x7fffff) | i % 2 << 31;
}

static bool every_store_of(half_sample *sample, uint32_t count, const struct half *half,
                           char *detail, size_t size)
{
    uint32_t bits[VF_LANES];
    float from[VF_LANES];
    uint16_t got[VF_LANES];

    for (uint32_t first = 0; first < count; first += VF_LANES) {
        for (uint32_t i = 0; i < VF_LANES; i++)
            bits[i] = sample(half, first + i);
        memcpy(from, bits, sizeof from);
        half->store(got, vf_load(from));
        for (size_t i = 0; i < VF_LANES; i++)
            if (!half_stores(half, from[i], got[i])) {
                snprintf(detail, size, "%.9g (%#x) became %#x", (double)from[i], bits[i], got[i]);
                return false;
            }
    }
    return true;
}

static bool every_store(const struct half *half, char *detail, size_t size)
{
    return every_store_of(sample_of_all, ALL, half, detail, size) &&
           every_store_of(sample_border, BORDERS, half, detail, size) &&
           every_store_of(sample_nan, NANS, half, detail, size);
}
