/* SPDX-License-Identifier: MIT */
/* rules.c - checks what a call says of its scores: cap, slopes, bias, hidden keys, sinks. */
#include <float.h>
#include <math.h>
#include <stdio.h>

#include "attention.h"

/* A view of scores, its element's size and how many there are along each axis. */
struct score_operand {
    const char *name;
    const heed_score_view *view;
    size_t size, count[HEED_SCORE_DIMS];
};

/* A call and the operands that it has beside its views of scores. */
struct call {
    const heed_attention_args *args;
    const struct heed_operand *operands;
    size_t count;
};

bool heed_score_addresses(const heed_score_view *v, size_t size, const size_t *count,
                          uintptr_t *begin, uintptr_t *end)
{
    const ptrdiff_t stride[] = {v->batch_stride, v->head_stride, v->row_stride, v->key_stride};
    const uintptr_t data = (uintptr_t)v->data;
    size_t before = 0, after = 1;

    for (int i = 0; i < HEED_SCORE_DIMS; i++) {
        size_t *side = stride[i] < 0 ? &before : &after;

        *side = heed_add(*side, heed_mul(count[i] - 1, heed_magnitude(stride[i])));
    }
    before = heed_mul(before, size), after = heed_mul(after, size);
    if (heed_add(before, after) > PTRDIFF_MAX || data < before || UINTPTR_MAX - data < after)
        return false;
    *begin = data - before;
    *end = data + after;
    return true;
}

static bool check_view(struct heed_check *check, const struct call *call,
                       const struct score_operand *o)
{
    uintptr_t begin, end;

    for (int i = 0; i < HEED_SCORE_DIMS; i++)
        if (!o->count[i])
            return true; /* never read */
    if ((uintptr_t)o->view->data % o->size)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s.data is not aligned to its element",
                           o->name);
    if (!heed_score_addresses(o->view, o->size, o->count, &begin, &end))
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s reaches past the address space",
                           o->name);
    for (const struct heed_operand *other = call->operands; other < call->operands + call->count;
         other++)
        if (other->written && other->begin < end && begin < other->end)
            return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s overlaps %s", other->name,
                               o->name);
    return true;
}

static bool check_bias(struct heed_check *check, const struct call *call)
{
    const heed_attention_args *a = call->args;
    const struct score_operand bias = {
        "bias", &a->bias, heed_size(a->bias.dtype), {a->batch, a->q_heads, a->q_rows, a->kv_rows}};

    if (!a->bias.data)
        return true;
    if (a->bias.dtype != HEED_F32 && !heed_is_half(a->bias.dtype))
        return heed_refuse(check, HEED_UNSUPPORTED_TYPE,
                           "bias.dtype is %d, not HEED_F32, HEED_F16 or HEED_BF16",
                           (int)a->bias.dtype);
    return check_view(check, call, &bias);
}

static bool check_visible(struct heed_check *check, const struct call *call)
{
    const heed_attention_args *a = call->args;
    const bool bits = a->visible.dtype == HEED_BITS;
    const size_t keys = bits ? heed_pieces(a->kv_rows, 8) : a->kv_rows;
    const struct score_operand visible = {
        "visible", &a->visible, 1, {a->batch, a->q_heads, a->q_rows, keys}};

    if (!a->visible.data)
        return true;
    if (!bits && a->visible.dtype != HEED_U8)
        return heed_refuse(check, HEED_UNSUPPORTED_TYPE,
                           "visible.dtype is %d, neither HEED_U8 nor HEED_BITS",
                           (int)a->visible.dtype);
    if (bits && a->visible.key_stride != 1)
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "visible.key_stride is %td, not 1 as for HEED_BITS",
                           a->visible.key_stride);
    return check_view(check, call, &visible);
}

static bool check_blocks(struct heed_check *check, const struct call *call)
{
    const heed_attention_args *a = call->args;

    if (!a->blocks.data)
        return true;
    if (a->blocks.dtype != HEED_U8)
        return heed_refuse(check, HEED_UNSUPPORTED_TYPE, "blocks.dtype is %d, not HEED_U8",
                           (int)a->blocks.dtype);
    if (!a->block_rows)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "block_rows is 0");
    if (!a->block_keys || a->block_keys % HEED_BLOCK)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "block_keys is %zu, no multiple of %d",
                           a->block_keys, HEED_BLOCK);

    const struct score_operand blocks = {"blocks",
                                         &a->blocks,
                                         1,
                                         {a->batch, a->q_heads,
                                          heed_pieces(a->q_rows, a->block_rows),
                                          heed_pieces(a->kv_rows, a->block_keys)}};
    return check_view(check, call, &blocks);
}

static bool refuse_sink(struct heed_check *check, size_t head, float sink)
{
    char name[32];

    snprintf(name, sizeof name, "sinks[%zu]", head);
    return heed_refuse_number(check, name, sink);
}

static bool check_numbers(struct heed_check *check, const heed_attention_args *a)
{
    if ((unsigned)a->scores_are > HEED_SCORES_WEIGHTS)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "scores_are is %d, no heed_scores_stage",
                           (int)a->scores_are);
    if (!heed_within(a->softcap, signbit(a->softcap) ? 0.0f : FLT_MAX))
        return heed_refuse_number(check, "softcap", a->softcap);
    for (size_t h = 0; a->sinks && h < a->q_heads; h++)
        if (!heed_within(a->sinks[h], signbit(a->sinks[h]) ? INFINITY : FLT_MAX))
            return refuse_sink(check, h, a->sinks[h]);
    return true;
}

bool heed_check_rules(struct heed_check *check, const heed_attention_args *a,
                      const struct heed_operand *operands, size_t count, struct heed_rules *rules)
{
    const struct call call = {a, operands, count};

    rules->softcap = a->softcap;
    rules->slopes = a->alibi_slopes;
    rules->bias = a->bias;
    rules->visible = a->visible;
    rules->blocks = a->blocks;
    rules->block_rows = a->block_rows;
    rules->block_keys = a->block_keys;
    rules->bias_is_mask = false;
    rules->scaled = !heed_within(a->softcap, 0.0f) || a->alibi_slopes || a->bias.data;
    return check_numbers(check, a) && check_bias(check, &call) && check_visible(check, &call) &&
           check_blocks(check, &call);
}

bool heed_has_rules(const struct heed_rules *r)
{
    return r->softcap != 0.0f || r->slopes || r->bias.data || r->visible.data || r->blocks.data;
}
