/* SPDX-License-Identifier: MIT */
/* use.h - calls as a program would write them: macros and types are used, not only parsed. */

static heed_status attend(const float *x, float *o);
static heed_status attend_again(const float *x, float *o);

/* In every language and version of it. */
static heed_status attend(const float *x, float *o)
{
    heed_attention_args a = HEED_INIT(heed_attention_args);

    a.batch = a.q_heads = a.kv_heads = a.q_rows = a.kv_rows = a.qk_dim = a.v_dim = 1;
    a.q.data = a.k.data = a.v.data = x;
    a.o.data = o;
    return heed_attention(&a);
}

#if defined(__cplusplus) && __cplusplus < 202002L
/* Before there were designators members are assigned here too. */
static heed_status attend_again(const float *x, float *o)
{
    heed_linear_args a = HEED_INIT(heed_linear_args);

    a.batch = a.rows = a.in_dim = a.out_dim = 1;
    a.x.data = a.w.data = x;
    a.y.data = o;
    return heed_linear(&a);
}
#else
#if defined(__cplusplus) && defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wmissing-field-initializers" /* heed.h says so */
#endif

static heed_status attend_again(const float *x, float *o)
{
    const heed_linear_args none = {HEED_SIZED(heed_linear_args)};
    const heed_linear_args a = {HEED_SIZED(heed_linear_args),
                                .batch = 1,
                                .rows = 1,
                                .in_dim = 1,
                                .out_dim = 1,
                                .x = {.data = x},
                                .w = {.data = x},
                                .y = {.data = o}};

    return none.struct_size == a.struct_size ? heed_linear(&a) : HEED_INVALID_ARGUMENT;
}
#endif

int main(void)
{
    const float x = 1.0f;
    float o = 0.0f;

    return attend(&x, &o) == HEED_OK && attend_again(&x, &o) == HEED_OK ? 0 : 1;
}
