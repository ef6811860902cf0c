/* SPDX-License-Identifier: MIT */
/* views_pointers.c - pointers that a check or a call must be able to trust. */
#include "views.h"

#include <string.h>

/* The check reads these, or a call writes them. */
static void drop_backward_arrays(heed_attention_backward_args *a)
{
    a->workspace = NULL;
    a->kv_lengths = NULL;
    a->q_positions = NULL;
    a->alibi_slopes = a->sinks = NULL;
    a->q_offsets = a->kv_offsets = NULL;
    a->d_sinks = NULL;
}

/* An empty cache of the sizes of the samples. */
static const heed_kv *cache(void)
{
    static _Alignas(64) unsigned char memory[1 << 16];
    static heed_kv kv;
    const heed_kv_create_args args = {HEED_SIZED(heed_kv_create_args),
                                      .batch = 2,
                                      .kv_heads = 2,
                                      .qk_dim = 9,
                                      .v_dim = 11,
                                      .capacity = 70,
                                      .memory = memory,
                                      .memory_size = sizeof memory};

    if (!kv.memory)
        (void)heed_kv_create(&args, &kv);
    return &kv;
}

/* The check reads these. */
static void drop_arrays(heed_attention_args *a)
{
    a->workspace = NULL;
    a->packed_k = NULL;
    if (a->kv) {
        a->kv = cache();
        a->k.data = a->v.data = NULL; /* or it would be refused at once */
    }
    a->kv_lengths = NULL;
    a->q_positions = NULL;
    a->alibi_slopes = a->sinks = NULL;
    a->q_offsets = a->kv_offsets = a->page_table = NULL;
}

/* The check reads positions: they stay as they are, or go. */
static void keep_positions(heed_rope_args *a, const heed_rope_args *valid)
{
    if (a->batch > valid->batch || a->rows > valid->rows || a->positions != valid->positions ||
        a->positions_batch_stride != valid->positions_batch_stride)
        a->positions = NULL;
}

void views_keep_pointers(const struct operation *operation, union sample *sample)
{
    const union sample valid = sample_of(operation, NULL);

    sample_set_parallel(operation, sample, (heed_parallel){0});
    if (!strcmp(operation->name, "attention")) {
        drop_arrays(&sample->attention);
    } else if (!strcmp(operation->name, "attention_backward")) {
        drop_backward_arrays(&sample->backward);
    } else if (!strcmp(operation->name, "self_attention")) {
        sample->self_attention.workspace = NULL;
    } else if (!strcmp(operation->name, "merge")) {
        sample->merge.parts = sample->merge.parts ? valid.merge.parts : NULL;
        if (sample->merge.parts && sample->merge.part_count > valid.merge.part_count)
            sample->merge.part_count = valid.merge.part_count;
    } else if (!strcmp(operation->name, "pack_k")) {
        sample->pack_k.packed = sample->pack_k.packed ? valid.pack_k.packed : NULL;
        if (sample->pack_k.packed_size > valid.pack_k.packed_size)
            sample->pack_k.packed_size = valid.pack_k.packed_size;
    } else if (!strcmp(operation->name, "rope")) {
        keep_positions(&sample->rope, &valid.rope);
    }
}
