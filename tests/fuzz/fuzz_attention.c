/* SPDX-License-Identifier: MIT */
/*
 * fuzz_attention.c - valid and nearly valid attention: sizes, strides, values and
 * masks from bytes, the result compared with the reference.
 *
 * Every view gets exactly the memory that its strides reach, so that
 * AddressSanitizer sees an access beside it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <heed/heed.h>

#include "bytes.h"
#include "half.h"
#include "reference.h"

/* A view's memory; `zero` is where element [0][0][0][0] stands in it. */
struct memory {
    char *numbers;
    size_t count, zero;
    heed_dtype type;
};

struct sizes {
    size_t batch, heads, rows, dim;
};

static ptrdiff_t reach(size_t count, ptrdiff_t stride)
{
    return count ? (ptrdiff_t)(count - 1) * stride : 0;
}

static struct memory allocate(const heed_input *view, const struct sizes *n)
{
    const ptrdiff_t reaches[] = {reach(n->batch, view->batch_stride),
                                 reach(n->heads, view->head_stride),
                                 reach(n->rows, view->row_stride)};
    ptrdiff_t low = 0, high = (ptrdiff_t)n->dim;
    const size_t size = dtype_size(view->dtype);
    struct memory memory = {.type = view->dtype};

    for (size_t i = 0; i < 3; i++) {
        low += reaches[i] < 0 ? reaches[i] : 0;
        high += reaches[i] > 0 ? reaches[i] : 0;
    }
    if (!view->strided && !view->batch_stride && !view->head_stride && !view->row_stride)
        high = (ptrdiff_t)(n->batch * n->heads * n->rows * n->dim);
    memory.count = (size_t)(high - low);
    memory.zero = (size_t)-low;
    memory.numbers = malloc(memory.count * size + 1);
    memset(memory.numbers, 0xff, memory.count * size);
    return memory;
}

static void *number_zero(const struct memory *memory)
{
    return memory->numbers + memory->zero * dtype_size(memory->type);
}

/*
 * Strides: packed, or head by head and row by row with room between, or any small
 * ones at all, or one row everywhere, which make inputs repeat and outputs invalid.
 */
static heed_input draw_view(struct bytes *bytes, const struct sizes *n)
{
    const ptrdiff_t room = bytes_signed(bytes) & 15, dim = (ptrdiff_t)n->dim + room;
    const uint8_t choice = bytes_next(bytes);
    heed_input view = {.strided = choice >> 4 & 1};

    switch (choice % 4) {
    case 1:
        view.row_stride = dim;
        view.head_stride = dim * (ptrdiff_t)n->rows;
        view.batch_stride = -view.head_stride * (ptrdiff_t)n->heads;
        break;
    case 2:
        view.head_stride = dim;
        view.row_stride = -dim * (ptrdiff_t)n->heads;
        view.batch_stride = -view.row_stride * (ptrdiff_t)n->rows;
        break;
    case 3:
        view.batch_stride = bytes_signed(bytes);
        view.head_stride = bytes_signed(bytes);
        view.row_stride = bytes_signed(bytes);
        break;
    }
    return view;
}

/* Mostly ordinary numbers; NaN in all, infinities where the formula is exact about them. */
static void fill(struct bytes *bytes, const struct memory *memory, bool infinities)
{
    uint64_t state = bytes_word(bytes) | 1;

    for (size_t i = 0; i < memory->count; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        const uint8_t byte = bytes->left ? bytes_next(bytes) : (uint8_t)(1 + (state >> 40) % 254);

        const float number = byte == 255 && memory->type != HEED_I8 ? NAN
                             : byte == 0 && infinities              ? (i % 2 ? INFINITY : -INFINITY)
                                                                    : ((float)byte - 128) / 32;

        dtype_write(memory->type, memory->numbers + i * dtype_size(memory->type), (double)number);
    }
}

static size_t isa_count(void)
{
    size_t count = 0;

    while (heed_isa_at(count))
        count++;
    return count;
}

/* Often none; else a window, a chunk, a prefix of any length. */
static void draw_sight(struct bytes *bytes, heed_attention_args *a)
{
    size_t *const lengths[] = {&a->window_left, &a->window_right, &a->local_chunk, &a->prefix};
    const uint8_t which = bytes_next(bytes);

    for (size_t i = 0; i < 4; i++)
        if (which >> i & 1 && which & 0x10)
            *lengths[i] = bytes_between(bytes, 0, 250);
}

static heed_attention_args draw_sizes(struct bytes *bytes)
{
    static const float scales[] = {0.0f, 1.0f, -0.5f, 0.02f, 4.0f};
    heed_attention_args a = {HEED_SIZED(heed_attention_args)};
    size_t choice = bytes_next(bytes);

    /* The next one that runs here. */
    while (!a.isa || !heed_isa_supported(a.isa))
        a.isa = heed_isa_at(choice++ % isa_count());
    a.batch = bytes_between(bytes, 0, 2);
    a.kv_heads = bytes_between(bytes, 1, 3);
    a.q_heads = a.kv_heads * bytes_between(bytes, 1, 3);
    a.q_rows = bytes_between(bytes, 0, 9);
    a.kv_rows = bytes_between(bytes, 0, 200) + (bytes_next(bytes) % 16 ? 0 : 1000);
    a.qk_dim = bytes_between(bytes, 1, 40);
    a.v_dim = bytes_between(bytes, 0, 40);
    a.mask = (heed_mask)bytes_between(bytes, 0, 2);
    a.q_position = 2 * bytes_signed(bytes);
    a.scale = scales[bytes_between(bytes, 0, sizeof scales / sizeof *scales - 1)];
    draw_sight(bytes, &a);
    a.precision = (heed_precision)bytes_between(bytes, 0, 3); /* 3 is none */
    return a;
}

/* Mostly f32; else of 8 bits, with scales. */
static heed_dtype draw_type(struct bytes *bytes)
{
    static const heed_dtype types[] = {HEED_F32, HEED_F32, HEED_I8, HEED_F8};

    return types[bytes_next(bytes) % 4];
}

static void fail(const heed_attention_args *a, const char *what, size_t i, double got, double want)
{
    fprintf(stderr,
            "%s: %s[%zu] is %.9g, not %.9g: batch %zu, heads %zu over %zu, rows %zu over %zu, dims "
            "%zu and %zu, scale %g, mask %d from %td, window %zu %zu, chunk %zu, prefix %zu\n",
            heed_isa_name(a->isa), what, i, got, want, a->batch, a->q_heads, a->kv_heads, a->q_rows,
            a->kv_rows, a->qk_dim, a->v_dim, (double)a->scale, (int)a->mask, a->q_position,
            a->window_left, a->window_right, a->local_chunk, a->prefix);
    abort();
}

/* Compares element by element and marks it, so that what is left must be unwritten. */
static void compare(const heed_attention_args *a, const char *what, const heed_input *view,
                    const struct sizes *n, const struct memory *memory, const struct bounded *want)
{
    heed_input strides = *view;

    if (!view->strided && !view->batch_stride && !view->head_stride && !view->row_stride) {
        strides.row_stride = (ptrdiff_t)n->dim;
        strides.head_stride = (ptrdiff_t)(n->rows * n->dim);
        strides.batch_stride = (ptrdiff_t)(n->heads * n->rows * n->dim);
    }
    for (size_t i = 0; i < n->batch * n->heads * n->rows * n->dim; i++) {
        const size_t d = i % n->dim, r = i / n->dim % n->rows, h = i / n->dim / n->rows % n->heads;
        const size_t b = i / n->dim / n->rows / n->heads;
        float *got = (float *)number_zero(memory) + (ptrdiff_t)b * strides.batch_stride +
                     (ptrdiff_t)h * strides.head_stride + (ptrdiff_t)r * strides.row_stride + d;

        if (!bounded_accepts(want[i], *got))
            fail(a, what, i, (double)*got, want[i].value);
        memset(got, 0xff, sizeof *got);
    }
    for (size_t i = 0; i < memory->count * sizeof(float); i++)
        if ((unsigned char)memory->numbers[i] != 0xff)
            fail(a, "gap", i, 0, 0);
}

static void expect_right(const heed_attention_args *a, const heed_input *o_view,
                         const struct memory *o, const struct memory *lse)
{
    const size_t rows = a->batch * a->q_heads * a->q_rows;
    struct bounded *want_o = calloc(rows * a->v_dim + 1, sizeof *want_o);
    struct bounded *want_lse = calloc(rows + 1, sizeof *want_lse);
    const heed_input packed = {0};

    reference_attention(a, want_o, want_lse, NULL);
    if (heed_attention(a) != HEED_OK)
        fail(a, "status", 0, 1, 0);
    compare(a, "o", o_view, &(struct sizes){a->batch, a->q_heads, a->q_rows, a->v_dim}, o, want_o);
    compare(a, "lse", &packed, &(struct sizes){a->batch, a->q_heads, a->q_rows, 1}, lse, want_lse);
    free(want_o);
    free(want_lse);
}

static void expect_untouched(const heed_attention_args *a, heed_status status,
                             const struct memory *o)
{
    if (heed_attention(a) != status)
        fail(a, "status", 0, 0, (double)status);
    for (size_t i = 0; i < o->count * sizeof(float); i++)
        if ((unsigned char)o->numbers[i] != 0xff)
            fail(a, "refused, yet o", i, 0, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    heed_attention_args a = draw_sizes(&bytes);
    const struct sizes q = {a.batch, a.q_heads, a.q_rows, a.qk_dim};
    const struct sizes k = {a.batch, a.kv_heads, a.kv_rows, a.qk_dim};
    const struct sizes v = {a.batch, a.kv_heads, a.kv_rows, a.v_dim};
    const struct sizes o = {a.batch, a.q_heads, a.q_rows, a.v_dim};
    const struct sizes lse = {a.batch, a.q_heads, a.q_rows, 1};
    const heed_input packed = {0}, o_view = draw_view(&bytes, &o);
    const struct sizes scales = {a.batch, a.kv_heads, a.kv_rows, 1};
    struct memory memory[7];
    char reason[200];

    a.q = draw_view(&bytes, &q);
    a.k = draw_view(&bytes, &k);
    a.v = draw_view(&bytes, &v);
    a.k_scales = draw_view(&bytes, &scales);
    a.v_scales = draw_view(&bytes, &scales);
    a.k.dtype = draw_type(&bytes);
    a.v.dtype = draw_type(&bytes);
    memory[0] = allocate(&a.q, &q);
    memory[1] = allocate(&a.k, &k);
    memory[2] = allocate(&a.v, &v);
    memory[3] = allocate(&o_view, &o);
    memory[4] = allocate(&packed, &lse);
    memory[5] = allocate(&a.k_scales, &scales);
    memory[6] = allocate(&a.v_scales, &scales);
    for (size_t i = 0; i < 7; i++)
        if (i != 3 && i != 4)
            fill(&bytes, &memory[i], i < 2 && a.k.dtype == HEED_F32);
    a.q.data = number_zero(&memory[0]);
    a.k.data = number_zero(&memory[1]);
    a.v.data = number_zero(&memory[2]);
    if (a.k.dtype != HEED_F32)
        a.k_scales.data = number_zero(&memory[5]);
    if (a.v.dtype != HEED_F32)
        a.v_scales.data = number_zero(&memory[6]);
    a.o = (heed_output){.data = number_zero(&memory[3]),
                        .strided = o_view.strided,
                        .batch_stride = o_view.batch_stride,
                        .head_stride = o_view.head_stride,
                        .row_stride = o_view.row_stride};
    a.lse.data = memory[4].numbers;

    const heed_status status = heed_attention_check(&a, reason, sizeof reason);
    if (status == HEED_OK)
        expect_right(&a, &o_view, &memory[3], &memory[4]);
    else
        expect_untouched(&a, status, &memory[3]);
    for (size_t i = 0; i < 7; i++)
        free(memory[i].numbers);
    return 0;
}
