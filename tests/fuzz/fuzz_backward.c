/* SPDX-License-Identifier: MIT */
/*
 * fuzz_backward.c - gradients of attention over sizes, masks, biases and types from bytes,
 * compared with the reference.
 *
 * Operands are dense, or one row everywhere, each in exactly the memory that it takes, so that
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

enum { OPERANDS = 16 };

/* What one input allocated. */
struct arena {
    void *memory[OPERANDS];
    size_t count;
};

static void *take(struct arena *arena, size_t bytes)
{
    void *memory = malloc(bytes ? bytes : 1);

    memset(memory, 0xff, bytes);
    return arena->memory[arena->count++] = memory;
}

/* Numbers in [-2, 2], now and then `rare`. */
static void *draw_numbers(struct arena *arena, struct bytes *bytes, heed_dtype type, size_t count,
                          double rare)
{
    unsigned char *x = take(arena, count * dtype_size(type));
    uint64_t state = bytes_word(bytes) | 1;

    for (size_t i = 0; i < count; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        const uint8_t byte = bytes->left ? bytes_next(bytes) : (uint8_t)(1 + (state >> 40) % 254);

        dtype_write(type, x + i * dtype_size(type), byte == 255 ? rare : (byte - 128) / 64.0);
    }
    return x;
}

static heed_dtype draw_type(struct bytes *bytes)
{
    static const heed_dtype types[] = {HEED_F32, HEED_F16, HEED_BF16};

    return types[bytes_between(bytes, 0, 2)];
}

static heed_input draw_input(struct arena *arena, struct bytes *bytes, size_t count, double rare)
{
    const heed_dtype type = draw_type(bytes);

    return (heed_input){.data = draw_numbers(arena, bytes, type, count, rare), .dtype = type};
}

/* Mostly rows of their own, now and then one for all. */
static heed_input draw_rows(struct arena *arena, struct bytes *bytes, size_t rows, size_t dim)
{
    const bool one = bytes_next(bytes) % 8 == 7;
    heed_input x = draw_input(arena, bytes, one ? dim : rows * dim, NAN);

    x.strided = one;
    return x;
}

static heed_attention_backward_args draw_sizes(struct bytes *bytes)
{
    heed_attention_backward_args a = {HEED_SIZED(heed_attention_backward_args)};
    size_t count = 0, choice = bytes_next(bytes);

    while (heed_isa_at(count))
        count++;
    while (!a.isa || !heed_isa_supported(a.isa))
        a.isa = heed_isa_at(choice++ % count);
    a.batch = bytes_between(bytes, 0, 2);
    a.kv_heads = bytes_between(bytes, 1, 2);
    a.q_heads = a.kv_heads * bytes_between(bytes, 1, 2);
    a.q_rows = bytes_between(bytes, 0, 120);
    a.kv_rows = bytes_between(bytes, 0, 120);
    a.qk_dim = bytes_between(bytes, 1, 20);
    a.v_dim = bytes_between(bytes, 0, 20);
    a.mask = (heed_mask)bytes_between(bytes, 0, 2);
    a.q_position = 2 * bytes_signed(bytes);
    return a;
}

static void draw_sight(struct bytes *bytes, heed_attention_backward_args *a)
{
    size_t *const distances[] = {&a->window_left, &a->window_right, &a->local_chunk, &a->prefix};

    for (size_t i = 0; i < sizeof distances / sizeof *distances; i++)
        *distances[i] = bytes_next(bytes) % 3 ? 0 : bytes_next(bytes);
}

/* A bias for all heads, bits for all batches, a cap.  The slopes would need small scores. */
static void draw_rules(struct arena *arena, struct bytes *bytes, heed_attention_backward_args *a)
{
    const size_t row = (a->kv_rows + 7) / 8, choice = bytes_next(bytes);

    if (choice & 1)
        a->softcap = 2.0f;
    if (choice & 2) {
        const heed_input bias =
            draw_input(arena, bytes, a->batch * a->q_rows * a->kv_rows, -INFINITY);

        a->bias = (heed_score_view){
            bias.data, bias.dtype, (ptrdiff_t)(a->q_rows * a->kv_rows), 0, (ptrdiff_t)a->kv_rows,
            1};
    }
    if (choice & 4) {
        unsigned char *bits = take(arena, a->q_heads * a->q_rows * row);

        for (size_t i = 0; i < a->q_heads * a->q_rows * row; i++)
            bits[i] = bytes->left ? bytes_next(bytes) : (unsigned char)(i * 37);
        a->visible =
            (heed_score_view){bits, HEED_BITS, 0, (ptrdiff_t)(a->q_rows * row), (ptrdiff_t)row, 1};
    }
}

static void fail(const heed_attention_backward_args *a, const char *what, size_t i, double got,
                 double want)
{
    fprintf(stderr,
            "%s: %s[%zu] is %.9g, not %.9g: batch %zu, heads %zu over %zu, rows %zu over %zu, dims "
            "%zu and %zu, mask %d from %td, window %zu %zu, chunk %zu, prefix %zu, cap %g%s%s\n",
            heed_isa_name(a->isa), what, i, got, want, a->batch, a->q_heads, a->kv_heads, a->q_rows,
            a->kv_rows, a->qk_dim, a->v_dim, (int)a->mask, a->q_position, a->window_left,
            a->window_right, a->local_chunk, a->prefix, (double)a->softcap,
            a->bias.data ? ", bias" : "", a->visible.data ? ", bits" : "");
    abort();
}

/* Gradients of f32, and what is wanted there. */
struct gradient {
    const char *name;
    float *got;
    struct bounded *want;
    size_t count;
};

static struct gradient new_gradient(struct arena *arena, const char *name, size_t count)
{
    return (struct gradient){name, take(arena, count * sizeof(float)),
                             take(arena, count * sizeof(struct bounded)), count};
}

static void expect_right(const heed_attention_backward_args *a, const struct gradient *g)
{
    for (size_t i = 0; i < g->count; i++)
        if (!bounded_accepts(g->want[i], g->got[i]))
            fail(a, g->name, i, (double)g->got[i], g->want[i].value);
}

/* o and lse of the library itself: the reference takes them as they are. */
static void attend(struct arena *arena, heed_attention_backward_args *a)
{
    const size_t rows = a->batch * a->q_heads * a->q_rows;
    heed_attention_args forward = reference_forward(a);

    forward.o.data = take(arena, rows * a->v_dim * sizeof(float));
    forward.lse.data = take(arena, rows * sizeof(float));
    if (heed_attention(&forward) != HEED_OK)
        fail(a, "status of attention", 0, 1, 0);
    a->o.data = forward.o.data;
    a->lse.data = forward.lse.data;
}

static void differentiate(struct arena *arena, heed_attention_backward_args *a)
{
    const size_t rows = a->batch * a->q_heads * a->q_rows,
                 keys = a->batch * a->kv_heads * a->kv_rows;
    const struct gradient d_q = new_gradient(arena, "d_q", rows * a->qk_dim);
    const struct gradient d_k = new_gradient(arena, "d_k", keys * a->qk_dim);
    const struct gradient d_v = new_gradient(arena, "d_v", keys * a->v_dim);
    const struct gradient d_bias = new_gradient(arena, "d_bias", rows * a->kv_rows);

    a->d_q.data = d_q.got;
    a->d_k.data = d_k.got;
    a->d_v.data = d_v.got;
    a->d_bias = (heed_score_output){d_bias.got,
                                    HEED_F32,
                                    (ptrdiff_t)(a->q_heads * a->q_rows * a->kv_rows),
                                    (ptrdiff_t)(a->q_rows * a->kv_rows),
                                    (ptrdiff_t)a->kv_rows,
                                    1};
    reference_backward(
        a, &(struct reference_gradients){d_q.want, d_k.want, d_v.want, d_bias.want, NULL});
    if (heed_attention_backward(a) != HEED_OK)
        fail(a, "status", 0, 1, 0);
    expect_right(a, &d_q);
    expect_right(a, &d_k);
    expect_right(a, &d_v);
    expect_right(a, &d_bias);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    struct arena arena = {.count = 0};
    heed_attention_backward_args a = draw_sizes(&bytes);
    const size_t rows = a.batch * a.q_heads * a.q_rows, keys = a.batch * a.kv_heads * a.kv_rows;

    draw_sight(&bytes, &a);
    draw_rules(&arena, &bytes, &a);
    a.q = draw_rows(&arena, &bytes, rows, a.qk_dim);
    a.k = draw_rows(&arena, &bytes, keys, a.qk_dim);
    a.v = draw_rows(&arena, &bytes, keys, a.v_dim);
    a.d_o = draw_rows(&arena, &bytes, rows, a.v_dim);
    attend(&arena, &a);
    differentiate(&arena, &a);
    for (size_t i = 0; i < arena.count; i++)
        free(arena.memory[i]);
    return 0;
}
