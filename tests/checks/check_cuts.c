/* SPDX-License-Identifier: MIT */
/*
 * check_cuts.c - a row's bits depend on its own problem alone: the whole against
 * random pieces of it, in other layouts, other groups, with packed keys, from a KV cache,
 * with threads.
 */
#include <math.h>

#include "caches.h"
#include "operations.h"
#include "pieces.h"
#include "scaled.h"
#include "trial_masks.h"

enum { PROBLEMS = 50, PIECES = 3, MOST_WORK = 1 << 20 };

static heed_status operation(const void *args)
{
    return heed_attention(args);
}

static heed_attention_args draw_sizes(struct trial *trial)
{
    struct random *random = &trial->random;
    heed_attention_args a = {HEED_SIZED(heed_attention_args), .isa = trial->isa};

    do {
        a.batch = 1 + random_below(random, 3);
        a.kv_heads = 1 + random_below(random, 3);
        a.q_heads = a.kv_heads * (1 + random_below(random, 4));
        a.kv_rows = trial_keys(trial);
        a.q_rows = random_once_in(random, 3) ? a.kv_rows : trial_rows(trial);
        a.qk_dim = trial_dim(trial);
        a.v_dim = trial_dim(trial);
    } while (!a.q_rows ||
             a.batch * a.q_heads * a.q_rows * (a.kv_rows + 1) * (a.qk_dim + a.v_dim) > MOST_WORK);
    a.mask = random_once_in(random, 2) ? HEED_MASK_CAUSAL : HEED_MASK_NONE;
    return a;
}

static float *draw_floats(struct trial *trial, size_t count)
{
    float *numbers = trial_memory(trial, count * sizeof *numbers);

    for (size_t i = 0; i < count; i++)
        numbers[i] = random_once_in(&trial->random, 9) ? -INFINITY
                                                       : random_float(&trial->random, -1.0f, 1.0f);
    return numbers;
}

/* Bytes or bits, now and then the same ones for all heads, or all rows, of a batch. */
static void draw_visible(struct trial *trial, heed_attention_args *a)
{
    struct random *random = &trial->random;
    const bool bits = random_once_in(random, 2);
    const size_t row = bits ? (a->kv_rows + 7) / 8 : a->kv_rows;
    const size_t rows = random_once_in(random, 3) ? 1 : a->q_rows;
    const size_t heads = random_once_in(random, 3) ? 1 : a->q_heads;
    const size_t count = a->batch * heads * rows * row;
    unsigned char *visible = trial_memory(trial, count);
    const struct mask_pattern pattern = trial_pattern(trial, a->kv_rows);

    for (size_t i = 0; i < count; i++)
        visible[i] = (unsigned char)(random_once_in(random, 4) ? 0 : random_bits(random));
    a->visible = (heed_score_view){
        .data = visible,
        .dtype = bits ? HEED_BITS : HEED_U8,
        .batch_stride = (ptrdiff_t)(heads * rows * row),
        .head_stride = heads == 1 ? 0 : (ptrdiff_t)(rows * row),
        .row_stride = rows == 1 ? 0 : (ptrdiff_t)row,
        .key_stride = 1,
    };
    if (!random_once_in(random, 3))
        trial_apply_pattern(&a->visible, a, &pattern);
}

static void draw_rules(struct trial *trial, heed_attention_args *a)
{
    struct random *random = &trial->random;

    if (random_once_in(random, 4))
        a->window_left = 1 + random_below(random, a->kv_rows + 1);
    if (random_once_in(random, 6))
        a->local_chunk = 1 + random_below(random, a->kv_rows + 1);
    if (random_once_in(random, 6))
        a->prefix = random_below(random, a->kv_rows + 1);
    if (random_once_in(random, 6))
        a->softcap = 5.0f;
    if (random_once_in(random, 4)) {
        a->bias.key_stride = 1;
        a->bias.row_stride = (ptrdiff_t)a->kv_rows;
        a->bias.head_stride = (ptrdiff_t)(a->kv_rows * a->q_rows);
        a->bias.data = draw_floats(trial, a->q_heads * a->q_rows * a->kv_rows);
    }
    if (random_once_in(random, 3))
        draw_visible(trial, a);
}

/* The same rules for rows from q_at on. */
static void move_rules(struct trial *trial, heed_attention_args *a,
                       const heed_attention_args *whole, struct origin q_at)
{
    const ptrdiff_t last_sees = (ptrdiff_t)whole->kv_rows - (ptrdiff_t)whole->q_rows;
    ptrdiff_t *positions = trial_memory(trial, a->batch * sizeof *positions);

    for (size_t b = 0; b < a->batch; b++)
        positions[b] = last_sees + (ptrdiff_t)q_at.r;
    a->q_positions = positions;
    if (a->bias.data)
        a->bias.data = (const float *)a->bias.data + (ptrdiff_t)q_at.h * a->bias.head_stride +
                       (ptrdiff_t)q_at.r * a->bias.row_stride;
    if (a->visible.data)
        a->visible.data =
            (const char *)a->visible.data + (ptrdiff_t)q_at.b * a->visible.batch_stride +
            (ptrdiff_t)q_at.h * a->visible.head_stride + (ptrdiff_t)q_at.r * a->visible.row_stride;
}

/* The four tensors of one call, its lse and the scales of keys and values, if they have any. */
struct layout {
    struct tensor *q, *k, *v, *o, *lse, *k_scales, *v_scales;
};

static struct tensor *draw_scales(struct trial *trial, struct shape rows, bool any)
{
    rows.dim = 1;
    return any ? trial_output(trial, rows) : NULL;
}

/* With scales of those operands that have them already. */
static struct layout draw_layout(struct trial *trial, const heed_attention_args *a)
{
    const struct shape q = {a->batch, a->q_heads, a->q_rows, a->qk_dim};
    const struct shape k = {a->batch, a->kv_heads, a->kv_rows, a->qk_dim};
    const struct shape v = {a->batch, a->kv_heads, a->kv_rows, a->v_dim};
    const struct shape o = {a->batch, a->q_heads, a->q_rows, a->v_dim};

    return (struct layout){
        .q = trial_output_of(trial, a->q.dtype, q),
        .k = trial_output_of(trial, a->k.dtype, k),
        .v = trial_output_of(trial, a->v.dtype, v),
        .o = trial_output_of(trial, a->o.dtype, o),
        .lse = trial_output(trial, (struct shape){a->batch, a->q_heads, a->q_rows, 1}),
        .k_scales = draw_scales(trial, k, a->k_scales.data),
        .v_scales = draw_scales(trial, v, a->v_scales.data),
    };
}

static void use_layout(heed_attention_args *a, const struct layout *layout)
{
    a->q = tensor_input(layout->q);
    a->k = tensor_input(layout->k);
    a->v = tensor_input(layout->v);
    a->o = tensor_output(layout->o);
    a->lse = tensor_output(layout->lse);
    a->k_scales = scaled_view(layout->k_scales);
    a->v_scales = scaled_view(layout->v_scales);
}

static void draw_range(struct random *random, size_t size, size_t *first, size_t *count)
{
    *first = random_below(random, size);
    *count = random_once_in(random, 3) ? 1 : 1 + random_below(random, size - *first);
}

/* A box of rows, heads and batches; causal rows drop the keys that nobody in it sees. */
static heed_attention_args draw_piece(struct trial *trial, const heed_attention_args *whole,
                                      struct origin *q_at, struct origin *kv_at)
{
    const size_t group = whole->q_heads / whole->kv_heads;
    const ptrdiff_t last_sees = (ptrdiff_t)whole->kv_rows - (ptrdiff_t)whole->q_rows;
    heed_attention_args a = *whole;

    draw_range(&trial->random, whole->batch, &q_at->b, &a.batch);
    draw_range(&trial->random, whole->kv_heads, &kv_at->h, &a.kv_heads);
    draw_range(&trial->random, whole->q_rows, &q_at->r, &a.q_rows);
    kv_at->b = q_at->b;
    q_at->h = kv_at->h * group;
    a.q_heads = a.kv_heads * group;
    if (random_once_in(&trial->random, 3)) { /* one query head alone */
        a.q_heads = a.kv_heads = 1;
        q_at->h += random_below(&trial->random, group);
    }
    move_rules(trial, &a, whole, *q_at);
    if (a.mask == HEED_MASK_CAUSAL && !a.prefix && random_once_in(&trial->random, 2)) {
        const ptrdiff_t seen = last_sees + (ptrdiff_t)(q_at->r + a.q_rows);

        a.kv_rows = seen > 0 ? (size_t)seen : 0;
    }
    return a;
}

static bool is_byte(heed_dtype type)
{
    return type == HEED_I8 || type == HEED_F8;
}

/* Now and then the keys stand packed, or keys and values in a cache, which makes bytes itself. */
static bool keep_piece(struct trial *trial, heed_attention_args *a, const struct layout *piece)
{
    if (a->kv_rows && random_once_in(&trial->random, 3))
        return pack_piece_keys(trial, a, piece->k);
    return is_byte(a->k.dtype) || is_byte(a->v.dtype) || !random_once_in(&trial->random, 3) ||
           cache_piece(trial, a, piece->k, piece->v);
}

static bool piece_matches(struct trial *trial, const heed_attention_args *whole_args,
                          const struct layout *whole)
{
    struct origin q_at = {0}, kv_at = {0};
    heed_attention_args a = draw_piece(trial, whole_args, &q_at, &kv_at);
    const struct layout piece = draw_layout(trial, &a);

    copy_piece(whole->q, q_at, piece.q);
    copy_piece(whole->k, kv_at, piece.k);
    copy_piece(whole->v, kv_at, piece.v);
    if (piece.k_scales)
        copy_piece(whole->k_scales, kv_at, piece.k_scales);
    if (piece.v_scales)
        copy_piece(whole->v_scales, kv_at, piece.v_scales);
    use_layout(&a, &piece);
    a.parallel = trial_parallel(trial);
    if (!keep_piece(trial, &a, &piece))
        return false;
    return trial_call(trial, operation, &a) && same_piece(trial, "o", whole->o, q_at, piece.o) &&
           same_piece(trial, "lse", whole->lse, q_at, piece.lse);
}

static void draw_types(struct trial *trial, heed_attention_args *a)
{
    const heed_dtype half = trial_half(trial);
    const bool alike = random_once_in(&trial->random, 2);

    if (random_once_in(&trial->random, 2))
        return;
    a->q.dtype = alike ? half : trial_dtype(trial);
    a->k.dtype = alike ? half : scaled_dtype(trial);
    a->v.dtype = alike ? half : scaled_dtype(trial);
    a->o.dtype = trial_dtype(trial);
    a->k_scales.data = scaled_has_scales(trial, a->k.dtype) ? a : NULL;
    a->v_scales.data = scaled_has_scales(trial, a->v.dtype) ? a : NULL;
}

/* Now and then numbers that a matrix unit cannot multiply exactly. */
static void draw_far(struct trial *trial, struct tensor *numbers, struct tensor *scales, float with)
{
    const heed_dtype type = numbers->dtype;

    if (random_once_in(&trial->random, 4) && (scales || type == HEED_F32 || type == HEED_BF16))
        scaled_poison(trial, &(struct scaled){numbers, scales}, with);
}

static bool problem(struct trial *trial)
{
    heed_attention_args a = draw_sizes(trial);
    draw_types(trial, &a);
    const struct layout whole = draw_layout(trial, &a);
    const float q_range = random_once_in(&trial->random, 3) ? 60.0f : 2.0f;

    tensor_fill(&trial->random, whole.q, -q_range, q_range);
    scaled_fill(&trial->random, whole.k, whole.k_scales, 1.0f);
    scaled_fill(&trial->random, whole.v, whole.v_scales, 1.0f);
    draw_far(trial, whole.q, NULL, 1e17f);
    draw_far(trial, whole.k, whole.k_scales, 1e16f);
    draw_far(trial, whole.v, whole.v_scales, random_once_in(&trial->random, 2) ? 1e25f : 1e-30f);
    a.precision = (heed_precision)random_below(&trial->random, HEED_PRECISION_SPLIT + 1);
    use_layout(&a, &whole);
    draw_rules(trial, &a);
    trial_describe(trial,
                   "batch %zu, heads %zu over %zu, rows %zu over %zu, dims %zu and %zu, mask %d, "
                   "window %zu, chunk %zu, prefix %zu, cap %g, types %d %d %d %d%s%s%s",
                   a.batch, a.q_heads, a.kv_heads, a.q_rows, a.kv_rows, a.qk_dim, a.v_dim,
                   (int)a.mask, a.window_left, a.local_chunk, a.prefix, (double)a.softcap,
                   (int)a.q.dtype, (int)a.k.dtype, (int)a.v.dtype, (int)a.o.dtype,
                   a.bias.data ? ", bias" : "",
                   !a.visible.data                ? ""
                   : a.visible.dtype == HEED_BITS ? ", bits"
                                                  : ", visible",
                   a.precision == HEED_PRECISION_FAST    ? ", fast"
                   : a.precision == HEED_PRECISION_SPLIT ? ", split"
                                                         : "");
    if (!trial_call(trial, operation, &a))
        return false;
    for (size_t i = 0; i < PIECES; i++)
        if (!piece_matches(trial, &a, &whole))
            return false;
    return true;
}

bool check_cuts(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size)
{
    return trials_pass(problem, PROBLEMS, isa, seed, detail, detail_size);
}
