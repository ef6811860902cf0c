/* SPDX-License-Identifier: MIT */
/*
 * test_strides.c - whatever the strides of a view, all of them zero included, a call gives the
 * bits that the same numbers give where they stand densely, and touches nothing beside them.
 */
#include <string.h>

#include "guarded.h"
#include "half.h"
#include "isa_test.h"
#include "sample_views.h"

enum { ROUNDS = 40 };

/* The views of a call, strided, and the same numbers densely, each in memory of its own. */
struct layout {
    struct sample_view views[SAMPLE_VIEWS];
    struct tensor tensors[SAMPLE_VIEWS];
    size_t count;
};

static heed_part strided_parts[2], dense_parts[2];

/* A merge has its views elsewhere: two calls need two places. */
static void own_parts(const struct operation *operation, union sample *sample, heed_part *parts)
{
    if (strcmp(operation->name, "merge"))
        return;
    memcpy(parts, sample->merge.parts, 2 * sizeof *parts);
    sample->merge.parts = parts;
}

static void place(struct layout *layout, size_t i)
{
    const heed_input view = tensor_input(&layout->tensors[i]);

    sample_view_set(&layout->views[i], &view);
}

/* Numbers to where `to` has them, in whatever order; rows that are one are written again. */
static void copy(const struct tensor *from, const struct tensor *to)
{
    const struct shape n = to->shape;

    for (size_t i = 0; i < n.batch * n.heads * n.rows; i++) {
        const size_t r = i % n.rows, h = i / n.rows % n.heads, b = i / n.rows / n.heads;

        memcpy(tensor_address(to, b, h, r, 0), tensor_address(from, b, h, r, 0),
               n.dim * dtype_size(to->dtype));
    }
}

static struct layout draw(struct random *random, const struct operation *operation,
                          union sample *sample, struct layout *dense)
{
    struct layout layout;

    layout.count = sample_views(operation, sample, layout.views);
    for (size_t i = 0; i < layout.count; i++) {
        const struct sample_view *view = &layout.views[i];
        const heed_dtype type = sample_view_get(view).dtype;

        layout.tensors[i] = tensor_new(random, view->shape, type, !view->written);
        dense->tensors[i] = tensor_packed(random, view->shape, type);
        if (view->written) { /* all zero means something else for the output of self-attention */
            layout.tensors[i].packed = dense->tensors[i].packed = false;
        } else {
            tensor_fill(random, &layout.tensors[i], -1.0f, 1.0f);
            copy(&layout.tensors[i], &dense->tensors[i]);
            guarded_protect(&layout.tensors[i].memory);
        }
        place(&layout, i);
        place(dense, i);
    }
    return layout;
}

static void expect_same(const struct operation *operation, const struct sample_view *view,
                        const struct tensor *strided, const struct tensor *dense)
{
    const struct shape n = strided->shape;

    for (size_t i = 0; i < n.batch * n.heads * n.rows; i++) {
        const size_t r = i % n.rows, h = i / n.rows % n.heads, b = i / n.rows / n.heads;

        cr_assert(!memcmp(tensor_address(strided, b, h, r, 0), tensor_address(dense, b, h, r, 0),
                          n.dim * dtype_size(dense->dtype)),
                  "%s: %s[%zu][%zu][%zu]", operation->name, view->name, b, h, r);
    }
}

struct call {
    const struct operation *operation;
    const union sample *sample;
    heed_status status;
};

static void run(void *argument)
{
    struct call *call = argument;

    call->status = call->operation->call(call->sample);
}

static void expect_ok(const struct operation *operation, const union sample *sample)
{
    struct call call = {operation, sample, HEED_OK};
    char reason[160] = "";
    void *where;

    cr_assert_eq(operation->check(sample, reason, sizeof reason), HEED_OK, "%s: %s",
                 operation->name, reason);
    cr_assert(call_guarded(run, &call, &where), "%s touched %p, outside its views", operation->name,
              where);
    cr_assert_eq(call.status, HEED_OK, "%s", operation->name);
}

/* The packed K, beside which there is no output: both stand in sample_output, one after the other.
 */
static unsigned char packed[sizeof sample_output];

static void compare(struct random *random, const struct operation *operation, union sample strided,
                    union sample dense)
{
    struct layout dense_layout;

    own_parts(operation, &strided, strided_parts);
    own_parts(operation, &dense, dense_parts);
    dense_layout.count = sample_views(operation, &dense, dense_layout.views);
    struct layout layout = draw(random, operation, &strided, &dense_layout);

    sample_blank_output();
    expect_ok(operation, &strided);
    memcpy(packed, sample_output, sizeof packed);
    sample_blank_output();
    expect_ok(operation, &dense);
    cr_assert_arr_eq(packed, sample_output, sizeof packed, "%s", operation->name);
    for (size_t i = 0; i < layout.count; i++) {
        if (layout.views[i].written)
            expect_same(operation, &layout.views[i], &layout.tensors[i], &dense_layout.tensors[i]);
        guarded_free(&layout.tensors[i].memory);
        guarded_free(&dense_layout.tensors[i].memory);
    }
}

ISA_TEST(strides, give_the_bits_of_dense_views)
{
    struct random random = {7};

    for (size_t i = 0; operation_at(i); i++)
        for (size_t round = 0; round < ROUNDS; round++) {
            const union sample sample = sample_of(operation_at(i), isa);

            compare(&random, operation_at(i), sample, sample);
        }
}

enum { ENTRIES = 2, HEADS = 3, CAPACITY = 70, QK_DIM = 9, V_DIM = 5 };

/* Rows appended to an empty cache in `memory`. */
static void append(const struct tensor *k, const struct tensor *v, const heed_isa *isa,
                   heed_dtype type, unsigned char *memory, size_t size)
{
    const heed_kv_create_args create = {HEED_SIZED(heed_kv_create_args),
                                        .batch = ENTRIES,
                                        .kv_heads = HEADS,
                                        .qk_dim = QK_DIM,
                                        .v_dim = V_DIM,
                                        .capacity = CAPACITY,
                                        .k_dtype = type,
                                        .v_dtype = type,
                                        .isa = isa,
                                        .memory = memory,
                                        .memory_size = size};
    heed_kv kv;
    const heed_kv_append_args rows = {HEED_SIZED(heed_kv_append_args), .rows = k->shape.rows,
                                      .k = tensor_input(k), .v = tensor_input(v), .kv = &kv};

    memset(memory, 0xff, size);
    cr_assert_eq(heed_kv_create(&create, &kv), HEED_OK);
    cr_assert_eq(heed_kv_append(&rows), HEED_OK);
}

ISA_TEST(strides, of_rows_for_a_cache)
{
    static _Alignas(64) unsigned char strided[1 << 16], dense[1 << 16];
    static const heed_dtype types[] = {HEED_F32, HEED_BF16, HEED_I8};
    struct random random = {10};

    for (size_t round = 0; round < ROUNDS; round++) {
        const size_t rows = 1 + random_below(&random, CAPACITY);
        const heed_dtype from = types[round % 2], type = RANDOM_OF(&random, types);
        struct tensor x[4];

        for (size_t i = 0; i < 2; i++) {
            const struct shape shape = {ENTRIES, HEADS, rows, i ? V_DIM : QK_DIM};

            x[i] = tensor_new(&random, shape, from, true);
            x[2 + i] = tensor_packed(&random, shape, from);
            tensor_fill(&random, &x[i], -1.0f, 1.0f);
            copy(&x[i], &x[2 + i]);
        }
        append(&x[0], &x[1], isa, type, strided, sizeof strided);
        append(&x[2], &x[3], isa, type, dense, sizeof dense);
        cr_assert_arr_eq(strided, dense, sizeof dense, "types %d to %d", (int)from, (int)type);
        for (size_t i = 0; i < 4; i++)
            guarded_free(&x[i].memory);
    }
}

static const float some_float = 1.0f;

/* Keys and values of 8 bits, whose scales are views as well; scores for people are one more. */
static union sample with_scales(struct random *random, const heed_isa *isa)
{
    static const heed_dtype types[] = {HEED_I8, HEED_F8};
    union sample sample = sample_of(operation_at(0), isa);
    heed_attention_args *a = &sample.attention;

    a->k.dtype = RANDOM_OF(random, types);
    a->v.dtype = RANDOM_OF(random, types);
    a->k_scales.data = a->v_scales.data = &some_float;
    a->scores.data = sample_output;
    return sample;
}

ISA_TEST(strides, of_scales_and_scores)
{
    struct random random = {8};

    cr_assert_str_eq(operation_at(0)->name, "attention");
    for (size_t round = 0; round < 4 * ROUNDS; round++) {
        const union sample sample = with_scales(&random, isa);

        compare(&random, operation_at(0), sample, sample);
    }
}

/* A problem that the short way takes, if its strides are dense. */
ISA_TEST(strides, of_tiny_problems)
{
    struct random random = {9};

    for (size_t round = 0; round < 8 * ROUNDS; round++) {
        union sample sample = sample_of(operation_at(0), isa);
        heed_attention_args *a = &sample.attention;

        a->batch = a->q_heads = a->kv_heads = 1;
        a->q_rows = 1 + random_below(&random, 6);
        a->kv_rows = 1 + random_below(&random, 4);
        a->qk_dim = a->v_dim = 1 + random_below(&random, 4);
        a->mask = HEED_MASK_NONE;
        a->lse.data = NULL;
        compare(&random, operation_at(0), sample, sample);
    }
}

/* One scale for all keys, as a tensor that was quantised whole has it. */
ISA_TEST(strides, one_number_for_a_whole_tensor)
{
    static const signed char k[2][3][2] = {{{2, 0}, {2, 0}, {2, 0}}, {{2, 0}, {2, 0}, {2, 0}}};
    static const float q[2] = {1.0f, 1.0f}, v[1] = {0.5f}, scale[1] = {0.25f};
    float o[2] = {-1.0f, -1.0f};
    heed_attention_args a = {
        HEED_SIZED(heed_attention_args),
        .batch = 2,
        .q_heads = 1,
        .kv_heads = 1,
        .q_rows = 1,
        .kv_rows = 3,
        .qk_dim = 2,
        .v_dim = 1,
        .q = {.data = q, .strided = 1},
        .k = {.data = k, .dtype = HEED_I8},
        .v = {.data = v, .strided = 1},
        .o.data = o,
        .k_scales = {.data = scale, .strided = 1},
        .isa = isa,
    };

    cr_assert_eq(heed_attention(&a), HEED_OK);
    cr_expect_eq(o[0], 0.5f);
    cr_expect_eq(o[1], 0.5f);
}
