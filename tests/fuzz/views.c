/* SPDX-License-Identifier: MIT */
/* views.c - what else than where its views reach decides whether a call can be made. */
#include "views.h"

#include <string.h>

#include "reach.h"

/* Sizes that stand for those of a cache become these, and its keys and values are its own. */
static void take_sizes(heed_attention_args *a)
{
    heed_kv_info info;

    heed_kv_view(a->kv, &info, sizeof info);
    a->batch = info.batch;
    a->kv_heads = info.kv_heads;
    a->qk_dim = info.qk_dim;
    a->v_dim = info.v_dim;
    a->kv_rows = a->kv_rows ? a->kv_rows : info.longest;
    a->k.data = a->v.data = NULL;
    a->k.dtype = info.k_dtype;
    a->v.dtype = info.v_dtype;
}

static bool attention(union sample *s)
{
    heed_attention_args *a = &s->attention;

    /* What is known of single scores is for the check alone. */
    if (a->bias.data || a->visible.data || a->blocks.data)
        return false;
    if (a->kv)
        take_sizes(a);
    return little_work(a->batch, a->q_heads, a->q_rows, a->kv_rows);
}

static bool self_attention(union sample *s)
{
    const heed_self_attention_args *a = &s->self_attention;

    return little_work(a->batch, a->q_heads, a->rows, a->rows);
}

static bool backward(union sample *s)
{
    const heed_attention_backward_args *a = &s->backward;

    /* What is known of single scores, or becomes of it, is for the check alone. */
    if (a->bias.data || a->visible.data || a->blocks.data || a->d_bias.data)
        return false;
    return little_work(a->batch, a->q_heads, a->q_rows, a->kv_rows);
}

/* Tables are for the check alone. */
static bool rope(union sample *s)
{
    return !s->rope.cos && !s->rope.sin;
}

static const struct {
    const char *name;
    bool (*can_be_made)(union sample *);
} operations[] = {
    {"attention", attention},
    {"self_attention", self_attention},
    {"attention_backward", backward},
    {"rope", rope},
};

bool views_within_memory(const struct operation *operation, const union sample *sample)
{
    struct sample_view views[SAMPLE_VIEWS];
    union sample used = *sample;
    bool within = true;

    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (!strcmp(operations[i].name, operation->name))
            within = operations[i].can_be_made(&used);
    const size_t count = sample_views(operation, &used, views);
    for (size_t i = 0; i < count && within; i++)
        within = view_within_memory(&views[i]);
    return within;
}
