/* SPDX-License-Identifier: MIT */
/* calls.h - one call of an operation, ready to be made again and again. */
#ifndef HEED_BENCH_CALLS_H
#define HEED_BENCH_CALLS_H

#include "primitives.h"
#include "problem.h"

enum operation { ATTENTION, BACKWARD, PACK_K, KV_APPEND, PRIMITIVE };

struct call_spec {
    const char *name;
    enum operation operation;
    struct workload shape;   /* of all but primitives; of an append: heads, rows of it and dims */
    heed_dtype type, q_type; /* of K and V, and of queries */
    bool packed;
    const struct primitive *primitive;
    size_t length; /* of its rows */
};

struct call {
    const struct call_spec *spec;
    struct problem problem;
    heed_attention_backward_args backward;
    float *gradients;
    heed_pack_k_args pack;
    heed_kv kv;
    float *image; /* of it; NULL: none */
    heed_kv_append_args append;
    struct operands on;
};

/* Makes its tensors. */
void call_open(struct call *call, const struct call_spec *spec);
/* Gives it to one instruction set.  A copy from before may be given to another, or to another
 * library: they share the tensors. */
heed_status call_use(struct call *call, const heed_isa *isa);
heed_status call_run(struct call *call);
/* What call_use() took; then, of one of those that share them, the tensors. */
void call_leave(struct call *call);
void call_close(struct call *call);

#endif
