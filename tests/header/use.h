/* SPDX-License-Identifier: MIT */
/* use.h - a call as a program would write it: macros and types are used, not only parsed. */

static heed_status attend(const float *x, float *o);

static heed_status attend(const float *x, float *o)
{
#ifdef __cplusplus
    heed_attention_args a = {};
    a.struct_size = sizeof a;
#else
    heed_attention_args a = {HEED_SIZED(heed_attention_args), .batch = 1};
#endif
    a.q_heads = a.kv_heads = a.q_rows = a.kv_rows = a.qk_dim = a.v_dim = 1;
    a.q.data = a.k.data = a.v.data = x;
    a.o.data = o;
    return heed_attention(&a);
}

int main(void)
{
    const float x = 1.0f;
    float o = 0.0f;

    return attend(&x, &o) == HEED_OK ? 0 : 1;
}
