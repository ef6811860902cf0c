/* SPDX-License-Identifier: MIT */
/* backward_problem.c - one problem of the backward pass, drawn anew for each test. */
#include "backward_problem.h"

#include <string.h>

#include <criterion/criterion.h>

#include "random.h"
#include "reference.h"

float q[HEADS][ROWS][QK_DIM], k[KEYS][QK_DIM], v[KEYS][V_DIM], d_o[HEADS][ROWS][V_DIM];
float o[HEADS][ROWS][V_DIM], lse[HEADS][ROWS];
struct results got, clean;

static void fill(struct random *random, float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = random_float(random, -1.0f, 1.0f);
}

void forward(const heed_attention_backward_args *a)
{
    heed_attention_args f = reference_forward(a);

    f.o.data = o;
    f.lse.data = lse;
    cr_assert_eq(heed_attention(&f), HEED_OK);
}

heed_attention_backward_args problem(const heed_isa *isa)
{
    struct random random = {11};
    const heed_attention_backward_args a = {
        HEED_SIZED(heed_attention_backward_args),
        .batch = 1,
        .q_heads = HEADS,
        .kv_heads = 1,
        .q_rows = ROWS,
        .kv_rows = KEYS,
        .qk_dim = QK_DIM,
        .v_dim = V_DIM,
        .q.data = q,
        .k.data = k,
        .v.data = v,
        .o.data = o,
        .d_o.data = d_o,
        .lse.data = lse,
        .d_q.data = got.d_q,
        .d_k.data = got.d_k,
        .d_v.data = got.d_v,
        .mask = HEED_MASK_CAUSAL,
        .isa = isa,
    };

    fill(&random, q[0][0], sizeof q / sizeof(float));
    fill(&random, k[0], sizeof k / sizeof(float));
    fill(&random, v[0], sizeof v / sizeof(float));
    fill(&random, d_o[0][0], sizeof d_o / sizeof(float));
    forward(&a);
    return a;
}

void differentiate(const heed_attention_backward_args *a)
{
    memset(&got, 0xff, sizeof got);
    cr_assert_eq(heed_attention_backward(a), HEED_OK);
}
