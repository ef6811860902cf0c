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

/* Nothing that may be left out is there; in one expression, for that is all the time there is. */
static bool nothing_optional(const heed_attention_args *a)
{
    const uintptr_t given =
        (uintptr_t)a->packed_k | (uintptr_t)a->kv | (uintptr_t)a->lse.data |
        (uintptr_t)a->scores.data | (uintptr_t)a->kv_lengths | (uintptr_t)a->q_positions |
        (uintptr_t)a->alibi_slopes | (uintptr_t)a->sinks | (uintptr_t)a->q_offsets |
        (uintptr_t)a->kv_offsets | (uintptr_t)a->page_table | (uintptr_t)a->bias.data |
        (uintptr_t)a->visible.data | (uintptr_t)a->blocks.data | (uintptr_t)a->k_scales.data |
        (uintptr_t)a->v_scales.data | a->window_left | a->window_right | a->local_chunk;

    return !given && heed_within(a->softcap, 0.0f);
}

/* Every choice is the default one, which is 0; one that is none is not. */
static bool choices_plain(const heed_attention_args *a)
{
    return !((unsigned)a->mask | (unsigned)a->precision | (unsigned)a->scores_are |
             (unsigned)a->q.dtype | (unsigned)a->k.dtype | (unsigned)a->v.dtype |
             (unsigned)a->o.dtype);
}

static bool form_plain(const heed_attention_args *a)
{
    return a->struct_size == sizeof *a && nothing_optional(a) && choices_plain(a) &&
           is_dense(a->q.strided, a->q.batch_stride, a->q.head_stride, a->q.row_stride,
                    a->qk_dim) &&
           is_dense(a->k.strided, a->k.batch_stride, a->k.head_stride, a->k.row_stride,
                    a->qk_dim) &&
           is_dense(a->v.strided, a->v.batch_stride, a->v.head_stride, a->v.row_stride, a->v_dim) &&
           is_dense(a->o.strided, a->o.batch_stride, a->o.head_stride, a->o.row_stride, a->v_dim);
}

static bool apart(const void *x, size_t x_bytes, const void *y, size_t y_bytes)
{
    return (uintptr_t)x + x_bytes <= (uintptr_t)y || (uintptr_t)y + y_bytes <= (uintptr_t)x;
}

/* As is_apart(), of `bytes` beside rows of queries and keys. */
static bool apart_from_all(const heed_attention_args *a, const void *memory, size_t bytes)
{
    const size_t size = sizeof(float);

    return apart(memory, bytes, a->q.data, a->q_rows * a->qk_dim * size) &&
           apart(memory, bytes, a->k.data, a->kv_rows * a->qk_dim * size) &&
           apart(memory, bytes, a->v.data, a->kv_rows * a->v_dim * size);
}

/* All there, on elements, and none so far up that it could reach past the address space. */
static bool addresses_right(const heed_attention_args *a)
{
    const uintptr_t q = (uintptr_t)a->q.data, k = (uintptr_t)a->k.data, v = (uintptr_t)a->v.data;
    const uintptr_t o = (uintptr_t)a->o.data, all = q | k | v | o;
    const uintptr_t most = sizeof(float) * MOST_ROWS * HEED_LANES;

    return q && k && v && o && all % sizeof(float) == 0 && all < UINTPTR_MAX - most &&
           apart_from_all(a, a->o.data, a->q_rows * a->v_dim * sizeof(float));
}

/* No workspace is used here, but one that is wrong for the general way is an error. */
static bool workspace_right(const heed_attention_args *a)
{
    struct heed_scratch s;

    if (!a->workspace)
        return true;

    const size_t bytes = heed_scratch_layout(&s, NULL, a->q_rows, a->kv_rows, a->qk_dim, a->v_dim,
                                             (struct heed_copies){0}) +
                         HEED_ALIGNMENT_ROOM;
    return !a->parallel.parallel_for && a->workspace_size >= bytes &&
           (uintptr_t)a->workspace < UINTPTR_MAX - bytes &&
           apart(a->workspace, bytes, a->o.data, a->q_rows * a->v_dim * sizeof(float)) &&
           apart_from_all(a, a->workspace, bytes);
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
