/* SPDX-License-Identifier: MIT */
/* test_refusals.c - bad arguments: the status, the name in the reason, the output untouched. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include <criterion/criterion.h>

#include "samples.h"

/* One member of a valid call set to a value that makes it invalid. */
struct spoilt {
    const char *what;
    const char *operations[4]; /* whose arguments have this member there */
    size_t at, size;
    uintptr_t value;
    heed_status status;
    const char *named;
};

/* The operations last: their names as strings. */
#define SPOILT(type, member, value, status, named, ...)                                            \
    {                                                                                              \
#type ": " #member " = " #value, {__VA_ARGS__ }, offsetof(type, member),                   \
                                          sizeof(((type *)0)->member), (uintptr_t)(value), status, \
                                          named                                                    \
    }
#define INVALID(type, member, value, named, ...)                                                   \
    SPOILT(type, member, value, HEED_INVALID_ARGUMENT, named, __VA_ARGS__)

static bool concerns(const struct spoilt *spoilt, const struct operation *operation)
{
    for (size_t i = 0; i < 4 && spoilt->operations[i]; i++)
        if (!strcmp(spoilt->operations[i], operation->name))
            return true;
    return false;
}

static void expect_refusal(const struct operation *operation, const struct spoilt *spoilt)
{
    union sample sample = sample_of(operation, NULL);
    char reason[160] = "", cut[6];

    /* Of a value wider than the member, the low bytes: right on little-endian machines. */
    memcpy((char *)&sample + spoilt->at, &spoilt->value, spoilt->size);
    sample_blank_output();
    cr_expect_eq(operation->call(&sample), spoilt->status, "%s, %s", operation->name, spoilt->what);
    cr_expect_eq(operation->check(&sample, reason, sizeof reason), spoilt->status, "%s, %s",
                 operation->name, spoilt->what);
    cr_expect(strstr(reason, spoilt->named), "%s, %s: \"%s\" does not name %s", operation->name,
              spoilt->what, reason, spoilt->named);
    cr_expect_not(strchr(reason, '\n'), "%s, %s: more than a line", operation->name, spoilt->what);
    cr_expect_eq(operation->check(&sample, cut, sizeof cut), spoilt->status);
    cr_expect(strlen(cut) == sizeof cut - 1 && !strncmp(cut, reason, sizeof cut - 1));
    cr_expect_eq(operation->check(&sample, NULL, 0), spoilt->status);
    cr_expect(sample_output_is_blank(), "%s, %s: wrote", operation->name, spoilt->what);
}

static void expect_refusals(const struct spoilt *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t concerned = 0;

        for (size_t j = 0; operation_at(j); j++) {
            if (concerns(&list[i], operation_at(j))) {
                expect_refusal(operation_at(j), &list[i]);
                concerned++;
            }
        }
        cr_expect(concerned, "no operation has %s", list[i].what);
    }
}

#define EXPECT_REFUSALS(list) expect_refusals(list, sizeof(list) / sizeof *(list))

Test(refusals, valid_samples_are_accepted)
{
    for (size_t i = 0; operation_at(i); i++) {
        const union sample sample = sample_of(operation_at(i), NULL);
        char reason[32] = "unchanged";

        cr_expect_eq(operation_at(i)->check(&sample, reason, sizeof reason), HEED_OK, "%s: %s",
                     operation_at(i)->name, reason);
        cr_expect_str_empty(reason, "%s", operation_at(i)->name);
        cr_expect_eq(operation_at(i)->check(&sample, NULL, 0), HEED_OK);
    }
}

Test(refusals, missing_data)
{
    const struct spoilt list[] = {
        INVALID(heed_attention_args, q.data, 0, "q", "attention"),
        INVALID(heed_attention_args, k.data, 0, "k", "attention"),
        INVALID(heed_attention_args, v.data, 0, "v", "attention"),
        INVALID(heed_attention_args, o.data, 0, "o", "attention"),
        INVALID(heed_scores_args, q.data, 0, "q", "scores"),
        INVALID(heed_scores_args, k.data, 0, "k", "scores"),
        INVALID(heed_scores_args, s.data, 0, "s", "scores"),
        INVALID(heed_weighted_sum_args, w.data, 0, "w", "weighted_sum"),
        INVALID(heed_weighted_sum_args, v.data, 0, "v", "weighted_sum"),
        INVALID(heed_weighted_sum_args, o.data, 0, "o", "weighted_sum"),
        INVALID(heed_linear_args, x.data, 0, "x", "linear"),
        INVALID(heed_linear_args, w.data, 0, "w", "linear"),
        INVALID(heed_linear_args, y.data, 0, "y", "linear"),
        INVALID(heed_rows_args, x.data, 0, "x", "exp", "softmax", "normalize"),
        INVALID(heed_rows_args, y.data, 0, "y", "exp", "softmax", "normalize"),
        INVALID(heed_self_attention_args, x.data, 0, "x", "self_attention"),
        INVALID(heed_self_attention_args, wq.data, 0, "wq", "self_attention"),
        INVALID(heed_self_attention_args, wk.data, 0, "wk", "self_attention"),
        INVALID(heed_self_attention_args, wv.data, 0, "wv", "self_attention"),
        INVALID(heed_self_attention_args, o.data, 0, "o", "self_attention"),
        INVALID(heed_merge_args, parts, 0, "parts", "merge"),
        INVALID(heed_merge_args, o.data, 0, "o", "merge"),
        INVALID(heed_rope_args, x.data, 0, "x", "rope"),
        INVALID(heed_rope_args, y.data, 0, "y", "rope"),
    };

    EXPECT_REFUSALS(list);
}

static const float some_floats[64] = {NAN};
static const size_t too_long[] = {1000, 1000, 1000, 1000};
static const ptrdiff_t too_far[] = {PTRDIFF_MAX, 0, 0, 0};

Test(refusals, what_scores_cannot_be)
{
    const struct spoilt list[] = {
        INVALID(heed_attention_args, kv_lengths, too_long, "kv_lengths[0]", "attention"),
        INVALID(heed_attention_args, q_positions, too_far, "q_positions[0]", "attention"),
        INVALID(heed_attention_args, sinks, some_floats, "sinks[0]", "attention"),
        INVALID(heed_attention_args, softcap, 0xff800000, "softcap", "attention"),
        INVALID(heed_attention_args, softcap, 0xbf800000, "softcap", "attention"),
        INVALID(heed_attention_args, bias.data, 3, "bias", "attention"),
        INVALID(heed_attention_args, bias.data, sample_output, "bias", "attention"),
        SPOILT(heed_attention_args, visible.data, some_floats, HEED_UNSUPPORTED_TYPE, "visible",
               "attention"),
        SPOILT(heed_attention_args, blocks.data, some_floats, HEED_UNSUPPORTED_TYPE, "blocks",
               "attention"),
    };

    EXPECT_REFUSALS(list);
}

Test(refusals, heads_that_do_not_divide)
{
    const struct spoilt list[] = {
        INVALID(heed_attention_args, q_heads, 3, "q_heads", "attention"),
        INVALID(heed_attention_args, kv_heads, 3, "kv_heads", "attention"),
        INVALID(heed_attention_args, kv_heads, 0, "kv_heads", "attention"),
        INVALID(heed_scores_args, q_heads, 5, "q_heads", "scores"),
        INVALID(heed_scores_args, kv_heads, 0, "kv_heads", "scores"),
        INVALID(heed_weighted_sum_args, q_heads, 1, "q_heads", "weighted_sum"),
        INVALID(heed_weighted_sum_args, kv_heads, 8, "kv_heads", "weighted_sum"),
        INVALID(heed_self_attention_args, q_heads, 7, "q_heads", "self_attention"),
        INVALID(heed_self_attention_args, kv_heads, 0, "kv_heads", "self_attention"),
    };

    EXPECT_REFUSALS(list);
}

Test(refusals, unknown_enum_values)
{
    const struct spoilt list[] = {
        INVALID(heed_attention_args, mask, 3, "mask", "attention"),
        INVALID(heed_attention_args, mask, -1, "mask", "attention"),
        INVALID(heed_self_attention_args, mask, 3, "mask", "self_attention"),
        INVALID(heed_self_attention_args, mask, HEED_MASK_CAUSAL_FROM, "mask", "self_attention"),
        INVALID(heed_rope_args, pairs, 2, "pairs", "rope"),
        INVALID(heed_rope_args, pairs, -1, "pairs", "rope"),
#define TYPE(type, member, named, ...)                                                             \
    SPOILT(type, member.dtype, 77, HEED_UNSUPPORTED_TYPE, named, __VA_ARGS__)
        TYPE(heed_attention_args, q, "q", "attention"),
        TYPE(heed_attention_args, k, "k", "attention"),
        TYPE(heed_attention_args, v, "v", "attention"),
        TYPE(heed_attention_args, o, "o", "attention"),
        TYPE(heed_attention_args, lse, "lse", "attention"),
        TYPE(heed_scores_args, q, "q", "scores"),
        TYPE(heed_scores_args, k, "k", "scores"),
        TYPE(heed_scores_args, s, "s", "scores"),
        TYPE(heed_weighted_sum_args, w, "w", "weighted_sum"),
        TYPE(heed_weighted_sum_args, v, "v", "weighted_sum"),
        TYPE(heed_weighted_sum_args, o, "o", "weighted_sum"),
        TYPE(heed_linear_args, x, "x", "linear"),
        TYPE(heed_linear_args, w, "w", "linear"),
        TYPE(heed_linear_args, b, "b", "linear"),
        TYPE(heed_linear_args, y, "y", "linear"),
        TYPE(heed_rows_args, x, "x", "exp", "softmax", "normalize"),
        TYPE(heed_rows_args, y, "y", "exp", "softmax", "normalize"),
        TYPE(heed_self_attention_args, x, "x", "self_attention"),
        TYPE(heed_self_attention_args, wk, "wk", "self_attention"),
        TYPE(heed_self_attention_args, bq, "bq", "self_attention"),
        TYPE(heed_self_attention_args, o, "o", "self_attention"),
        TYPE(heed_merge_args, o, "o", "merge"),
        /* Types that stand for something else than numbers of f32, and sums that stay f32. */
        SPOILT(heed_scores_args, s.dtype, HEED_U8, HEED_UNSUPPORTED_TYPE, "s", "scores"),
        SPOILT(heed_rope_args, x.dtype, HEED_BITS, HEED_UNSUPPORTED_TYPE, "x", "rope"),
        SPOILT(heed_merge_args, lse.dtype, HEED_F16, HEED_UNSUPPORTED_TYPE, "lse", "merge"),
        SPOILT(heed_attention_args, lse.dtype, HEED_BF16, HEED_UNSUPPORTED_TYPE, "lse",
               "attention"),
        TYPE(heed_rope_args, x, "x", "rope"),
        TYPE(heed_rope_args, y, "y", "rope"),
    };

    EXPECT_REFUSALS(list);
}

Test(refusals, sizes_that_overflow)
{
    const struct spoilt list[] = {
        INVALID(heed_attention_args, batch, SIZE_MAX, "q", "attention"),
        INVALID(heed_attention_args, batch, SIZE_MAX / 8, "q", "attention"),
        INVALID(heed_attention_args, q_rows, SIZE_MAX / 2, "q", "attention"),
        INVALID(heed_attention_args, kv_rows, SIZE_MAX / 4, "k", "attention"),
        INVALID(heed_attention_args, qk_dim, SIZE_MAX, "q", "attention"),
        INVALID(heed_attention_args, v_dim, SIZE_MAX / 16, "v", "attention"),
        INVALID(heed_scores_args, kv_rows, SIZE_MAX / 8, "k", "scores"),
        INVALID(heed_weighted_sum_args, q_rows, SIZE_MAX / 8, "w", "weighted_sum"),
        INVALID(heed_linear_args, rows, SIZE_MAX, "x", "linear"),
        INVALID(heed_linear_args, out_dim, SIZE_MAX / 2, "w", "linear"),
        INVALID(heed_rows_args, rows, SIZE_MAX / 4, "x", "exp", "softmax", "normalize"),
        INVALID(heed_rows_args, cols, SIZE_MAX, "x", "exp", "softmax", "normalize"),
        INVALID(heed_self_attention_args, rows, SIZE_MAX / 4, "x", "self_attention"),
        INVALID(heed_self_attention_args, qk_dim, SIZE_MAX / 2 + 1, "wq", "self_attention"),
        INVALID(heed_merge_args, v_dim, SIZE_MAX / 4, "o", "merge"),
        INVALID(heed_merge_args, part_count, SIZE_MAX, "part", "merge"),
        INVALID(heed_rope_args, batch, SIZE_MAX, "x", "rope"),
        INVALID(heed_rope_args, rows, SIZE_MAX / 2, "x", "rope"),
        INVALID(heed_rope_args, dim, SIZE_MAX / 4, "x", "rope"),
    };

    EXPECT_REFUSALS(list);
}

Test(refusals, strides_that_cannot_be)
{
    const struct spoilt list[] = {
        INVALID(heed_attention_args, q.row_stride, PTRDIFF_MAX, "q", "attention"),
        INVALID(heed_attention_args, k.head_stride, PTRDIFF_MIN, "k", "attention"),
        INVALID(heed_attention_args, v.batch_stride, PTRDIFF_MAX / 2, "v", "attention"),
        /* Rows of an output on top of each other. */
        INVALID(heed_attention_args, o.row_stride, 1, "o", "attention"),
        INVALID(heed_attention_args, o.head_stride, 11, "o", "attention"),
        INVALID(heed_attention_args, lse.row_stride, 1, "lse", "attention"),
        INVALID(heed_scores_args, s.batch_stride, 1, "s", "scores"),
        INVALID(heed_linear_args, y.row_stride, 10, "y", "linear"),
        INVALID(heed_rows_args, y.row_stride, 69, "y", "exp", "softmax", "normalize"),
        INVALID(heed_merge_args, o.row_stride, 1, "o", "merge"),
        INVALID(heed_rope_args, y.row_stride, 10, "y", "rope"),
        INVALID(heed_rope_args, positions_batch_stride, PTRDIFF_MAX, "positions", "rope"),
        INVALID(heed_rope_args, positions_batch_stride, PTRDIFF_MAX / 4, "positions", "rope"),
    };

    EXPECT_REFUSALS(list);
}

Test(refusals, overlap)
{
    const uintptr_t out = (uintptr_t)sample_output;
    const struct spoilt list[] = {
        INVALID(heed_attention_args, q.data, out, "q", "attention"),
        INVALID(heed_attention_args, k.data, out + 400, "k", "attention"),
        INVALID(heed_attention_args, v.data, out + 16, "v", "attention"),
        INVALID(heed_attention_args, lse.data, out + 40, "lse", "attention"),
        INVALID(heed_scores_args, q.data, out + 8, "q", "scores"),
        INVALID(heed_weighted_sum_args, w.data, out + 8, "w", "weighted_sum"),
        INVALID(heed_linear_args, b.data, out + 4, "b", "linear"),
        INVALID(heed_rows_args, x.data, out + 4, "x", "exp", "softmax", "normalize"),
        INVALID(heed_self_attention_args, wv.data, out, "wv", "self_attention"),
        INVALID(heed_merge_args, lse.data, out + 12, "lse", "merge"),
        INVALID(heed_rope_args, x.data, out + 4, "x", "rope"),
        INVALID(heed_rope_args, positions, out + 8, "positions", "rope"),
    };

    EXPECT_REFUSALS(list);
}

Test(refusals, misaligned_elements)
{
    static float numbers[8192];
    const uintptr_t odd = (uintptr_t)numbers + 1;
    const struct spoilt list[] = {
        INVALID(heed_attention_args, q.data, odd, "q", "attention"),
        INVALID(heed_scores_args, k.data, odd, "k", "scores"),
        INVALID(heed_rows_args, x.data, odd, "x", "exp", "softmax", "normalize"),
        INVALID(heed_rope_args, x.data, odd, "x", "rope"),
        INVALID(heed_rope_args, positions, odd, "positions", "rope"),
    };

    EXPECT_REFUSALS(list);
}
