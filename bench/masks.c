/* SPDX-License-Identifier: MIT */
/* masks.c - padding, scattered pairs and biases, as views of memory. */
#include "masks.h"

#include <string.h>

#include "buffers.h"

/* N(0,1) is below it once in eight times. */
static const float hidden_below = -1.15f;

static float *new_bytes(double bytes)
{
    return buffer_new(((size_t)bytes + sizeof(float) - 1) / sizeof(float));
}

static float *pad(heed_attention_args *a, const struct workload *w)
{
    float *memory = new_bytes(workload_mask_bytes(w));
    unsigned char *bytes = (unsigned char *)memory;

    for (size_t b = 0; b < w->batch; b++)
        memset(bytes + b * w->kv_rows, 1, workload_length(w, b));
    a->visible = (heed_score_view){
        .data = bytes, .dtype = HEED_U8, .batch_stride = (ptrdiff_t)w->kv_rows, .key_stride = 1};
    return memory;
}

static float *scatter(heed_attention_args *a, const struct workload *w, const float *numbers)
{
    const bool bits = w->mask == MASK_BITS;
    const size_t row = bits ? (w->kv_rows + 7) / 8 : w->kv_rows;
    float *memory = new_bytes((double)(w->q_rows * row));
    unsigned char *bytes = (unsigned char *)memory;

    for (size_t i = 0; i < w->q_rows * w->kv_rows; i++) {
        const size_t r = i / w->kv_rows, j = i % w->kv_rows;
        const unsigned seen = numbers[i] >= hidden_below;

        if (bits)
            bytes[r * row + j / 8] |= (unsigned char)(seen << j % 8);
        else
            bytes[i] = (unsigned char)seen;
    }
    a->visible = (heed_score_view){.data = bytes,
                                   .dtype = bits ? HEED_BITS : HEED_U8,
                                   .row_stride = (ptrdiff_t)row,
                                   .key_stride = 1};
    return memory;
}

static float *bias(heed_attention_args *a, const struct workload *w, const float *numbers)
{
    const size_t count = workload_mask_numbers(w), head = w->q_rows * w->kv_rows;
    float *memory = buffer_new(count);

    memcpy(memory, numbers, count * sizeof *numbers);
    a->bias = (heed_score_view){.data = memory,
                                .head_stride = w->mask == HEAD_BIAS ? (ptrdiff_t)head : 0,
                                .row_stride = (ptrdiff_t)w->kv_rows,
                                .key_stride = 1};
    return memory;
}

float *masks_open(heed_attention_args *a, const struct workload *w, const float *numbers)
{
    a->mask = w->causal ? HEED_MASK_CAUSAL : HEED_MASK_NONE;
    a->window_left = w->window;
    switch (w->mask) {
    case MASK_PAD:
        return pad(a, w);
    case MASK_BITS:
    case MASK_BYTES:
        return scatter(a, w, numbers);
    case BIAS:
    case HEAD_BIAS:
        return bias(a, w, numbers);
    case NO_MASK:
        break;
    }
    return NULL;
}
