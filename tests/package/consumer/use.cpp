/* SPDX-License-Identifier: MIT */
/* use.cpp - heed from C++: with a single key the output is its value. */
#include <algorithm>

#include <heed/heed.h>

int main()
{
    const float q[4] = {1, 2, 3, 4}, k[4] = {4, 3, 2, 1}, v[4] = {5, 6, 7, 8};
    float o[4] = {};
    heed_attention_args args = HEED_INIT(heed_attention_args);

    args.batch = args.q_heads = args.kv_heads = args.q_rows = args.kv_rows = 1;
    args.qk_dim = args.v_dim = 4;
    args.q.data = q;
    args.k.data = k;
    args.v.data = v;
    args.o.data = o;
    const bool right = heed_attention(&args) == HEED_OK && std::equal(o, o + 4, v);
    return right && heed_version() == HEED_VERSION ? 0 : 1;
}
