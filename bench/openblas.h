/* SPDX-License-Identifier: MIT */
/* openblas.h - attention by BLAS calls, as a peer. */
#ifndef HEED_BENCH_OPENBLAS_H
#define HEED_BENCH_OPENBLAS_H

#include <heed/heed.h>

struct openblas_call {
    const heed_attention_args *args; /* f32, packed tensors */
    float *scores;                   /* [q_rows][kv_rows] of one head */
};

/* Takes a struct openblas_call; a void pointer so that it can be handed to what times it. */
void openblas_attend(void *call);

#endif
