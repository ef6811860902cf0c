/* SPDX-License-Identifier: MIT */
/* reach.c - which floats a view spans, in numbers that cannot overflow. */
#include "reach.h"

#include "samples.h"

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

bool little_work(size_t q_rows, size_t kv_rows)
{
    return size(q_rows) * size(kv_rows) <= MOST_WORK;
}

static bool within(const struct memory *memory, const heed_input *view, size_t batch, size_t heads,
                   size_t rows, size_t dim)
{
    const wide n[] = {size(batch), size(heads), size(rows)};
    wide stride[] = {view->batch_stride, view->head_stride, view->row_stride};
    wide low = ((const char *)view->data - (const char *)memory->numbers) / (wide)sizeof(float);
    wide high;

    if ((const char *)view->data < (const char *)memory->numbers)
        return false; /* by less than a float, perhaps, which the division above rounds away */
    /* Nothing is read, but an absurd number of rows of no dimensions takes its time. */
    if (!batch || !heads || !rows || !dim)
        return n[0] <= MOST_WORK && n[1] <= MOST_WORK && n[2] <= MOST_WORK;
    if (n[0] * n[1] * n[2] > MOST_WORK || n[0] * n[1] * n[2] * size(dim) > MOST_WORK)
        return false;
    if (!view->strided && !stride[0] && !stride[1] && !stride[2]) {
        stride[2] = size(dim);
        stride[1] = n[2] * stride[2];
        stride[0] = n[1] * stride[1];
    }
    high = low + size(dim);
    for (int i = 0; i < 3; i++) {
        const wide reach = (n[i] - 1) * stride[i];

        low += reach < 0 ? reach : 0;
        high += reach > 0 ? reach : 0;
    }
    return low >= 0 && high <= (wide)memory->count;
}

bool reads(const heed_input *view, size_t batch, size_t heads, size_t rows, size_t dim)
{
    return within(&inputs, view, batch, heads, rows, dim);
}

bool reads_matrix(const heed_input *view, size_t batch, size_t rows, size_t dim)
{
    heed_input used = *view;

    used.head_stride = 0;
    if (batch == 1)
        used.batch_stride = 0;
    return reads(&used, batch, 1, rows, dim);
}

bool reads_bias(const heed_input *view, size_t dim)
{
    return !view->data || reads_matrix(view, 1, 1, dim);
}

bool reads_if_any(const heed_input *view, size_t batch, size_t heads, size_t rows, size_t dim)
{
    return !view->data || reads(view, batch, heads, rows, dim);
}

bool writes(const heed_output *view, size_t batch, size_t heads, size_t rows, size_t dim)
{
    const heed_input same = {.data = view->data,
                             .dtype = view->dtype,
                             .strided = view->strided,
                             .batch_stride = view->batch_stride,
                             .head_stride = view->head_stride,
                             .row_stride = view->row_stride};

    return within(&outputs, &same, batch, heads, rows, dim);
}

bool writes_matrix(const heed_output *view, size_t batch, size_t rows, size_t dim)
{
    heed_output used = *view;

    used.head_stride = 0;
    if (batch == 1)
        used.batch_stride = 0;
    return writes(&used, batch, 1, rows, dim);
}

bool writes_if_any(const heed_output *view, size_t batch, size_t heads, size_t rows, size_t dim)
{
    return !view->data || writes(view, batch, heads, rows, dim);
}
