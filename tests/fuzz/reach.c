/* SPDX-License-Identifier: MIT */
/* reach.c - which floats a view spans, in numbers that cannot overflow. */
#include "reach.h"

/* Whole numbers of any size a view can reach: 64 bits times 64 bits. */
__extension__ typedef __int128 wide;

struct memory {
    const float *numbers;
    size_t count;
};

static const struct memory inputs = {sample_numbers, SAMPLE_NUMBERS};
static const struct memory outputs = {sample_output, SAMPLE_OUTPUT};

/* Sizes beyond any memory here saturate, so that products of three of them do not overflow. */
static wide size(size_t n)
{
    return n < (size_t)1 << 40 ? (wide)n : (wide)1 << 40;
}

bool little_work(size_t batch, size_t heads, size_t q_rows, size_t kv_rows)
{
    const wide rows = size(batch) * size(heads) * size(q_rows);

    return rows <= MOST_WORK && size(kv_rows) <= MOST_WORK && rows * size(kv_rows) <= MOST_WORK;
}

/* The first numbers that a view may take, and the end of the last ones. */
static bool reach_within(const struct memory *memory, const heed_input *view, const wide n[3],
                         const wide stride[3], wide dim)
{
    wide low = ((const char *)view->data - (const char *)memory->numbers) / (wide)sizeof(float);
    wide high = low + dim;

    for (int i = 0; i < 3; i++) {
        const wide reach = (n[i] - 1) * stride[i];

        low += reach < 0 ? reach : 0;
        high += reach > 0 ? reach : 0;
    }
    return low >= 0 && high <= (wide)memory->count;
}

bool view_within_memory(const struct sample_view *view)
{
    const struct memory *memory = view->written ? &outputs : &inputs;
    const struct shape *shape = &view->shape;
    const heed_input v = sample_view_get(view);
    const wide n[] = {size(shape->batch), size(shape->heads), size(shape->rows)};
    const wide dim = size(shape->dim);
    wide stride[] = {view->without & NO_BATCH_STRIDE ? 0 : v.batch_stride,
                     view->without & NO_HEAD_STRIDE ? 0 : v.head_stride, v.row_stride};

    /* Nothing is read, but an absurd number of rows of no dimensions takes its time. */
    if (!n[0] || !n[1] || !n[2] || !dim)
        return n[0] <= MOST_WORK && n[1] <= MOST_WORK && n[2] <= MOST_WORK &&
               (!n[0] || !n[1] || !n[2] || n[0] * n[1] * n[2] <= MOST_WORK);
    if (n[0] * n[1] * n[2] > MOST_WORK || n[0] * n[1] * n[2] * dim > MOST_WORK)
        return false;
    if ((const char *)v.data < (const char *)memory->numbers)
        return false; /* by less than a float, perhaps, which a division would round away */
    if (!v.strided && !stride[0] && !stride[1] && !stride[2]) {
        stride[2] = dim;
        stride[1] = n[2] * stride[2];
        stride[0] = n[1] * stride[1];
    }
    return reach_within(memory, &v, n, stride, dim);
}
