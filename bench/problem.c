/* SPDX-License-Identifier: MIT */
/* problem.c - memory for a workload.  K and V are one stretch, to be compared with a plain read. */
#include "problem.h"

#include "buffers.h"
#include "half.h"
#include "masks.h"

/* With as much room behind it, for a shorter form. */
static float *new_queries(const struct workload *w, size_t count)
{
    const float factor = w->query_factor != 0 ? w->query_factor : 1;
    const float *numbers = normal_numbers(count);
    float *q = buffer_new(2 * count);

    for (size_t i = 0; i < count; i++)
        q[i] = factor * numbers[i];
    return q;
}

/* Rounds the numbers of K and V to a 16-bit type and keeps them in both forms. */
static void store_as(struct problem *p, heed_dtype type)
{
    float *rounded = buffer_new(2 * p->kv_count);
    uint16_t *stored = (uint16_t *)(void *)(rounded + p->kv_count);

    for (size_t i = 0; i < p->kv_count; i++) {
        dtype_write(type, stored + i, (double)p->k_then_v[i]);
        rounded[i] = (float)dtype_read(type, stored + i);
    }
    p->k_then_v = p->rounded = rounded;
    p->stored = stored;
    p->args.k = (heed_input){.data = stored, .dtype = type};
    p->args.v = (heed_input){.data = stored + p->kv_count / 2, .dtype = type};
}

/* Rows of numbers times their scale; the rounding of that product is one of those that a check
 * allows. */
static void widen(struct problem *p, heed_dtype type, const uint8_t *codes, const float *scales)
{
    for (size_t i = 0; i < p->kv_count; i++)
        p->rounded[i] = (float)dtype_read(type, codes + i) * scales[i / p->args.qk_dim];
}

/* The same for the 8-bit types, with a scale for each row behind the numbers. */
static void quantize_as(struct problem *p, heed_dtype type)
{
    const size_t dim = p->args.qk_dim, rows = p->kv_count / dim;
    float *const rounded = buffer_new(2 * p->kv_count + rows);
    uint8_t *const codes = (uint8_t *)(rounded + p->kv_count);
    float *const scales = rounded + 2 * p->kv_count;
    const heed_quantize_args a = {HEED_SIZED(heed_quantize_args),
                                  .batch = 1,
                                  .heads = 1,
                                  .rows = rows,
                                  .dim = dim,
                                  .x = {.data = p->k_then_v},
                                  .y = {.data = codes, .dtype = type},
                                  .scales = {.data = scales}};

    (void)heed_quantize(&a); /* of arguments that are right */
    p->rounded = rounded;
    widen(p, type, codes, scales);
    p->k_then_v = rounded;
    p->stored = codes;
    p->args.k = (heed_input){.data = codes, .dtype = type};
    p->args.v = (heed_input){.data = codes + p->kv_count / 2, .dtype = type};
    p->args.k_scales.data = scales;
    p->args.v_scales.data = scales + rows / 2;
}

void problem_open(struct problem *p, const struct workload *w, heed_dtype type)
{
    const size_t q_count = w->batch * w->q_heads * w->q_rows * w->dim;
    const size_t k_count = w->batch * w->kv_heads * w->kv_rows * w->dim;
    /* Queries, keys, values and masks are stretches of one sequence: independent. */
    const float *k = normal_numbers(workload_numbers(w)) + q_count;

    *p = (struct problem){.q_count = q_count,
                          .q = new_queries(w, q_count),
                          .type = type,
                          .k_then_v = k,
                          .kv_count = 2 * k_count};
    p->args = (heed_attention_args){
        HEED_SIZED(heed_attention_args),
        .batch = w->batch,
        .q_heads = w->q_heads,
        .kv_heads = w->kv_heads,
        .q_rows = w->q_rows,
        .kv_rows = w->kv_rows,
        .qk_dim = w->dim,
        .v_dim = w->dim,
        .q = {.data = p->q},
        .k = {.data = k},
        .v = {.data = k + k_count},
        .o = {.data = buffer_new(q_count)},
    };
    p->mask = masks_open(&p->args, w, k + 2 * k_count);
    p->stored = k;
    if (type == HEED_I8 || type == HEED_F8)
        quantize_as(p, type);
    else if (type != HEED_F32)
        store_as(p, type);
}

void problem_round_queries(struct problem *p, heed_dtype type)
{
    uint16_t *stored = (uint16_t *)(void *)(p->q + p->q_count);

    for (size_t i = 0; i < p->q_count; i++) {
        dtype_write(type, stored + i, (double)p->q[i]);
        p->q[i] = (float)dtype_read(type, stored + i);
    }
    p->q_type = type;
    p->args.q = (heed_input){.data = stored, .dtype = type};
}

bool problem_on_unit(const struct problem *p, const heed_isa *isa)
{
    return p->type == HEED_BF16 && p->q_type == HEED_BF16 && heed_isa_bf16(isa);
}

static float *new_bytes(size_t bytes)
{
    return buffer_new((bytes + sizeof(float) - 1) / sizeof(float));
}

static heed_status pack_keys(heed_attention_args *a)
{
    heed_pack_k_args pack = {HEED_SIZED(heed_pack_k_args),
                             .batch = a->batch,
                             .kv_heads = a->kv_heads,
                             .qk_dim = a->qk_dim,
                             .capacity = a->kv_rows,
                             .rows = a->kv_rows,
                             .k = a->k,
                             .isa = a->isa,
                             .packed_dtype = a->k.dtype};
    heed_status status = heed_pack_k_size(&pack, &pack.packed_size);

    if (status != HEED_OK)
        return status;
    pack.packed = new_bytes(pack.packed_size);
    status = heed_pack_k(&pack);
    a->packed_k = pack.packed;
    a->packed_k_size = pack.packed_size;
    a->k = (heed_input){.data = NULL};
    return status;
}

heed_status problem_use(struct problem *p, const heed_isa *isa, heed_parallel parallel, bool packed)
{
    heed_attention_args *a = &p->args;
    size_t bytes = 0;

    a->isa = isa;
    a->parallel = parallel;
    heed_status status = packed ? pack_keys(a) : HEED_OK;

    if (status == HEED_OK)
        status = heed_attention_workspace(a, &bytes);
    if (status == HEED_OK && bytes > 0) {
        a->workspace = new_bytes(bytes);
        a->workspace_size = bytes;
    }
    return status;
}

void problem_leave(struct problem *p)
{
    buffer_free(p->args.workspace);
    buffer_free((float *)p->args.packed_k);
    p->args.workspace = NULL;
    p->args.packed_k = NULL;
}

void problem_close(struct problem *p)
{
    problem_leave(p);
    buffer_free(p->q);
    buffer_free(p->args.o.data);
    buffer_free(p->rounded);
    buffer_free(p->mask);
}
