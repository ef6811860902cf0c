/* SPDX-License-Identifier: MIT */
/* test_types.c - "Dream big and work for it" with queries, keys and values of every type. */
#include <string.h>

#include "expect.h"
#include "half.h"

/* One matrix of the sentence in a type, and by how much each of its numbers may have moved. */
struct typed {
    float scales[TOKENS];
    unsigned char numbers[TOKENS * DIM * sizeof(float)];
    double moved[TOKENS * DIM];
};

static bool has_scales(heed_dtype type)
{
    return type == HEED_I8 || type == HEED_F8;
}

static void quantize(const heed_isa *isa, heed_dtype type, const float *x, struct typed *to)
{
    const heed_quantize_args a = {HEED_SIZED(heed_quantize_args),
                                  .batch = 1,
                                  .heads = 1,
                                  .rows = TOKENS,
                                  .dim = DIM,
                                  .x = {.data = x},
                                  .y = {.data = to->numbers, .dtype = type},
                                  .scales = {.data = to->scales},
                                  .isa = isa};

    cr_assert_eq(heed_quantize(&a), HEED_OK);
}

/*
 * Of a rounding: half a unit, which is the roundoff of the type relative to the number, or
 * absolute what is smallest.  With a scale both are of x / scale, and x itself moves by the
 * roundings of the scale and of that quotient, 2 u of it.
 */
static struct typed typed(const heed_isa *isa, heed_dtype type)
{
    struct typed to = {{0}, {0}, {0}};
    float x[TOKENS * DIM];

    for (size_t i = 0; i < TOKENS * DIM; i++) {
        x[i] = (float)embeddings[i];
        if (!has_scales(type))
            dtype_write(type, to.numbers + i * dtype_size(type), (double)x[i]);
    }
    if (has_scales(type))
        quantize(isa, type, x, &to);
    for (size_t i = 0; i < TOKENS * DIM; i++) {
        const double scale = has_scales(type) ? (double)to.scales[i / DIM] : 1;
        const double size = fabs((double)x[i]);

        to.moved[i] = dtype_roundoff(type) * size + dtype_smallest(type) * scale + 0x1p-23 * size;
    }
    return to;
}

/*
 * If each score is off by at most e, the factor of a weight is within exp(+-2e); so a mean
 * of values is off by (exp(2e) - 1) of the largest, and by as much as they are themselves.
 */
static double bound(const struct typed *q, const struct typed *k, const struct typed *v)
{
    double most_score = 0, most_value = 0, most_moved = 0;

    for (size_t r = 0; r < TOKENS; r++)
        for (size_t j = 0; j < TOKENS; j++) {
            double e = 0;

            for (size_t d = 0; d < DIM; d++) {
                const size_t x = r * DIM + d, y = j * DIM + d;

                e += fabs(embeddings[x]) * k->moved[y] + fabs(embeddings[y]) * q->moved[x] +
                     q->moved[x] * k->moved[y];
            }
            most_score = fmax(most_score, e);
        }
    for (size_t i = 0; i < TOKENS * DIM; i++) {
        most_value = fmax(most_value, fabs(embeddings[i]) + v->moved[i]);
        most_moved = fmax(most_moved, v->moved[i]);
    }
    return expm1(2 * most_score) * most_value + most_moved + exact_tolerance;
}

static void expect_context(const heed_isa *isa, heed_dtype q_type, heed_dtype type)
{
    const struct typed q = typed(isa, q_type), k = typed(isa, type), v = typed(isa, type);
    const void *scales = has_scales(type) ? k.scales : NULL;
    const double most = bound(&q, &k, &v);
    float o[TOKENS * DIM];
    const heed_attention_args a = {HEED_SIZED(heed_attention_args),
                                   .batch = 1,
                                   .q_heads = 1,
                                   .kv_heads = 1,
                                   .q_rows = TOKENS,
                                   .kv_rows = TOKENS,
                                   .qk_dim = DIM,
                                   .v_dim = DIM,
                                   .q = {.data = q.numbers, .dtype = q_type},
                                   .k = {.data = k.numbers, .dtype = type},
                                   .v = {.data = v.numbers, .dtype = type},
                                   .o = {.data = o},
                                   .scale = 1.0f,
                                   .isa = isa,
                                   .k_scales = {.data = scales},
                                   .v_scales = {.data = scales}};

    cr_assert_eq(heed_attention(&a), HEED_OK);
    for (size_t i = 0; i < TOKENS * DIM; i++)
        cr_expect(fabs((double)o[i] - exact_context[i]) <= most,
                  "type %d on %s: %zu is %g, not %g within %g", (int)type, heed_isa_name(isa), i,
                  (double)o[i], exact_context[i], most);
}

ISA_TEST(example, every_type)
{
    static const heed_dtype types[] = {HEED_F32, HEED_F16, HEED_BF16, HEED_I8, HEED_F8};

    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        expect_context(isa, HEED_F32, types[t]);
        if (!has_scales(types[t]))
            expect_context(isa, types[t], types[t]);
    }
}
