/* SPDX-License-Identifier: MIT */
/* use_pool.c - both libraries: equal keys weigh equally, so the output is the mean value. */
#include <heed/heed.h>
#include <heed/pool.h>

int main(void)
{
    const float q[2] = {1, 2}, k[2] = {3, 3}, v[2] = {4, 8};
    float o[2] = {0};
    heed_pool *pool = heed_pool_create(2);
    const heed_attention_args args = {
        HEED_SIZED(heed_attention_args),
        .batch = 1,
        .q_heads = 1,
        .kv_heads = 1,
        .q_rows = 2,
        .kv_rows = 2,
        .qk_dim = 1,
        .v_dim = 1,
        .q.data = q,
        .k.data = k,
        .v.data = v,
        .o.data = o,
        .parallel = heed_pool_parallel(pool),
    };
    const heed_status status = heed_attention(&args);

    heed_pool_destroy(pool);
    return pool && status == HEED_OK && o[0] == 6 && o[1] == 6 ? 0 : 1;
}
