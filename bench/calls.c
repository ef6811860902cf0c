/* SPDX-License-Identifier: MIT */
/* calls.c - tensors, and arguments that stand on them, for each operation. */
#include "calls.h"

#include "buffers.h"

/* Rows of a KV cache, which begins anew when it is full. */
enum { CAPACITY = 256 };

static size_t output_count(const struct workload *w)
{
    return w->batch * w->q_heads * w->q_rows * w->dim;
}

/* The gradient of its result is the queries again: independent of keys and values. */
static void open_backward(struct call *c)
{
    heed_attention_args *a = &c->problem.args;
    const size_t o = output_count(&c->spec->shape), kv = c->problem.kv_count;

    c->gradients = buffer_new(o + kv + o / a->v_dim);
    a->lse.data = c->gradients + o + kv;
    c->backward = (heed_attention_backward_args){HEED_SIZED(heed_attention_backward_args),
                                                 .batch = a->batch,
                                                 .q_heads = a->q_heads,
                                                 .kv_heads = a->kv_heads,
                                                 .q_rows = a->q_rows,
                                                 .kv_rows = a->kv_rows,
                                                 .qk_dim = a->qk_dim,
                                                 .v_dim = a->v_dim,
                                                 .q = a->q,
                                                 .k = a->k,
                                                 .v = a->v,
                                                 .o = {.data = a->o.data},
                                                 .d_o = a->q,
                                                 .lse = {.data = a->lse.data},
                                                 .d_q = {.data = c->gradients},
                                                 .d_k = {.data = c->gradients + o},
                                                 .d_v = {.data = c->gradients + o + kv / 2},
                                                 .mask = a->mask,
                                                 .window_left = a->window_left,
                                                 .bias = a->bias,
                                                 .visible = a->visible};
}

static void open_primitive(struct call *c)
{
    const size_t length = c->spec->length, left = PRODUCT_ROWS * length + ELEMENTS;
    const float *numbers = normal_numbers(left + PRODUCT_DIM * length);

    c->on = (struct operands){
        .length = length, .left = numbers, .right = numbers + left, .result = buffer_new(left)};
}

void call_open(struct call *c, const struct call_spec *spec)
{
    *c = (struct call){.spec = spec};
    if (spec->operation == PRIMITIVE) {
        open_primitive(c);
        return;
    }
    problem_open(&c->problem, &spec->shape, spec->type);
    if (spec->q_type != HEED_F32)
        problem_round_queries(&c->problem, spec->q_type);
    if (spec->operation == BACKWARD)
        open_backward(c);
}

static heed_status use_backward(struct call *c, const heed_isa *isa)
{
    heed_status status = problem_use(&c->problem, isa, (heed_parallel){.workers = 0}, false);
    size_t bytes = 0;

    if (status == HEED_OK)
        status = heed_attention(&c->problem.args);
    buffer_free(c->problem.args.workspace);
    c->problem.args.workspace = NULL;
    c->backward.isa = isa;
    if (status == HEED_OK)
        status = heed_attention_backward_workspace(&c->backward, &bytes);
    if (status == HEED_OK && bytes > 0) {
        c->problem.args.workspace = buffer_new((bytes + sizeof(float) - 1) / sizeof(float));
        c->backward.workspace = c->problem.args.workspace;
        c->backward.workspace_size = bytes;
    }
    return status;
}

static heed_status use_pack(struct call *c, const heed_isa *isa)
{
    const heed_attention_args *a = &c->problem.args;

    c->pack = (heed_pack_k_args){HEED_SIZED(heed_pack_k_args),
                                 .batch = a->batch,
                                 .kv_heads = a->kv_heads,
                                 .qk_dim = a->qk_dim,
                                 .capacity = a->kv_rows,
                                 .rows = a->kv_rows,
                                 .k = a->k,
                                 .isa = isa,
                                 .packed_dtype = a->k.dtype};
    const heed_status status = heed_pack_k_size(&c->pack, &c->pack.packed_size);

    if (status == HEED_OK)
        c->pack.packed = buffer_new((c->pack.packed_size + sizeof(float) - 1) / sizeof(float));
    return status;
}

static heed_status use_append(struct call *c, const heed_isa *isa)
{
    const struct workload *w = &c->spec->shape;
    heed_kv_create_args create = {HEED_SIZED(heed_kv_create_args),
                                  .batch = 1,
                                  .kv_heads = w->kv_heads,
                                  .qk_dim = w->dim,
                                  .v_dim = w->dim,
                                  .capacity = CAPACITY,
                                  .k_dtype = c->spec->type,
                                  .v_dtype = c->spec->type,
                                  .isa = isa};

    /* Rows come as f32, whatever the type of the cache. */
    c->append = (heed_kv_append_args){HEED_SIZED(heed_kv_append_args), .batch = 1,
                                      .rows = w->kv_rows, .k = {.data = c->problem.k_then_v},
                                      .v = {.data = c->problem.k_then_v + c->problem.kv_count / 2}};
    const heed_status status = heed_kv_bytes(&create, &create.memory_size);
    if (status != HEED_OK)
        return status;
    create.memory = c->image = buffer_new(create.memory_size / sizeof *c->image);
    return heed_kv_create(&create, &c->kv);
}

heed_status call_use(struct call *c, const heed_isa *isa)
{
    switch (c->spec->operation) {
    case ATTENTION:
        return problem_use(&c->problem, isa, (heed_parallel){.workers = 0}, c->spec->packed);
    case BACKWARD:
        return use_backward(c, isa);
    case PACK_K:
        return use_pack(c, isa);
    case KV_APPEND:
        return use_append(c, isa);
    case PRIMITIVE:
        break;
    }
    c->on.isa = isa;
    return HEED_OK;
}

static heed_status run_append(struct call *c)
{
    if (heed_kv_length(&c->kv, 0) + c->append.rows > CAPACITY)
        (void)heed_kv_truncate(&c->kv, 0, 0);
    c->append.kv = &c->kv;
    return heed_kv_append(&c->append);
}

heed_status call_run(struct call *c)
{
    switch (c->spec->operation) {
    case ATTENTION:
        return heed_attention(&c->problem.args);
    case BACKWARD:
        return heed_attention_backward(&c->backward);
    case PACK_K:
        return heed_pack_k(&c->pack);
    case KV_APPEND:
        return run_append(c);
    case PRIMITIVE:
        break;
    }
    return c->spec->primitive->run(&c->on);
}

void call_leave(struct call *c)
{
    problem_leave(&c->problem);
    buffer_free(c->pack.packed);
    c->pack.packed = NULL;
    buffer_free(c->image);
    c->image = NULL;
}

void call_close(struct call *c)
{
    problem_close(&c->problem);
    buffer_free(c->gradients);
    buffer_free(c->on.result);
}
