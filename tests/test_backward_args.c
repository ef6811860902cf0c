/* SPDX-License-Identifier: MIT */
/* test_backward_args.c - arguments of the backward pass: refusals, sizes of zero. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "backward_problem.h"
#include "isa_test.h"

/* One member of a valid call set to a value that makes it invalid. */
struct spoilt {
    size_t at, size;
    uintptr_t value;
    heed_status status;
    const char *what, *named;
};

#define SPOILT(member, value, status, named)                                                       \
    {                                                                                              \
        offsetof(heed_attention_backward_args, member),                                            \
            sizeof(((heed_attention_backward_args *)0)->member), (uintptr_t)(value), status,       \
            #member " = " #value, named                                                            \
    }
#define INVALID(member, value, named) SPOILT(member, value, HEED_INVALID_ARGUMENT, named)
#define TYPE(member, named) SPOILT(member.dtype, 77, HEED_UNSUPPORTED_TYPE, named)

static void expect_blank(const char *what)
{
    static struct results blank;

    memset(&blank, 0xff, sizeof blank);
    cr_expect_arr_eq(&got, &blank, sizeof got, "%s: wrote", what);
}

static void expect_refusal(const struct spoilt *spoilt)
{
    heed_attention_backward_args a = problem(NULL);
    char reason[160] = "";
    size_t bytes = 0;

    /* Of a value wider than the member, the low bytes: right on little-endian machines. */
    memcpy((char *)&a + spoilt->at, &spoilt->value, spoilt->size);
    memset(&got, 0xff, sizeof got);
    cr_expect_eq(heed_attention_backward(&a), spoilt->status, "%s", spoilt->what);
    cr_expect_eq(heed_attention_backward_check(&a, reason, sizeof reason), spoilt->status, "%s",
                 spoilt->what);
    cr_expect_eq(heed_attention_backward_workspace(&a, &bytes), spoilt->status, "%s", spoilt->what);
    cr_expect(strstr(reason, spoilt->named) == reason, "%s: \"%s\" does not begin with %s",
              spoilt->what, reason, spoilt->named);
    expect_blank(spoilt->what);
}

Test(backward_args, refusals_name_the_argument)
{
    const uintptr_t odd = (uintptr_t)q + 1, taken = (uintptr_t)got.d_q + 64;
    const struct spoilt list[] = {
        INVALID(q.data, 0, "q.data"),
        INVALID(k.data, 0, "k.data"),
        INVALID(v.data, 0, "v.data"),
        INVALID(o.data, 0, "o.data"),
        INVALID(d_o.data, 0, "d_o.data"),
        INVALID(lse.data, 0, "lse.data"),
        INVALID(q_heads, 3 * SIZE_MAX / 4, "q"),
        INVALID(kv_heads, 3, "q_heads"),
        INVALID(kv_heads, 0, "q_heads"),
        INVALID(mask, 3, "mask"),
        INVALID(mask, -1, "mask"),
        INVALID(scale, 0x7f800000, "scale"), /* infinite */
        INVALID(scale, 0x7fc00000, "scale"), /* NaN */
        INVALID(q_rows, SIZE_MAX / 2, "q_rows"),
        INVALID(kv_rows, SIZE_MAX / 4, "k"),
        INVALID(v_dim, SIZE_MAX / 16, "v"),
        INVALID(batch, SIZE_MAX / 8, "q"),
        INVALID(d_q.row_stride, 1, "d_q"),
        INVALID(d_k.row_stride, QK_DIM - 1, "d_k"),
        INVALID(d_v.row_stride, 5, "d_v"),
        INVALID(lse.head_stride, PTRDIFF_MAX, "lse"),
        INVALID(q.data, taken, "d_q"),
        INVALID(d_k.data, taken, "d_q"),
        INVALID(d_v.data, taken, "d_q"),
        INVALID(lse.data, taken, "d_q"),
        INVALID(d_o.data, odd, "d_o"),
        INVALID(d_v.data, odd, "d_v"),
        TYPE(q, "q"),
        TYPE(k, "k"),
        TYPE(v, "v"),
        TYPE(o, "o"),
        TYPE(d_o, "d_o"),
        TYPE(lse, "lse"),
        TYPE(d_q, "d_q"),
        TYPE(d_k, "d_k"),
        TYPE(d_v, "d_v"),
        SPOILT(isa, list, HEED_UNSUPPORTED_ISA, "isa"),
    };

    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        expect_refusal(&list[i]);
}

/* What the rules below need: sound values for all of them. */
static heed_attention_backward_args problem_with_rules(void)
{
    static float bias[HEADS * ROWS * KEYS], d_bias[HEADS * ROWS * KEYS], sinks[HEADS],
        d_sinks[HEADS];
    static unsigned char blocks[8 * 8];
    heed_attention_backward_args a = problem(NULL);

    a.bias = (heed_score_view){bias, HEED_F32, 0, ROWS * KEYS, KEYS, 1};
    a.d_bias = (heed_score_output){d_bias, HEED_F32, 0, ROWS * KEYS, KEYS, 1};
    a.visible = (heed_score_view){bias, HEED_U8, 0, 0, KEYS, 1};
    a.blocks = (heed_score_view){blocks, HEED_U8, 0, 0, 8, 1};
    a.block_rows = a.block_keys = 64;
    a.sinks = sinks;
    a.d_sinks = d_sinks;
    return a;
}

/* These are checked before anything is written, whether or not the pointers are any good. */
static void expect_rule_refused(const heed_attention_backward_args *a, heed_status status,
                                const char *named)
{
    char reason[160] = "";

    memset(&got, 0xff, sizeof got);
    cr_expect_eq(heed_attention_backward(a), status, "%s", named);
    cr_expect_eq(heed_attention_backward_check(a, reason, sizeof reason), status, "%s: \"%s\"",
                 named, reason);
    cr_expect(strstr(reason, named) == reason, "\"%s\" does not begin with %s", reason, named);
    expect_blank(named);
}

#define REFUSED(member, value, status, named)                                                      \
    do {                                                                                           \
        heed_attention_backward_args a = problem_with_rules();                                     \
        a.member = value;                                                                          \
        expect_rule_refused(&a, status, named);                                                    \
    } while (0)
#define RULE(member, value, named) REFUSED(member, value, HEED_INVALID_ARGUMENT, named)

Test(backward_args, refused_rules)
{
    static const size_t too_long = KEYS + 1;
    static const ptrdiff_t far = PTRDIFF_MIN;
    static const int32_t backwards[] = {7, 3}, negative[] = {-1, 3}, long_rows[] = {0, ROWS + 1},
                         long_keys[] = {0, KEYS + 1};
    static const float infinite_sinks[HEADS] = {0, INFINITY};
    heed_attention_backward_args good = problem_with_rules();

    cr_assert_eq(heed_attention_backward(&good), HEED_OK);
    RULE(kv_lengths, &too_long, "kv_lengths[0]");
    RULE(q_positions, &far, "q_positions[0]");
    RULE(q_offsets, backwards, "q_offsets[1]");
    RULE(q_offsets, negative, "q_offsets[0]");
    RULE(q_offsets, long_rows, "q_offsets[0]");
    RULE(kv_offsets, backwards, "kv_offsets[1]");
    RULE(kv_offsets, long_keys, "kv_offsets[0]");
    RULE(softcap, -1.0f, "softcap");
    RULE(softcap, NAN, "softcap");
    RULE(sinks, infinite_sinks, "sinks[1]");
    RULE(sinks, NULL, "d_sinks");
    RULE(block_rows, 0, "block_rows");
    RULE(block_keys, 63, "block_keys");
    REFUSED(bias.dtype, HEED_U8, HEED_UNSUPPORTED_TYPE, "bias.dtype");
    REFUSED(visible.dtype, HEED_F32, HEED_UNSUPPORTED_TYPE, "visible.dtype");
    REFUSED(blocks.dtype, HEED_BITS, HEED_UNSUPPORTED_TYPE, "blocks.dtype");
    REFUSED(d_bias.dtype, HEED_F16, HEED_UNSUPPORTED_TYPE, "d_bias.dtype");
    REFUSED(lse.dtype, HEED_F16, HEED_UNSUPPORTED_TYPE, "lse.dtype");
}

Test(backward_args, refused_d_bias)
{
    heed_attention_backward_args good = problem_with_rules();
    char *const odd = (char *)good.d_bias.data + 1;

    RULE(d_bias.data, odd, "d_bias.data");
    RULE(d_bias.row_stride, KEYS - 1, "d_bias");
    RULE(d_bias.key_stride, 2, "d_bias");
    RULE(d_bias.key_stride, PTRDIFF_MIN, "d_bias");
    RULE(d_bias.head_stride, PTRDIFF_MAX, "d_bias");
    RULE(d_bias.data, got.d_q, "d_bias overlaps");
    RULE(d_bias.data, q, "d_bias overlaps");
    RULE(bias.data, good.d_bias.data, "d_bias overlaps bias");
    RULE(visible.data, good.d_bias.data, "d_bias overlaps visible");
    RULE(bias.data, got.d_v, "d_v overlaps bias");
    RULE(d_sinks, got.d_q[0][0], "d_q overlaps d_sinks");
    RULE(bias.row_stride, PTRDIFF_MAX, "bias");

    /* Sums over axes are sound. */
    good.d_bias.head_stride = good.d_bias.row_stride = 0;
    cr_expect_eq(heed_attention_backward(&good), HEED_OK);
    good.d_bias.key_stride = 0;
    cr_expect_eq(heed_attention_backward(&good), HEED_OK);
}

static void expect_zeros(const float *x, size_t count, const char *what)
{
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(x[i], 0.0f, "%s[%zu]", what, i);
}

ISA_TEST(backward_args, sizes_of_zero)
{
    heed_attention_backward_args a = problem(isa);

    a.batch = 0;
    differentiate(&a);
    expect_blank("no batch");
    a = problem(isa);
    a.q_heads = a.kv_heads = 0;
    differentiate(&a);
    expect_blank("no heads");

    a = problem(isa);
    a.kv_rows = 0;
    differentiate(&a);
    expect_zeros(got.d_q[0][0], HEADS * ROWS * QK_DIM, "d_q without keys");
    a = problem(isa);
    a.q_rows = 0;
    differentiate(&a);
    expect_zeros(got.d_k[0], KEYS * QK_DIM, "d_k without rows");
    expect_zeros(got.d_v[0], KEYS * V_DIM, "d_v without rows");
    a = problem(isa);
    a.q_heads = 0;
    differentiate(&a);
    expect_zeros(got.d_k[0], KEYS * QK_DIM, "d_k without query heads");

    a = problem(isa);
    a.v_dim = 0; /* an output of no numbers depends on nothing */
    differentiate(&a);
    expect_zeros(got.d_q[0][0], HEADS * ROWS * QK_DIM, "d_q without values");
    expect_zeros(got.d_k[0], KEYS * QK_DIM, "d_k without values");
}

/* Equal weights: d_v is the mean of d_o over what each row sees. */
ISA_TEST(backward_args, no_dims_of_keys)
{
    static float ones[ROWS][V_DIM], equal_lse[ROWS];
    heed_attention_backward_args a = problem(isa);

    for (size_t i = 0; i < ROWS * V_DIM; i++)
        ones[i / V_DIM][i % V_DIM] = 1.0f;
    a.q_heads = 1;
    a.q_rows = 1;
    a.kv_rows = 1;
    a.qk_dim = 0;
    a.d_o.data = ones;
    a.lse.data = equal_lse; /* ln 1 */
    differentiate(&a);
    for (size_t d = 0; d < V_DIM; d++)
        cr_expect_eq(got.d_v[0][d], 1.0f);
}
