/* SPDX-License-Identifier: MIT */
/* test_zero_sizes.c - a size of zero is valid, and writes what there is to write: mostly nothing.
 */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "isa_test.h"
#include "samples.h"

/* A size, by operation, whose absence leaves no output. */
struct size_member {
    const char *operation;
    size_t at[2]; /* both become zero; the same one twice if alone */
};

#define ONE(operation, type, member)                                                               \
    {                                                                                              \
        operation,                                                                                 \
        {                                                                                          \
            offsetof(type, member), offsetof(type, member)                                         \
        }                                                                                          \
    }
#define BOTH(operation, type, first, second)                                                       \
    {                                                                                              \
        operation,                                                                                 \
        {                                                                                          \
            offsetof(type, first), offsetof(type, second)                                          \
        }                                                                                          \
    }

static const struct size_member members[] = {
    ONE("attention", heed_attention_args, batch),
    ONE("attention", heed_attention_args, q_rows),
    BOTH("attention", heed_attention_args, q_heads, kv_heads),
    ONE("scores", heed_scores_args, batch),
    ONE("scores", heed_scores_args, q_rows),
    ONE("scores", heed_scores_args, kv_rows),
    BOTH("scores", heed_scores_args, q_heads, kv_heads),
    ONE("weighted_sum", heed_weighted_sum_args, batch),
    ONE("weighted_sum", heed_weighted_sum_args, q_rows),
    ONE("weighted_sum", heed_weighted_sum_args, v_dim),
    ONE("linear", heed_linear_args, batch),
    ONE("linear", heed_linear_args, rows),
    ONE("linear", heed_linear_args, out_dim),
    ONE("exp", heed_rows_args, rows),
    ONE("exp", heed_rows_args, cols),
    ONE("softmax", heed_rows_args, rows),
    ONE("softmax", heed_rows_args, cols),
    ONE("normalize", heed_rows_args, rows),
    ONE("normalize", heed_rows_args, cols),
    ONE("self_attention", heed_self_attention_args, batch),
    ONE("self_attention", heed_self_attention_args, rows),
    ONE("self_attention", heed_self_attention_args, v_dim),
    BOTH("self_attention", heed_self_attention_args, q_heads, kv_heads),
    ONE("merge", heed_merge_args, batch),
    ONE("merge", heed_merge_args, heads),
    ONE("merge", heed_merge_args, rows),
    ONE("rope", heed_rope_args, batch),
    ONE("rope", heed_rope_args, heads),
    ONE("rope", heed_rope_args, rows),
    BOTH("rope", heed_rope_args, dim, rotary_dim),
};

static const struct operation *find(const char *name)
{
    size_t i = 0;

    while (operation_at(i) && strcmp(operation_at(i)->name, name))
        i++;
    return operation_at(i);
}

ISA_TEST(zero_sizes, write_nothing)
{
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const struct operation *operation = find(members[i].operation);
        union sample sample = sample_of(operation, isa);
        char reason[128] = "";

        memset((char *)&sample + members[i].at[0], 0, sizeof(size_t));
        memset((char *)&sample + members[i].at[1], 0, sizeof(size_t));
        sample_blank_output();
        cr_expect_eq(operation->call(&sample), HEED_OK, "%s", operation->name);
        cr_expect_eq(operation->check(&sample, reason, sizeof reason), HEED_OK, "%s: %s",
                     operation->name, reason);
        cr_expect(sample_output_is_blank(), "%s wrote", operation->name);
    }
}

static void expect_all(const char *what, const float *got, size_t count, float want)
{
    for (size_t i = 0; i < count; i++)
        cr_expect_eq(got[i], want, "%s, element %zu", what, i);
}

ISA_TEST(zero_sizes, no_keys_give_zeros)
{
    union sample sample = sample_of(find("attention"), isa);
    const heed_attention_args *a = &sample.attention;
    const size_t rows = a->batch * a->q_heads * a->q_rows;

    sample.attention.kv_rows = 0;
    sample_blank_output();
    cr_assert_eq(heed_attention(a), HEED_OK);
    expect_all("attention", a->o.data, rows * a->v_dim, 0.0f);
    expect_all("lse", a->lse.data, rows, -INFINITY);

    sample = sample_of(find("weighted_sum"), isa);
    sample.weighted_sum.kv_rows = 0;
    sample_blank_output();
    cr_assert_eq(heed_weighted_sum(&sample.weighted_sum), HEED_OK);
    expect_all("weighted sum", sample_output, rows * sample.weighted_sum.v_dim, 0.0f);

    sample = sample_of(find("merge"), isa);
    sample.merge.part_count = 0;
    sample_blank_output();
    cr_assert_eq(heed_merge(&sample.merge), HEED_OK);
    expect_all("merge", sample_output, rows * sample.merge.v_dim, 0.0f);
    expect_all("merged lse", sample.merge.lse.data, rows, -INFINITY);
}

/* A projection from no dimensions is its bias; scores over none are zeros, so weights are equal. */
ISA_TEST(zero_sizes, no_dimensions_give_empty_sums)
{
    union sample sample = sample_of(find("linear"), isa);
    const heed_linear_args *linear = &sample.linear;

    sample.linear.in_dim = 0;
    cr_assert_eq(heed_linear(linear), HEED_OK);
    for (size_t r = 0; r < linear->batch * linear->rows; r++)
        cr_expect_arr_eq(sample_output + r * linear->out_dim, linear->b.data,
                         linear->out_dim * sizeof(float));

    sample = sample_of(find("scores"), isa);
    sample.scores.qk_dim = 0;
    sample_blank_output();
    cr_assert_eq(heed_scores(&sample.scores), HEED_OK);
    expect_all("scores", sample_output,
               sample.scores.batch * sample.scores.q_heads * sample.scores.q_rows *
                   sample.scores.kv_rows,
               0.0f);

    sample = sample_of(find("attention"), isa);
    sample.attention.qk_dim = 0;
    sample.attention.mask = HEED_MASK_NONE;
    cr_assert_eq(heed_attention(&sample.attention), HEED_OK);
    cr_expect_float_eq(*(const float *)sample.attention.lse.data,
                       logf((float)sample.attention.kv_rows), 1e-5f);
}
