/* SPDX-License-Identifier: MIT */
/* parts_problem.c - attention of any types that a matrix unit may multiply, and without one. */
#include "parts_problem.h"

#include <string.h>

#include <criterion/criterion.h>

#include "half.h"
#include "random.h"

const heed_dtype parts_types[5] = {HEED_F32, HEED_F16, HEED_BF16, HEED_I8, HEED_F8};

float parts_q[PARTS_OUTPUT], parts_k[PARTS_INPUT], parts_v[PARTS_INPUT];
float parts_k_scales[PARTS_KEYS], parts_v_scales[PARTS_KEYS];
float parts_o[PARTS_OUTPUT], parts_other[PARTS_OUTPUT];

static bool is_byte(heed_dtype type)
{
    return type == HEED_I8 || type == HEED_F8;
}

/* Numbers of up to `spread`; of 8 bits as many as they have, which scales make less again. */
static void draw(struct random *random, heed_dtype type, float *numbers, size_t n, float spread)
{
    const float most = type == HEED_I8 ? 127.0f : spread;

    for (size_t i = 0; i < n; i++)
        dtype_write(type, (char *)numbers + i * dtype_size(type),
                    (double)random_float(random, -most, most));
}

heed_attention_args parts_problem(const heed_isa *isa, heed_dtype q_type, heed_dtype kv_type,
                                  float spread)
{
    const float most = kv_type == HEED_I8 ? 127.0f : 1.0f;
    struct random random = {(uint64_t)q_type * 8 + kv_type};
    heed_attention_args a = {HEED_SIZED(heed_attention_args),
                             .batch = 1,
                             .q_heads = 1,
                             .kv_heads = 1,
                             .q_rows = PARTS_ROWS,
                             .kv_rows = PARTS_KEYS,
                             .qk_dim = PARTS_DIM,
                             .v_dim = PARTS_DIM,
                             .q = {.data = parts_q, .dtype = q_type},
                             .k = {.data = parts_k, .dtype = kv_type},
                             .v = {.data = parts_v, .dtype = kv_type},
                             .o = {.data = parts_o},
                             .isa = isa,
                             .precision = HEED_PRECISION_SPLIT};

    draw(&random, q_type, parts_q, PARTS_OUTPUT, spread);
    draw(&random, kv_type, parts_k, PARTS_INPUT, 1.0f);
    draw(&random, kv_type, parts_v, PARTS_INPUT, 1.0f);
    for (size_t j = 0; j < PARTS_KEYS; j++) {
        parts_k_scales[j] = random_float(&random, 0.5f, 1.0f) / most;
        parts_v_scales[j] = random_float(&random, 0.5f, 1.0f) / most;
    }
    if (is_byte(kv_type))
        a.k_scales.data = parts_k_scales, a.v_scales.data = parts_v_scales;
    return a;
}

bool parts_taken(const heed_attention_args *a)
{
    return heed_isa_unit(a->isa, a->q.dtype, a->k.dtype, a->v.dtype, a->precision, NULL);
}

/* The instruction set that has the same FMAs; or any. */
static const heed_isa *plain_form(const heed_isa *isa)
{
    static const char *const of[][2] = {{"amx", "avx512"},
                                        {"avx512bf16", "avx512"},
                                        {"neonbf16", "neon"},
                                        {"sve256bf16", "sve256"},
                                        {"sve512bf16", "sve512"}};

    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        if (!strcmp(heed_isa_name(isa), of[i][0]))
            return heed_isa_find(of[i][1]);
    return heed_isa_find("scalar");
}

void parts_attend_plainly(heed_attention_args a)
{
    a.isa = plain_form(a.isa);
    a.o.data = parts_other;
    cr_assert_eq(heed_attention(&a), HEED_OK);
}
