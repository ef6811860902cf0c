/* SPDX-License-Identifier: MIT */
/* trial_masks.c - what masks hide: at the ends, in holes, whole rows, whole blocks. */
#include "trial_masks.h"

#include <math.h>

#include "half.h"

enum { ALL, SUFFIX, PREFIX, BOTH_ENDS, HOLES, SOME_ROWS, SOME_BLOCKS, DIAGONAL, KINDS };

struct mask_pattern trial_pattern(struct trial *trial, size_t keys)
{
    struct random *random = &trial->random;
    const size_t a = random_below(random, keys + 1), b = random_below(random, keys + 1);

    return (struct mask_pattern){(int)random_below(random, KINDS), a < b ? a : b, a < b ? b : a};
}

bool pattern_shows(const struct mask_pattern *p, size_t r, size_t j)
{
    switch (p->kind) {
    case SUFFIX:
        return j < p->to;
    case PREFIX:
        return j >= p->from;
    case BOTH_ENDS:
        return j >= p->from && j < p->to;
    case HOLES:
        return (j + p->from) % 37 > p->to % 5;
    case SOME_ROWS:
        return (r + p->from) % 3 != 0;
    case SOME_BLOCKS:
        return (j / 64 + r / 7 + p->from) % 2 == 0;
    case DIAGONAL:
        return j <= r + p->from;
    default:
        return true;
    }
}

/* Element j, of bits the byte that it is in. */
static unsigned char *element(const heed_score_view *v, size_t b, size_t h, size_t r, size_t j)
{
    const size_t size = v->dtype == HEED_U8 || v->dtype == HEED_BITS ? 1 : dtype_size(v->dtype);
    const size_t key = v->dtype == HEED_BITS ? j / 8 : j;
    const ptrdiff_t at = (ptrdiff_t)b * v->batch_stride + (ptrdiff_t)h * v->head_stride +
                         (ptrdiff_t)r * v->row_stride + (ptrdiff_t)key * v->key_stride;

    return (unsigned char *)(uintptr_t)v->data + at * (ptrdiff_t)size;
}

static void show(const heed_score_view *v, unsigned char *at, size_t j, bool shows)
{
    if (v->dtype == HEED_U8)
        *at = (unsigned char)(shows ? 1 + j % 255 : 0);
    else if (v->dtype == HEED_BITS)
        *at = (unsigned char)(shows ? *at | 1u << j % 8 : *at & ~(1u << j % 8));
    else if (!shows)
        dtype_write(v->dtype, at, -INFINITY);
    else if (dtype_read(v->dtype, at) == -INFINITY)
        dtype_write(v->dtype, at, 0.0);
}

void trial_apply_pattern(const heed_score_view *v, const heed_attention_args *a,
                         const struct mask_pattern *pattern)
{
    for (size_t b = 0; b < a->batch; b++)
        for (size_t h = 0; h < a->q_heads; h++)
            for (size_t r = 0; r < a->q_rows; r++)
                for (size_t j = 0; j < a->kv_rows; j++)
                    show(v, element(v, b, h, r, j), j, pattern_shows(pattern, r, j));
}

void trial_turn_view(struct trial *trial, heed_score_view *v, const size_t *counts, bool unit_keys)
{
    ptrdiff_t *const strides[] = {&v->batch_stride, &v->head_stride, &v->row_stride,
                                  &v->key_stride};
    const size_t size = v->dtype == HEED_U8 || v->dtype == HEED_BITS ? 1 : dtype_size(v->dtype);

    for (size_t i = 0; i < sizeof strides / sizeof *strides - unit_keys; i++)
        if (counts[i] && random_once_in(&trial->random, 6)) {
            v->data =
                (const char *)v->data + (ptrdiff_t)(counts[i] - 1) * *strides[i] * (ptrdiff_t)size;
            *strides[i] = -*strides[i];
        }
}
