/* SPDX-License-Identifier: MIT */
/* half.c - IEEE 754-2019 section 3.4, with the widths of each type; f8 as OCP has it; i8. */
#include "half.h"

#include <math.h>
#include <string.h>

#define MOST_I8 127.0
#define MOST_F8 448.0

struct format {
    int fraction, bias; /* bits behind the point; of the exponent */
};

static const struct format f16 = {10, 15}, bf16 = {7, 127}, f8 = {3, 7};

static const struct format *format_of(heed_dtype type)
{
    return type == HEED_F16 ? &f16 : type == HEED_BF16 ? &bf16 : &f8;
}

size_t dtype_size(heed_dtype type)
{
    if (type == HEED_I8 || type == HEED_F8)
        return 1;
    return type == HEED_F32 ? sizeof(float) : sizeof(uint16_t);
}

double dtype_roundoff(heed_dtype type)
{
    if (type == HEED_I8)
        return 0;
    return type == HEED_F32 ? 0x1p-24 : ldexp(1, -format_of(type)->fraction - 1);
}

double dtype_smallest(heed_dtype type)
{
    if (type == HEED_I8)
        return 0.5;
    return type == HEED_F32 ? 0x1p-149
                            : ldexp(1, 1 - format_of(type)->bias - format_of(type)->fraction);
}

static double half_value(const struct format *f, uint16_t bits)
{
    const int fraction = bits & ((1 << f->fraction) - 1);
    const int exponent = bits >> f->fraction & ((1 << (15 - f->fraction)) - 1);
    const double sign = bits >> 15 ? -1 : 1;

    if (exponent == (1 << (15 - f->fraction)) - 1)
        return fraction ? NAN : sign * INFINITY;
    if (!exponent)
        return sign * ldexp(fraction, 1 - f->bias - f->fraction);
    return sign * ldexp(fraction + (1 << f->fraction), exponent - f->bias - f->fraction);
}

/* Of a number within the type's range. */
static uint16_t half_nearest(const struct format *f, double x)
{
    const unsigned sign = signbit(x) ? 0x8000u : 0, top = 0x7fffu & ~((1u << f->fraction) - 1);
    int exponent;

    if (isnan(x))
        return (uint16_t)(sign | top | 1);
    if (isinf(x))
        return (uint16_t)(sign | top);
    frexp(x, &exponent); /* |x| in [2^(exponent-1), 2^exponent) */
    exponent = exponent - 1 < 1 - f->bias ? 1 - f->bias : exponent - 1;
    const double scaled = rint(ldexp(fabs(x), f->fraction - exponent));
    /* A fraction that rounds up to the next power of two carries into the exponent. */
    const unsigned implicit = scaled >= ldexp(1, f->fraction) ? 1u << f->fraction : 0;
    const unsigned biased = implicit ? (unsigned)(exponent + f->bias) : 0;

    return (uint16_t)(sign | ((biased << f->fraction) + (unsigned)scaled - implicit));
}

static double bounded_by(double most, double x)
{
    return fmax(-most, fmin(most, x));
}

/* The sign of f8 moves to where that of 16 bits is; the exponent of its one NaN is a number's. */
static double f8_value(uint8_t code)
{
    return (code & 0x7f) == 0x7f ? NAN
                                 : half_value(&f8, (uint16_t)((code & 0x80) << 8 | (code & 0x7f)));
}

static uint8_t f8_nearest(double x)
{
    const uint16_t bits = isnan(x) ? 0x7f : half_nearest(&f8, bounded_by(MOST_F8, x));

    return (uint8_t)((bits >> 8 & 0x80) | (bits & 0x7f));
}

double dtype_read(heed_dtype type, const void *from)
{
    uint16_t bits;
    float x;

    if (type == HEED_F32) {
        memcpy(&x, from, sizeof x);
        return (double)x;
    }
    if (type == HEED_I8)
        return *(const int8_t *)from;
    if (type == HEED_F8)
        return f8_value(*(const uint8_t *)from);
    memcpy(&bits, from, sizeof bits);
    return half_value(format_of(type), bits);
}

void dtype_write(heed_dtype type, void *to, double x)
{
    const float single = (float)x;

    if (type == HEED_F32) {
        memcpy(to, &single, sizeof single);
        return;
    }
    if (type == HEED_I8) {
        *(int8_t *)to = (int8_t)rint(bounded_by(MOST_I8, x));
        return;
    }
    if (type == HEED_F8) {
        *(uint8_t *)to = f8_nearest(x);
        return;
    }
    const uint16_t bits = half_nearest(format_of(type), x);
    memcpy(to, &bits, sizeof bits);
}
