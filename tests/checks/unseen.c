/* SPDX-License-Identifier: MIT */
/* unseen.c - rows and pages that no query row sees, where nobody can read them. */
#include "unseen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "half.h"
#include "pages.h"
#include "seen.h"

/* Whether `blocks` shows the key to some query row of the heads that share a KV head. */
static bool listed(const heed_attention_args *a, size_t b, size_t kv_head, size_t j)
{
    const size_t group = a->q_heads / a->kv_heads;

    for (size_t h = kv_head * group; h < (kv_head + 1) * group; h++)
        for (size_t r = 0; r < rows_of(a, b); r++)
            if (block_is_visible(a, b, h, r, j))
                return true;
    return false;
}

bool may_read(const heed_attention_args *a, size_t b, size_t kv_head, size_t j)
{
    return seen_by_some(a, b, j) && listed(a, b, kv_head, j);
}

/* Where row j of a sequence stands in the tensors. */
static bool *row_at(const heed_attention_args *a, const struct readable *rows, size_t b, size_t h,
                    size_t j)
{
    size_t batch = b, row = j;

    if (a->kv_offsets) {
        batch = 0;
        row = (size_t)a->kv_offsets[b] + j;
    } else if (a->page_table) {
        batch =
            (size_t)
                a->page_table[(ptrdiff_t)b * a->page_table_stride + (ptrdiff_t)(j / a->page_rows)];
        row = j % a->page_rows;
    }
    return &rows->row[(batch * rows->shape.heads + h) * rows->shape.rows + row];
}

struct readable readable_rows(const heed_attention_args *a, struct shape k)
{
    struct readable rows = {{k.batch, k.heads, k.rows, 1}, NULL};

    rows.row = calloc(shape_count(rows.shape) + 1, sizeof *rows.row);
    for (size_t b = 0; b < a->batch; b++)
        for (size_t j = 0; j < keys_of(a, b); j++)
            for (size_t h = 0; h < a->kv_heads; h++)
                if (may_read(a, b, h, j))
                    *row_at(a, &rows, b, h, j) = true;
    return rows;
}

/*
 * Strides of some layout, in elements, of which a page has `page`: each row on a page of its own,
 * head after head or position after position; all heads of a position on one; or densely packed.
 */
static void draw_strides(struct random *random, struct tensor *t, size_t page)
{
    const ptrdiff_t rows = (ptrdiff_t)t->shape.rows, heads = (ptrdiff_t)t->shape.heads;
    const ptrdiff_t dim = (ptrdiff_t)t->shape.dim;
    const bool apart = t->shape.dim <= page && !random_once_in(random, 4);
    const bool together = t->shape.dim * t->shape.heads <= page && random_once_in(random, 3);
    const ptrdiff_t step = apart ? (ptrdiff_t)page : dim;

    if (random_once_in(random, 2)) {
        t->row_stride = step;
        t->head_stride = rows * step;
    } else {
        t->head_stride = apart && together ? dim : step;
        t->row_stride = apart && together ? step : heads * step;
    }
    t->batch_stride = heads * rows * step;
}

/* Where the first element stands in its page, so that a row begins there or ends with it. */
static size_t draw_offset(struct random *random, const struct tensor *t, size_t unit)
{
    const size_t size = dtype_size(t->dtype), dim = t->shape.dim;
    const size_t row = (t->head_stride == (ptrdiff_t)dim ? t->shape.heads * dim : dim) * size;

    return random_once_in(random, 2) || row > unit ? 0 : unit - row;
}

heed_input unseen_rows(struct trial *trial, const struct tensor *tensor,
                       const struct readable *rows)
{
    const struct shape *shape = &tensor->shape;
    const size_t unit = pages_unit(), size = dtype_size(tensor->dtype);
    struct tensor t = {.shape = *shape, .dtype = tensor->dtype};

    draw_strides(&trial->random, &t, unit / size);
    const size_t batch_bytes = (size_t)t.batch_stride * size;
    struct closed *memory = trial_closed(trial, shape->batch * batch_bytes + 2 * unit);
    t.first = memory->pages + draw_offset(&trial->random, &t, unit);
    for (size_t b = 0; b < shape->batch; b++)
        for (size_t h = 0; h < shape->heads; h++)
            for (size_t r = 0; r < shape->rows; r++) {
                void *at = tensor_address(&t, b, h, r, 0);

                if (!rows->row[(b * shape->heads + h) * shape->rows + r])
                    continue;
                memcpy(at, tensor_address(tensor, b, h, r, 0), shape->dim * size);
                closed_keep(memory, at, shape->dim * size);
            }
    return tensor_input(&t);
}

/* Whether some key of a page may be read. */
static bool page_is_read(const heed_attention_args *a, size_t b, size_t page)
{
    for (size_t j = page * a->page_rows; j < (page + 1) * a->page_rows && j < keys_of(a, b); j++)
        if (seen_by_some(a, b, j))
            return true;
    return false;
}

/* A batch's numbers begin, or end, where its first page of memory does. */
static size_t draw_first(struct random *random, const heed_attention_args *a, size_t per_unit)
{
    const size_t used = (a->kv_rows + a->page_rows - 1) / a->page_rows;
    size_t first = 0, end = used;

    while (first < used && !page_is_read(a, 0, first))
        first++;
    while (end > first && !page_is_read(a, 0, end - 1))
        end--;
    const size_t aligned = random_once_in(random, 2) ? first : end;
    return (per_unit - aligned % per_unit) % per_unit;
}

void unseen_pages(struct trial *trial, heed_attention_args *a)
{
    static const int32_t none[] = {-1, INT32_MIN, INT32_MAX};
    const size_t per_unit = pages_unit() / sizeof(int32_t);
    const size_t used = (a->kv_rows + a->page_rows - 1) / a->page_rows;
    const size_t stride = (used / per_unit + 2) * per_unit;
    struct closed *memory = trial_closed(trial, (a->batch + 1) * stride * sizeof(int32_t));
    int32_t *table = (int32_t *)(void *)memory->pages + draw_first(&trial->random, a, per_unit);

    for (size_t b = 0; b < a->batch; b++)
        for (size_t i = 0; i < used; i++) {
            int32_t *to = table + b * stride + i;
            const bool read = page_is_read(a, b, i);

            *to = read ? a->page_table[(ptrdiff_t)b * a->page_table_stride + (ptrdiff_t)i]
                       : RANDOM_OF(&trial->random, none);
            if (read)
                closed_keep(memory, to, sizeof *to);
        }
    a->page_table = table;
    a->page_table_stride = (ptrdiff_t)stride;
}

bool unseen_same(struct trial *trial, const char *name, const struct tensor *want,
                 const struct tensor *got)
{
    const struct shape *shape = &want->shape;

    for (size_t i = 0; i < shape_count(*shape); i++) {
        const size_t d = i % shape->dim, r = i / shape->dim % shape->rows;
        const size_t h = i / shape->dim / shape->rows % shape->heads;
        const size_t b = i / shape->dim / shape->rows / shape->heads;
        const double x = dtype_read(want->dtype, tensor_address(want, b, h, r, d));
        const double y = dtype_read(got->dtype, tensor_address(got, b, h, r, d));

        if (x != y && !(isnan(x) && isnan(y)))
            return trial_fails(trial, "%s[%zu][%zu][%zu][%zu] is %.9g, but %.9g where all is there",
                               name, b, h, r, d, y, x);
    }
    return true;
}
