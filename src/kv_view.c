/* SPDX-License-Identifier: MIT */
/* kv_view.c - the parts of a cache in the members of other calls, attention above all. */
#include <string.h>

#include "kv.h"

static size_t longest(const struct heed_kv *kv)
{
    size_t most = 0;

    for (size_t b = 0; b < kv->batch; b++) {
        const size_t length = heed_kv_load_length(kv, b);

        most = length > most ? length : most;
    }
    return most;
}

/* As other calls read them, after longest() has looked at each. */
static const size_t *lengths(const struct heed_kv *kv)
{
    return (const size_t *)heed_kv_lengths(kv);
}

static const void *packed_keys(const struct heed_kv *kv, size_t *bytes)
{
    const struct heed_kv_layout at = heed_kv_layout(kv);

    *bytes = at.v - at.k;
    return heed_kv_at(kv, at.k);
}

static heed_input values(const struct heed_kv *kv)
{
    const size_t head = kv->capacity * kv->v_dim;

    return (heed_input){
        .data = heed_kv_at(kv, heed_kv_layout(kv).v),
        .dtype = kv->v_dtype,
        .batch_stride = (ptrdiff_t)(kv->kv_heads * head),
        .head_stride = (ptrdiff_t)head,
        .row_stride = (ptrdiff_t)kv->v_dim,
    };
}

/* The scales of keys or values of this type, at an offset of the cache; or none. */
static heed_input scales(const struct heed_kv *kv, heed_dtype type, size_t at)
{
    if (!heed_is_byte(type))
        return (heed_input){0};
    return (heed_input){
        .data = heed_kv_at(kv, at),
        .batch_stride = (ptrdiff_t)(kv->kv_heads * kv->capacity),
        .head_stride = (ptrdiff_t)kv->capacity,
        .row_stride = 1,
    };
}

static heed_input k_scales(const struct heed_kv *kv)
{
    return scales(kv, kv->k_dtype, heed_kv_layout(kv).k_scales);
}

static heed_input v_scales(const struct heed_kv *kv)
{
    return scales(kv, kv->v_dtype, heed_kv_layout(kv).v_scales);
}

/* What a cache brings may not be given as well. */
static bool check_alone(struct heed_check *check, const heed_attention_args *a)
{
    const struct {
        const void *given;
        const char *name;
    } others[] = {{a->k.data, "k.data"},          {a->v.data, "v.data"},
                  {a->packed_k, "packed_k"},      {a->kv_lengths, "kv_lengths"},
                  {a->kv_offsets, "kv_offsets"},  {a->page_table, "page_table"},
                  {a->k_scales.data, "k_scales"}, {a->v_scales.data, "v_scales"}};

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i].given)
            return heed_refuse(check, HEED_INVALID_ARGUMENT, "kv excludes %s", others[i].name);
    return true;
}

static bool take_size(struct heed_check *check, const char *name, size_t *size, size_t own)
{
    if (*size && *size != own)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s is %zu, kv has %zu", name, *size, own);
    *size = own;
    return true;
}

static bool take_rows(struct heed_check *check, size_t *rows, const struct heed_kv *kv)
{
    const size_t least = longest(kv);

    if (!*rows)
        *rows = least;
    if (*rows < least || *rows > kv->capacity)
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "kv_rows is %zu, kv has entries of up to %zu rows and room for %zu",
                           *rows, least, kv->capacity);
    return true;
}

/* The one asked for, if its panels have as many keys; else that of the cache. */
static bool take_isa(struct heed_check *check, const heed_isa **isa, const struct heed_kv *kv)
{
    const struct heed_isa *taken = heed_check_isa(check, *isa ? *isa : kv->isa);

    if (!taken)
        return false;
    if (taken->panel_keys != kv->isa->panel_keys)
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "isa is %s, whose panels have %zu keys, those of kv have %zu",
                           taken->name, taken->panel_keys, kv->isa->panel_keys);
    *isa = taken;
    return true;
}

bool heed_kv_take(struct heed_check *check, heed_attention_args *a)
{
    const struct heed_kv *kv = a->kv;

    if (!kv)
        return true;
    if (!heed_kv_check(check, kv) || !check_alone(check, a) ||
        !take_size(check, "batch", &a->batch, kv->batch) ||
        !take_size(check, "kv_heads", &a->kv_heads, kv->kv_heads) ||
        !take_size(check, "qk_dim", &a->qk_dim, kv->qk_dim) ||
        !take_size(check, "v_dim", &a->v_dim, kv->v_dim) || !take_rows(check, &a->kv_rows, kv))
        return false;
    if (!take_isa(check, &a->isa, kv))
        return false;
    a->v = values(kv);
    a->packed_k = packed_keys(kv, &a->packed_k_size);
    a->k_scales = k_scales(kv);
    a->v_scales = v_scales(kv);
    a->kv_lengths = lengths(kv);
    return true;
}

static heed_kv_info view(const struct heed_kv *kv)
{
    heed_kv_info info = {
        .batch = kv->batch,
        .kv_heads = kv->kv_heads,
        .qk_dim = kv->qk_dim,
        .v_dim = kv->v_dim,
        .capacity = kv->capacity,
        .k_dtype = kv->k_dtype,
        .v_dtype = kv->v_dtype,
        .isa = kv->isa,
        .longest = longest(kv),
        .lengths = lengths(kv),
        .v = values(kv),
        .memory = kv->memory,
        .bytes = heed_kv_layout(kv).bytes,
        .k_scales = k_scales(kv),
        .v_scales = v_scales(kv),
        .read_only = kv->read_only,
    };

    info.packed_k = packed_keys(kv, &info.packed_k_size);
    return info;
}

void heed_kv_view(const heed_kv *kv, heed_kv_info *info, size_t info_size)
{
    const heed_kv_info all = heed_kv_is_open(kv) ? view(kv) : (heed_kv_info){0};

    memset(info, 0, info_size);
    memcpy(info, &all, info_size < sizeof all ? info_size : sizeof all);
}

size_t heed_kv_length(const heed_kv *kv, size_t batch)
{
    return heed_kv_is_open(kv) && batch < kv->batch ? heed_kv_load_length(kv, batch) : 0;
}
