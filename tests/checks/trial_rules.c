/* SPDX-License-Identifier: MIT */
/* trial_rules.c - random masks, windows, biases and what else happens to scores. */
#include "trial_rules.h"

#include <math.h>
#include <stdio.h>

#include "half.h"
#include "seen.h"
#include "trial_masks.h"

enum { AXES = 4 }; /* batch, head, row, key */

static size_t below_keys(struct trial *trial, const heed_attention_args *a)
{
    return 1 + random_below(&trial->random, a->kv_rows + 3);
}

static void draw_sight(struct trial *trial, heed_attention_args *a)
{
    struct random *random = &trial->random;

    if (random_once_in(random, 3))
        a->window_left = below_keys(trial, a);
    if (random_once_in(random, 5))
        a->window_right = below_keys(trial, a);
    if (random_once_in(random, 5))
        a->local_chunk = below_keys(trial, a);
    if (random_once_in(random, 5))
        a->prefix = below_keys(trial, a);
}

static void draw_batches(struct trial *trial, heed_attention_args *a)
{
    struct random *random = &trial->random;

    if (random_once_in(random, 3)) {
        size_t *lengths = trial_memory(trial, a->batch * sizeof *lengths);

        for (size_t b = 0; b < a->batch; b++)
            lengths[b] = random_below(random, keys_of(a, b) + 1);
        a->kv_lengths = lengths;
    }
    if (random_once_in(random, 4)) {
        ptrdiff_t *positions = trial_memory(trial, a->batch * sizeof *positions);

        for (size_t b = 0; b < a->batch; b++)
            positions[b] = (ptrdiff_t)random_below(random, a->kv_rows + 9) - 4;
        a->q_positions = positions;
    }
}

static float *draw_floats(struct trial *trial, size_t count, float low, float high)
{
    float *numbers = trial_memory(trial, count * sizeof *numbers);

    for (size_t i = 0; i < count; i++)
        numbers[i] = random_float(&trial->random, low, high);
    return numbers;
}

size_t trial_score_view(struct trial *trial, heed_score_view *view, const size_t *counts,
                        bool unit_keys)
{
    struct random *random = &trial->random;
    ptrdiff_t *const strides[AXES] = {&view->batch_stride, &view->head_stride, &view->row_stride,
                                      &view->key_stride};
    ptrdiff_t step = unit_keys || !random_once_in(random, 4) ? 1 : 2;
    size_t reach = 1;

    for (size_t i = AXES; i-- > 0;) {
        const bool repeats = !(i == AXES - 1 && unit_keys) && random_once_in(random, 4);

        *strides[i] = repeats ? 0 : step;
        if (!repeats && counts[i]) {
            reach += (counts[i] - 1) * (size_t)step;
            step *= (ptrdiff_t)counts[i];
            step += random_once_in(random, 4);
        }
    }
    return reach;
}

/* Mostly some order in what is hidden. */
static void draw_pattern(struct trial *trial, const heed_attention_args *a,
                         const heed_score_view *view)
{
    const struct mask_pattern pattern = trial_pattern(trial, a->kv_rows);

    if (!random_once_in(&trial->random, 3))
        trial_apply_pattern(view, a, &pattern);
}

/* Now and then all that are not -inf are 0. */
static void draw_bias(struct trial *trial, heed_attention_args *a)
{
    const size_t counts[AXES] = {a->batch, a->q_heads, a->q_rows, a->kv_rows};
    const size_t reach = trial_score_view(trial, &a->bias, counts, false);
    const heed_dtype type = trial_dtype(trial);
    unsigned char *bias = trial_memory(trial, reach * dtype_size(type));
    const float range = random_once_in(&trial->random, 3) ? 0.0f : 3.0f;

    for (size_t i = 0; i < reach; i++)
        dtype_write(type, bias + i * dtype_size(type),
                    random_once_in(&trial->random, 6)
                        ? -INFINITY
                        : (double)random_float(&trial->random, -range, range));
    if (random_once_in(&trial->random, 6)) /* a NaN where it is visible, hidden or nowhere */
        dtype_write(type, bias + random_below(&trial->random, reach) * dtype_size(type), NAN);
    a->bias.dtype = type;
    a->bias.data = bias;
    trial_turn_view(trial, &a->bias, counts, false);
    draw_pattern(trial, a, &a->bias);
}

static void draw_visible(struct trial *trial, heed_attention_args *a)
{
    const bool bits = random_once_in(&trial->random, 2);
    const size_t counts[AXES] = {a->batch, a->q_heads, a->q_rows,
                                 bits ? (a->kv_rows + 7) / 8 : a->kv_rows};
    const size_t reach = trial_score_view(trial, &a->visible, counts, bits);
    unsigned char *visible = trial_memory(trial, reach);

    for (size_t i = 0; i < reach; i++)
        visible[i] = (unsigned char)(random_once_in(&trial->random, 3) ? 0
                                     : bits ? random_below(&trial->random, 256)
                                            : 1);
    a->visible.dtype = bits ? HEED_BITS : HEED_U8;
    a->visible.data = visible;
    trial_turn_view(trial, &a->visible, counts, bits);
    draw_pattern(trial, a, &a->visible);
}

static void draw_blocks(struct trial *trial, heed_attention_args *a)
{
    a->block_rows = 1 + random_below(&trial->random, a->q_rows + 1);
    a->block_keys = 64 * (1 + random_below(&trial->random, 2));

    const size_t counts[AXES] = {a->batch, a->q_heads,
                                 (a->q_rows + a->block_rows - 1) / a->block_rows,
                                 (a->kv_rows + a->block_keys - 1) / a->block_keys};
    const size_t reach = trial_score_view(trial, &a->blocks, counts, false);
    unsigned char *blocks = trial_memory(trial, reach);

    for (size_t i = 0; i < reach; i++)
        blocks[i] = !random_once_in(&trial->random, 2);
    a->blocks.dtype = HEED_U8;
    a->blocks.data = blocks;
}

static void draw_scores(struct trial *trial, heed_attention_args *a, bool gentle)
{
    struct random *random = &trial->random;

    if (random_once_in(random, 4))
        a->softcap = random_float(random, 0.5f, 20.0f);
    if (random_once_in(random, 4))
        a->alibi_slopes = draw_floats(trial, a->q_heads, 0.0f,
                                      gentle ? 20.0f / (float)(a->q_rows + a->kv_rows + 1) : 0.5f);
    if (random_once_in(random, 3))
        draw_bias(trial, a);
    if (random_once_in(random, 3))
        draw_visible(trial, a);
    if (random_once_in(random, 5))
        draw_blocks(trial, a);
    if (random_once_in(random, 4))
        a->sinks = draw_floats(trial, a->q_heads, -3.0f, 6.0f);
}

void trial_rules(struct trial *trial, heed_attention_args *a, bool gentle, char *text, size_t size)
{
    draw_sight(trial, a);
    draw_batches(trial, a);
    draw_scores(trial, a, gentle);
    snprintf(text, size, "%s%swindow %zu %zu, chunk %zu, prefix %zu, cap %g%s%s%s%s%s%s%s",
             a->q_offsets ? "ragged, " : "", a->page_table ? "paged, " : "", a->window_left,
             a->window_right, a->local_chunk, a->prefix, (double)a->softcap,
             a->kv_lengths ? ", lengths" : "", a->q_positions ? ", positions" : "",
             a->alibi_slopes ? ", slopes" : "", a->bias.data ? ", bias" : "",
             a->visible.data ? (a->visible.dtype == HEED_BITS ? ", bits" : ", visible") : "",
             a->blocks.data ? ", blocks" : "", a->sinks ? ", sinks" : "");
}
