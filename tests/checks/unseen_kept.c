/* SPDX-License-Identifier: MIT */
/* unseen_kept.c - packed keys and caches, of which only what some row sees can be read. */
#include "half.h"
#include "pieces.h"
#include "seen.h"
#include "unseen.h"

enum { PANEL_KEYS = 64 /* packed keys stand in panels of so many, or fewer, that are one piece */ };

/* Closes panels of which no key may be read: those of a head one behind the other, then heads. */
static void close_panels(const heed_attention_args *a, struct closed *memory, const char *packed,
                         size_t bytes, size_t capacity, heed_dtype type)
{
    const size_t panels = (capacity + PANEL_KEYS - 1) / PANEL_KEYS;
    const size_t panel = PANEL_KEYS * a->qk_dim * dtype_size(type);
    const char *first = packed + bytes - a->batch * a->kv_heads * panels * panel;

    for (size_t i = 0; i < a->batch * a->kv_heads * panels; i++) {
        const size_t b = i / panels / a->kv_heads, h = i / panels % a->kv_heads;
        bool read = false;

        for (size_t j = i % panels * PANEL_KEYS; j < (i % panels + 1) * PANEL_KEYS; j++)
            read = read || may_read(a, b, h, j);
        if (!read)
            closed_drop(memory, first + i * panel, panel);
    }
}

bool unseen_packed_k(struct trial *trial, heed_attention_args *a)
{
    heed_pack_k_args p = {HEED_SIZED(heed_pack_k_args),
                          .batch = a->batch,
                          .kv_heads = a->kv_heads,
                          .qk_dim = a->qk_dim,
                          .capacity = a->kv_rows,
                          .rows = a->kv_rows,
                          .k = a->k,
                          .isa = a->isa,
                          .packed_dtype = a->k.dtype};

    if (heed_pack_k_size(&p, &p.packed_size) != HEED_OK)
        return trial_fails(trial, "no size for packed keys");
    struct closed *memory = trial_closed(trial, p.packed_size);
    p.packed = memory->pages;
    if (heed_pack_k(&p) != HEED_OK)
        return trial_fails(trial, "keys are not packed");
    closed_keep(memory, p.packed, p.packed_size);
    close_panels(a, memory, p.packed, p.packed_size, p.capacity, p.packed_dtype);
    a->k = (heed_input){0};
    a->packed_k = p.packed;
    a->packed_k_size = p.packed_size;
    return true;
}

/* The same of rows of values: those past the end of an entry, too. */
static void close_values(const heed_attention_args *a, struct closed *memory,
                         const heed_kv_info *info)
{
    const size_t size = dtype_size(info->v_dtype);

    for (size_t b = 0; b < a->batch; b++)
        for (size_t h = 0; h < a->kv_heads; h++)
            for (size_t j = 0; j < info->capacity; j++)
                if (!may_read(a, b, h, j))
                    closed_drop(memory,
                                (const char *)info->v.data + ((ptrdiff_t)b * info->v.batch_stride +
                                                              (ptrdiff_t)h * info->v.head_stride +
                                                              (ptrdiff_t)j * info->v.row_stride) *
                                                                 (ptrdiff_t)size,
                                a->v_dim * size);
}

static bool fill(heed_kv *kv, const heed_attention_args *a, const struct tensor *k,
                 const struct tensor *v)
{
    for (size_t b = 0; b < a->batch; b++) {
        const heed_kv_append_args append = {HEED_SIZED(heed_kv_append_args),
                                            .kv = kv,
                                            .first_batch = b,
                                            .batch = 1,
                                            .rows = keys_of(a, b),
                                            .k = rows_from(k, b, 0),
                                            .v = rows_from(v, b, 0)};

        if (heed_kv_append(&append) != HEED_OK)
            return false;
    }
    return true;
}

bool unseen_cache(struct trial *trial, heed_attention_args *a, const struct tensor *k,
                  const struct tensor *v)
{
    heed_kv_create_args create = {HEED_SIZED(heed_kv_create_args),
                                  .batch = a->batch,
                                  .kv_heads = a->kv_heads,
                                  .qk_dim = a->qk_dim,
                                  .v_dim = a->v_dim,
                                  .capacity = a->kv_rows,
                                  .k_dtype = a->k.dtype,
                                  .v_dtype = a->v.dtype,
                                  .isa = a->isa};
    heed_kv *const kv = &trial->kv;
    heed_kv_info info;

    if (heed_kv_bytes(&create, &create.memory_size) != HEED_OK)
        return trial_fails(trial, "no size for a cache");
    struct closed *memory = trial_closed(trial, create.memory_size);
    create.memory = memory->pages;
    if (heed_kv_create(&create, kv) != HEED_OK || !fill(kv, a, k, v))
        return trial_fails(trial, "no cache");
    heed_kv_view(kv, &info, sizeof info);
    closed_keep(memory, memory->pages, create.memory_size);
    close_panels(a, memory, info.packed_k, info.packed_k_size, info.capacity, info.k_dtype);
    close_values(a, memory, &info);
    a->k = a->v = (heed_input){0};
    a->kv_lengths = NULL;
    a->kv = kv;
    return true;
}
