/* SPDX-License-Identifier: MIT */
/*
 * small.c - a short way for tiny problems of the plainest form.
 *
 * Six words of three numbers are 200 multiply-adds; checking, planning and laying
 * out the general way costs some ten times that.  Here whatever is not plainly
 * right and dense goes that way, which knows what is wrong with it.
 */
#include "small.h"

#include "args.h"
#include "float_state.h"
#include "plan.h"

enum { MOST_ROWS = 64 };

/* Rows one behind the other; with one batch and one head the other strides are not taken. */
static bool is_dense(int strided, ptrdiff_t batch_stride, ptrdiff_t head_stride,
                     ptrdiff_t row_stride, size_t dim)
{
    return row_stride == (ptrdiff_t)dim || !(strided | batch_stride | head_stride | row_stride);
}

/* No size is 0, dims fit a vector, and keys one or two. */
static bool sizes_small(const heed_attention_args *a, size_t lanes)
{
    return a->batch == 1 && a->q_heads == 1 && a->kv_heads == 1 && a->q_rows - 1 < MOST_ROWS &&
           a->kv_rows - 1 < HEED_SMALL_KEYS(lanes) && a->qk_dim - 1 < lanes && a->v_dim - 1 < lanes;
}

static bool form_plain(const heed_attention_args *a)
{
    return a->struct_size == sizeof *a && !a->packed_k && !a->kv && !a->lse.data &&
           !a->scores.data && a->mask == HEED_MASK_NONE && !a->kv_lengths &&
           !(a->window_left | a->window_right | a->local_chunk) && heed_within(a->softcap, 0.0f) &&
           !a->alibi_slopes && !a->sinks && !a->q_offsets && !a->kv_offsets && !a->page_table &&
           !a->bias.data && !a->visible.data && !a->blocks.data && !a->k_scales.data &&
           !a->v_scales.data && a->precision == HEED_PRECISION_DEFAULT &&
           !((int)a->q.dtype | (int)a->k.dtype | (int)a->v.dtype | (int)a->o.dtype) &&
           is_dense(a->q.strided, a->q.batch_stride, a->q.head_stride, a->q.row_stride,
                    a->qk_dim) &&
           is_dense(a->k.strided, a->k.batch_stride, a->k.head_stride, a->k.row_stride,
                    a->qk_dim) &&
           is_dense(a->v.strided, a->v.batch_stride, a->v.head_stride, a->v.row_stride, a->v_dim) &&
           is_dense(a->o.strided, a->o.batch_stride, a->o.head_stride, a->o.row_stride, a->v_dim);
}

/* No workspace is used here, but one that is too small for the general way is an error. */
static bool workspace_right(const heed_attention_args *a)
{
    struct heed_scratch s;

    return !a->workspace ||
           (!a->parallel.parallel_for &&
            a->workspace_size >= heed_scratch_layout(&s, NULL, a->q_rows, a->kv_rows, a->qk_dim,
                                                     a->v_dim, (struct heed_copies){0}) +
                                     HEED_ALIGNMENT_ROOM);
}

static bool apart(const float *x, size_t x_count, const float *y, size_t y_count)
{
    return (uintptr_t)(x + x_count) <= (uintptr_t)y || (uintptr_t)(y + y_count) <= (uintptr_t)x;
}

static bool addresses_right(const heed_attention_args *a)
{
    const float *q = a->q.data, *k = a->k.data, *v = a->v.data, *o = a->o.data;
    const size_t o_count = a->q_rows * a->v_dim;

    return q && k && v && o &&
           !(((uintptr_t)q | (uintptr_t)k | (uintptr_t)v | (uintptr_t)o) % sizeof(float)) &&
           apart(o, o_count, q, a->q_rows * a->qk_dim) &&
           apart(o, o_count, k, a->kv_rows * a->qk_dim) &&
           apart(o, o_count, v, a->kv_rows * a->v_dim);
}

static bool attend(const heed_attention_args *a, const struct heed_isa *isa)
{
    /* Compilers move what is computed of numbers that they know, but not this. */
    const volatile size_t *const qk_dim = &a->qk_dim;
    const float scale = heed_scale(a->scale, *qk_dim);

    /* Within these bounds the lazy maximum is the maximum. */
    if (!(scale >= 1e-20f && scale <= 1e20f))
        return false;

    const struct heed_small_task task = {
        .q = a->q.data,
        .k = a->k.data,
        .v = a->v.data,
        .o = a->o.data,
        .rows = a->q_rows,
        .keys = a->kv_rows,
        .qk_dim = a->qk_dim,
        .v_dim = a->v_dim,
        .scale = scale,
    };

    isa->attend_small(&task);
    return true;
}

bool heed_attend_small(const heed_attention_args *a)
{
    if (!a || !form_plain(a))
        return false;

    const struct heed_isa *isa = heed_isa_usable(a->isa);
    if (!isa || !sizes_small(a, isa->lanes) || !addresses_right(a) || !workspace_right(a))
        return false;

    const struct float_control found = heed_floats_begin();
    const bool done = attend(a, isa);

    heed_floats_end(&found);
    return done;
}
